"""Estates and simulators for the tests of the DRS simulator."""

from collections.abc import Mapping
from random import Random
from typing import Any

from drs_simulator.aws.front import service_shapes
from drs_simulator.domain.faults import ServiceFault
from drs_simulator.domain.machines import MemoryMachines
from drs_simulator.domain.quotas import Quotas
from drs_simulator.domain.simulator import Simulator

ACCOUNT = "123456789012"
OTHER = "210987654321"
REGION = "us-east-1"
COMMON = {"ThrottlingException", "ValidationException"}
START = 1_800_000_000.0


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class Service:
    """A simulator on a virtual clock, with short words for calls."""

    def __init__(
        self,
        servers: int = 3,
        seed: int = 7,
        quotas: Quotas | None = None,
        polls: int | None = None,
        **server: Any,
    ) -> None:
        self.clock = Clock()
        self.machines = MemoryMachines()
        self.events: list[Mapping[str, Any]] = []
        self.simulator = Simulator(
            self.clock,
            Random(seed),
            quotas,
            machines=self.machines,
            polls_to_complete=polls,
            events=self,
        )
        self.simulator.load_estate(an_estate(servers, **server))

    def publish(self, event: Mapping[str, Any]) -> None:
        """Keep an event."""
        self.events.append(event)

    @property
    def spoilt(self) -> bool:
        """Tell whether errors are injected."""
        return any(
            "error" in fault for fault in self.simulator.injection.listed()
        )

    @property
    def ids(self) -> list[str]:
        """Return the ids of the servers."""
        region = self.simulator.state.region(ACCOUNT, REGION)
        return list(region.server_order)

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """Call an operation in the first account and Region.

        Whatever a test is about, an error that the service model does not
        list for the operation fails it, unless faults are injected.
        """
        spoilt = self.spoilt
        try:
            return self.simulator.call(ACCOUNT, REGION, operation, request)
        except ServiceFault as fault:
            known = COMMON | service_shapes().modelled_errors(operation)
            if not spoilt:
                assert fault.code in known, (operation, fault.code)
            raise

    def start(self, *ids: str, **more: Any) -> str:
        """Start a recovery and return the job's id."""
        asked = [{"sourceServerID": server_id} for server_id in ids]
        answer = self.call("StartRecovery", sourceServers=asked, **more)
        return str(answer["job"]["jobID"])

    def job(self, job_id: str) -> dict[str, Any]:
        """Return a job as DescribeJobs shows it."""
        found = self.call("DescribeJobs", filters={"jobIDs": [job_id]})
        assert len(found["items"]) == 1
        return dict(found["items"][0])

    def log(self, job_id: str) -> list[dict[str, Any]]:
        """Return a job's whole log."""
        return self.pages("DescribeJobLogItems", jobID=job_id)

    def pages(self, operation: str, **request: Any) -> list[dict[str, Any]]:
        """Return the items of all pages of a listing."""
        answer = self.call(operation, **request)
        items = list(answer["items"])
        while "nextToken" in answer:
            answer = self.call(
                operation, **request, nextToken=answer["nextToken"]
            )
            items += answer["items"]
        return items

    def launch_all(self, *ids: str, **more: Any) -> dict[str, Any]:
        """Run a job to its end and return it."""
        job_id = self.start(*ids, **more)
        self.clock.forward(1000)
        return self.job(job_id)


def an_estate(
    servers: int = 3,
    account: str = ACCOUNT,
    region: str = REGION,
    initialized: bool = True,
    **server: Any,
) -> dict[str, Any]:
    """Return an estate document of one account and Region."""
    listed = [
        {"hostname": f"db-{i}", "tags": {"Tier": "db"}, **server}
        for i in range(servers)
    ]
    return {
        "accounts": [
            {
                "accountId": account,
                "regions": [
                    {
                        "region": region,
                        "initialized": initialized,
                        "servers": listed,
                    }
                ],
            }
        ]
    }
