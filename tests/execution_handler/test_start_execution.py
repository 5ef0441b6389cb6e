"""Starting an execution: every exit gives back what it took."""

from collections.abc import Callable
from typing import Any

import pytest

from execution_handler.control import cancel_execution
from execution_handler.start_execution import start_execution
from execution_handler.worker import start_machine
from shared.domain.errors import (
    BadRequest,
    Conflict,
    DatabaseError,
    DrError,
    NotFound,
    Unavailable,
)
from shared.domain.execution import MAX_STATE_BYTES, size_of
from shared.domain.machine import MachineRefused
from shared.domain.ports import ServerKey
from shared.domain.record import Change, Key, Record
from shared.domain.status import Status
from tests.execution_handler.bench import PLAN, REGION, Bench
from tests.support.fake_drs import server_id

EVENT = {"planId": PLAN, "executionType": "DRILL", "initiatedBy": "ann"}


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.has_group("db", 2)
    bench.has_group("web", 3)
    bench.has_plan(
        {"protectionGroupId": "db", "waveName": "Database"},
        {"protectionGroupId": "web", "waveName": "Web"},
    )
    return bench


def start(bench: Bench, **more: Any) -> Key:
    reply = start_execution({**EVENT, **more}, bench.ports())
    return Key(reply["executionId"], PLAN)


def refused(bench: Bench, **more: Any) -> DrError:
    """Return how a start was refused; nothing may be left of it."""
    before = set(bench.executions.items)
    with pytest.raises(DrError) as caught:
        start(bench, **more)
    assert set(bench.executions.items) == before
    assert bench.worker.sent == []
    return caught.value


