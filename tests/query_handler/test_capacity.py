"""How full accounts are, over real Regions of three accounts."""

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from query_handler.accounts import validate_target_account
from query_handler.capacity import regions_in_order
from shared.domain.errors import DrsUnavailable
from tests.query_handler.desk import (
    EMPTY_REGION,
    OTHER_REGION,
    REGION,
    STAGING,
    TARGET,
    UNKNOWN,
    Desk,
)
from tests.support.fake_drs import HUB

QUOTAS = "GET /drs/quotas"
ALL = "GET /accounts/capacity/all"
ONE = "GET /accounts/targets/{id}/capacity"


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.has_servers("db", 3)
    desk.has_servers("db", 2, region=OTHER_REGION)
    desk.has_servers("db", 4, account=TARGET)
    desk.has_servers("db", 5, account=STAGING, region=OTHER_REGION)
    return desk


def staged(account_id: str = STAGING) -> dict[str, Any]:
    return {
        "accountId": account_id,
        "accountName": "staging-1",
        "roleArn": f"arn:aws:iam::{account_id}:role/Stage",
        "externalId": "staged",
    }


def extend(desk: Desk, count: int, region: str = OTHER_REGION) -> None:
    """Extend servers of the staging account into the target."""
    desk.drs.has_servers(region, [], account=TARGET)
    servers = desk.drs.simulator.state.region(STAGING, region).servers
    for server_id in list(servers)[:count]:
        arn = f"arn:aws:drs:{region}:{STAGING}:source-server/{server_id}"
        desk.drs.simulator.call(
            TARGET,
            region,
            "CreateExtendedSourceServer",
            {"sourceServerArn": arn},
        )


def rows(body: Any) -> dict[str, tuple[str, int, int]]:
    return {
        row["accountId"]: (
            row["accountType"],
            row["totalServers"],
            row["replicatingServers"],
        )
        for row in body["accounts"]
    }


class TestOneAccount:
    def test_is_counted_over_all_its_regions(self, desk: Desk) -> None:
        body = desk.gets(QUOTAS)

        assert (body["accountId"], body["accountName"]) == (HUB, "hub")
        assert body["limits"]["MAX_REPLICATING_SERVERS"] == 300
        assert {
            k: v
            for k, v in body["capacity"].items()
            if k != "regionalBreakdown"
        } == {
            "totalServers": 5,
            "replicatingServers": 5,
            "maxReplicating": 300,
            "percentUsed": 1.7,
            "availableSlots": 295,
            "status": "OK",
            "failedRegions": [],
        }
        assert {
            row["region"]: row["totalServers"]
            for row in body["capacity"]["regionalBreakdown"]
        } == {REGION: 3, OTHER_REGION: 2}

    def test_is_the_one_that_is_named(self, desk: Desk) -> None:
        desk.has_account()

        body = desk.gets(QUOTAS, accountId=TARGET)

        assert (body["accountId"], body["accountName"]) == (TARGET, "prod")
        assert body["capacity"]["totalServers"] == 4
        assert {call.account for call in desk.drs.calls} == {TARGET}
        assert desk.drs.context_of(TARGET).external_id == "its-own"

    def test_shows_the_jobs_of_its_busiest_region(self, desk: Desk) -> None:
        [busy] = desk.has_servers("job", region=OTHER_REGION)
        desk.drs.foreign_job([busy], OTHER_REGION)

        body = desk.gets(QUOTAS)

        assert body["region"] == OTHER_REGION
        assert body["concurrentJobs"] == {
            "current": 1,
            "max": 20,
            "available": 19,
        }
        assert body["serversInJobs"] == {"current": 1, "max": 500}

    def test_shows_the_jobs_of_the_region_that_is_named(
        self, desk: Desk
    ) -> None:
        [busy] = desk.has_servers("job", region=OTHER_REGION)
        desk.drs.foreign_job([busy], OTHER_REGION)

        body = desk.gets(QUOTAS, region=REGION)

        assert body["region"] == REGION
        assert body["concurrentJobs"]["current"] == 0
        assert body["capacity"]["totalServers"] == 6

    def test_may_have_other_quotas(self, desk: Desk) -> None:
        desk.drs.has_quotas(concurrent_jobs=7, source_servers=6000)

        body = desk.gets(QUOTAS)

        assert body["limits"]["MAX_CONCURRENT_JOBS"] == 7
        assert body["limits"]["MAX_SOURCE_SERVERS"] == 6000
        assert body["concurrentJobs"]["max"] == 7

    def test_says_that_its_quotas_are_the_published_ones(
        self, desk: Desk
    ) -> None:
        desk.drs.refuses("GetServiceQuota", "AccessDeniedException")

        body = desk.gets(QUOTAS)

        assert body["limits"]["MAX_CONCURRENT_JOBS"] == 20
        assert "published quotas" in body["warnings"][0]

    def test_without_servers_has_every_slot(self, desk: Desk) -> None:
        desk.has_account(UNKNOWN)

        body = desk.gets(QUOTAS, accountId=UNKNOWN)

        assert body["region"] == REGION
        assert body["capacity"]["availableSlots"] == 300
        assert body["capacity"]["regionalBreakdown"] == []

    def test_says_which_regions_were_not_read(self, desk: Desk) -> None:
        desk.drs.simulator.inject(
            {
                "op": "DescribeSourceServers",
                "region": OTHER_REGION,
                "error": "AccessDeniedException",
                "times": 99,
            }
        )

        body = desk.gets(QUOTAS)

        assert body["capacity"]["failedRegions"] == [OTHER_REGION]
        assert body["capacity"]["totalServers"] == 3
        assert OTHER_REGION in body["warnings"][0]

    @pytest.mark.parametrize(
        ("query", "status", "code"),
        [
            ({"region": EMPTY_REGION}, 400, "DRS_NOT_INITIALIZED"),
            ({"region": "us-mars-1"}, 400, "INVALID_FORMAT"),
            ({"accountId": UNKNOWN}, 404, "TARGET_ACCOUNT_NOT_FOUND"),
            ({"accountId": TARGET}, 503, "ACCOUNT_UNREACHABLE"),
        ],
    )
    def test_is_refused_with_its_code(
        self, desk: Desk, query: dict[str, Any], status: int, code: str
    ) -> None:
        desk.has_account()
        desk.drs.closed.add(TARGET)

        assert desk.gets(QUOTAS, status=status, **query)["error"] == code

    def test_is_never_empty_because_nobody_answers(self, desk: Desk) -> None:
        desk.drs.refuses("DescribeSourceServers", "ThrottlingException")

        body = desk.gets(QUOTAS, status=503)

        assert body["error"] == "DRS_UNAVAILABLE"

    def test_may_be_asked_of_one_region_alone(self, desk: Desk) -> None:
        body = desk.asks("get_drs_regional_capacity", region=OTHER_REGION)

        assert body["region"] == OTHER_REGION
        assert body["capacity"]["totalServers"] == 2
        assert {call.region for call in desk.drs.calls} == {OTHER_REGION}
        assert (
            desk.refuses("get_drs_regional_capacity").code == "MISSING_REGION"
        )

    def test_is_an_operation_too(self, desk: Desk) -> None:
        whole = desk.asks("get_drs_account_capacity")

        assert whole["capacity"]["totalServers"] == 5
        assert whole == desk.asks(
            "get_drs_account_capacity_all_regions", region=REGION
        )


