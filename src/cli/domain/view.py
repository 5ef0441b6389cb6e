"""What a person sees of an execution: rows and one line of waiting.

A view is computed from the record, from the plan and from what Step
Functions says; nothing is remembered between two views. How it is drawn is
decided by the screen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cli.domain.ports import MachineRun
from cli.domain.seeding import PlannedWave
from shared.domain.record import Record, ServerStatus, WaveEntry
from shared.domain.status import LaunchStatus, Status

NOT_STARTED = "NOT_STARTED"
_NOT_LAUNCHED = (LaunchStatus.FAILED, LaunchStatus.TERMINATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRow:
    """One server of a wave."""

    server_id: str
    name: str
    status: str
    instance_id: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveRow:
    """One wave; ``seconds`` is None until it has started."""

    number: int
    name: str
    status: str
    phase: str = ""
    servers: int = 0
    launched: int = 0
    failed: int = 0
    seconds: int | None = None
    message: str = ""
    rows: tuple[ServerRow, ...] = ()

    @property
    def moving(self) -> int:
        """Return how many servers have not reached an end."""
        return max(0, self.servers - self.launched - self.failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One execution at one moment."""

    execution_id: str
    plan_name: str
    is_drill: bool
    status: str
    ended: bool
    seconds: int
    waves: tuple[WaveRow, ...]
    waiting_for: str
    error: str = ""
    machine: MachineRun | None = None
    paused_before: int | None = None
    resumable: bool = False

    @property
    def servers(self) -> int:
        """Return how many servers the plan launches in all."""
        return sum(wave.servers for wave in self.waves)

    @property
    def launched(self) -> int:
        """Return how many servers are launched."""
        return sum(wave.launched for wave in self.waves)

    @property
    def failed(self) -> int:
        """Return how many servers failed."""
        return sum(wave.failed for wave in self.waves)


def view(
    record: Record,
    planned: Sequence[PlannedWave],
    machine: MachineRun | None,
    now: int,
) -> View:
    """Return what to show of this record at this time."""
    end = record.end_time or now
    return View(
        execution_id=record.execution_id,
        plan_name=record.plan_name,
        is_drill=record.is_drill,
        status=record.status,
        ended=record.status.is_terminal,
        seconds=max(0, end - record.start_time),
        waves=tuple(_wave_row(record, wave, now) for wave in planned),
        waiting_for=_waiting_for(record, planned, machine),
        error=record.error_message,
        machine=machine,
        paused_before=record.paused_before_wave,
        resumable=record.status is Status.PAUSED and bool(record.task_token),
    )


def not_started(
    plan_name: str, planned: Sequence[PlannedWave], error: str
) -> View:
    """Return what to show of a drill that has no execution to watch."""
    return View(
        execution_id="",
        plan_name=plan_name,
        is_drill=True,
        status=NOT_STARTED,
        ended=True,
        seconds=0,
        waves=tuple(_not_reached(wave) for wave in planned),
        waiting_for="",
        error=error,
    )


def changes(before: View | None, after: View) -> Iterator[str]:
    """Yield one line for each thing that differs between two views."""
    if before is None:
        kind = "Drill" if after.is_drill else "Recovery"
        yield f"{kind} of plan {after.plan_name}: {after.execution_id}"
    old = {row.number: row for row in before.waves} if before else {}
    for row in after.waves:
        was = old.get(row.number, _unstarted(row))
        if replace(row, seconds=None) == replace(was, seconds=None):
            continue
        yield from _server_changes(row, was)
        if _headline(row) != _headline(was):
            yield _headline(row)
    if before is None or before.status != after.status:
        waits = f", waits for {after.waiting_for}" if after.waiting_for else ""
        yield f"Execution {after.status}{waits}"
    elif after.waiting_for and before.waiting_for != after.waiting_for:
        yield f"Waits for {after.waiting_for}"


def failures(seen: View) -> tuple[tuple[WaveRow, ServerRow], ...]:
    """Return every server that failed, with its wave."""
    return tuple(
        (wave, row)
        for wave in seen.waves
        for row in wave.rows
        if row.status in _NOT_LAUNCHED
    )


