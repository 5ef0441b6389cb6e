"""Deleting executions that are over, asked as API Gateway asks."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from execution_handler.actions import OPERATIONS
from shared.domain import items
from shared.domain.errors import DatabaseError
from shared.domain.plan import plan_from_item
from shared.domain.record import Record, TerminateJob, WaveEntry
from shared.domain.status import TERMINAL, Status, WaveStatus
from tests.execution_handler.bench import REGION, Bench
from tests.execution_handler.test_routes import Asked, ask
from tests.execution_handler.test_terminate import ended, terminate
from tests.support import templates

DAY = 86_400
JOB = "drsjob-0000000000000000{}"


@pytest.fixture
def bench() -> Bench:
    return Bench()


def has(
    bench: Bench,
    name: str,
    status: Status = Status.COMPLETED,
    days: int = 0,
    **more: Any,
) -> Record:
    """Store an execution, with a snapshot, that ended so long ago."""
    end = bench.clock.now() - days * DAY if status in TERMINAL else None
    plan_id = f"plan-of-{name}"
    known = Record(
        execution_id=name,
        plan_id=plan_id,
        plan_name="Tiers",
        status=status,
        start_time=bench.clock.now() - days * DAY,
        end_time=end,
        **{"finalized_at": end or 0, **more},
    )
    plan = plan_from_item(
        {"planId": plan_id, "planName": "Tiers", "version": 1, "waves": []}
    )
    bench.executions.save_plan(known.key, plan)
    return bench.executions.has(known)


def left(bench: Bench) -> set[str]:
    """Return the executions of which anything is left."""
    return {item["executionId"] for item in bench.executions.items.values()}


def delete(bench: Bench, *ids: str) -> Asked:
    return ask(
        bench, "POST", "/executions/delete", body={"executionIds": list(ids)}
    )


class TestByIds:
    def test_what_is_over_goes_and_the_rest_is_counted(
        self, bench: Bench
    ) -> None:
        has(bench, "over")
        has(bench, "runs", Status.POLLING)
        has(bench, "late", Status.FAILED, finalized_at=0)

        asked = delete(bench, " over ", "runs", "late", "none", "over")

        assert asked.status == 200
        assert asked.body == {
            "deletedCount": 1,
            "totalRequested": 4,
            "notFound": 1,
            "activeSkipped": 2,
            "failed": 0,
            "failedDeletions": [],
        }
        assert "over" not in left(bench)
        assert {"runs", "late"} <= left(bench)

    def test_the_query_names_them_as_well(self, bench: Bench) -> None:
        for name in ("a", "b", "c"):
            has(bench, name)

        asked = ask(bench, "DELETE", "/executions", query={"ids": "a, b,"})

        assert asked.body["deletedCount"] == 2
        assert left(bench) == {"c"}

    def test_the_older_name_of_the_body_is_understood(
        self, bench: Bench
    ) -> None:
        has(bench, "a")

        asked = ask(bench, "POST", "/executions/delete", body={"ids": ["a"]})

        assert asked.body["deletedCount"] == 1

    @pytest.mark.parametrize(
        ("body", "code", "field"),
        [
            ({}, "MISSING_EXECUTION_IDS", "executionIds"),
            ({"executionIds": []}, "MISSING_EXECUTION_IDS", "executionIds"),
            ({"executionIds": [" "]}, "MISSING_EXECUTION_IDS", "executionIds"),
            ({"executionIds": None}, "MISSING_EXECUTION_IDS", "executionIds"),
            (
                {"executionIds": ["a", " "]},
                "INVALID_FORMAT",
                "executionIds[1]",
            ),
            (
                {"executionIds": ["a"], "ids": []},
                "MISSING_EXECUTION_IDS",
                "executionIds",
            ),
            ({"executionIds": ["a"], "ids": 7}, "INVALID_TYPE", "ids"),
            ({"executionIds": ["a"], "ids": [""]}, "INVALID_FORMAT", "ids[0]"),
            ({"executionIds": "a"}, "INVALID_TYPE", "executionIds"),
            ({"executionIds": ["a", 7]}, "INVALID_TYPE", "executionIds[1]"),
            ({"ids": ["x" * 257]}, "INVALID_FORMAT", "ids[0]"),
            (
                {"ids": [f"e-{n}" for n in range(1_001)]},
                "INVALID_FORMAT",
                "ids",
            ),
        ],
    )
    def test_a_body_that_names_nothing_usable_is_refused(
        self, bench: Bench, body: dict[str, Any], code: str, field: str
    ) -> None:
        asked = ask(bench, "POST", "/executions/delete", body=body)

        assert (asked.status, asked.code) == (400, code)
        assert asked.body["details"] == {"field": field}

    def test_a_query_that_is_there_and_empty_deletes_nothing(
        self, bench: Bench
    ) -> None:
        has(bench, "a")

        asked = ask(bench, "DELETE", "/executions", query={"ids": " , "})

        assert (asked.status, asked.code) == (400, "MISSING_EXECUTION_IDS")
        assert left(bench) == {"a"}

    def test_what_there_was_no_time_for_goes_behind_the_reply(
        self, bench: Bench
    ) -> None:
        has(bench, "a")
        event = {"executionIds": ["a"]}

        reply = OPERATIONS["delete_executions_by_ids"](event, bench.ports(1))
        later = bench.worker.take()
        OPERATIONS[later["operation"]](later, bench.ports())

        assert reply["inProgress"] is True and reply["deletedCount"] == 0
        assert left(bench) == set()

    def test_one_that_changes_while_it_is_judged_is_judged_again(
        self, bench: Bench
    ) -> None:
        record = has(bench, "a")
        bench.executions.meanwhile(
            lambda: bench.executions.has(replace(record, revision=7))
        )

        assert delete(bench, "a").body["deletedCount"] == 1

    def test_a_record_that_cannot_be_read_stays(self, bench: Bench) -> None:
        record = has(bench, "a")
        bench.executions.items[record.key]["status"] = "UNHEARD_OF"

        asked = delete(bench, "a")

        assert (asked.status, asked.code) == (500, "DELETE_FAILED")
        assert asked.body["correlationId"]
        assert left(bench) >= {"a"}


class TestByAge:
    def test_only_what_ended_that_long_ago_goes(self, bench: Bench) -> None:
        has(bench, "old", days=90)
        has(bench, "new", days=89)
        has(bench, "runs", Status.PAUSED, days=400)

        asked = ask(bench, "DELETE", "/executions/completed")

        assert asked.body == {
            "deletedCount": 1,
            "activeSkipped": 1,
            "failedDeletions": [],
        }
        assert left(bench) == {"new", "runs", "live-runs"}

    def test_without_ids_everything_that_is_over_goes(
        self, bench: Bench
    ) -> None:
        has(bench, "new")
        has(bench, "runs", Status.RUNNING)

        asked = ask(bench, "DELETE", "/executions")
        aged = ask(bench, "DELETE", "/executions", query={"maxAgeDays": "30"})

        assert asked.body["deletedCount"] == 1
        assert asked.body["totalRequested"] == 1
        assert asked.body["activeSkipped"] == 1
        assert aged.body["deletedCount"] == 0

    @pytest.mark.parametrize("days", ["", "-1", "x", "1.5", "36501"])
    def test_an_age_that_is_none_is_refused(
        self, bench: Bench, days: str
    ) -> None:
        for path in ("/executions", "/executions/completed"):
            asked = ask(bench, "DELETE", path, query={"maxAgeDays": days})
            assert (asked.status, asked.code) == (400, "INVALID_FORMAT")

    @pytest.mark.parametrize(
        ("days", "code"),
        [
            ("90", "INVALID_TYPE"),
            (True, "INVALID_TYPE"),
            (-1, "INVALID_FORMAT"),
        ],
    )
    def test_an_operation_checks_the_age_as_well(
        self, bench: Bench, days: object, code: str
    ) -> None:
        with pytest.raises(Exception) as refused:
            OPERATIONS["delete_completed_executions"](
                {"maxAgeDays": days}, bench.ports()
            )

        assert getattr(refused.value, "code", "") == code

    def test_what_there_was_no_time_for_goes_behind_the_reply(
        self, bench: Bench
    ) -> None:
        has(bench, "a", days=91)

        reply = OPERATIONS["delete_completed_executions"]({}, bench.ports(1))
        later = bench.worker.take()
        OPERATIONS[later["operation"]](later, bench.ports())

        assert reply["inProgress"] is True
        assert left(bench) == set()


class TestJobsThatEndInstances:
    def test_an_execution_whose_instances_are_being_ended_stays(self) -> None:
        bench = ended()
        terminate(bench)
        name = bench.record.execution_id

        first = delete(bench, name)
        bench.clock.sleep(3_600)
        then = delete(bench, name)

        assert first.body["activeSkipped"] == 1
        assert then.body["deletedCount"] == 1
        assert name not in left(bench)

    def test_one_whose_jobs_cannot_be_read_stays(self) -> None:
        bench = ended()
        terminate(bench)
        bench.drs.refuses("DescribeJobs", "InternalServerException")

        asked = delete(bench, bench.record.execution_id)

        assert (asked.status, asked.code) == (500, "DELETE_FAILED")
        assert bench.record.terminate_jobs


def test_the_daily_rule_asks_what_the_handler_does(bench: Bench) -> None:
    rule = templates.template("events").properties("CleanUpRule")
    asked = json.loads(rule["Targets"][0]["Input"])
    has(bench, "old", days=90)
    has(bench, "new", days=89)

    reply = OPERATIONS[asked["operation"]](asked, bench.ports())

    assert rule["ScheduleExpression"] == "rate(1 day)"
    assert asked["maxAgeDays"] == 90
    assert reply["deletedCount"] == 1
    assert left(bench) == {"new"}


executions = st.lists(
    st.fixed_dictionaries(
        {
            "status": st.sampled_from(list(Status)),
            "days": st.integers(min_value=0, max_value=200),
            "finalized": st.booleans(),
            "ending": st.sampled_from(["", "PENDING", "STARTED", "COMPLETED"]),
        }
    ),
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(executions=executions, age=st.sampled_from([None, 0, 1, 90]))
def test_property_9_clean_up_never_deletes_an_active_execution(
    executions: list[dict[str, Any]], age: int | None
) -> None:
    """Feature: control plane; property 9, execution clean-up preservation."""
    bench = Bench()
    server, *_ = bench.drs.has_servers(REGION, [{}] * len(executions) or [{}])
    kept: set[str] = set()
    may_go: set[str] = set()
    for number, one in enumerate(executions):
        name = f"e-{number}"
        running = one["ending"] in ("PENDING", "STARTED")
        job = TerminateJob(
            job_id=JOB.format(number), region=REGION, status=one["ending"]
        )
        wave = WaveEntry(
            wave_number=0,
            wave_name="w",
            status=WaveStatus.COMPLETED,
            start_time=1,
            region=REGION,
            job_id="drsjob-99999999999999999",
            server_ids=(server,),
        )
        more = {} if one["finalized"] else {"finalized_at": 0}
        jobs = (job,) if one["ending"] else ()
        has(
            bench,
            name,
            one["status"],
            one["days"],
            waves=(wave,),
            terminate_jobs=jobs,
            termination_lease_expiry=(
                bench.clock.now() + 100 if running else 0
            ),
            **more,
        )
        over = one["status"] in TERMINAL and one["finalized"] and not running
        old = age is None or one["days"] >= age
        (may_go if over and old else kept).add(name)
    before = {
        key: dict(item)
        for key, item in bench.executions.items.items()
        if key[0].removeprefix("live-") in kept
    }

    if age is None:
        names = [f"e-{number}" for number in range(len(executions))]
        if names:
            OPERATIONS["delete_executions_by_ids"](
                {"executionIds": names}, bench.ports()
            )
    else:
        OPERATIONS["delete_completed_executions"](
            {"maxAgeDays": age}, bench.ports()
        )

    assert bench.executions.items == before
    assert not left(bench) & may_go


def test_a_list_that_is_out_of_date_deletes_nothing_that_runs(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = has(bench, "a", days=100)
    bench.executions.has(replace(stale, status=Status.RUNNING, finalized_at=0))
    monkeypatch.setattr(bench.executions, "runs", lambda: [stale])

    reply = OPERATIONS["delete_completed_executions"]({}, bench.ports())

    assert reply["activeSkipped"] == 1
    assert "a" in left(bench)


def test_a_store_that_fails_is_told_for_each(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    has(bench, "a")
    has(bench, "b")
    real = bench.executions.delete

    def fails(record: Record) -> bool:
        if record.execution_id == "a":
            raise DatabaseError("the table is away")
        return real(record)

    monkeypatch.setattr(bench.executions, "delete", fails)

    asked = delete(bench, "a", "b")

    assert asked.status == 200
    assert (asked.body["deletedCount"], asked.body["failed"]) == (1, 1)
    [failed] = asked.body["failedDeletions"]
    assert failed["executionId"] == "a"
    assert failed["errorType"] == "DATABASE_ERROR"
    assert items.live_key("b") not in bench.executions.items
