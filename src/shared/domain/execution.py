"""The state that the state machine carries, and its wire form.

No other module spells a key of the state. ``all_waves_completed`` and
``duration_seconds`` are derived when the wire form is written, so they
cannot disagree with the status. Both spellings of the account context are
accepted here; keys we do not know are kept.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from shared.domain.account import account_of_state
from shared.domain.errors import BadRequest
from shared.domain.plan import PlanWave
from shared.domain.status import RunStatus
from shared.domain.wire import Count, Id

MAX_WAIT_SECONDS = 31_536_000
LARGE_STATE_BYTES = 49_152
MAX_STATE_BYTES = 65_536
HISTORY_OF_BEGIN = 10
DEFAULT_POLL_SECONDS = 30
MAX_ERROR_CHARACTERS = 32_000

type Wire = dict[str, Any]


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a plan as the state machine knows it.

    Times are epoch seconds; ``current_wave_update_time`` is the number of
    seconds until the next poll, 2 to 60.
    """

    plan_id: Id
    plan_name: str
    execution_id: Id
    is_drill: bool
    account_context: dict[str, Any] = msgspec.field(name="accountContext")
    waves: tuple[PlanWave, ...] = ()
    total_waves: Count = 0
    current_wave_number: Count = 0
    completed_waves: Count = 0
    failed_waves: Count = 0
    wave_completed: bool = False
    current_wave_update_time: Count = DEFAULT_POLL_SECONDS
    current_wave_total_wait_time: Count = 0
    current_wave_max_wait_time: Count = MAX_WAIT_SECONDS
    status: RunStatus = RunStatus.RUNNING
    status_reason: str | None = None
    wave_results: tuple[dict[str, Any], ...] = ()
    recovery_instance_ids: tuple[str, ...] = ()
    recovery_instance_ips: tuple[str, ...] = ()
    job_id: str | None = None
    region: str | None = None
    server_ids: tuple[str, ...] = ()
    error: str | None = None
    error_code: str | None = None
    paused_before_wave: Count | None = None
    start_time: Count
    end_time: Count | None = None
    job_ids: tuple[str, ...] = ()
    server_count: Count = 0
    wave_start_time: Count | None = None
    wave_order: tuple[Count, ...] = ()
    wave_start_pending: bool = False
    job_completed_at: Count | None = None
    poll_count: Count = 0
    history_events: Count = HISTORY_OF_BEGIN
    continue_as_new: bool = False
    poll_error_count: Count = 0
    poll_error_since: Count | None = None
    hurried_since: Count | None = None
    large: bool = False
    resume: dict[str, Any] | None = None
    extra: dict[str, Any] = msgspec.field(default_factory=dict)

    @property
    def all_waves_completed(self) -> bool:
        """Tell whether no wave is left to run, cancelled runs included."""
        return self.status in (RunStatus.COMPLETED, RunStatus.CANCELLED)

    @property
    def duration_seconds(self) -> int | None:
        """Return the whole seconds from start to end, or None before."""
        if self.end_time is None:
            return None
        return max(0, self.end_time - self.start_time)


_KEYS = frozenset(
    field.encode_name for field in msgspec.structs.fields(Execution)
) - {"extra"}
_DERIVED = frozenset({"all_waves_completed", "duration_seconds"})
_ALIASES = frozenset({"account_context"})


def to_wire(execution: Execution) -> Wire:
    """Return the state as plain JSON values, every key present."""
    wire: Wire = msgspec.json.decode(msgspec.json.encode(execution))
    del wire["extra"]
    if execution.resume is None:
        del wire["resume"]
    wire["all_waves_completed"] = execution.all_waves_completed
    wire["duration_seconds"] = execution.duration_seconds
    return {**execution.extra, **wire}


def from_wire(wire: Mapping[str, Any]) -> Execution:
    """Read a state, keeping the keys that are not ours.

    Raises:
        BadRequest: ``INVALID_INVOCATION`` with the path of the bad value.
    """
    known = {key: value for key, value in wire.items() if key in _KEYS}
    known["accountContext"] = account_of_state(wire)
    extra = {
        key: value
        for key, value in wire.items()
        if key not in _KEYS | _DERIVED | _ALIASES
    }
    try:
        execution = msgspec.convert(known, Execution)
    except msgspec.ValidationError as error:
        raise BadRequest(f"This is no execution state: {error}.") from error
    return msgspec.structs.replace(execution, extra=extra)


def from_resumed(wire: Mapping[str, Any]) -> Execution:
    """Read a state whose pause was answered.

    An answer that is itself a state, as older ones are, fills the keys
    that are missing; any other answer fills nothing.
    """
    output = wire.get("resume")
    if not isinstance(output, dict):
        return from_wire({**wire, "resume": {}})
    if _ALIASES.isdisjoint(output):
        return from_wire(wire)
    return from_wire({**output, **wire})


def state_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state inside an event, nested under ``application`` or not.

    Raises:
        BadRequest: The event carries no object there.
    """
    state = event.get("application", event)
    if not isinstance(state, dict):
        raise BadRequest("'application' must be the state, a JSON object.")
    return state


def size_of(wire: Mapping[str, Any]) -> int:
    """Return the bytes of a state as the state machine counts them."""
    return len(msgspec.json.encode(wire))


def without_lists(execution: Execution) -> Execution:
    """Return the state of a large execution: its lists live in the table."""
    return msgspec.structs.replace(
        execution,
        large=True,
        waves=(),
        wave_results=(),
        server_ids=(),
        recovery_instance_ids=(),
        recovery_instance_ips=(),
    )


def shortened(text: str, limit: int = MAX_ERROR_CHARACTERS) -> str:
    """Return the text cut to what a record or a Fail state may hold."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
