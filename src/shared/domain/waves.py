"""Which wave comes next, and how a run ends.

Decisions are values of the record, the plan and the time. Who starts a
wave, and what a job is, is not known here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from shared.domain.execution import shortened
from shared.domain.plan import Plan, PlanWave
from shared.domain.record import Record, Reserved, ServerStatus, WaveEntry
from shared.domain.status import (
    LAUNCH_OVER,
    Event,
    LaunchStatus,
    Status,
    WaveStatus,
)

MAX_MESSAGE = 500
NAMES_SHOWN = 3
NAME_CHARACTERS = 40
OPTIONAL = "optional"
POLL_ERROR = "POLL_ERROR"
_FAILURES = (LaunchStatus.FAILED, LaunchStatus.TERMINATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartWave:
    """Start this wave now."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitResume:
    """Pause before this wave until somebody resumes."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRun:
    """No wave is left to run."""


type Step = StartWave | AwaitResume | EndRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """What happens between two waves: waves passed over, then a step."""

    passed_over: tuple[WaveEntry, ...]
    step: Step


def at_boundary(
    plan: Plan, record: Record, order: Sequence[int], now: int
) -> Boundary:
    """Decide what follows the waves that have entries.

    A wave that is still under way is entered again before anything else.

    Args:
        plan: The plan as approved.
        record: The record as just read; its entries decide.
        order: Wave numbers in running order; empty means array order.
        now: Epoch seconds, for the entries of waves that are passed over.
    """
    entries = {entry.wave_number: entry for entry in record.waves}
    passed: list[WaveEntry] = []
    for entry in record.waves:
        # A repeat whose first try has started the wave already.
        if not entry.is_final:
            return Boundary(
                passed_over=(), step=StartWave(number=entry.wave_number)
            )
    if not _stops(plan, entries.values()):
        for number in order or range(len(plan.waves)):
            wave = plan.wave(number)
            if number in entries:
                continue
            missing = _missing(wave, entries)
            if not missing:
                return Boundary(
                    passed_over=tuple(passed), step=_enter(wave, record)
                )
            entries[number] = _passed_over(wave, missing, entries, now)
            passed.append(entries[number])
    return Boundary(passed_over=tuple(passed), step=EndRun())


def _enter(wave: PlanWave, record: Record) -> Step:
    if wave.pause_before_wave or record.status is Status.PAUSE_PENDING:
        return AwaitResume(number=wave.wave_number)
    return StartWave(number=wave.wave_number)


def _stops(plan: Plan, entries: Iterable[WaveEntry]) -> bool:
    """Tell whether a wave ended in a way that ends the run."""
    return not all(
        goes_on_behind(entry, plan.wave(entry.wave_number))
        for entry in entries
    )


def goes_on_behind(entry: WaveEntry, wave: PlanWave) -> bool:
    """Tell whether later waves may run behind this one that has ended."""
    ends = (WaveStatus.FAILED, WaveStatus.PARTIAL, WaveStatus.TIMEOUT)
    return (
        entry.status not in ends
        or entry.tolerated
        or wave.on_failure == "continue"
    )


def _missing(wave: PlanWave, entries: dict[int, WaveEntry]) -> tuple[int, ...]:
    """Return the dependencies of the wave that were not met."""
    return tuple(
        number
        for number in wave.depends_on_waves
        if number not in entries or not _met(entries[number])
    )


def _met(entry: WaveEntry) -> bool:
    if entry.status is WaveStatus.SKIPPED:
        return entry.satisfied
    return entry.status is WaveStatus.COMPLETED or entry.tolerated


def _passed_over(
    wave: PlanWave,
    missing: Sequence[int],
    entries: Mapping[int, WaveEntry],
    now: int,
) -> WaveEntry:
    names = ", ".join(str(number + 1) for number in missing)
    ends = {entries[n].status for n in missing if n in entries}
    how = "was skipped" if ends == {WaveStatus.SKIPPED} else "did not complete"
    return WaveEntry(
        wave_number=wave.wave_number,
        wave_name=wave.name,
        status=WaveStatus.CANCELLED,
        start_time=now,
        end_time=now,
        region="",
        status_message=f"Not started: it depends on wave {names}, which "
        f"{how}.",
        protection_group_ids=wave.group_ids,
    )


def counted(entry: WaveEntry) -> WaveEntry:
    """Return the entry with its counts taken from its servers."""
    states = [server.launch_status for server in entry.server_statuses]
    launched = states.count(LaunchStatus.LAUNCHED)
    failed = states.count(LaunchStatus.FAILED) + states.count(
        LaunchStatus.TERMINATED
    )
    return replace(
        entry,
        server_count=len(entry.server_ids),
        launched_count=launched,
        failed_count=failed,
        pending_count=len(entry.server_ids) - launched - failed,
    )


def with_failed(
    entry: WaveEntry, server_ids: Iterable[str], code: str, error: str
) -> WaveEntry:
    """Return the entry with these servers FAILED, those that ended kept."""
    named = frozenset(server_ids)
    return counted(
        replace(
            entry,
            server_statuses=tuple(
                (
                    _failed(server, code, error)
                    if server.source_server_id in named
                    else server
                )
                for server in entry.server_statuses
            ),
        )
    )


def _failed(server: ServerStatus, code: str, error: str) -> ServerStatus:
    if server.launch_status in LAUNCH_OVER:
        return server
    return replace(
        server,
        launch_status=str(LaunchStatus.FAILED),
        error=shortened(error, MAX_MESSAGE),
        error_code=code,
    )


def first_failure(entry: WaveEntry) -> str:
    """Say which server of a wave failed first and why, or why it did.

    Of further servers that failed the first few are named. A time limit
    that ended the wave comes before whatever failed until then.
    """
    wave = f"Wave {entry.wave_number + 1} ({entry.wave_name}): "
    lost = [s for s in entry.server_statuses if s.launch_status in _FAILURES]
    if lost and entry.status is not WaveStatus.TIMEOUT:
        first, nor = lost[0], _nor(lost[1:])
        said = (
            f"{wave}server {first.server_name} ({first.source_server_id}) "
            "was not launched: "
        )
        why = first.error or f"DRS reports {first.launch_status}"
        room = max(NAME_CHARACTERS, MAX_MESSAGE - len(said) - len(nor))
        return said + shortened(why, room) + nor
    why = entry.status_message or str(entry.status)
    if entry.status is WaveStatus.SKIPPED and entry.status_message:
        why = f"skipped, {why}"
    return why if why.startswith(wave) else wave + why


def closed(entry: WaveEntry, wave: PlanWave) -> WaveEntry:
    """Return the entry of a wave that ended, with what that means.

    A failure is tolerated where it is one of servers, every server is
    decided, and no more critical ones failed than the wave may lose. That
    lets the run go on and changes nothing else: neither the wave's status
    nor, therefore, the run's outcome.
    """
    if entry.status is WaveStatus.COMPLETED:
        return entry
    why = shortened(first_failure(entry), MAX_MESSAGE)
    if not _is_tolerated(entry, wave):
        return replace(entry, status_message=why)
    goes_on = f". The run goes on: {_losses(entry, wave)}."
    return replace(
        entry,
        tolerated=True,
        status_message=shortened(why.rstrip("."), MAX_MESSAGE - len(goes_on))
        + goes_on,
    )


def _is_tolerated(entry: WaveEntry, wave: PlanWave) -> bool:
    servers = entry.server_statuses
    of_servers = entry.status in (WaveStatus.PARTIAL, WaveStatus.FAILED)
    if not of_servers or not servers or entry.error_code == POLL_ERROR:
        return False
    if any(server.launch_status not in LAUNCH_OVER for server in servers):
        return False
    critical = [s for s in _lost(entry) if s.criticality != OPTIONAL]
    return len(critical) <= wave.tolerance(entry.server_count)


def _lost(entry: WaveEntry) -> list[ServerStatus]:
    return [
        server
        for server in entry.server_statuses
        if server.launch_status != LaunchStatus.LAUNCHED
    ]


def _losses(entry: WaveEntry, wave: PlanWave) -> str:
    """Say why what was lost is no reason to stop."""
    lost = _lost(entry)
    critical = sum(server.criticality != OPTIONAL for server in lost)
    return (
        f"{len(lost)} of {entry.server_count} servers failed, {critical} of "
        f"them critical, and {wave.tolerance(entry.server_count)} critical "
        "ones may"
    )


def _nor(others: Sequence[ServerStatus]) -> str:
    """Name the servers that failed as well, as the end of a sentence."""
    if not others:
        return ""
    names = [
        shortened(server.server_name, NAME_CHARACTERS)
        for server in others[:NAMES_SHOWN]
    ]
    more = len(others) - len(names)
    if more:
        names.append(f"{more} more")
    if len(names) == 1:
        return f"; nor was {names[0]}"
    return f"; nor were {', '.join(names[:-1])} and {names[-1]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a run ends: the event, and what the record says of it."""

    event: Event
    outcome: dict[str, Any]
    completed: int
    failed: int