class TestAllAccounts:
    def test_are_the_hub_the_targets_and_their_staging(
        self, desk: Desk
    ) -> None:
        desk.has_account(stagingAccounts=[staged()])
        desk.has_account("222233334444", status="inactive")

        body = desk.gets(ALL)

        assert rows(body) == {
            HUB: ("target", 5, 5),
            TARGET: ("target", 4, 4),
            STAGING: ("staging", 5, 5),
        }
        assert body["combined"]["totalReplicating"] == 14
        assert body["combined"]["maxReplicating"] == 900
        assert body["recoveryCapacity"]["currentServers"] == 9
        assert body["recoveryCapacity"]["maxServers"] == 12_000
        assert body["maxServersPerJob"] == 100
        assert body["warnings"] == []

    def test_are_entered_each_by_its_own_role(self, desk: Desk) -> None:
        desk.has_account(stagingAccounts=[staged()])

        desk.gets(ALL)

        entered = desk.drs.context_of(STAGING)
        assert entered.role_arn == f"arn:aws:iam::{STAGING}:role/Stage"
        assert entered.external_id == "staged"
        assert desk.drs.context_of(TARGET).external_id == "its-own"
        assert desk.drs.context_of(HUB).is_current

    def test_count_an_extended_server_once(self, desk: Desk) -> None:
        desk.has_account(stagingAccounts=[staged()])
        extend(desk, 3)

        body = desk.gets(ALL)

        assert rows(body)[TARGET] == ("target", 7, 4)
        assert rows(body)[STAGING] == ("staging", 5, 5)
        assert body["combined"]["totalReplicating"] == 14
        assert body["recoveryCapacity"]["currentServers"] == 12

    def test_ask_a_staging_account_for_its_servers_only(
        self, desk: Desk
    ) -> None:
        desk.has_account(stagingAccounts=[staged()])

        desk.gets(ALL)

        assert {
            call.operation
            for call in desk.drs.calls
            if call.account == STAGING
        } == {"DescribeSourceServers"}

    def test_tell_of_one_that_lets_nobody_in(self, desk: Desk) -> None:
        desk.has_account()
        desk.drs.closed.add(TARGET)

        body = desk.gets(ALL)

        [row] = [r for r in body["accounts"] if r["accountId"] == TARGET]
        assert row["accessible"] is False
        assert row["status"] == "UNKNOWN"
        assert "role/Its" in row["error"]
        assert body["combined"]["maxReplicating"] == 300
        assert TARGET in body["warnings"][0]

    def test_are_read_at_most_every_30_seconds(self, desk: Desk) -> None:
        desk.has_account()
        before = desk.gets(ALL)
        asked = len(desk.drs.calls)
        desk.has_servers("new")

        assert desk.gets(ALL) == before
        assert desk.gets(ONE, path={"id": TARGET})["accounts"]
        assert len(desk.drs.calls) == asked

        desk.clock.at(desk.clock.now() + 30)
        assert rows(desk.gets(ALL))[HUB] == ("target", 6, 6)

    def test_show_a_new_account_at_once(self, desk: Desk) -> None:
        desk.gets(ALL)
        desk.has_account()

        assert TARGET in rows(desk.gets(ALL))

    def test_are_an_operation_too(self, desk: Desk) -> None:
        assert desk.asks("get_combined_capacity") == desk.gets(ALL)


