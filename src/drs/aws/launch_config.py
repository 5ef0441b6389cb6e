"""The launch configuration that DRS keeps for a server."""

from collections.abc import Mapping
from typing import Any

from drs.aws.calls import Calls
from drs.domain.launch_config import DRS_FIELDS, LaunchSettings


def launch_settings(calls: Calls, server_id: str) -> LaunchSettings:
    """Return what DRS has for the server."""
    answer = calls.call(
        "drs", "get_launch_configuration", sourceServerID=server_id
    )
    return LaunchSettings(
        source_server_id=server_id,
        template_id=answer.get("ec2LaunchTemplateID", ""),
        fields={k: v for k, v in answer.items() if k in DRS_FIELDS},
    )


def update_launch_settings(
    calls: Calls, server_id: str, fields: Mapping[str, Any]
) -> None:
    """Change the given fields; the others stay as they are."""
    calls.call(
        "drs",
        "update_launch_configuration",
        sourceServerID=server_id,
        **fields,
    )