def test_a_start_is_recorded_before_it_is_answered(bench: Bench) -> None:
    reply = start_execution({**EVENT, "clientToken": "t"}, bench.ports())

    key = Key(reply["executionId"], PLAN)
    record = bench.executions.record(key)
    assert reply["status"] == "PENDING"
    assert reply["statusUrl"] == f"/executions/{key.execution_id}"
    assert reply["warnings"] == []
    assert record.status is Status.PENDING
    assert record.initiated_by == "ann"
    assert record.total_waves == 2
    assert [len(r.server_ids) for r in record.reserved] == [2, 3]
    assert bench.executions.live() == [key]
    assert bench.executions.plan(key).plan_name == "Tiers"
    held = [k for k in bench.executions.items if "server-lock" in k[0]]
    assert len(held) == 5
    (work,) = bench.worker.sent
    assert work["worker"] is True
    assert work["isDrill"] is True
    assert work["plan"]["waves"] == []


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"planId": ""}, "MISSING_FIELD"),
        ({"planId": 7}, "INVALID_TYPE"),
        ({"executionType": "TEST"}, "INVALID_EXECUTION_TYPE"),
        ({"executionType": None}, "INVALID_EXECUTION_TYPE"),
        ({"planId": "other"}, "RECOVERY_PLAN_NOT_FOUND"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(
    bench: Bench, event: dict[str, Any], code: str
) -> None:
    assert refused(bench, **event).code == code


def without_waves(bench: Bench) -> None:
    bench.has_plan()


def too_many_waves(bench: Bench) -> None:
    bench.has_plan(*[{"protectionGroupId": "db"}] * 201)


def without_group(bench: Bench) -> None:
    bench.has_plan({"waveName": "Empty"})


def unknown_group(bench: Bench) -> None:
    bench.has_plan({"protectionGroupId": "nowhere"})


def two_regions(bench: Bench) -> None:
    bench.groups.put({**bench.groups.group("web"), "region": "eu-west-1"})
    bench.has_plan({"protectionGroupIds": ["db", "web"]})


def two_accounts(bench: Bench) -> None:
    bench.groups.put(
        {**bench.groups.group("web"), "accountId": "444455556666"}
    )


def nothing_matches(bench: Bench) -> None:
    bench.groups.put(
        {**bench.groups.group("web"), "serverSelectionTags": {"tier": "no"}}
    )


def a_circle(bench: Bench) -> None:
    bench.has_plan(
        {"protectionGroupId": "db", "dependsOnWaves": [1]},
        {"protectionGroupId": "web", "dependsOnWaves": [0]},
    )


def drs_refuses(bench: Bench) -> None:
    bench.drs.refuses("DescribeSourceServers", "AccessDeniedException")


def drs_is_busy(bench: Bench) -> None:
    bench.drs.refuses("DescribeSourceServers", "ThrottlingException")


@pytest.mark.parametrize(
    ("spoil", "kind", "code"),
    [
        (without_waves, BadRequest, "PLAN_HAS_NO_WAVES"),
        (too_many_waves, BadRequest, "PLAN_TOO_LARGE"),
        (without_group, BadRequest, "INVALID_WAVE_DATA"),
        (unknown_group, NotFound, "PROTECTION_GROUP_NOT_FOUND"),
        (two_regions, BadRequest, "INVALID_WAVE_DATA"),
        (two_accounts, BadRequest, "MULTI_ACCOUNT_PLAN"),
        (nothing_matches, BadRequest, "NO_SERVERS_RESOLVED"),
        (a_circle, BadRequest, "CIRCULAR_DEPENDENCY"),
        (drs_refuses, Unavailable, "CHECK_UNAVAILABLE"),
        (drs_is_busy, Unavailable, "CHECK_UNAVAILABLE"),
    ],
)
def test_a_plan_that_cannot_run_is_refused_and_leaves_nothing(
    bench: Bench,
    spoil: Callable[[Bench], None],
    kind: type[DrError],
    code: str,
) -> None:
    spoil(bench)

    error = refused(bench)

    assert isinstance(error, kind)
    assert error.code == code


def test_a_wave_above_4000_servers_is_refused(bench: Bench) -> None:
    ids = [server_id(number) for number in range(1, 4_002)]
    bench.groups.put(
        {
            **bench.groups.group("web"),
            "serverSelectionTags": {},
            "sourceServerIds": ids,
        }
    )

    error = refused(bench)

    assert error.code == "WAVE_SIZE_LIMIT_EXCEEDED"
    assert error.details["errors"][0]["serverCount"] == 4_001


def test_a_plan_runs_once_at_a_time(bench: Bench) -> None:
    first = start(bench)
    bench.worker.take()

    error = refused(bench)

    assert error.code == "PLAN_ALREADY_EXECUTING"
    assert error.details["activeExecutions"] == [first.execution_id]


def test_servers_of_another_execution_are_named(bench: Bench) -> None:
    other = Key("exec-9", "plan-9")
    keys = [
        ServerKey("111122223333", REGION, server_id(number))
        for number in (1, 4)
    ]
    bench.locks.reserve(other, keys, 0, bench.clock.now(), record_exists=False)

    error = refused(bench)

    assert error.code == "SERVER_CONFLICT"
    assert error.details["conflictingExecutions"] == [
        {
            "executionId": "exec-9",
            "planId": "",
            "servers": [server_id(1), server_id(4)],
        }
    ]


def test_two_starts_at_once_have_one_winner(bench: Bench) -> None:
    errors: list[DrError] = []

    def other() -> None:
        with pytest.raises(DrError) as caught:
            start(bench)
        errors.append(caught.value)

    bench.executions.meanwhile(other)

    key = start(bench)

    assert errors[0].code == "PLAN_ALREADY_EXECUTING"
    assert bench.executions.live() == [key]
    assert len(bench.worker.sent) == 1


def test_a_start_that_lost_its_lock_gives_up(bench: Bench) -> None:
    def slow() -> None:
        bench.executions.items.pop(("execution-lock-plan-1", "plan-1"))

    bench.executions.meanwhile(slow)

    with pytest.raises(Conflict) as caught:
        start(bench)

    assert caught.value.code == "PLAN_EXECUTION_CONFLICT"
    assert bench.executions.items == {}


def test_a_start_that_is_overtaken_before_it_reserves_says_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = bench.executions.save_plan

    def overtaken(*given: Any) -> None:
        save(*given)
        lock = bench.executions.items[("execution-lock-plan-1", "plan-1")]
        lock["attempt"] = "another"

    monkeypatch.setattr(bench.executions, "save_plan", overtaken)

    with pytest.raises(Conflict) as caught:
        start(bench, clientToken="t")

    assert caught.value.code == "PLAN_EXECUTION_CONFLICT"


def test_a_table_that_fails_leaves_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object) -> bool:
        raise DatabaseError("no table")

    monkeypatch.setattr(bench.executions, "create", broken)

    assert refused(bench).code == "DATABASE_ERROR"


