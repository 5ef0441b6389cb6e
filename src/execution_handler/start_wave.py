"""Starting a wave, any number of times, with one job a chunk.

The wave's set of servers is fixed by the write of its entry. From then on
every re-entry reads the set and the intents, brings open intents as far as
they go, and launches what is left while room and time last.
"""

from dataclasses import dataclass

from msgspec.structs import replace

from drs.domain.errors import DrsRefused
from execution_handler import launch
from execution_handler.facts import (
    confirmed_servers,
    free_servers,
    store_jobs,
)
from execution_handler.fix_wave import fix_wave
from execution_handler.initiate_wave import Found, initiate_wave
from execution_handler.ports import Ports
from shared import log
from shared.boundary import (
    behind,
    close_wave,
    key_of,
    pause_before,
    plan_of,
)
from shared.domain.errors import (
    BadRequest,
    DrError,
    NotFound,
    Unavailable,
)
from shared.domain.execution import Execution, Wire, from_wire, to_wire
from shared.domain.plan import PlanWave
from shared.domain.record import Record, WaveEntry
from shared.domain.run_state import entered, mirrored, paused_before
from shared.domain.status import (
    IntentState,
    Status,
    WaveStatus,
)
from shared.run import TRIES, end_run, keeps_changing, release_servers


def start_wave_recovery(event: Wire, ports: Ports) -> Wire:
    """Start a wave, or go on with its start, and return the state.

    Raises:
        BadRequest: The event has no state or no wave number.
        NotFound: The execution has no record.
        Unavailable: DRS or a table could not be asked; try again.
    """
    given, number = event.get("state"), event.get("wave_number")
    if not isinstance(given, dict) or type(number) is not int or number < 0:
        raise BadRequest(
            "start_wave_recovery needs 'state', the whole state, and "
            "'wave_number', an integer from 0."
        )
    state = from_wire(given)
    for _ in range(TRIES):
        try:
            started = _started(state, number, ports)
        except DrsRefused as error:
            started = _start_lost(state, number, error, ports)
        if started is not None:
            return to_wire(started)
    raise keeps_changing(key_of(state))


def _started(state: Execution, number: int, ports: Ports) -> Execution | None:
    """Return the state after the start; None: the record has changed."""
    run = ports.run
    record = run.executions.record(key_of(state))
    if record.large and not state.large:
        state = replace(state, large=True)
    try:
        wave = plan_of(state, run).wave(number)
    except BadRequest as error:
        return _refused(state, record, error, ports)
    entry = run.executions.entry(record, number)
    intents = run.executions.intents(record.key, number)
    if entry is not None and entry.is_final:
        return _over(state, record, entry, ports)
    if entry is not None and intents:
        found = Found(record=record, entry=entry, intents=intents)
        return _resumed_launch(state, wave, found, ports)
    halted = _halted(state, record, number, ports)
    if halted is not None:
        return halted.state
    if entry is None:
        try:
            fixed = fix_wave(record, wave, ports)
        except (BadRequest, NotFound) as error:
            return _wave_failed(state, record, wave, error, ports)
        if fixed is None:
            return None
        entry = fixed
    return _launched(state, wave, entry.region, ports)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Halted:
    """A start that the record does not allow; without a state: look again."""

    state: Execution | None


def _halted(
    state: Execution, record: Record, number: int, ports: Ports
) -> _Halted | None:
    """Return why a wave without intents must not start now, if so."""
    if record.status.is_terminal or record.status.is_cancel:
        now = ports.run.clock.now()
        return _Halted(state=mirrored(state, record, now))
    if record.status in (Status.PAUSE_PENDING, Status.PAUSED):
        written = pause_before(record, number, ports.run)
        if written is None:
            return _Halted(state=None)
        return _Halted(state=paused_before(state, number))
    if record.status is Status.PENDING:
        raise Unavailable(
            f"Execution {record.execution_id} has not begun; start its wave "
            "after begin."
        )
    return None


def _over(
    state: Execution, record: Record, entry: WaveEntry, ports: Ports
) -> Execution:
    """Return the state behind a wave that was skipped or has ended."""
    if record.status.is_terminal or record.status.is_cancel:
        return mirrored(state, record, ports.run.clock.now())
    if entry.status is WaveStatus.SKIPPED:
        # This start may have reserved servers before it lost to the skip.
        release_servers(record, ports.run, wave=entry.wave_number)
        return replace(
            state,
            current_wave_number=entry.wave_number,
            wave_completed=True,
            wave_start_pending=False,
        )
    at = replace(state, current_wave_number=entry.wave_number)
    return behind(at, record, entry, ports.run)


