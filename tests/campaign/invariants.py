"""What must hold, after every step and at the end, whatever went wrong.

DRS's truth is the simulator's own state, read behind everybody's back; the
record and the state machine are compared with it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from drs.domain.intent_tags import EXECUTION_ID, JOB_INDEX, WAVE_NUMBER
from drs_simulator.domain.records import Job, JobType
from drs_simulator.domain.simulator import Simulator
from shared.domain.execution import MAX_STATE_BYTES
from shared.domain.items import MAX_ITEM_BYTES, item_bytes
from shared.domain.record import Record, WaveEntry
from shared.domain.status import WaveStatus
from tests.campaign.world import Campaign
from tests.support.fake_locks import LEASE_SECONDS
from tests.support.scenario_driver.clock import START

HISTORY_LIMIT = 5_000


class Broken(Exception):
    """An invariant does not hold."""


def jobs_of(simulator: Simulator, execution_id: str) -> list[Job]:
    """Return the launch jobs of an execution, by their tags."""
    return [
        job
        for region in simulator.state.regions.values()
        for job in region.jobs.values()
        if job.tags.get(EXECUTION_ID) == execution_id
        and job.type is JobType.LAUNCH
    ]


class Steps:
    """Looks after every step of the driver, where something changed."""

    def __init__(self, world: Campaign) -> None:
        self._world = world
        self._seen = (-1, -1)
        self._entered: set[int] = set()
        self._jobs = 0
        self._before: Record | None = None
        self.record: Record | None = None

    def look(self) -> None:
        """Check what must hold all the time.

        Raises:
            Broken: It does not.
        """
        world = self._world
        simulator = world.true_drs.simulator
        now = (world.trouble.writes, simulator.state.jobs_created)
        if now == self._seen:
            return
        self._seen = now
        self._quotas(simulator)
        self._tell_jobs(simulator)
        self.record = world.others.record()
        if self.record is None:
            return
        once(world, self.record)
        self._status(self.record)
        self._order(self.record)
        self._before = self.record

    def _quotas(self, simulator: Simulator) -> None:
        for region in simulator.state.regions.values():
            quotas = simulator.quotas.of(region.account, region.name)
            active = [region.jobs[job_id] for job_id in region.active]
            held = [p.server_id for job in active for p in job.participants]
            largest = max((len(j.participants) for j in active), default=0)
            _must(largest <= quotas.servers_per_job, "servers of one job")
            _must(len(active) <= quotas.concurrent_jobs, "concurrent jobs")
            _must(len(held) <= quotas.servers_in_jobs, "servers in all jobs")
            _must(len(held) == len(set(held)), "a server has two jobs at once")

    def _tell_jobs(self, simulator: Simulator) -> None:
        if self._jobs == simulator.state.jobs_created:
            return
        jobs = [
            j
            for r in simulator.state.regions.values()
            for j in r.jobs.values()
        ]
        for job in sorted(jobs, key=lambda one: one.number):
            if job.number > self._jobs:
                servers = [p.server_id[-3:] for p in job.participants]
                index = job.tags.get(JOB_INDEX, "of others")
                wave = job.tags.get(WAVE_NUMBER, "")
                self._world.tell(
                    f"{job.job_id} began {job.created - START:.0f}: wave"
                    f" {wave} job {index}, servers {', '.join(servers)}"
                )
        self._jobs = simulator.state.jobs_created

    def _status(self, record: Record) -> None:
        before = self._before
        if before is None or before.status == record.status:
            return
        self._world.tell(f"record {before.status} -> {record.status}")
        _must(
            not before.status.is_terminal,
            f"terminal {before.status} became {record.status}",
        )

    def _order(self, record: Record) -> None:
        """Check that no wave has begun before those it depends on."""
        for entry in record.waves:
            if entry.wave_number in self._entered:
                continue
            self._entered.add(entry.wave_number)
            if entry.status in (WaveStatus.CANCELLED, WaveStatus.SKIPPED):
                continue
            plan = self._world.raw.plan(record.key)
            for number in plan.wave(entry.wave_number).depends_on_waves:
                needed = record.entry(number)
                _must(
                    needed is not None and _satisfied(needed),
                    f"wave {entry.wave_number} began before wave {number}"
                    " was completed",
                )
            self._world.tell(f"wave {entry.wave_number} {entry.status}")
        open_ones = [e.wave_number for e in record.waves if not e.is_final]
        _must(len(open_ones) <= 1, f"waves {open_ones} run at once")


def _satisfied(entry: WaveEntry) -> bool:
    skipped = entry.status is WaveStatus.SKIPPED and entry.satisfied
    completed = entry.status is WaveStatus.COMPLETED
    return skipped or completed or entry.tolerated


def once(world: Campaign, record: Record) -> None:
    """Check that no server has two jobs of the execution."""
    jobs = jobs_of(world.true_drs.simulator, record.execution_id)
    counts = Counter(p.server_id for job in jobs for p in job.participants)
    twice = sorted(server for server, count in counts.items() if count > 1)
    _must(not twice, f"launched twice: {twice}")


def _must(holds: bool, what: str) -> None:
    if not holds:
        raise Broken(what)


def at_the_end(world: Campaign, record: Record) -> Iterator[str]:
    """Yield what does not hold of a run that has ended."""
    if not record.status.is_terminal or not record.finalized_at:
        yield f"the run did not end; it is {record.status}"
        return
    yield from _nothing_lost(world, record)
    yield from _nothing_held(world, record)
    yield from _agreed(world, record)
    yield from _true(world, record)


def _nothing_lost(world: Campaign, record: Record) -> Iterator[str]:
    """Compare intents, jobs and the waves' fixed sets."""
    intents = world.raw.intents(record.key)
    jobs = jobs_of(world.true_drs.simulator, record.execution_id)
    open_ones = [i.job_index for i in intents if i.in_flight]
    if open_ones:
        yield f"intents still in flight: {open_ones}"
    confirmed = [i for i in intents if i.intent_state == "CONFIRMED"]
    known = sorted((i.job_id, tuple(sorted(i.server_ids))) for i in confirmed)
    real = sorted(
        (j.job_id, tuple(sorted(p.server_id for p in j.participants)))
        for j in jobs
    )
    if known != real:
        yield f"confirmed jobs {known} are not those of DRS: {real}"
    launched = Counter(s for i in confirmed for s in i.server_ids)
    cut = {WaveStatus.CANCELLED, WaveStatus.TIMEOUT}
    for brief in record.waves:
        entry = world.raw.entry(record, brief.wave_number) or brief
        told = entry.status in cut or (
            entry.status is not WaveStatus.COMPLETED and bool(entry.error_code)
        )
        statuses = {s.source_server_id: s for s in entry.server_statuses}
        for server in entry.server_ids:
            status = statuses.get(server)
            failed = status is not None and bool(status.error_code)
            if launched[server] != 1 and not failed and not told:
                yield f"{server} of wave {entry.wave_number} is forgotten"


