"""DRS in memory: the simulator's pure model behind our own adapters.

``FakeDrs`` is the port ``DrsRegions``. A Region it returns is the real
adapter on clients that call the model in process, so what a test sees is
what DRS would answer, errors included. Times pass when the clock does.

Servers may be named by id, by short id (``s-3`` for the third server made)
or by hostname.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, Protocol

import botocore.session
from botocore.exceptions import (
    ClientError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.validate import ParamValidator

from drs.aws.errors import unreachable
from drs.aws.region import BotoDrsRegion, BotoDrsRegions
from drs.domain.job import Job, Participant
from drs_simulator.domain import records
from drs_simulator.domain.faults import ReplyLost, ServiceFault
from drs_simulator.domain.ports import Place
from drs_simulator.domain.quotas import CODES
from drs_simulator.domain.simulator import Simulator
from shared.domain.account import AccountContext
from tests.support.fake_machines import FakeMachines, Template

HUB = "111122223333"
ALWAYS = 10**9


class HasTime(Protocol):
    """Something that tells the time."""

    def now(self) -> int:
        """Return the epoch seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that was made, to DRS, EC2 or Service Quotas."""

    operation: str
    account: str
    region: str
    request: Mapping[str, Any]


def hub() -> AccountContext:
    """Return the account that the fake's servers are in unless told."""
    return AccountContext(account_id=HUB)


def server_id(short: str | int) -> str:
    """Return the full id of ``s-3`` or 3; a full id as it is."""
    number = str(short).removeprefix("s-")
    return f"s-{number:0>17}"


