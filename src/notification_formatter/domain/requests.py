"""From a request to the notice that it asks for.

Decides what a request must name. The text of the message is the rule of
``shared.domain.messages``.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from shared.domain.errors import BadRequest
from shared.domain.notices import Notice, NoticeEvent, NoticeType
from shared.domain.wire import shown, text_in

REASON_CHARACTERS = 2_000
MAX_SERVERS = 100


def notice_of(event: Mapping[str, Any]) -> tuple[NoticeType, Notice]:
    """Return what is to be told, and on which kind of topic.

    Raises:
        BadRequest: A field is missing, of the wrong type or unknown; the
            error names it.
    """
    kind = _one_of(NoticeType, event, "notificationType")
    told = Notice(
        event=_one_of(NoticeEvent, event, "eventType"),
        plan_id=text_in(event, "recoveryPlanId"),
        plan_name=text_in(event, "planName"),
        execution_id=text_in(event, "executionId"),
        execution_type=text_in(event, "executionType"),
        status=text_in(event, "status"),
        wave=text_in(event, "wave"),
        wave_number=_count(event, "waveNumber"),
        servers=_count(event, "servers"),
        launched=_count(event, "launched"),
        failed=_count(event, "failed"),
        not_started=_count(event, "notStarted"),
        reason=text_in(event, "reason", REASON_CHARACTERS),
        account_id=text_in(event, "accountId"),
        region=text_in(event, "region"),
        source_server_ids=_servers(event, "sourceServerIds"),
    )
    if kind not in told.topics:
        raise BadRequest(
            f"'{told.event}' is told as {' and '.join(told.topics)}, not as "
            f"'{kind}'.",
            code="INVALID_FORMAT",
            field="eventType",
        )
    if not told.execution_id and not told.source_server_ids:
        raise BadRequest(
            "'executionId' is needed, or 'sourceServerIds' for servers.",
            code="MISSING_FIELD",
            field="executionId",
        )
    return kind, told


def _one_of[E: StrEnum](
    kinds: type[E], event: Mapping[str, Any], field: str
) -> E:
    value = text_in(event, field)
    if not value:
        raise BadRequest(
            f"'{field}' is needed: one of {', '.join(kinds)}.",
            code="MISSING_FIELD",
            field=field,
        )
    if value not in kinds:
        raise BadRequest(
            f"'{field}' is {shown(value)}; it must be one of "
            f"{', '.join(kinds)}.",
            code="INVALID_FORMAT",
            field=field,
        )
    return kinds(value)


def _count(event: Mapping[str, Any], field: str) -> int | None:
    value = event.get(field)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadRequest(
            f"'{field}' must be a whole number of at least 0, not "
            f"{shown(value)}.",
            code="INVALID_TYPE",
            field=field,
        )
    return value


def _servers(event: Mapping[str, Any], field: str) -> tuple[str, ...]:
    value = event.get(field)
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAX_SERVERS:
        raise BadRequest(
            f"'{field}' must be a list of at most {MAX_SERVERS} ids.",
            code="INVALID_TYPE",
            field=field,
        )
    places = {f"{field}[{n}]": one for n, one in enumerate(value)}
    return tuple(text_in(places, place) for place in places)
