"""The routes of executions, asked as API Gateway asks."""

import dataclasses
from typing import Any

import pytest
from msgspec.structs import replace

from execution_handler.routes import ROUTES
from shared.domain.record import Record, Reserved
from shared.domain.routes import match
from shared.domain.status import Status
from shared.http import answer
from tests.execution_handler.bench import KEY, PLAN, REGION, Bench
from tests.support.api_document import check_answer
from tests.support.fake_drs import HUB
from tests.support.fakes import FakeAccounts, FakeAudit
from tests.support.requests import a_front, a_request, body_of

WAVES = ({"protectionGroupId": "db"}, {"protectionGroupId": "db"})
MINE = f"/executions/{KEY.execution_id}"


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.has_group("db", 2)
    return bench


@pytest.fixture
def running(bench: Bench) -> Bench:
    bench.runs(*WAVES)
    return bench


class Asked:
    """An answer, taken apart."""

    def __init__(self, reply: dict[str, Any]) -> None:
        self.status = reply["statusCode"]
        self.body = body_of(reply)
        self.code = self.body.get("error")


def ask(
    bench: Bench,
    method: str,
    path: str,
    audit: FakeAudit | None = None,
    **more: Any,
) -> Asked:
    event = a_request(method, path, **more)
    asked = Asked(answer(event, bench.ports(), ROUTES, a_front(audit)))
    route = match(method, path, ROUTES).route
    check_answer(route.name, asked.status, asked.body)
    return asked