class TestATarget:
    def test_is_shown_with_its_staging_accounts(self, desk: Desk) -> None:
        desk.has_account(stagingAccounts=[staged()])

        body = desk.gets(ONE, path={"id": TARGET})

        assert rows(body) == {
            TARGET: ("target", 4, 4),
            STAGING: ("staging", 5, 5),
        }
        assert {call.account for call in desk.drs.calls} == {TARGET, STAGING}
        assert body == desk.asks(
            "get_combined_capacity", targetAccountId=TARGET
        )

    def test_may_be_the_hub(self, desk: Desk) -> None:
        assert rows(desk.gets(ONE, path={"id": HUB})) == {
            HUB: ("target", 5, 5)
        }

    def test_tells_of_staging_that_lets_nobody_in(self, desk: Desk) -> None:
        desk.has_account(stagingAccounts=[staged()])
        desk.drs.closed.add(STAGING)

        body = desk.gets(ONE, path={"id": TARGET})

        assert [row["accessible"] for row in body["accounts"]] == [True, False]

    def test_must_let_us_in_itself(self, desk: Desk) -> None:
        desk.has_account()
        desk.drs.closed.add(TARGET)

        body = desk.gets(ONE, status=503, path={"id": TARGET})

        assert body["error"] == "ACCOUNT_UNREACHABLE"

    @pytest.mark.parametrize("account", [UNKNOWN, "x" * 200])
    def test_must_be_registered(self, desk: Desk, account: str) -> None:
        body = desk.gets(ONE, status=404, path={"id": account})

        assert body["error"] == "TARGET_ACCOUNT_NOT_FOUND"

    def test_is_valid_while_it_is_active(self, desk: Desk) -> None:
        desk.has_account()
        desk.has_account("222233334444", status="inactive")
        ports = desk.ports()

        assert [
            validate_target_account(one, ports=ports)
            for one in ("", HUB, TARGET, "222233334444", UNKNOWN)
        ] == [True, True, True, False, False]


class TestTheTimeOfARequest:
    @pytest.fixture
    def gate(self) -> Iterator[threading.Event]:
        event = threading.Event()
        yield event
        event.set()

    def test_is_kept_and_what_was_not_read_is_said(
        self,
        desk: Desk,
        gate: threading.Event,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        answer = desk.drs.answer

        def slow(service: str, place: Any, *rest: Any) -> Any:
            if place.region == OTHER_REGION:
                gate.wait(10)
            return answer(service, place, *rest)

        monkeypatch.setattr(desk.drs, "answer", slow)

        body = desk.hurries(1, "get_drs_account_capacity")

        assert body["capacity"]["failedRegions"] == [OTHER_REGION]
        assert body["capacity"]["totalServers"] == 3

    def test_ends_where_the_only_region_does_not_answer(
        self,
        desk: Desk,
        gate: threading.Event,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(desk.drs, "answer", lambda *_: gate.wait(10))

        with pytest.raises(DrsUnavailable, match="within the time"):
            desk.hurries(1, "get_drs_source_servers", region=REGION)

    def test_goes_first_to_regions_that_are_known_to_be_used(
        self, desk: Desk
    ) -> None:
        desk.has_group("db", region=OTHER_REGION)
        desk.has_group("lost", region="us-mars-1")

        order: Sequence[str] = regions_in_order(desk.ports())

        assert order == [REGION, OTHER_REGION, EMPTY_REGION]
