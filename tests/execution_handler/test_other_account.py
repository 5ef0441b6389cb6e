"""An execution in a target account is read and ended there alone."""

from dataclasses import replace as changed

import pytest
from msgspec.structs import replace

from drs.domain.ports import DrsRegion
from execution_handler.routes import ROUTES
from shared.domain.account import AccountContext
from shared.domain.errors import AccountUnreachable
from shared.domain.execution import Wire
from shared.domain.record import ServerStatus, WaveEntry
from shared.domain.routes import match
from shared.domain.status import Status, WaveStatus
from shared.http import answer
from tests.execution_handler.bench import KEY, REGION, Bench
from tests.support.api_document import check_answer
from tests.support.requests import a_front, a_request, body_of

TARGET = "444455556666"
ROLE = f"arn:aws:iam::{TARGET}:role/DRSOrchestrationRole"
MINE = f"/executions/{KEY.execution_id}"
HOUR = 3_600


class Elsewhere(Bench):
    """An execution whose servers are in a registered account."""

    def __init__(self) -> None:
        super().__init__()
        self.ways: set[tuple[str, str, str]] = set()
        self.is_closed = False
        self.accounts.put(
            {
                "accountId": TARGET,
                "roleArn": ROLE,
                "externalId": "agreed",
                "status": "active",
            }
        )
        ids = self.drs.has_servers(
            REGION, [{"Name": "db-0"}, {"Name": "db-1"}], account=TARGET
        )
        account = AccountContext(account_id=TARGET, is_current=False)
        job_id = self.drs(account, REGION).start_recovery(
            ids, is_drill=True, tags={}
        )
        self.clock.sleep(HOUR)
        self.runs({"protectionGroupId": "db"})
        self.executions.has(
            replace(
                self.record,
                status=Status.COMPLETED,
                finalized_at=1,
                waves=(launched(ids, job_id),),
                account_context={"accountId": TARGET},
            )
        )
        self.drs.calls.clear()

    def reach(self, account: AccountContext, region: str) -> DrsRegion:
        """Return DRS of an account in a Region, and note the way."""
        way = (account.account_id, account.role_arn, account.external_id)
        self.ways.add(way)
        if self.is_closed:
            raise AccountUnreachable(f"Could not assume {account.role_arn}.")
        return self.drs(account, region)

    def ask(self, method: str, path: str, status: int = 200) -> Wire:
        """Make a request and return the body of its answer."""
        event = a_request(method, f"{MINE}/{path}")
        ports = changed(self.ports(), drs=self.reach)
        reply = answer(event, ports, ROUTES, a_front())
        body: Wire = body_of(reply)
        name = match(method, f"{MINE}/{path}", ROUTES).route.name
        check_answer(name, reply["statusCode"], body)
        assert reply["statusCode"] == status, body
        return body


def launched(ids: list[str], job_id: str) -> WaveEntry:
    """Return the entry of a wave that launched these servers."""
    return WaveEntry(
        wave_number=0,
        wave_name="db",
        status=WaveStatus.COMPLETED,
        start_time=1,
        region=REGION,
        job_id=job_id,
        job_ids=(job_id,),
        server_ids=tuple(ids),
        server_statuses=tuple(
            ServerStatus(
                source_server_id=one,
                server_name=one,
                hostname="",
                launch_status="LAUNCHED",
                job_id=job_id,
            )
            for one in ids
        ),
    )


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()


def test_every_call_is_made_in_the_account_and_as_it_is_registered(
    elsewhere: Elsewhere,
) -> None:
    now = elsewhere.ask("GET", "realtime")
    listed = elsewhere.ask("GET", "recovery-instances")
    logs = elsewhere.ask("GET", "job-logs")
    asked = elsewhere.ask("POST", "terminate-instances")
    elsewhere.clock.sleep(HOUR)
    done = elsewhere.ask("GET", "termination-status")

    names = [row["name"] for row in now["waves"][0]["enrichedServers"]]
    assert names == ["db-0", "db-1"]
    assert listed["totalInstances"] == asked["totalTerminated"] == 2
    assert logs["jobLogs"][0]["events"]
    assert done["allCompleted"] is True
    assert {call.account for call in elsewhere.drs.calls} == {TARGET}
    assert elsewhere.ways == {(TARGET, ROLE, "agreed")}


def test_an_account_that_cannot_be_reached_is_said_so(
    elsewhere: Elsewhere,
) -> None:
    elsewhere.is_closed = True

    shown = elsewhere.ask("GET", "realtime")
    listed = elsewhere.ask("GET", "recovery-instances", 503)
    asked = elsewhere.ask("POST", "terminate-instances", 503)
    [log] = elsewhere.ask("GET", "job-logs")["jobLogs"]

    assert {one["type"] for one in shown["warnings"]} == {
        "ACCOUNT_UNREACHABLE"
    }
    assert listed["error"] == asked["error"] == "ACCOUNT_UNREACHABLE"
    assert ROLE in log["error"]
    assert elsewhere.drs.calls == []