class TestClientToken:
    def test_a_repeat_answers_with_the_same_execution(
        self, bench: Bench
    ) -> None:
        first = start(bench, clientToken="t")

        assert start(bench, clientToken="t") == first
        assert bench.executions.live() == [first]

    def test_a_repeat_hands_a_pending_start_over_again(
        self, bench: Bench
    ) -> None:
        start(bench, clientToken="t")
        first = bench.worker.take()

        start(bench, clientToken="t")

        assert bench.worker.take() == first

    def test_a_repeat_of_a_run_that_began_hands_nothing_over(
        self, bench: Bench
    ) -> None:
        key = start(bench, clientToken="t")
        bench.worker.take()
        record = bench.executions.record(key)
        bench.executions.commit(record, Change(status=Status.RUNNING))

        start(bench, clientToken="t")

        assert bench.worker.sent == []

    def test_another_token_is_another_execution(self, bench: Bench) -> None:
        first = start(bench, clientToken="t")
        bench.worker.take()

        error = refused(bench, clientToken="u")

        assert error.details["activeExecutions"] == [first.execution_id]

    def test_twins_with_one_token_make_one_execution(
        self, bench: Bench
    ) -> None:
        twin: list[Key] = []
        bench.executions.meanwhile(
            lambda: twin.append(start(bench, clientToken="t"))
        )

        key = start(bench, clientToken="t")

        assert twin == [key]
        assert bench.executions.live() == [key]
        held = [k for k in bench.executions.items if "lock-" in k[0]]
        assert len(held) == 6

    def test_a_twin_that_comes_behind_a_cancelled_run_holds_nothing(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        acquire = bench.locks.acquire_plan

        def late(*given: Any) -> str | None:
            monkeypatch.setattr(bench.locks, "acquire_plan", acquire)
            first = start(bench, clientToken="t")
            cancel_execution(
                {"executionId": first.execution_id}, bench.ports()
            )
            return acquire(*given)

        monkeypatch.setattr(bench.locks, "acquire_plan", late)

        key = start(bench, clientToken="t")

        assert bench.executions.record(key).status is Status.CANCELLED
        assert not [k for k in bench.executions.items if "lock-" in k[0]]

    @pytest.mark.parametrize("failing", ["early", "late"])
    def test_a_twin_that_fails_takes_nothing_from_the_one_that_started(
        self,
        bench: Bench,
        monkeypatch: pytest.MonkeyPatch,
        failing: str,
    ) -> None:
        """The other twin starts between the failure and its give-back."""
        twin: list[Key] = []
        read = bench.executions.record

        def read_before_the_twin_creates(key: Key) -> Record:
            try:
                return read(key)
            except NotFound:
                if bench.drs.calls and not twin:
                    bench.drs.is_well_again()
                    monkeypatch.setattr(bench.executions, "record", read)
                    twin.append(start(bench, clientToken="t"))
                raise

        monkeypatch.setattr(
            bench.executions, "record", read_before_the_twin_creates
        )
        if failing == "early":
            bench.drs.refuses("DescribeSourceServers", "ThrottlingException")
        else:
            monkeypatch.setattr(bench.executions, "create", _fails_once(bench))

        with pytest.raises(DrError):
            start(bench, clientToken="t")

        (key,) = twin
        record = bench.executions.record(key)
        assert record.status is Status.PENDING
        assert bench.executions.plan(key).waves
        held = [k[0] for k in bench.executions.items if "lock-" in k[0]]
        assert len(held) == 1 + 5
        bench.worker.take()
        assert refused(bench, clientToken="u").code == "PLAN_ALREADY_EXECUTING"

    def test_a_start_whose_record_was_written_unheard_is_accepted(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        create = bench.executions.create

        def loses_the_answer(*given: Any) -> bool:
            create(*given)
            raise DatabaseError("the answer was lost")

        monkeypatch.setattr(bench.executions, "create", loses_the_answer)

        key = start(bench)

        assert bench.executions.record(key).status is Status.PENDING
        assert len(bench.worker.sent) == 1
        held = [k for k in bench.executions.items if "lock-" in k[0]]
        assert len(held) == 6

    @pytest.mark.parametrize("token", [7, "x" * 65])
    def test_a_token_that_is_none_is_refused(
        self, bench: Bench, token: object
    ) -> None:
        assert refused(bench, clientToken=token).code.startswith("INVALID_")


def _fails_once(bench: Bench) -> Callable[..., bool]:
    create = bench.executions.create
    calls: list[object] = []

    def failing(*given: Any) -> bool:
        calls.append(given)
        if len(calls) == 1:
            raise DatabaseError("no table")
        return create(*given)

    return failing


class TestWorker:
    def test_it_starts_the_machine_once(self, bench: Bench) -> None:
        key = start(bench)
        work = bench.worker.take()

        start_machine(work, bench.ports())
        start_machine(work, bench.ports())

        assert list(bench.machine.runs) == [
            bench.executions.record(key).state_machine_arn
        ]
        (given,) = bench.machine.inputs.values()
        assert given["Execution"]["Id"] == key.execution_id
        assert len(given["Plan"]["waves"]) == 2
        assert given["isDrill"] is True

    def test_it_starts_nothing_for_a_cancelled_start(
        self, bench: Bench
    ) -> None:
        key = start(bench)
        record = bench.executions.record(key)
        bench.executions.commit(record, Change(status=Status.CANCELLED))

        reply = start_machine(bench.worker.take(), bench.ports())

        assert reply["status"] == "CANCELLED"
        assert bench.machine.runs == {}

    def test_a_refusal_for_good_ends_the_execution(self, bench: Bench) -> None:
        key = start(bench)
        bench.machine.refuse(MachineRefused("not allowed"))

        start_machine(bench.worker.take(), bench.ports())

        record = bench.executions.record(key)
        assert record.status is Status.FAILED
        assert record.error_message == "not allowed"
        assert record.finalized_at
        assert not [k for k in bench.executions.items if "lock-" in k[0]]

    def test_a_passing_error_is_left_to_another_delivery(
        self, bench: Bench
    ) -> None:
        key = start(bench)
        bench.machine.refuse(Unavailable("busy"))

        with pytest.raises(Unavailable):
            start_machine(bench.worker.take(), bench.ports())

        assert bench.executions.record(key).status is Status.PENDING

    def test_a_large_plan_goes_without_its_waves(self, bench: Bench) -> None:
        bench.has_group("many", 201)
        bench.has_plan({"protectionGroupId": "many"})
        key = start(bench, executionType="RECOVERY")

        start_machine(bench.worker.take(), bench.ports())

        (given,) = bench.machine.inputs.values()
        assert bench.executions.record(key).large
        assert given["Plan"]["waves"] == []
        assert given["isDrill"] is False
        assert size_of(given) < MAX_STATE_BYTES

    def test_a_plan_too_large_for_the_machine_fails(
        self, bench: Bench
    ) -> None:
        ids = [server_id(number) for number in range(200)]
        wave = {"protectionGroupId": "db", "serverIds": ids}
        bench.has_plan(*[wave] * 30)
        key = start(bench)

        start_machine(bench.worker.take(), bench.ports())

        record = bench.executions.record(key)
        assert record.status is Status.FAILED
        assert record.error_code == "PLAN_TOO_LARGE"
        assert bench.machine.runs == {}
