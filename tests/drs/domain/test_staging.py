"""What of a staging account a target still lacks."""

from typing import Any

from drs.domain.servers import SourceServer
from drs.domain.staging import extensible

STAGING = "777788889999"
ARN = f"arn:aws:drs:us-east-1:{STAGING}:source-server/"


def a_server(name: str, **more: Any) -> SourceServer:
    return SourceServer(source_server_id=name, arn=f"{ARN}{name}", **more)


def test_a_server_is_extended_once() -> None:
    new, old = a_server("s-1"), a_server("s-2", staging_account_id=STAGING)
    own = a_server("s-9", staging_server_arn=old.arn)

    assert extensible([new, old], STAGING, [own]) == ([new], [old])


def test_what_others_replicate_is_not_extended_from_here() -> None:
    foreign = a_server("s-3", staging_account_id="111122223333")

    assert extensible([foreign], STAGING, []) == ([], [])
