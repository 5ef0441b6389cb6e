"""What an event of DRS tells people.

An event names servers of one account and Region. Which of our executions it
concerns is not known here; the execution tells of its own end itself.
"""

from collections.abc import Mapping
from typing import Any

from shared.domain.errors import BadRequest, UnknownEvent
from shared.domain.notices import Notice, NoticeEvent
from shared.domain.wire import object_in, shown, text_in

LAUNCH = "DRS Source Server Launch Result"
STALLED = "DRS Source Server Data Replication Stalled Change"
_SOURCE = "aws.drs"
_TOLD = {
    (LAUNCH, "RECOVERY_LAUNCH_FAILED"): (
        NoticeEvent.DRS_LAUNCH_FAILED,
        "DRS could not launch a recovery instance; its job's log tells why.",
    ),
    (STALLED, "STALLED"): (
        NoticeEvent.DRS_REPLICATION_STALLED,
        "DRS does not receive the server's data; look at its replication "
        "agent and its network.",
    ),
    (STALLED, "NOT_STALLED"): (
        NoticeEvent.DRS_REPLICATION_RECOVERED,
        "DRS receives the server's data again.",
    ),
}


def notice_of_event(event: Mapping[str, Any]) -> Notice | None:
    """Return what is told of an event, or None where nothing is.

    Raises:
        UnknownEvent: It is none of DRS, or one that is not answered.
        BadRequest: A field of it has the wrong form.
    """
    detail_type = text_in(event, "detail-type")
    if text_in(event, "source") != _SOURCE or detail_type not in (
        LAUNCH,
        STALLED,
    ):
        raise UnknownEvent(
            f"This function does not answer events of "
            f"{shown(event['source'])} whose 'detail-type' is "
            f"{shown(event['detail-type'])}."
        )
    state = text_in(object_in(event, "detail"), "state")
    told = _TOLD.get((detail_type, state))
    if told is None:
        return None
    what, reason = told
    return Notice(
        event=what,
        status=state,
        reason=reason,
        account_id=text_in(event, "account"),
        region=text_in(event, "region"),
        source_server_ids=_servers(event),
    )


def _servers(event: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids in ``arn:aws:drs:…:source-server/s-…``."""
    arns = event.get("resources")
    if not isinstance(arns, list | None):
        raise BadRequest(
            f"'resources' must be a list, not {type(arns).__name__}.",
            code="INVALID_TYPE",
            field="resources",
        )
    parts = (str(arn).rpartition("/") for arn in arns or [])
    return tuple(
        server for kind, _, server in parts if kind.endswith(":source-server")
    )
