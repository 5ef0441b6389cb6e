"""Events as EventBridge delivers them."""

from typing import Any

from notification_formatter.domain.drs_events import LAUNCH


def a_drs_event(
    detail_type: str = LAUNCH, state: str = "RECOVERY_LAUNCH_FAILED"
) -> dict[str, Any]:
    """Return an event of a server in a target account."""
    where = "arn:aws:drs:eu-west-1:222233334444:source-server"
    return {
        "version": "0",
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "source": "aws.drs",
        "detail-type": detail_type,
        "account": "222233334444",
        "region": "eu-west-1",
        "time": "2026-11-21T12:00:00Z",
        "resources": [f"{where}/s-11111111111111111"],
        "detail": {"state": state},
    }
