"""A life of an execution, told through the API alone.

The handlers answer as API Gateway asks them, over one set of tables; the
state machine runs between the requests.
"""

from typing import Any

import pytest

import data_management_handler.routes as configuration
import execution_handler.routes as runs
from data_management_handler.ports import Ports as ConfigurationPorts
from drs.domain.servers import RecoveryInstance
from shared.domain.errors import MethodNotAllowed, NotFound
from shared.domain.plan import Plan, plan_from_item
from shared.domain.routes import Route, match
from shared.http import answer
from tests.support.api_document import check_answer
from tests.support.fake_catalogue import FakeCatalogue, catalogues
from tests.support.fake_drs import HUB, hub
from tests.support.fake_lookups import FakeLookupsAt
from tests.support.fakes import FakeGroups, FakePlans
from tests.support.requests import a_front, a_request, body_of
from tests.support.world import (
    INVOCATION_SECONDS,
    REGION,
    Orchestrator,
    World,
)

HOUR = 3_600


class StoredPlans(FakePlans):
    """The plans of the configuration, as an execution reads them."""

    def __init__(self, catalogue: FakeCatalogue) -> None:
        super().__init__()
        self._catalogue = catalogue

    def plan(self, plan_id: str) -> Plan:
        """Return the plan."""
        return plan_from_item(self._catalogue.find(plan_id))


class StoredGroups(FakeGroups):
    """The groups of the configuration, as an execution reads them."""

    def __init__(self, catalogue: FakeCatalogue) -> None:
        super().__init__()
        self._catalogue = catalogue

    def group(self, group_id: str) -> dict[str, Any]:
        """Return the whole stored group."""
        return self._catalogue.find(group_id)


class Api(World):
    """The product behind its API."""

    def __init__(self, kind: Orchestrator) -> None:
        super().__init__(kind)
        self.catalogues = catalogues(self.executions, self.clock)
        self.groups = StoredGroups(self.catalogues[0])
        self.plans = StoredPlans(self.catalogues[1])
        self.lookups = FakeLookupsAt()

    def asks(
        self, method: str, path: str, status: int = 200, **more: Any
    ) -> Any:
        """Make a request, hold its answer against the API's document."""
        routes, ports = self._front(method, path)
        event = a_request(method, path, **more)
        self.clock.slept = 0
        reply = answer(event, ports, routes, a_front(self.audit))
        self.clock.slept = 0
        body = body_of(reply)
        name = match(method, path, routes).route.name
        check_answer(name, reply["statusCode"], body)
        assert reply["statusCode"] == status, body
        return body

    @property
    def instances(self) -> list[RecoveryInstance]:
        """Return what runs in the Region because of us."""
        return self.drs(hub(), REGION).recovery_instances()

    def _front(
        self, method: str, path: str
    ) -> tuple[tuple[Route[Any], ...], Any]:
        """Return the routes and the ports of the handler that answers."""
        try:
            match(method, path, runs.ROUTES)
        except (NotFound, MethodNotAllowed):
            return tuple(configuration.ROUTES), self._configuration()
        return tuple(runs.ROUTES), self.execution_ports()

    def _configuration(self) -> ConfigurationPorts:
        groups, plans, accounts = self.catalogues
        return ConfigurationPorts(
            groups=groups,
            plans=plans,
            accounts=accounts,
            executions=self.executions,
            audit=self.audit,
            drs=self.drs,
            lookups=self.lookups,
            drs_region_names=lambda: frozenset({REGION}),
            clock=self.clock,
            hub_account_id=HUB,
            hub_region=REGION,
            deadline=self.clock.now() + INVOCATION_SECONDS,
        )


@pytest.fixture(params=["generic", "direct"])
def api(request: pytest.FixtureRequest) -> Api:
    kind: Orchestrator = request.param
    api = Api(kind)
    api.drs.has_servers(
        REGION, [{"Name": f"db-{n}", "tier": "db"} for n in range(2)]
    )
    api.drs.has_servers(REGION, [{"Name": "web-0", "tier": "web"}])
    return api


def has_group(api: Api, tier: str) -> str:
    """Create the group of a tier."""
    body = {
        "groupName": tier,
        "region": REGION,
        "serverSelectionTags": {"tier": tier},
    }
    made = api.asks("POST", "/protection-groups", 201, body=body)
    return str(made["groupId"])


