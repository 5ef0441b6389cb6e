"""Asking DRS of one Region to end instances, in as few jobs as it takes.

DRS takes neither tags nor a token with this request. So before each call
it is asked which jobs end one of the instances already; such a job is
taken for ours, whoever started it. After an answer that was lost only that
look is repeated, never the call.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import Final

from drs.domain.errors import DrsAnswerLost, DrsConflict, DrsThrottled
from drs.domain.job import Job, JobType, is_over, is_terminal
from drs.domain.ports import DrsRegion
from drs.domain.servers import RecoveryInstance
from execution_handler.launched import Place
from execution_handler.ports import Ports
from shared.domain.errors import DatabaseError, DrError, DrsUnavailable
from shared.domain.record import Record, TerminateJob

SERVERS_IN_A_REQUEST: Final = 100
WAITS: Final = (1, 2, 4, 8)
# An earlier request's job may be dated a little before it.
EARLIER_SECONDS: Final = 60
SPARE_SECONDS: Final = 5
SHUTTING_DOWN: Final = "SHUTTING-DOWN"

# Is told of a job and of how many instances it ends.
type Started = Callable[[str, int], None]
type Row = dict[str, str]


@dataclass(slots=True, kw_only=True)
class Ended:
    """What became of the instances of one Region."""

    terminated: list[Row] = field(default_factory=list)
    failed: list[Row] = field(default_factory=list)
    jobs: list[TerminateJob] = field(default_factory=list)
    out_of_time: bool = False


def end_instances(
    instances: Sequence[RecoveryInstance],
    reach: DrsRegion,
    record: Record,
    place: Place,
    ports: Ports,
    started: Started,
) -> Ended:
    """End the instances of one Region; every one ends up in one row.

    Args:
        instances: Those that still exist.
        reach: DRS of their Region.
        record: The record, whose jobs are known.
        place: What the execution launched there.
        ports: The outside.
        started: Records a job; called before anything else happens to it.
    """
    region = _Region(reach, record, place, ports, started)
    left = list(instances)
    try:
        left = region.not_ending(left)
        for chunk in batched(left, SERVERS_IN_A_REQUEST):
            if ports.seconds_left < SPARE_SECONDS:
                region.ended.out_of_time = True
                break
            region.end(list(chunk))
    except DatabaseError:
        # A job may not be in the record; there is no honest answer.
        raise
    except DrError as error:
        # What was started before is told all the same.
        region.fail(region.without_row(instances), error)
    return region.ended


class _Region:
    """One Region's part of a request."""

    def __init__(
        self,
        reach: DrsRegion,
        record: Record,
        place: Place,
        ports: Ports,
        started: Started,
    ) -> None:
        self.ended = Ended()
        self._reach = reach
        self._record = record
        self._place = place
        self._ports = ports
        self._started = started
        self._known = {job.job_id for job in record.terminate_jobs}

    def not_ending(
        self, instances: Sequence[RecoveryInstance]
    ) -> list[RecoveryInstance]:
        """Return those that no job ends yet; the others get their row."""
        ids = {one.recovery_instance_id for one in instances}
        ending: dict[str, str] = {}
        for job in self._jobs():
            mine = self._mine(job, ids)
            if mine and job.job_id not in self._known:
                self._note(job.job_id, len(job.participants))
            if not is_over(job):
                ending |= dict.fromkeys(mine, job.job_id)
        left = []
        for one in instances:
            job_id = ending.get(one.recovery_instance_id)
            if job_id is None and one.ec2_state != SHUTTING_DOWN:
                left.append(one)
            else:
                self._row(one, job_id or "")
        return left

    def end(self, chunk: list[RecoveryInstance]) -> None:
        """End up to a hundred instances by one call, if it is heard."""
        why: DrError = DrsUnavailable("DRS was not asked.")
        for wait in (0, *WAITS):
            if wait:
                if not self._waited(wait):
                    break
                chunk = self.not_ending(self._existing(chunk))
            if not chunk:
                return
            try:
                job_id = self._reach.terminate_recovery_instances(
                    [one.recovery_instance_id for one in chunk]
                )
            except DrsAnswerLost as error:
                self._after_lost_answer(chunk, error)
                return
            except DrsThrottled as error:
                why = error
            except DrsConflict as error:
                chunk, why = self._not_busy(chunk, error), error
            else:
                self._note(job_id, len(chunk))
                for one in chunk:
                    self._row(one, job_id)
                return
        self.fail(chunk, why)

    def fail(
        self, instances: Iterable[RecoveryInstance], error: DrError
    ) -> None:
        """Tell of instances that could not be ended."""
        for one in instances:
            self.ended.failed.append(
                {
                    "recoveryInstanceId": one.recovery_instance_id,
                    "region": self._reach.region,
                    "error": error.message,
                    "errorType": error.code,
                }
            )

    def without_row(
        self, instances: Sequence[RecoveryInstance]
    ) -> list[RecoveryInstance]:
        """Return the instances that nothing was told of yet."""
        rows = [*self.ended.terminated, *self.ended.failed]
        told = {row["recoveryInstanceId"] for row in rows}
        return [o for o in instances if o.recovery_instance_id not in told]

    def _jobs(self) -> list[Job]:
        """Return the jobs that end instances and may be about ours."""
        found = {job.job_id: job for job in self._reach.active_jobs()}
        since = self._record.termination_initiated_at
        if since:
            for job in self._reach.jobs_since(since - EARLIER_SECONDS):
                found[job.job_id] = job
        return [j for j in found.values() if j.type == JobType.TERMINATE]

    def _mine(self, job: Job, ids: set[str]) -> set[str]:
        """Return which of the execution's instances a job ends."""
        known = ids | self._place.instances
        return {
            one.recovery_instance_id
            for one in job.participants
            if one.recovery_instance_id in known
            or one.source_server_id in self._place.unplaced
        }

    def _after_lost_answer(
        self, chunk: list[RecoveryInstance], error: DrError
    ) -> None:
        """Look for the job; where none shows, a repeat looks again."""
        for wait in (0, *WAITS):
            if wait and not self._waited(wait):
                break
            chunk = self.not_ending(self._existing(chunk))
            if not chunk:
                return
        self.fail(chunk, error)

    def _existing(
        self, chunk: Sequence[RecoveryInstance]
    ) -> list[RecoveryInstance]:
        ids = [one.recovery_instance_id for one in chunk]
        if not ids:
            return []
        found = self._reach.recovery_instances(instance_ids=ids)
        return [
            one
            for one in found
            if one.is_live and one.job_id in self._place.jobs
        ]

    def _not_busy(
        self, chunk: list[RecoveryInstance], error: DrError
    ) -> list[RecoveryInstance]:
        """Return those that no other job works on; the others fail."""
        busy = {
            one.source_server_id
            for job in self._reach.active_jobs()
            if job.type != JobType.TERMINATE
            for one in job.participants
            if not is_terminal(one.launch_status)
        }
        held = [one for one in chunk if one.source_server_id in busy]
        self.fail(held, error)
        return [one for one in chunk if one.source_server_id not in busy]

    def _waited(self, seconds: int) -> bool:
        if self._ports.seconds_left - seconds < SPARE_SECONDS:
            return False
        self._ports.run.clock.sleep(seconds)
        return True

    def _note(self, job_id: str, servers: int) -> None:
        self._started(job_id, servers)
        self._known.add(job_id)
        self.ended.jobs.append(
            TerminateJob(
                job_id=job_id,
                region=self._reach.region,
                server_count=servers,
            )
        )

    def _row(self, one: RecoveryInstance, job_id: str) -> None:
        self.ended.terminated.append(
            {
                "recoveryInstanceId": one.recovery_instance_id,
                "region": self._reach.region,
                "jobId": job_id,
            }
        )