def _nothing_held(world: Campaign, record: Record) -> Iterator[str]:
    """Look for locks and the live marker.

    A start that comes late may take locks behind a run that has ended, and
    die; those run out, since their owner is finalized (contract 5.4).
    """
    taken_until = (record.end_time or 0) + LEASE_SECONDS
    locks = [
        item["executionId"]
        for item in world.stored()
        if "-lock-" in item["executionId"] and item["lockExpiry"] < taken_until
    ]
    if locks:
        yield f"locks are still held: {locks}"
    if world.raw.live():
        yield "the live marker is still there"


_ENDS = {
    "COMPLETED": ("SUCCEEDED", None, "complete"),
    "PARTIAL": ("FAILED", "PlanExecutionFailed", "partial"),
    "FAILED": ("FAILED", "PlanExecutionFailed", "fail"),
    "CANCELLED": ("FAILED", "PlanExecutionCancelled", "cancel"),
    "TIMEOUT": ("FAILED", "PlanExecutionTimeout", "timeout"),
}


def _agreed(world: Campaign, record: Record) -> Iterator[str]:
    """Compare record, state machine, notices and what the API answers."""
    status, error, notice = _ENDS[record.status]
    runs = [
        run
        for run in world.driver.runs.values()
        if run.name.startswith(record.execution_id)
    ]
    if any(run.running for run in runs):
        yield "a state machine execution still runs"
    for run in runs:
        if run.state == "PlanContinued":
            continue
        broken = "RecordFailure" in run.entered or run.status == "ABORTED"
        if (run.status, run.error) != (status, error) and not broken:
            yield (
                f"the record is {record.status}, the state machine"
                f" {run.status} {run.error} in {run.state}"
            )
        if run.status == "SUCCEEDED" and record.status != "COMPLETED":
            yield f"green over {record.status}"
    told = {
        str(one.event)
        for one in world.notifier.sent
        if one.execution_id == record.execution_id
    }
    ends = told & {end for _, _, end in _ENDS.values()}
    if ends - {notice} or not record.notified_at:
        yield f"the record is {record.status}, people were told {ends}"
    with world.watch.outside():
        shown = world.shown(record.execution_id)
    if shown["status"] != record.status:
        yield f"get_execution answers {shown['status']}"


