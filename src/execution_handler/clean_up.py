"""Deleting executions that are over, with everything that belongs to them.

An execution goes when it has ended, is finalized, and no job of it runs,
none that ends its instances either. Each is read again just before it goes,
whatever a list said of it. One that cannot be judged stays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from execution_handler.ports import Ports
from execution_handler.termination import follow
from execution_handler.views import ends_instances
from execution_handler.wiring import standing_alone
from shared import log
from shared.domain.errors import BadRequest, DrError, NotFound
from shared.domain.execution import Wire
from shared.domain.record import Key, Record
from shared.domain.wire import text_in, wrong_type
from shared.run import TRIES, keeps_changing

DEFAULT_AGE_DAYS: Final = 90
DAY_SECONDS: Final = 86_400
SPARE_SECONDS: Final = 3
MAX_AGE_DAYS: Final = 36_500
MAX_IDS: Final = 1_000


class DeleteFailed(DrError):
    """Nothing could be deleted of what should have been."""

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "DELETE_FAILED"


@dataclass(slots=True, kw_only=True)
class _Count:
    """What became of the executions that were looked at."""

    deleted: int = 0
    active: int = 0
    not_found: int = 0
    failed: list[dict[str, str]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def reply(self) -> dict[str, Any]:
        """Return the counts as every such request is answered."""
        body = {
            "deletedCount": self.deleted,
            "activeSkipped": self.active,
            "failedDeletions": self.failed,
        }
        return {**body, "inProgress": True} if self.left else body


def delete_completed_executions(
    max_age_days: int = DEFAULT_AGE_DAYS, *, ports: Ports | None = None
) -> dict[str, Any]:
    """Delete the executions that ended at least so many days ago.

    Args:
        max_age_days: The least age; 0 takes every one that is over.
        ports: The outside; this container's without them.
    """
    outside = ports or standing_alone()
    before = outside.run.clock.now() - max_age_days * DAY_SECONDS
    runs = outside.run.executions.runs()
    count = _Count(active=sum(not one.status.is_terminal for one in runs))
    due = [
        one.key
        for one in sorted(runs, key=lambda one: one.end_time or 0)
        if one.status.is_terminal
        and one.end_time is not None
        and one.end_time <= before
    ]
    _delete_all(due, count, outside)
    log.event("executions_deleted", **_told(count), max_age_days=max_age_days)
    return count.reply()


def delete_executions_by_ids(
    execution_ids: Sequence[str], *, ports: Ports | None = None
) -> dict[str, Any]:
    """Delete the executions of these ids that are over.

    Args:
        execution_ids: The ids; those of active executions are passed over.
        ports: The outside; this container's without them.
    """
    outside = ports or standing_alone()
    asked = list(dict.fromkeys(execution_ids))
    count = _Count()
    found = []
    for one in asked:
        try:
            found.append(outside.run.executions.find(one).key)
        except NotFound:
            count.not_found += 1
        except DrError as error:
            count.failed.append(_failure(one, error))
    _delete_all(found, count, outside)
    log.event("executions_deleted", **_told(count), asked=len(asked))
    return {
        **count.reply(),
        "totalRequested": len(asked),
        "notFound": count.not_found,
        "failed": len(count.failed),
        **({"remaining": count.left} if count.left else {}),
    }


def _delete_all(keys: Iterable[Key], count: _Count, ports: Ports) -> None:
    for key in keys:
        if ports.seconds_left < SPARE_SECONDS:
            count.left.append(key.execution_id)
            continue
        try:
            _delete(key, count, ports)
        except NotFound:
            # Somebody else has deleted it.
            count.not_found += 1
        except DrError as error:
            count.failed.append(_failure(key.execution_id, error))


def _delete(key: Key, count: _Count, ports: Ports) -> None:
    for _ in range(TRIES):
        record = _over(ports.run.executions.record(key), ports)
        if record is None:
            count.active += 1
            return
        if ports.run.executions.delete(record):
            count.deleted += 1
            return
    raise keeps_changing(key)


def _over(record: Record, ports: Ports) -> Record | None:
    """Return the record if nothing of its execution runs any more."""
    if not record.status.is_terminal or not record.finalized_at:
        return None
    if record.termination_lease_expiry > ports.run.clock.now():
        return None
    if ends_instances(record):
        record, _ = follow(record, ports)
    return None if ends_instances(record) else record


def _failure(execution_id: str, error: DrError) -> dict[str, str]:
    return {
        "executionId": execution_id,
        "error": error.message,
        "errorType": error.code,
    }


def _told(count: _Count) -> dict[str, int]:
    return {
        "deleted": count.deleted,
        "active_skipped": count.active,
        "failed": len(count.failed),
        "left": len(count.left),
    }


def clean_up_by_age(event: Wire, ports: Ports) -> Wire:
    """Delete the executions that ended long enough ago.

    Raises:
        BadRequest: ``INVALID_TYPE``, ``INVALID_FORMAT``.
        DeleteFailed: Nothing was deleted, and something should have been.
    """
    days = event.get("maxAgeDays")
    if days is None:
        days = DEFAULT_AGE_DAYS
    if not isinstance(days, int) or isinstance(days, bool):
        raise wrong_type("maxAgeDays", "a whole number", days)
    if not 0 <= days <= MAX_AGE_DAYS:
        raise BadRequest(
            f"'maxAgeDays' is {days}; it must be from 0 to {MAX_AGE_DAYS}.",
            code="INVALID_FORMAT",
            field="maxAgeDays",
        )
    reply = delete_completed_executions(days, ports=ports)
    if reply.get("inProgress"):
        name = "delete_completed_executions"
        ports.worker.later({"operation": name, "maxAgeDays": days})
    return _some_went(reply)


def clean_up_by_ids(event: Wire, ports: Ports) -> Wire:
    """Delete the named executions that are over.

    Raises:
        BadRequest: ``MISSING_EXECUTION_IDS``, ``INVALID_TYPE``,
            ``INVALID_FORMAT``.
        DeleteFailed: Nothing was deleted, and something should have been.
    """
    reply = delete_executions_by_ids(_ids(event), ports=ports)
    left = reply.pop("remaining", ())
    if left:
        name = "delete_executions_by_ids"
        ports.worker.later({"operation": name, "executionIds": list(left)})
    return _some_went(reply)


def _ids(event: Wire) -> list[str]:
    """Return the ids of either name, the newer name's where both are."""
    named = {name: _texts(event, name) for name in ("executionIds", "ids")}
    found = named["executionIds"] or named["ids"]
    if not any(found) or any(event.get(name) == [] for name in named):
        raise BadRequest(
            "There is no id of an execution to delete.",
            code="MISSING_EXECUTION_IDS",
            field="executionIds",
        )
    for name, texts in named.items():
        _check(name, texts)
    return found


def _texts(event: Wire, name: str) -> list[str]:
    value = event.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong_type(name, "a list", value)
    return [
        text_in({at: one}, at).strip()
        for at, one in ((f"{name}[{n}]", one) for n, one in enumerate(value))
    ]


def _check(name: str, texts: list[str]) -> None:
    if len(texts) > MAX_IDS:
        raise BadRequest(
            f"'{name}' has {len(texts)} ids; {MAX_IDS} are allowed.",
            code="INVALID_FORMAT",
            field=name,
        )
    for number, text in enumerate(texts):
        if not text:
            raise BadRequest(
                f"'{name}[{number}]' is no id; leave it out.",
                code="INVALID_FORMAT",
                field=f"{name}[{number}]",
            )


def _some_went(reply: Wire) -> Wire:
    failed = reply["failedDeletions"]
    if not failed or reply["deletedCount"]:
        return reply
    raise DeleteFailed(
        f"None of {len(failed)} executions could be deleted; "
        f"{failed[0]['executionId']}: {failed[0]['error']}",
        failedDeletions=failed,
    )