def _refused(
    state: Execution, record: Record, error: DrError, ports: Ports
) -> Execution:
    ended = end_run(
        record.key, ports.run, reason=error.message, code=error.code
    )
    return mirrored(state, ended, ports.run.clock.now())


def _wave_failed(
    state: Execution,
    record: Record,
    wave: PlanWave,
    error: DrError,
    ports: Ports,
) -> Execution | None:
    """Record a wave that failed before any server of it was fixed."""
    now = ports.run.clock.now()
    entry = WaveEntry(
        wave_number=wave.wave_number,
        wave_name=wave.name,
        status=WaveStatus.FAILED,
        start_time=now,
        end_time=now,
        region="",
        status_message=error.message[:500],
        error_code=error.code,
        protection_group_ids=wave.group_ids,
    )
    at = replace(
        state, current_wave_number=wave.wave_number, wave_start_time=now
    )
    return close_wave(at, record, entry, ports.run)


def _launcher(
    state: Execution, entry: WaveEntry, ports: Ports
) -> launch.Launcher:
    return launch.Launcher(
        key=key_of(state),
        is_drill=state.is_drill,
        region=ports.region(state.account_context, entry.region),
        executions=ports.run.executions,
        clock=ports.run.clock,
        deadline=ports.deadline,
    )


def _resumed_launch(
    state: Execution, wave: PlanWave, found: Found, ports: Ports
) -> Execution | None:
    """Reconcile open intents, store what is known, then go on.

    The facts are stored whatever the record's status; launching goes on
    only where the status still allows it.
    """
    launcher = _launcher(state, found.entry, ports)
    number = wave.wave_number
    for intent in found.intents:
        try:
            launch.enter(intent, launcher)
        except DrError as error:
            if error.code != launch.START_FAILED:
                raise
            return _start_lost(state, number, error, ports)
    record = found.record
    if not found.is_stored:
        record = store_jobs(launcher.key, number, ports)
    if record.status.is_terminal or record.status.is_cancel:
        return mirrored(state, record, ports.run.clock.now())
    if not launch.may_launch(record, number):
        return None
    return _launched(state, wave, found.entry.region, ports)


def _start_lost(
    state: Execution, number: int, error: DrError, ports: Ports
) -> Execution | None:
    """Fail a wave that cannot be started or looked at any more.

    What of it is in flight already is followed by the minute sweep.
    """
    record = ports.run.executions.record(key_of(state))
    entry = ports.run.executions.entry(record, number)
    if entry is None:
        wave = plan_of(state, ports.run).wave(number)
        return _wave_failed(state, record, wave, error, ports)
    failed = replace(
        entry,
        status=(
            WaveStatus.PARTIAL if entry.launched_count else WaveStatus.FAILED
        ),
        error_code=error.code,
        status_message=error.message[:500],
    )
    at = replace(
        state, current_wave_number=number, wave_start_time=entry.start_time
    )
    return close_wave(at, record, failed, ports.run)


def _launched(
    state: Execution, wave: PlanWave, region: str, ports: Ports
) -> Execution | None:
    """Launch what can be launched now, and return the state after it."""
    initiated = initiate_wave(
        wave,
        state.execution_id,
        region,
        state.account_context,
        plan_id=key_of(state).plan_id,
        is_drill=state.is_drill,
        ports=ports,
    )
    if initiated is None:
        return None
    return _state_of(state, wave, initiated.found, initiated.waiting, ports)


def _state_of(
    state: Execution,
    wave: PlanWave,
    found: Found,
    waiting: str | None,
    ports: Ports,
) -> Execution | None:
    """Return the state of a started wave, or of one that has failed."""
    entry, intents, number = found.entry, found.intents, wave.wave_number
    open_intents = any(i.intent_state is IntentState.INTENT for i in intents)
    pending = bool(free_servers(entry, intents)) or open_intents
    if open_intents and waiting is None:
        waiting = "waiting for DRS to accept the start of a job"
    at = entered(state, wave, entry, pending=pending, awaited=waiting)
    if not pending and not confirmed_servers(intents):
        return _nothing_launched(at, found.record, entry, ports)
    log.event(
        "wave_started",
        execution_id=state.execution_id,
        wave=number,
        job_ids=list(entry.job_ids),
        pending=pending,
        awaited=waiting,
    )
    return at


def _nothing_launched(
    state: Execution, record: Record, entry: WaveEntry, ports: Ports
) -> Execution | None:
    """End a wave none of whose servers could be launched."""
    codes = sorted(
        {server.error_code for server in entry.server_statuses} - {""}
    )
    failed = replace(
        entry,
        status=WaveStatus.FAILED,
        error_code=codes[0] if codes else launch.START_FAILED,
    )
    return close_wave(state, record, failed, ports.run)
