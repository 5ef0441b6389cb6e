"""The audit trail as it is added to and read, in memory and in DynamoDB."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from shared.aws.audit import DynamoAudit
from shared.domain.audit import (
    AuditEntry,
    AuditResult,
    audit_to_item,
    entry_at,
)
from shared.domain.trail import Trail
from tests.contracts.tables import REGION, a_history_table
from tests.support.fakes import NOON, FakeAudit, FakeClock

SERVER = "g-1/s-1"


@pytest.fixture(params=["fake", "dynamo"])
def trail(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Trail]:
    """Return each in turn."""
    if request.param == "fake":
        yield FakeAudit()
        return
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield DynamoAudit(a_history_table(), FakeClock())


def an_entry(at: int, resource_id: str = SERVER) -> AuditEntry:
    return entry_at(
        NOON + at,
        user="ann",
        roles=("DRSOperator",),
        action="update_server_launch_config",
        resource_type="server",
        resource_id=resource_id,
        result=AuditResult.ALLOWED,
        changes={"instanceType": {"old": None, "new": "m5.large"}},
        version=at,
    )


def read(trail: Trail, limit: int = 100, after: str = "") -> list[int]:
    page = trail.page("server", SERVER, limit=limit, after=after)
    return [entry.version for entry in page.entries]


def test_an_entry_reads_back_as_it_was_written(trail: Trail) -> None:
    trail.write(an_entry(1))

    page = trail.page("server", SERVER, limit=10)

    assert page.entries == (an_entry(1),)
    assert page.next == ""


def test_entries_of_one_thing_are_read_newest_first(trail: Trail) -> None:
    for at in (1, 3, 2):
        trail.write(an_entry(at))
    trail.write(an_entry(4, "g-1/s-2"))

    assert read(trail) == [3, 2, 1]


def test_any_number_of_entries_is_added_and_read_page_by_page(
    trail: Trail,
) -> None:
    trail.add(
        [audit_to_item(an_entry(n), f"{n}", NOON) for n in range(1, 251)]
    )

    seen: list[int] = []
    after = ""
    for _ in range(3):
        page = trail.page("server", SERVER, limit=100, after=after)
        seen += [entry.version for entry in page.entries]
        after = page.next

    assert seen == list(range(250, 0, -1))
    assert after == ""


def test_a_page_that_is_just_full_is_the_last(trail: Trail) -> None:
    trail.add([audit_to_item(an_entry(n), f"{n}", NOON) for n in (1, 2)])

    assert trail.page("server", SERVER, limit=2).next == ""
    assert read(trail, limit=1) == [2]


def test_what_nobody_changed_has_no_entries(trail: Trail) -> None:
    assert read(trail) == []
