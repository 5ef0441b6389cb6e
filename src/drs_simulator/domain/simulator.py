"""The service as one object: calls in, answers or faults out.

Decides which function answers an operation and in what order a call meets
injected faults, the passage of time and the operation itself. It has no
clock, no thread and no randomness of its own.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from drs_simulator.domain import (
    describe,
    estate,
    launch,
    recovery,
    replication,
    snapshots,
    staging,
    tags,
)
from drs_simulator.domain.faults import ReplyLost, ServiceFault
from drs_simulator.domain.injection import Injection, parsed
from drs_simulator.domain.machines import MemoryMachines
from drs_simulator.domain.ports import Events, Machines
from drs_simulator.domain.quotas import QuotaBook, Quotas
from drs_simulator.domain.records import Wire
from drs_simulator.domain.region import Context, State
from drs_simulator.domain.settle import settle

type Operation = Callable[[Context, Mapping[str, Any]], Wire]
LONGEST_CALL_LOG = 200_000
READING = ("Describe", "List", "Get")


def initialize_service(ctx: Context, request: Mapping[str, Any]) -> Wire:
    """Answer InitializeService; a second call changes nothing."""
    ctx.region.initialized = True
    return {}


OPERATIONS: Mapping[str, Operation] = {
    "CreateExtendedSourceServer": staging.create_extended_source_server,
    "DescribeJobLogItems": describe.describe_job_log_items,
    "DescribeJobs": describe.describe_jobs,
    "DescribeRecoveryInstances": describe.describe_recovery_instances,
    "DescribeRecoverySnapshots": snapshots.describe_recovery_snapshots,
    "DescribeSourceServers": describe.describe_source_servers,
    "DisconnectRecoveryInstance": replication.disconnect_recovery_instance,
    "GetLaunchConfiguration": launch.get_launch_configuration,
    "GetReplicationConfiguration": replication.get_replication_configuration,
    "InitializeService": initialize_service,
    "ListExtensibleSourceServers": staging.list_extensible_source_servers,
    "ListStagingAccounts": staging.list_staging_accounts,
    "ListTagsForResource": tags.list_tags_for_resource,
    "RetryDataReplication": replication.retry_data_replication,
    "ReverseReplication": replication.reverse_replication,
    "StartRecovery": recovery.start_recovery,
    "StartReplication": replication.start_replication,
    "StopReplication": replication.stop_replication,
    "TagResource": tags.tag_resource,
    "TerminateRecoveryInstances": recovery.terminate_recovery_instances,
    "UntagResource": tags.untag_resource,
    "UpdateLaunchConfiguration": launch.update_launch_configuration,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call the service has seen."""

    at: float
    account: str
    region: str
    operation: str
    caller: str
    error: str | None


class Silent:
    """Takes events and forgets them."""

    def publish(self, event: Mapping[str, Any]) -> None:
        """Take one event."""


class Simulator:
    """The DRS service of any number of accounts and Regions.

    Args:
        clock: the time as seconds since the epoch.
        rng: where chance comes from; seed it to repeat a run.
        quotas: the quotas in force everywhere until adjusted.
        scale: factor for every duration of the service.
        machines: EC2, or machines in memory.
        polls_to_complete: makes a job complete after so many answers of
            DescribeJobs, whatever the clock says.
        events: where launch results are published.

    Attributes:
        changes: grows whenever there may be something new to keep.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        rng: Random,
        quotas: Quotas | None = None,
        *,
        scale: float = 1.0,
        machines: Machines | None = None,
        polls_to_complete: int | None = None,
        events: Events | None = None,
    ) -> None:
        self.clock = clock
        self.rng = rng
        self.quotas = QuotaBook(default=quotas or Quotas())
        self.scale = scale
        self.machines = machines or MemoryMachines()
        self.polls_to_complete = polls_to_complete
        self.events = events or Silent()
        self.state = State()
        self.injection = Injection()
        self.changes = 0
        self.calls: deque[Call] = deque(maxlen=LONGEST_CALL_LOG)

    def call(
        self,
        account: str,
        region: str,
        operation: str,
        request: Mapping[str, Any],
        caller: str = "",
    ) -> Wire:
        """Answer one call.

        Args:
            account: the caller's account, twelve digits.
            region: the Region called.
            operation: the operation's name in the service model.
            request: its members; shapes are checked by the fronts.
            caller: who calls, for the log of calls.

        Raises:
            ServiceFault: the service answers with an error.
            ReplyLost: the work is done and the answer is lost.
        """
        error: str | None = None
        try:
            return self._answer(account, region, operation, request)
        except ServiceFault as fault:
            error = fault.code
            raise
        except ReplyLost:
            error = "ReplyLost"
            raise
        finally:
            self.note(account, region, operation, caller, error)

    def note(
        self,
        account: str,
        region: str,
        operation: str,
        caller: str,
        error: str | None = None,
    ) -> None:
        """Put a call into the log of calls."""
        self.calls.append(
            Call(
                at=self.clock(),
                account=account,
                region=region,
                operation=operation,
                caller=caller,
                error=error,
            )
        )

    def _answer(
        self,
        account: str,
        region: str,
        operation: str,
        request: Mapping[str, Any],
    ) -> Wire:
        self.injection.error(account, region, operation)
        action = OPERATIONS.get(operation)
        if action is None:
            raise ServiceFault(
                "UnsupportedOperation",
                f"The DRS simulator does not implement {operation}; it has"
                f" {', '.join(OPERATIONS)}.",
            )
        ctx = self._context(account, region)
        self.changes += settle(ctx)
        if not operation.startswith(READING):
            self.changes += 1
        answer = action(ctx, request)
        self.injection.error(account, region, operation, afterwards=True)
        if self.injection.loses_reply(account, region, operation):
            raise ReplyLost(operation)
        return answer

    def _context(self, account: str, region: str) -> Context:
        return Context(
            state=self.state,
            region=self.state.region(account, region),
            now=self.clock(),
            rng=self.rng,
            scale=self.scale,
            polls_to_complete=self.polls_to_complete,
            quotas=self.quotas.of(account, region),
            machines=self.machines,
            events=self.events,
            injection=self.injection,
        )

    def tick(self) -> None:
        """Act on what has come due everywhere, without a call."""
        for region in list(self.state.regions.values()):
            if region.active:
                self.changes += settle(
                    self._context(region.account, region.name)
                )

    def delay(self, account: str, region: str, operation: str) -> float:
        """Return how long a front should hold up this call; used up."""
        return self.injection.delay(account, region, operation)

    def load_estate(self, document: Any) -> Wire:
        """Put servers into accounts and Regions.

        Raises:
            ControlError: the document cannot be accepted.
        """
        self.changes += 1
        return estate.load(self.state, document, self.clock())

    def estate(self) -> Wire:
        """Return the estate as it stands."""
        return estate.dump(self.state, self.clock())

    def inject(self, *documents: Any) -> None:
        """Put faults in force, each in the form of the control path.

        Raises:
            ControlError: a document cannot be accepted.
        """
        self.changes += 1
        self.injection.add(
            [fault for document in documents for fault in parsed(document)]
        )
