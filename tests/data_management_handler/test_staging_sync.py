"""Extending servers of staging accounts into their targets."""

from typing import Any

import pytest

from data_management_handler.handler import _answer
from data_management_handler.routes import ROUTES
from shared.domain.errors import AccountUnreachable, Unavailable
from shared.http import answer
from tests.data_management_handler.desk import (
    OTHER_REGION,
    REGION,
    TARGET,
    Desk,
)
from tests.support.api_document import check_answer
from tests.support.requests import a_front, a_request, body_of

SYNC = "sync_staging_accounts"
STAGING = "777788889999"
OTHER = "555566667777"
ROUTE = "POST /accounts/targets/{id}/staging-accounts/sync"


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.has_account(stagingAccounts=[a_staging_account()])
    for region in (REGION, OTHER_REGION):
        desk.drs.has_servers(region, [], account=TARGET)
        desk.drs.has_servers(region, [], account=STAGING)
    return desk


def a_staging_account(account_id: str = STAGING) -> dict[str, Any]:
    return {"accountId": account_id, "externalId": "its-own"}


def of_target(desk: Desk, region: str = REGION) -> list[Any]:
    ports = desk.ports()
    return ports.drs(ports.account(TARGET), region).source_servers()


def statuses(reply: Any) -> list[str]:
    return [row["status"] for row in reply["servers"]]


def test_every_server_is_extended_once(desk: Desk) -> None:
    desk.has_servers("db", 2, account=STAGING)
    desk.has_servers("web", region=OTHER_REGION, account=STAGING)

    first = desk.asks(SYNC, TARGET)
    again = desk.asks(SYNC, TARGET)

    assert (first["extended"], first["alreadyExtended"]) == (3, 0)
    assert statuses(first) == ["extended"] * 3
    assert (again["extended"], again["alreadyExtended"]) == (0, 3)
    here, far = of_target(desk), of_target(desk, OTHER_REGION)
    assert (len(here), len(far)) == (2, 1)
    assert {one.staging_account_id for one in here} == {STAGING}
    assert {one.tags["tier"] for one in here} == {"db"}
    assert first["warnings"] == []
    assert first["inProgress"] is False


def test_a_target_without_staging_accounts_asks_nobody(desk: Desk) -> None:
    desk.has_account(OTHER)

    reply = desk.asks(SYNC, OTHER)

    assert (reply["extended"], reply["servers"]) == (0, [])
    assert desk.drs.calls == []


def test_the_schedule_syncs_every_active_target(desk: Desk) -> None:
    [server] = desk.has_servers("db", account=STAGING)
    desk.has_account(OTHER, stagingAccounts=[a_staging_account()])
    idle = "111122224444"
    mine = [a_staging_account()]
    desk.has_account(idle, status="inactive", stagingAccounts=mine)
    desk.drs.has_servers(REGION, [], account=OTHER)

    reply = desk.asks(SYNC)

    assert reply["extended"] == 2
    accounts = {call.account for call in desk.drs.calls}
    assert accounts == {TARGET, OTHER, STAGING}
    [entry] = desk.trail.entries
    assert entry.changes["extended"]["new"] == 2
    assert server


def test_a_refused_server_is_told_and_the_others_go_on(desk: Desk) -> None:
    desk.has_servers("db", 2, account=STAGING)
    desk.drs.refuses(
        "CreateExtendedSourceServer", "AccessDeniedException", times=1
    )

    reply = desk.asks(SYNC, TARGET)

    assert statuses(reply) == ["failed", "extended"]
    assert reply["servers"][0]["error"]
    assert (reply["failed"], reply["extended"]) == (1, 1)


def test_one_that_another_sync_extended_meanwhile_is_no_failure(
    desk: Desk,
) -> None:
    desk.has_servers("db", account=STAGING)
    operation = "CreateExtendedSourceServer"
    desk.drs.simulator.inject({"op": operation, "loseReply": True, "times": 1})

    reply = desk.asks(SYNC, TARGET)

    assert statuses(reply) == ["already_extended"]
    assert len(of_target(desk)) == 1


def test_what_cannot_be_read_is_a_warning(desk: Desk) -> None:
    desk.has_servers("db", account=STAGING)
    desk.drs.is_not_initialised(OTHER_REGION, STAGING)
    stranger = a_staging_account("888899990000")
    desk.accounts.has(
        {
            **desk.accounts.find(TARGET),
            "stagingAccounts": [a_staging_account(), stranger],
        }
    )
    desk.drs.refuses("DescribeSourceServers", "AccessDeniedException", times=1)

    reply = desk.asks(SYNC)

    assert len(reply["warnings"]) >= 1
    assert reply["failed"] == 0


def test_a_target_that_does_not_answer_ends_the_request(desk: Desk) -> None:
    desk.drs.refuses("DescribeSourceServers", "ThrottlingException")

    error = desk.refuses(SYNC, TARGET)
    scheduled = desk.asks(SYNC)

    assert isinstance(error, Unavailable)
    assert not isinstance(error, AccountUnreachable)
    assert len(scheduled["warnings"]) == 1


def test_a_target_has_to_exist(desk: Desk) -> None:
    error = desk.refuses(SYNC, "999999999999")

    assert (error.status, error.code) == (404, "TARGET_ACCOUNT_NOT_FOUND")


class TestOverHttp:
    def ask(self, desk: Desk, seconds: int = 25) -> tuple[int, Any]:
        path = f"/accounts/targets/{TARGET}/staging-accounts/sync"
        event = a_request("POST", path)
        reply = answer(event, desk.ports(seconds), ROUTES, a_front(desk.trail))
        check_answer(ROUTE, reply["statusCode"], body_of(reply))
        return reply["statusCode"], body_of(reply)

    def test_what_is_done_in_time_is_answered(self, desk: Desk) -> None:
        desk.has_servers("db", account=STAGING)

        status, body = self.ask(desk)

        assert (status, body["extended"]) == (200, 1)
        assert desk.worker.sent == []

    def test_the_rest_goes_on_after_the_answer(self, desk: Desk) -> None:
        desk.has_servers("db", 2, account=STAGING)

        status, body = self.ask(desk, seconds=2)
        work = {"worker": True, **desk.worker.take()}
        _answer(work, desk.ports())

        assert (status, body["inProgress"], body["extended"]) == (202, True, 0)
        assert work["pathParameters"] == {"id": TARGET}
        assert len(of_target(desk)) == 2
        assert desk.worker.sent == []