class TestStart:
    def test_a_start_is_accepted_in_the_callers_name(
        self, bench: Bench
    ) -> None:
        bench.has_plan(*WAVES)
        audit = FakeAudit()

        asked = ask(
            bench,
            "POST",
            "/executions",
            audit,
            body={
                "planId": f" {PLAN} ",
                "executionType": "RECOVERY",
                "initiatedBy": "mallory",
            },
        )

        assert asked.status == 202
        found = asked.body["executionId"]
        assert asked.body == {
            "executionId": found,
            "status": "PENDING",
            "message": "The execution was accepted.",
            "statusUrl": f"/executions/{found}",
            "warnings": [],
        }
        record = bench.executions.find(found)
        assert record.initiated_by == "ann@example.com"
        assert record.execution_type == "RECOVERY"
        assert audit.entries[0].resource_id == found

    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            ({"executionType": "DRILL"}, "DRILL"),
            ({"isDrill": True}, "DRILL"),
            ({"isDrill": False}, "RECOVERY"),
            ({"isDrill": False, "executionType": "DRILL"}, "DRILL"),
        ],
    )
    def test_the_older_path_starts_its_plan(
        self, bench: Bench, body: dict[str, Any], kind: str
    ) -> None:
        bench.has_plan(*WAVES)

        asked = ask(
            bench, "POST", f"/recovery-plans/{PLAN}/execute", body=body
        )

        assert asked.status == 202
        record = bench.executions.find(asked.body["executionId"])
        assert record.execution_type == kind

    def test_a_client_token_gets_the_same_execution_again(
        self, bench: Bench
    ) -> None:
        bench.has_plan(*WAVES)
        body = {
            "planId": PLAN,
            "executionType": "DRILL",
            "clientToken": "t-1",
        }

        first = ask(bench, "POST", "/executions", body=body)
        again = ask(bench, "POST", "/executions", body=body)

        assert (first.status, again.status) == (202, 202)
        assert first.body["executionId"] == again.body["executionId"]

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({"executionType": "DRILL"}, 400, "MISSING_FIELD"),
            ({"planId": PLAN}, 400, "INVALID_EXECUTION_TYPE"),
            (
                {"planId": PLAN, "executionType": "TEST"},
                400,
                "INVALID_EXECUTION_TYPE",
            ),
            (
                {"planId": PLAN, "executionType": ["DRILL"]},
                400,
                "INVALID_EXECUTION_TYPE",
            ),
            ({"planId": 7, "executionType": "DRILL"}, 400, "INVALID_TYPE"),
            (
                {"planId": "x" * 10_000, "executionType": "DRILL"},
                400,
                "INVALID_FORMAT",
            ),
            (
                {"planId": PLAN, "executionType": "DRILL", "clientToken": ""},
                400,
                "INVALID_FORMAT",
            ),
            (
                {
                    "planId": PLAN,
                    "executionType": "DRILL",
                    "clientToken": "x" * 65,
                },
                400,
                "INVALID_FORMAT",
            ),
            (
                {
                    "planId": PLAN,
                    "executionType": "DRILL",
                    "accountContext": "me",
                },
                400,
                "INVALID_TYPE",
            ),
            (
                {"planId": "other", "executionType": "DRILL"},
                404,
                "RECOVERY_PLAN_NOT_FOUND",
            ),
        ],
    )
    def test_a_start_that_cannot_be_is_refused_and_writes_nothing(
        self, bench: Bench, body: dict[str, Any], status: int, code: str
    ) -> None:
        bench.has_plan(*WAVES)

        asked = ask(bench, "POST", "/executions", body=body)

        assert (asked.status, asked.code) == (status, code)
        assert bench.executions.active() == []

    def test_a_drill_flag_that_is_no_flag_is_refused(
        self, bench: Bench
    ) -> None:
        bench.has_plan(*WAVES)

        asked = ask(
            bench,
            "POST",
            f"/recovery-plans/{PLAN}/execute",
            body={"isDrill": "no"},
        )

        assert asked.code == "INVALID_TYPE"
        assert asked.body["details"] == {"field": "isDrill"}

    def test_a_plan_that_runs_is_a_conflict(self, running: Bench) -> None:
        asked = ask(
            running,
            "POST",
            "/executions",
            body={"planId": PLAN, "executionType": "DRILL"},
        )

        assert (asked.status, asked.code) == (409, "PLAN_ALREADY_EXECUTING")
        assert asked.body["activeExecutions"] == [KEY.execution_id]

    @pytest.mark.parametrize(
        ("account", "warned"), [(HUB, []), ("444455556666", ["ignored"])]
    )
    def test_another_account_than_the_groups_is_only_warned_of(
        self, bench: Bench, account: str, warned: list[str]
    ) -> None:
        bench.has_plan(*WAVES)

        asked = ask(
            bench,
            "POST",
            "/executions",
            body={
                "planId": PLAN,
                "executionType": "DRILL",
                "accountContext": {"accountId": account},
            },
        )

        assert asked.status == 202
        kinds = [one["type"] for one in asked.body["warnings"]]
        assert kinds == ["ACCOUNT_CONTEXT_IGNORED" for _ in warned]