def test_an_execution_is_made_run_watched_ended_and_deleted(api: Api) -> None:
    groups = [has_group(api, tier) for tier in ("db", "web")]
    plan_id = api.asks(
        "POST",
        "/recovery-plans",
        201,
        body={
            "planName": "Shop",
            "waves": [
                {"waveName": f"wave {n}", "protectionGroupId": group}
                for n, group in enumerate(groups)
            ],
        },
    )["planId"]

    started = api.asks(
        "POST",
        "/executions",
        202,
        body={"planId": plan_id, "executionType": "DRILL"},
    )
    mine = f"/executions/{started['executionId']}"
    api.runs_until(lambda: bool(api.drs.jobs_started))
    servers = sorted(api.drs.jobs_started[0].server_ids)

    refused = api.asks(
        "POST",
        "/protection-groups",
        409,
        body={
            "groupName": "again",
            "region": REGION,
            "sourceServerIds": servers,
        },
    )
    early = api.asks("POST", f"{mine}/terminate-instances", 400)
    moving = api.asks("GET", f"{mine}/realtime")
    record = api.finishes(str(started["executionId"]))

    assert refused["error"] == "SERVER_CONFLICT"
    assert early["error"] == "WAVES_NOT_COMPLETE"
    assert moving["status"] == "IN_PROGRESS"
    assert str(record.status) == "COMPLETED"
    sees_names_and_addresses(api, mine)
    ends_what_was_launched(api, mine)
    leaves_nothing(api, mine, plan_id, groups)


def sees_names_and_addresses(api: Api, mine: str) -> None:
    """Look at the details, as stored and as they are."""
    stored = api.asks("GET", mine)
    now = api.asks("GET", f"{mine}/realtime")
    logs = api.asks("GET", f"{mine}/job-logs")["jobLogs"]

    for body in (stored, now):
        rows = [row for w in body["waves"] for row in w["enrichedServers"]]
        assert [row["name"] for row in rows] == ["db-0", "db-1", "web-0"]
        for row in rows:
            assert row["launchStatus"] == "LAUNCHED"
            assert row["ipAddress"] and row["instanceType"]
            assert row["recoveryInstanceId"] == row["instanceId"] != ""
    assert now["warnings"] == []
    assert now["status"] == stored["status"] == "COMPLETED"
    assert [log["waveNumber"] for log in logs] == [0, 1]
    assert all(log["events"] for log in logs)


def ends_what_was_launched(api: Api, mine: str) -> None:
    """Terminate and watch until it is done."""
    before = api.asks("GET", f"{mine}/recovery-instances")
    asked = api.asks("POST", f"{mine}/terminate-instances")
    under_way = api.asks("GET", f"{mine}/termination-status")
    kept = api.asks("DELETE", "/executions")
    api.virtual.advance(HOUR)
    done = api.asks("GET", f"{mine}/termination-status")
    after = api.asks("GET", f"{mine}/recovery-instances")
    again = api.asks("POST", f"{mine}/terminate-instances")

    assert before["totalInstances"] == asked["totalTerminated"] == 3
    assert asked["failed"] == []
    assert under_way["allCompleted"] is False
    assert (kept["deletedCount"], kept["activeSkipped"]) == (0, 1)
    assert done["allCompleted"] is True and done["progressPercent"] == 100
    assert after == {"instances": [], "totalInstances": 0}
    assert again["alreadyTerminated"] is True
    assert api.instances == []
    assert len(api.drs.calls_of("TerminateRecoveryInstances")) == 1


def leaves_nothing(
    api: Api, mine: str, plan_id: str, groups: list[str]
) -> None:
    """Delete everything; only the audit trail remains."""
    [row] = api.asks("GET", "/executions")["items"]
    assert row["hasActiveDrsJobs"] is False
    assert row["terminationMetadata"] == {
        "canTerminate": False,
        "reason": "The instances are terminated already.",
        "hasRecoveryInstances": False,
    }
    name = mine.rpartition("/")[2]

    deleted = api.asks(
        "POST", "/executions/delete", body={"executionIds": [name]}
    )
    api.asks("GET", mine, 404)
    api.asks("DELETE", f"/recovery-plans/{plan_id}")
    for group in groups:
        api.asks("DELETE", f"/protection-groups/{group}")

    assert deleted["deletedCount"] == 1
    left = {key[0] for key in api.executions.items}
    assert {one for one in left if not one.startswith("audit#")} == set()