def _wave_row(record: Record, planned: PlannedWave, now: int) -> WaveRow:
    entry = record.entry(planned.number)
    if entry is None:
        return _not_reached(planned)
    statuses = [row.launch_status for row in entry.server_statuses]
    return WaveRow(
        number=entry.wave_number,
        name=entry.wave_name or planned.name,
        status=entry.status,
        phase=entry.phase,
        servers=_most(len(statuses), len(entry.server_ids), entry.server_count)
        or planned.servers,
        launched=_most(
            statuses.count(LaunchStatus.LAUNCHED), entry.launched_count
        ),
        failed=_most(
            sum(statuses.count(status) for status in _NOT_LAUNCHED),
            entry.failed_count,
        ),
        seconds=_seconds(entry, record, now),
        message=entry.status_message,
        rows=tuple(_server_row(row) for row in entry.server_statuses),
    )


def _not_reached(wave: PlannedWave) -> WaveRow:
    return WaveRow(
        number=wave.number,
        name=wave.name,
        status=NOT_STARTED,
        servers=wave.servers,
    )


def _most(*counts: int) -> int:
    """Return the fullest count: large executions leave lists empty."""
    return max(counts)


def _seconds(entry: WaveEntry, record: Record, now: int) -> int | None:
    if not entry.start_time:
        return None
    end = entry.end_time or record.end_time or now
    return max(0, end - entry.start_time)


def _server_row(row: ServerStatus) -> ServerRow:
    return ServerRow(
        server_id=row.source_server_id,
        name=row.server_name or row.hostname or row.source_server_id,
        status=row.launch_status,
        instance_id=row.recovery_instance_id or row.instance_id,
        error=row.error,
    )


def _waiting_for(
    record: Record,
    planned: Sequence[PlannedWave],
    machine: MachineRun | None,
) -> str:
    names = {wave.number: wave.name for wave in planned}
    match record.status:
        case status if status.is_terminal:
            running = machine is not None and machine.runs
            return "the state machine to end" if running else ""
        case Status.PENDING:
            return "the state machine to begin"
        case Status.PAUSED:
            number = record.paused_before_wave or 0
            name = names.get(number, str(number))
            return f"a resume, before wave {number + 1} ({name})"
        case Status.CANCELLING:
            return "the jobs that were under way to end"
    running_wave = next((e for e in record.waves if not e.is_final), None)
    if running_wave is None:
        return "the next wave to start"
    return _launching(running_wave, names)


def _launching(entry: WaveEntry, names: dict[int, str]) -> str:
    name = entry.wave_name or names.get(entry.wave_number, "")
    rows = entry.server_statuses
    over = sum(
        row.launch_status in (LaunchStatus.LAUNCHED, *_NOT_LAUNCHED)
        for row in rows
    )
    done = max(over, entry.launched_count + entry.failed_count)
    count = max(len(rows), len(entry.server_ids), entry.server_count)
    jobs = ", ".join(
        entry.job_ids or ((entry.job_id,) if entry.job_id else ())
    )
    what = f"DRS job {jobs}" if jobs else "DRS to accept the launch"
    return (
        f"{what}: {count - done} of {count} servers of wave "
        f"{entry.wave_number + 1} ({name}) are not up yet"
    )


def _unstarted(row: WaveRow) -> WaveRow:
    return WaveRow(
        number=row.number,
        name=row.name,
        status=NOT_STARTED,
        servers=row.servers,
    )


def _headline(row: WaveRow) -> str:
    moves = row.moving and row.phase not in ("", row.status)
    phase = f" {row.phase}" if moves else ""
    failed = f", {row.failed} failed" if row.failed else ""
    told = f": {row.message}" if row.message else ""
    return (
        f"Wave {row.number + 1} ({row.name}) {row.status}{phase}, "
        f"{row.launched} of {row.servers} launched{failed}{told}"
    )


def _server_changes(row: WaveRow, was: WaveRow) -> Iterator[str]:
    old = {server.server_id: server for server in was.rows}
    for server in row.rows:
        before = old.get(server.server_id)
        if before is not None and before.status == server.status:
            continue
        if server.status in _NOT_LAUNCHED:
            why = f": {server.error}" if server.error else ""
            yield f"  {server.name} ({server.server_id}) {server.status}{why}"
        elif server.status == LaunchStatus.LAUNCHED:
            where = f" as {server.instance_id}" if server.instance_id else ""
            yield f"  {server.name} ({server.server_id}) LAUNCHED{where}"