def ending(
    record: Record,
    reserved: Sequence[Reserved],
    *,
    reason: str,
    timed_out: bool = False,
    details: dict[str, Any] | None = None,
) -> Ending:
    """Decide the outcome of a run that nobody cancelled.

    The first that holds: a time limit ended it, every planned wave is
    COMPLETED, no server was launched, otherwise it is partial.
    """
    states = [entry.status for entry in record.waves]
    completed = states.count(WaveStatus.COMPLETED)
    launched = sum(entry.launched_count for entry in record.waves)
    if timed_out or WaveStatus.TIMEOUT in states:
        event = Event.TIMED_OUT
    elif record.total_waves and completed == record.total_waves:
        event = Event.COMPLETED
    elif launched:
        event = Event.PARTIALLY_COMPLETED
    else:
        event = Event.FAILED
    failed = sum(
        states.count(state)
        for state in (
            WaveStatus.FAILED,
            WaveStatus.PARTIAL,
            WaveStatus.TIMEOUT,
        )
    )
    return Ending(
        event=event,
        outcome=summary(record, reserved, reason, details),
        completed=completed,
        failed=failed,
    )


def summary(
    record: Record,
    reserved: Sequence[Reserved],
    reason: str,
    details: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the record's ``outcome``: counts of servers and waves."""
    never_ran = (WaveStatus.SKIPPED, WaveStatus.CANCELLED)
    counted_in = {
        entry.wave_number
        for entry in record.waves
        if entry.server_count or entry.status not in never_ran
    }
    states = [entry.status for entry in record.waves]
    launched = sum(entry.launched_count for entry in record.waves)
    failed = sum(entry.failed_count for entry in record.waves)
    servers = sum(entry.server_count for entry in record.waves) + sum(
        len(group.server_ids)
        for group in reserved
        if group.wave_number not in counted_in
    )
    outcome: dict[str, Any] = {
        "servers": servers,
        "launched": launched,
        "failed": failed,
        "notStarted": servers - launched - failed,
        "waves": {
            "completed": states.count(WaveStatus.COMPLETED),
            "partial": states.count(WaveStatus.PARTIAL),
            "failed": states.count(WaveStatus.FAILED)
            + states.count(WaveStatus.TIMEOUT),
            "cancelled": states.count(WaveStatus.CANCELLED),
            "notStarted": max(0, record.total_waves - len(states)),
        },
        "reason": shortened(reason, MAX_MESSAGE),
    }
    if WaveStatus.SKIPPED in states:
        outcome["waves"]["skipped"] = states.count(WaveStatus.SKIPPED)
    return {**outcome, "details": details} if details else outcome


def reason_of_end(record: Record) -> str:
    """Name the first wave that failed, else that did not complete, and why."""
    incomplete = [
        entry
        for entry in record.waves
        if entry.status is not WaveStatus.COMPLETED
    ]
    by_choice = (WaveStatus.SKIPPED, WaveStatus.CANCELLED)
    failed = [e for e in incomplete if e.status not in by_choice]
    return first_failure((failed or incomplete)[0]) if incomplete else ""