class FakeDrs:
    """DRS and EC2 of any account and Region; start by ``has_servers``."""

    def __init__(self, clock: HasTime, seed: int = 0) -> None:
        self.machines = FakeMachines()
        self.simulator = Simulator(
            lambda: float(clock.now()), Random(seed), machines=self.machines
        )
        self.calls: list[Call] = []
        self._lock = threading.RLock()
        self._trusted: dict[str, tuple[str, str]] = {}
        self._made = 0
        self._as_the_sdk = False
        self._regions = BotoDrsRegions(self, lambda: float(clock.now()))

    def __call__(self, account: AccountContext, region: str) -> BotoDrsRegion:
        """Return DRS and EC2 of an account in a Region."""
        return self._regions(account, region)

    def has_servers(
        self,
        region: str,
        tags_of_servers: Sequence[Mapping[str, str]],
        *,
        account: str = HUB,
        **more: Any,
    ) -> list[str]:
        """Add a server for each set of tags; return their ids in order.

        Args:
            region: Where; the Region is initialised by it.
            tags_of_servers: The DRS tags; ``Name`` is the hostname too.
            account: Whose.
            more: Further keys of the simulator's estate for each server.
        """
        specs = []
        for tags in tags_of_servers:
            self._made += 1
            name = tags.get("Name", f"host-{self._made}")
            key = {"sourceServerID": server_id(self._made), "hostname": name}
            specs.append({**key, "tags": dict(tags), **more})
        place = {"region": region, "servers": specs}
        self.simulator.load_estate(
            {"accounts": [{"accountId": account, "regions": [place]}]}
        )
        return [str(spec["sourceServerID"]) for spec in specs]

    def trusts(self, account: str, role_arn: str, external_id: str) -> None:
        """Let nobody into an account but by this role and external id."""
        self._trusted[account] = (role_arn, external_id)

    def is_not_initialised(self, region: str, account: str = HUB) -> None:
        """Let DRS refuse everything in a Region."""
        self.simulator.state.region(account, region).initialized = False

    def will_launch(self, server: str, after: float) -> None:
        """Let the next launch of the server succeed after some seconds."""
        self._server(server, launch="LAUNCHED", launchSeconds=after)

    def will_fail(self, server: str, reason: str = "no capacity") -> None:
        """Let the next launch of the server fail for that reason."""
        self._server(server, launch="FAILED", reason=reason)

    def will_never_finish(self, server: str) -> None:
        """Let the next launch of the server, and its job, never end."""
        self._server(server, launch="NEVER")

    def will_stay_unfinished(self, server: str) -> None:
        """Let the job of the server's next launch end without it."""
        self._server(server, launch="UNFINISHED")

    def will_skip(self, server: str) -> None:
        """Let the next job that launches the server leave it out."""
        self._server(server, launch="SKIPPED")

    def refuses_requests_as_the_sdk(self) -> None:
        """Raise for a request of the wrong form, which fails a test else."""
        self._as_the_sdk = True

    def loses_next_start_reply(self, times: int = 1) -> None:
        """Carry out the next StartRecovery and lose its answer."""
        self._fault(op="StartRecovery", loseReply=True, times=times)

    def throttles_next(self, operation: str, times: int = 1) -> None:
        """Refuse the next calls of an operation as too many."""
        self.refuses(operation, "ThrottlingException", times)

    def refuses(self, operation: str, error: str, times: int = ALWAYS) -> None:
        """Refuse calls of an operation with a DRS error, always or n times."""
        self._fault(op=operation, error=error, times=times)

    def lists_jobs_after(self, seconds: float, times: int = ALWAYS) -> None:
        """Hide a new job from DescribeJobs for so many seconds."""
        self._fault(listedAfter=seconds, times=times)

    def forgets_job(self, job_id: str) -> None:
        """Let DescribeJobs no longer return a job."""
        self._fault(job=job_id, vanish=True)

    def empties_job(self, job_id: str) -> None:
        """Let DescribeJobs return a job without its servers."""
        self._fault(job=job_id, emptied=True)

    def is_well_again(self) -> None:
        """Forget every fault that was asked for."""
        self.simulator.injection.clear()

    def has_quotas(self, **values: int) -> None:
        """Change quotas everywhere, by the names of the simulator."""
        self.simulator.quotas.adjust(values)

    def foreign_job(
        self, servers: Sequence[str], region: str, account: str = HUB
    ) -> str:
        """Start a launch job that is not ours; return its id."""
        asked = [{"sourceServerID": server_id(one)} for one in servers]
        answer = self.simulator.call(
            account,
            region,
            "StartRecovery",
            {"sourceServers": asked, "isDrill": True},
        )
        return str(answer["job"]["jobID"])

    @property
    def jobs_started(self) -> list[Job]:
        """Return every launch job there is, foreign ones too, oldest first."""
        found = [
            job
            for region in self.simulator.state.regions.values()
            for job in region.jobs.values()
            if job.type is records.JobType.LAUNCH
        ]
        return [_job(one) for one in sorted(found, key=lambda j: j.number)]

    def calls_of(self, operation: str) -> list[Call]:
        """Return the calls made of one operation."""
        return [call for call in self.calls if call.operation == operation]

    def template_of(
        self, server: str, region: str, account: str = HUB
    ) -> Template:
        """Return the launch template that DRS made for a server."""
        place = self.simulator.state.region(account, region)
        template_id = place.servers[server_id(server)].template_id
        assert template_id, f"{server} was never launched nor configured"
        return self.machines.templates[place.place, template_id]

    def client(
        self,
        service: str,
        region: str,
        account: AccountContext | None = None,
        *,
        once: bool = False,
    ) -> Any:
        """Return a client that calls the model in process."""
        if account is not None:
            self._let_in(account)
        place = Place(
            account=account.account_id if account else HUB, region=region
        )
        return _Client(self, service, place)

    def forget(self, account: AccountContext | None) -> None:
        """Take note of nothing; there are no keys to drop."""

    def answer(
        self, service: str, place: Place, method: str, request: dict[str, Any]
    ) -> Any:
        """Answer one call of a client, one at a time."""
        operation = "".join(map(str.capitalize, method.split("_")))
        call = Call(
            operation=operation,
            account=place.account,
            region=place.region,
            request=request,
        )
        with self._lock:
            self.calls.append(call)
            try:
                return self._answered(service, place, method, call)
            except ServiceFault as fault:
                raise _client_error(fault, operation) from fault
            except ReplyLost as lost:
                raise ReadTimeoutError(endpoint_url=service) from lost

    def _answered(
        self, service: str, place: Place, method: str, call: Call
    ) -> Any:
        if service == "ec2":
            return getattr(self.machines.client(place), method)(**call.request)
        if service == "service-quotas":
            return self._quota(call)
        shape = _model().operation_model(call.operation).input_shape
        report = ParamValidator().validate(dict(call.request), shape)
        if report.has_errors():
            self._refuse_request(report.generate_report())
        return self.simulator.call(
            call.account, call.region, call.operation, call.request
        )

    def _refuse_request(self, report: str) -> None:
        if self._as_the_sdk:
            raise ParamValidationError(report=report)
        raise AssertionError(report)

    def _quota(self, call: Call) -> dict[str, Any]:
        self.simulator.injection.error(
            call.account, call.region, call.operation
        )
        quotas = self.simulator.quotas.of(call.account, call.region)
        name = CODES[call.request["QuotaCode"]]
        return {"Quota": {"Value": float(getattr(quotas, name))}}

    def _let_in(self, account: AccountContext) -> None:
        """Refuse a role or an external id as STS does."""
        way = (account.role_arn, account.external_id)
        if self._trusted.get(account.account_id, way) != way:
            denied = ServiceFault(
                "AccessDenied",
                f"not authorized to perform sts:AssumeRole on {way[0]}",
                403,
            )
            error = _client_error(denied, "AssumeRole")
            raise unreachable(error, account) from error

    def _server(self, server: str, **fault: Any) -> None:
        named = server if not server.startswith("s-") else server_id(server)
        self._fault(server=named, times=1, **fault)

    def _fault(self, **fault: Any) -> None:
        self.simulator.inject(fault)


class _Client:
    """A client whose every method is a call of the fake."""

    def __init__(self, drs: FakeDrs, service: str, place: Place) -> None:
        self._drs = drs
        self._service = service
        self._place = place

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return lambda **request: self._drs.answer(
            self._service, self._place, method, request
        )


def _client_error(fault: ServiceFault, operation: str) -> ClientError:
    answer: Any = {
        "Error": {"Code": fault.code, "Message": fault.message},
        "ResponseMetadata": {"HTTPStatusCode": fault.status},
    }
    return ClientError(answer, operation)


@cache
def _model() -> Any:
    return botocore.session.get_session().get_service_model("drs")


def _job(record: records.Job) -> Job:
    return Job(
        job_id=record.job_id,
        type=record.type,
        initiated_by=record.initiated_by,
        created_at=int(record.created),
        participants=tuple(
            Participant(source_server_id=one.server_id)
            for one in record.participants
        ),
        tags=dict(record.tags),
    )