def _true(world: Campaign, record: Record) -> Iterator[str]:
    """Compare the record's servers and counts with DRS's truth."""
    jobs = jobs_of(world.true_drs.simulator, record.execution_id)
    truth = {
        p.server_id: str(p.status or "") for j in jobs for p in j.participants
    }
    launched = [s for s, status in truth.items() if status == "LAUNCHED"]
    planned: set[str] = set()
    if not record.retry_of:
        planned = {f"s-{one.number:0>17}" for one in world.drawn.servers}
    for brief in record.waves:
        entry = world.raw.entry(record, brief.wave_number) or brief
        planned.update(entry.server_ids)
        for server in entry.server_statuses:
            real = truth.get(server.source_server_id) == "LAUNCHED"
            if real != (server.launch_status == "LAUNCHED"):
                yield (
                    f"{server.source_server_id} is"
                    f" {server.launch_status} {server.error_code} in the"
                    f" record and {truth.get(server.source_server_id)} in DRS"
                )
    complete = record.status == "COMPLETED"
    if complete and set(launched) != planned:
        yield "COMPLETED, and not every server was launched"
    if record.outcome.get("launched") != len(launched):
        yield (
            f"the outcome counts {record.outcome.get('launched')} launched,"
            f" DRS {len(launched)}"
        )
    if record.status == "PARTIAL" and not launched:
        yield "PARTIAL, and nothing was launched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """The largest history, state and item of a run."""

    history: int = 0
    state: int = 0
    item: int = 0

    def largest(self, other: "Sizes") -> "Sizes":
        """Return the larger of each."""
        return Sizes(
            history=max(self.history, other.history),
            state=max(self.state, other.state),
            item=max(self.item, other.item),
        )

    def too_large(self) -> Iterator[str]:
        """Yield what is above its limit."""
        if self.history > HISTORY_LIMIT:
            yield f"a history has {self.history} events"
        if self.state > MAX_STATE_BYTES:
            yield f"a state has {self.state} bytes"
        if self.item > MAX_ITEM_BYTES:
            yield f"an item has {self.item} bytes"


def sizes(world: Campaign) -> Sizes:
    """Measure what a run has left."""
    runs = world.driver.runs.values()
    return Sizes(
        history=max((len(run.events) for run in runs), default=0),
        state=world.largest_state,
        item=max(map(item_bytes, world.stored()), default=0),
    )
