"""Launching the servers of a wave whose set is fixed, chunk after chunk.

Decides when to stop: nothing is left, what is left has to wait, or the time
of this invocation runs out. How one chunk is launched exactly once is up to
``launch``.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drs.domain.ports import DrsRegion
from execution_handler import launch
from execution_handler.chunks import next_chunk
from execution_handler.facts import store_jobs, with_jobs
from execution_handler.ports import Ports
from execution_handler.wiring import standing_alone
from shared.domain.errors import BadRequest
from shared.domain.plan import PlanWave
from shared.domain.record import Intent, Key, Record, WaveEntry
from shared.domain.status import IntentState, Status

SECONDS_FOR_A_CHUNK = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A started wave as it was read."""

    record: Record
    entry: WaveEntry
    intents: list[Intent]

    @property
    def is_stored(self) -> bool:
        """Tell whether the record says of the intents what there is."""
        return (
            self.record.status is Status.POLLING
            and all(
                i.intent_state is not IntentState.INTENT for i in self.intents
            )
            and with_jobs(self.entry, self.intents) == self.entry
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Initiated:
    """A wave after its launches, with its jobs, and what it waits for."""

    found: Found
    waiting: str | None


def initiate_wave(
    wave: PlanWave,
    execution_id: str,
    region: str,
    account_context: Mapping[str, Any] | None = None,
    *,
    plan_id: str = "",
    is_drill: bool | None = None,
    ports: Ports | None = None,
) -> Initiated | None:
    """Launch a wave's servers while there are any, with room and time.

    Args:
        wave: The wave, whose entry is written.
        execution_id: Of which execution.
        region: Where its servers are.
        account_context: Whose; the hub's without one.
        plan_id: The execution's plan, where the caller knows it.
        is_drill: Whether it is a drill; the record says it otherwise.
        ports: The outside; this container's without it.

    Returns:
        The wave with its jobs; None where the record does not allow more,
        or was changed meanwhile: look again.

    Raises:
        NotFound: ``EXECUTION_NOT_FOUND``.
        Unavailable: DRS or a table could not be asked.
    """
    ports = ports or standing_alone()
    if not plan_id or is_drill is None:
        record = ports.run.executions.find(execution_id)
        plan_id, is_drill = record.plan_id, record.is_drill
    key, number = Key(execution_id, plan_id), wave.wave_number
    reach = ports.region(dict(account_context or {}), region)
    launcher = _launcher(key, reach, ports, is_drill=is_drill)
    return _launched(number, launcher, ports)


def _launched(
    number: int, launcher: launch.Launcher, ports: Ports
) -> Initiated | None:
    key, region = launcher.key, launcher.region.region
    while True:
        found = find_wave(key, number, ports)
        if found is None or not launch.may_launch(found.record, number):
            return None
        chunk = next_chunk(
            found.record, found.entry, found.intents, launcher, ports
        )
        if chunk.entry is None:
            return None
        if chunk.record is None or ports.seconds_left < SECONDS_FOR_A_CHUNK:
            left = dataclasses.replace(found, entry=chunk.entry)
            return Initiated(found=left, waiting=chunk.waiting)
        intent = launch.intend(
            chunk.record, number, chunk.server_ids, launcher
        )
        if intent is None:
            return None
        launched = start_drs_recovery_with_retry(
            intent.server_ids,
            region,
            len(launch.DELAYS),
            intent=intent,
            launcher=launcher,
        )
        store_jobs(key, number, ports)
        if launched["status"] == IntentState.INTENT:
            after = find_wave(key, number, ports)
            return Initiated(found=after, waiting=None) if after else None


def _launcher(
    key: Key, reach: DrsRegion, ports: Ports, *, is_drill: bool
) -> launch.Launcher:
    return launch.Launcher(
        key=key,
        is_drill=is_drill,
        region=reach,
        executions=ports.run.executions,
        clock=ports.run.clock,
        deadline=ports.deadline,
    )


def start_drs_recovery_with_retry(
    server_ids: Sequence[str],
    region: str,
    max_retries: int = 3,
    *,
    intent: Intent,
    launcher: launch.Launcher,
) -> dict[str, str]:
    """Start the job of an intent; return its id, and how the intent stands.

    Args:
        server_ids: The intent's servers.
        region: Where they are.
        max_retries: How often the call is repeated, where that is safe.
        intent: What allows the call; nothing is launched without one.
        launcher: The invocation that holds the intent's lease.

    Raises:
        BadRequest: The intent is about other servers.
    """
    asked = (tuple(server_ids), region)
    if asked != (intent.server_ids, launcher.region.region):
        raise BadRequest(
            f"The intent of wave {intent.wave_number}, job "
            f"{intent.job_index}, is about other servers; intend these first."
        )
    launched = launch.call(intent, launcher, max_retries)
    return {"jobId": launched.job_id, "status": str(launched.intent_state)}


def find_wave(key: Key, number: int, ports: Ports) -> Found | None:
    """Return a started wave as it is now; None: it has no entry."""
    record = ports.run.executions.record(key)
    entry = ports.run.executions.entry(record, number)
    intents = ports.run.executions.intents(key, number)
    if entry is None:
        return None
    return Found(record=record, entry=entry, intents=intents)