class TestList:
    def has(self, bench: Bench, name: str, start: int, **more: Any) -> None:
        bench.executions.has(
            Record(
                execution_id=name,
                plan_id=more.pop("plan_id", PLAN),
                plan_name="Tiers",
                start_time=start,
                **{"status": Status.COMPLETED, **more},
            )
        )

    def ids(self, asked: Asked) -> list[str]:
        return [item["executionId"] for item in asked.body["items"]]

    def test_the_newest_start_comes_first_over_all_pages(
        self, bench: Bench
    ) -> None:
        for number in range(7):
            self.has(bench, f"e-{number}", 1_000 + number // 2)
        found: list[str] = []
        query = {"limit": "3"}

        while True:
            asked = ask(bench, "GET", "/executions", query=query)
            found += self.ids(asked)
            assert asked.body["count"] == len(asked.body["items"])
            if asked.body["nextToken"] is None:
                break
            query = {**query, "nextToken": asked.body["nextToken"]}

        assert found == ["e-6", "e-5", "e-4", "e-3", "e-2", "e-1", "e-0"]

    def test_an_execution_that_starts_meanwhile_moves_no_page(
        self, bench: Bench
    ) -> None:
        for number in range(4):
            self.has(bench, f"e-{number}", 1_000 + number)
        first = ask(bench, "GET", "/executions", query={"limit": "2"})

        self.has(bench, "e-9", 2_000)
        token = first.body["nextToken"]
        rest = ask(bench, "GET", "/executions", query={"nextToken": token})

        assert self.ids(rest) == ["e-1", "e-0"]

    def test_a_row_says_how_its_plan_selects_and_what_runs(
        self, running: Bench
    ) -> None:
        running.start(0)

        [row] = ask(running, "GET", "/executions").body["items"]

        assert row["recoveryPlanId"] == PLAN
        assert row["recoveryPlanName"] == "Tiers"
        assert row["selectionMode"] == "TAGS"
        assert row["hasActiveDrsJobs"] is True
        assert row["terminationMetadata"] == {
            "canTerminate": False,
            "reason": "The execution is POLLING; it has not ended.",
            "hasRecoveryInstances": False,
        }

    def test_a_plan_or_group_that_is_gone_does_not_hide_its_executions(
        self, bench: Bench
    ) -> None:
        bench.has_plan({"protectionGroupId": "gone"})
        self.has(bench, "e-1", 1)
        self.has(bench, "e-2", 2, plan_id="gone")

        rows = ask(bench, "GET", "/executions").body["items"]

        assert [row["selectionMode"] for row in rows] == ["PLAN", "PLAN"]

    def test_the_list_can_be_narrowed(self, bench: Bench) -> None:
        target = "444455556666"
        self.has(bench, "hub", 1)
        self.has(bench, "far", 2, account_context={"accountId": target})
        self.has(bench, "other", 3, plan_id="p-2", status=Status.RUNNING)
        ports = bench.ports()
        accounts = FakeAccounts({"accountId": target})

        def found(**query: str) -> list[str]:
            event = a_request("GET", "/executions", query=query)
            reply = answer(
                event,
                dataclasses.replace(ports, accounts=accounts),
                ROUTES,
                a_front(),
            )
            return self.ids(Asked(reply))

        assert found(planId="p-2") == ["other"]
        assert found(status="COMPLETED") == ["far", "hub"]
        assert found(accountId=target) == ["far"]
        assert found(accountId=HUB) == ["other", "hub"]
        assert found(accountId="") == ["other", "hub"]
        assert found() == ["other", "far", "hub"]

    @pytest.mark.parametrize(
        ("query", "status", "code"),
        [
            ({"limit": ""}, 400, "INVALID_FORMAT"),
            ({"limit": "0"}, 400, "INVALID_FORMAT"),
            ({"limit": "101"}, 400, "INVALID_FORMAT"),
            ({"limit": "many"}, 400, "INVALID_FORMAT"),
            ({"nextToken": "x"}, 400, "INVALID_FORMAT"),
            ({"nextToken": "é"}, 400, "INVALID_FORMAT"),
            ({"nextToken": "bnVsbA=="}, 400, "INVALID_FORMAT"),
            ({"nextToken": "x" * 5_000}, 400, "INVALID_FORMAT"),
            ({"status": "LOCK"}, 400, "INVALID_FORMAT"),
            ({"planId": "x" * 999}, 400, "INVALID_FORMAT"),
            ({"accountId": "999988887777"}, 404, "TARGET_ACCOUNT_NOT_FOUND"),
        ],
    )
    def test_a_parameter_that_cannot_be_read_is_refused(
        self, bench: Bench, query: dict[str, str], status: int, code: str
    ) -> None:
        asked = ask(bench, "GET", "/executions", query=query)

        assert (asked.status, asked.code) == (status, code)


class TestDetails:
    def test_the_details_are_those_that_are_stored(
        self, running: Bench
    ) -> None:
        running.start(0)
        running.becomes(Status.POLLING, task_token="secret")
        calls = len(running.drs.calls)

        asked = ask(running, "GET", MINE)

        assert asked.status == 200
        assert asked.body["dataSource"] == "cached"
        assert asked.body["hasRealtimeData"] is False
        assert asked.body["lastUpdated"].endswith("Z")
        assert "taskToken" not in asked.body
        [wave] = asked.body["waves"]
        assert wave["DRSJobDetails"]["status"] == "STARTED"
        assert wave["DRSJobDetails"]["participatingServers"] == 2
        assert wave["DRSJobDetails"]["endDateTime"] is None
        assert wave["servers"] == wave["serverExecutions"]
        assert [row["serverName"] for row in wave["servers"]] == [
            "db-0",
            "db-1",
        ]
        assert wave["enrichedServers"][0]["name"] == "db-0"
        assert len(running.drs.calls) == calls

    def test_a_read_changes_nothing(self, running: Bench) -> None:
        before = running.record

        ask(running, "GET", MINE)

        assert running.record == before

    @pytest.mark.parametrize(
        "name", ["none", "execution-lock-plan-1", "live-exec-1", "a b", "%00"]
    )
    def test_what_is_no_execution_is_not_found(
        self, running: Bench, name: str
    ) -> None:
        asked = ask(running, "GET", f"/executions/{name}")

        assert (asked.status, asked.code) == (404, "EXECUTION_NOT_FOUND")


class TestRequests:
    def test_a_pause_is_requested_in_the_callers_name(
        self, running: Bench
    ) -> None:
        running.start(0)

        asked = ask(
            running, "POST", f"{MINE}/pause", body={"reason": " look "}
        )

        assert asked.status == 200
        assert asked.body["status"] == "PAUSE_PENDING"
        assert running.record.pause_reason == "look"
        assert running.record.paused_by == "ann@example.com"

    def test_a_pause_needs_no_body(self, running: Bench) -> None:
        running.start(0)

        assert ask(running, "POST", f"{MINE}/pause").status == 200

    @pytest.mark.parametrize("reason", [7, {"a": 1}, "x" * 501])
    def test_a_reason_that_is_no_text_is_refused(
        self, running: Bench, reason: object
    ) -> None:
        running.start(0)

        asked = ask(running, "POST", f"{MINE}/pause", body={"reason": reason})

        assert asked.status == 400
        assert asked.code in ("INVALID_TYPE", "INVALID_FORMAT")
        assert running.record.status is Status.POLLING

    def test_a_resume_releases_the_pause(self, running: Bench) -> None:
        running.becomes(
            Status.PAUSED, paused_before_wave=1, task_token="token-1"
        )

        asked = ask(running, "POST", f"{MINE}/resume")

        assert asked.status == 200
        assert asked.body["status"] == "RESUMING"
        assert asked.body["nextWave"] == 1

    def test_a_cancel_ends_what_is_at_rest(self, running: Bench) -> None:
        running.becomes(
            Status.PAUSED, paused_before_wave=1, task_token="token-1"
        )

        asked = ask(running, "POST", f"{MINE}/cancel")

        assert asked.status == 200
        assert asked.body["status"] == "CANCELLED"
        assert running.record.cancelled_by == "ann@example.com"

    def test_a_wave_that_has_not_started_is_skipped(
        self, running: Bench
    ) -> None:
        asked = ask(
            running,
            "POST",
            f"{MINE}/waves/1/skip",
            body={"reason": "not today", "satisfied": True},
        )

        assert asked.status == 200
        assert asked.body["waveStatus"] == "SKIPPED"
        assert asked.body["satisfied"] is True

    @pytest.mark.parametrize(
        ("wave", "body", "status", "code"),
        [
            ("1", {}, 400, "MISSING_FIELD"),
            ("1", {"reason": 7}, 400, "INVALID_TYPE"),
            ("1", {"reason": "x" * 501}, 400, "INVALID_FORMAT"),
            ("1", {"reason": "x", "satisfied": 1}, 400, "INVALID_TYPE"),
            ("2", {"reason": "x"}, 404, "WAVE_NOT_FOUND"),
            ("-1", {"reason": "x"}, 404, "WAVE_NOT_FOUND"),
            ("one", {"reason": "x"}, 404, "WAVE_NOT_FOUND"),
            ("9" * 99, {"reason": "x"}, 404, "WAVE_NOT_FOUND"),
        ],
    )
    def test_a_skip_that_cannot_be_is_refused(
        self,
        running: Bench,
        wave: str,
        body: dict[str, Any],
        status: int,
        code: str,
    ) -> None:
        asked = ask(running, "POST", f"{MINE}/waves/{wave}/skip", body=body)

        assert (asked.status, asked.code) == (status, code)

    @pytest.mark.parametrize(
        ("verb", "code"),
        [
            ("pause", "EXECUTION_NOT_PAUSABLE"),
            ("resume", "EXECUTION_NOT_PAUSED"),
            ("cancel", "EXECUTION_NOT_CANCELLABLE"),
        ],
    )
    def test_what_has_ended_refuses_every_request(
        self, running: Bench, verb: str, code: str
    ) -> None:
        running.becomes(Status.COMPLETED)

        asked = ask(running, "POST", f"{MINE}/{verb}")

        assert (asked.status, asked.code) == (400, code)

    @pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
    def test_a_request_needs_an_execution_that_exists(
        self, running: Bench, verb: str
    ) -> None:
        asked = ask(running, "POST", f"/executions/none/{verb}")

        assert (asked.status, asked.code) == (404, "EXECUTION_NOT_FOUND")


class TestRetry:
    def ended(self, bench: Bench) -> None:
        """Let the run end with nothing launched."""
        bench.becomes(
            Status.FAILED,
            finalized_at=bench.clock.now(),
            reserved=(
                Reserved(
                    wave_number=0,
                    server_ids=("s-00000000000000001",),
                    region=REGION,
                ),
            ),
        )
        bench.locks.release_plan(KEY)

    def test_what_did_not_launch_is_started_as_a_new_execution(
        self, running: Bench
    ) -> None:
        self.ended(running)

        asked = ask(running, "POST", f"{MINE}/retry-failed")

        assert asked.status == 202
        assert asked.body["retryOf"] == KEY.execution_id
        record = running.executions.find(asked.body["executionId"])
        assert record.initiated_by == "ann@example.com"

    def test_a_client_token_gets_the_same_retry_again(
        self, running: Bench
    ) -> None:
        self.ended(running)
        body = {"clientToken": "t-1"}

        first = ask(running, "POST", f"{MINE}/retry-failed", body=body)
        again = ask(running, "POST", f"{MINE}/retry-failed", body=body)

        assert first.body["executionId"] == again.body["executionId"]

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"clientToken": 7}, "INVALID_TYPE"),
            ({"clientToken": ""}, "INVALID_FORMAT"),
            ({"clientToken": "x" * 65}, "INVALID_FORMAT"),
            ({"includeSkipped": "yes"}, "INVALID_TYPE"),
            ({}, "EXECUTION_NOT_RETRYABLE"),
        ],
    )
    def test_a_retry_that_cannot_be_is_refused(
        self, running: Bench, body: dict[str, Any], code: str
    ) -> None:
        asked = ask(running, "POST", f"{MINE}/retry-failed", body=body)

        assert (asked.status, asked.code) == (400, code)


def test_a_run_that_ended_says_why_it_cannot_be_terminated(
    running: Bench,
) -> None:
    running.start(0)
    running.becomes(Status.CANCELLED)
    record = running.record
    running.executions.has(
        replace(
            record,
            execution_id="gone",
            waves=tuple(replace(e, status="COMPLETED") for e in record.waves),
            instances_terminated=True,
        )
    )

    active = ask(running, "GET", MINE).body["terminationMetadata"]
    gone = ask(running, "GET", "/executions/gone").body["terminationMetadata"]

    assert active["reason"] == "A wave is still active."
    assert gone["reason"] == "The instances are terminated already."
