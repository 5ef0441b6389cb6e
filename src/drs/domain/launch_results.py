"""What became of servers' launch configurations when they were applied."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class AppliedStatus(StrEnum):
    """What became of one server's configuration."""

    APPLIED = "applied"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerApplied:
    """One server's result; ``reason`` says why nothing was written."""

    status: AppliedStatus
    config_hash: str = ""
    reason: str = ""
    code: str = ""
    template_id: str = ""


def counted(results: Mapping[str, ServerApplied]) -> dict[str, int]:
    """Return how many servers have each status, as the API names them."""
    statuses = [one.status for one in results.values()]
    return {str(status): statuses.count(status) for status in AppliedStatus}


def detail(
    server_id: str, result: ServerApplied, failed_as: str
) -> dict[str, Any]:
    """Return one server's result as the API shows it.

    Args:
        server_id: The server.
        result: What became of its configuration.
        failed_as: The reason that a failure has there.
    """
    row: dict[str, Any] = {
        "serverId": server_id,
        "status": str(result.status),
    }
    if result.template_id:
        row["templateId"] = result.template_id
    if result.status is AppliedStatus.FAILED:
        row |= {"reason": failed_as, "error": result.reason}
    elif result.reason:
        row["reason"] = result.reason
    return row
