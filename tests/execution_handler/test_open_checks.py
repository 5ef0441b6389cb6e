"""Starts too big to be checked before they are answered."""

from collections.abc import Callable
from typing import Any

import pytest

from execution_handler.control import cancel_execution
from execution_handler.skip_wave import skip_wave
from execution_handler.start_execution import start_execution
from execution_handler.worker import start_machine
from shared.domain.errors import DatabaseError, DrError, Unavailable
from shared.domain.ports import ServerKey
from shared.domain.record import Key, Record
from shared.domain.status import Status
from tests.execution_handler.bench import PLAN, REGION, Bench
from tests.support.fake_drs import HUB
from tests.support.fakes import NOON

EVENT = {"planId": PLAN, "executionType": "DRILL"}


@pytest.fixture
def bench() -> Bench:
    """Return a bench whose plan has 51 waves."""
    bench = Bench()
    for number in range(51):
        bench.has_group(f"tier-{number}", 1)
    bench.has_plan(
        *({"protectionGroupId": f"tier-{number}"} for number in range(51))
    )
    return bench


def start(bench: Bench, **more: Any) -> Record:
    reply = start_execution({**EVENT, **more}, bench.ports())
    assert [w["type"] for w in reply["warnings"]] == ["CHECKS_CONTINUE"]
    return bench.executions.record(Key(reply["executionId"], PLAN))


def works(bench: Bench, record: Record) -> Record:
    """Let the worker do what was handed over to it."""
    start_machine(bench.worker.take(), bench.ports())
    return bench.executions.record(record.key)


def held(bench: Bench) -> int:
    return len([k for k in bench.executions.items if "server-lock" in k[0]])


def test_a_big_start_is_answered_before_anything_is_asked(
    bench: Bench,
) -> None:
    record = start(bench)

    assert record.status is Status.PENDING
    assert record.checks == "pending"
    assert record.large
    assert bench.drs.calls == []
    assert held(bench) == 0
    assert bench.machine.runs == {}


def test_the_worker_makes_the_checks_then_starts_the_machine(
    bench: Bench,
) -> None:
    record = works(bench, start(bench))

    assert record.status is Status.PENDING
    assert record.checks == ""
    assert list(bench.machine.runs) == [record.state_machine_arn]
    assert held(bench) == 51
    noted = bench.executions.reserved(record)
    assert [len(group.server_ids) for group in noted] == [1] * 51
    assert len(bench.drs.calls_of("DescribeSourceServers")) == 1


def test_the_worker_may_repeat_the_checks(bench: Bench) -> None:
    record = start(bench)
    bench.drs.refuses("DescribeSourceServers", "ThrottlingException")
    with pytest.raises(Unavailable):
        start_machine(bench.worker.sent[0], bench.ports())
    assert bench.executions.record(record.key).checks == "pending"
    bench.drs.is_well_again()

    start_machine(bench.worker.sent[0], bench.ports())
    start_machine(bench.worker.sent[0], bench.ports())

    assert bench.executions.record(record.key).checks == ""
    assert held(bench) == 51
    assert len(bench.machine.runs) == 1


def test_two_workers_at_once_do_the_same(bench: Bench) -> None:
    record = start(bench)
    work = bench.worker.take()
    bench.executions.meanwhile(lambda: start_machine(work, bench.ports()))

    start_machine(work, bench.ports())

    assert bench.executions.record(record.key).status is Status.PENDING
    assert held(bench) == 51
    assert len(bench.machine.runs) == 1


def test_a_refusal_ends_the_run_with_its_code_and_its_fields(
    bench: Bench,
) -> None:
    record = start(bench)
    taken = ServerKey(HUB, REGION, "s-00000000000000007")
    bench.locks.reserve(
        Key("exec-9", "plan-9"), [taken], 0, NOON, record_exists=False
    )

    ended = works(bench, record)

    assert ended.status is Status.FAILED
    assert ended.error_code == "SERVER_CONFLICT"
    (named,) = ended.outcome["details"]["conflictingExecutions"]
    assert named["executionId"] == "exec-9"
    assert held(bench) == 1
    assert bench.locks.acquire_plan(Key("exec-8", PLAN), NOON) is None
    assert bench.machine.runs == {}


def no_server_matches(bench: Bench) -> None:
    group = bench.groups.group("tier-9")
    bench.groups.put({**group, "serverSelectionTags": {"tier": "no"}})


def a_group_is_gone(bench: Bench) -> None:
    bench.groups.forget("tier-9")


def drs_refuses(bench: Bench) -> None:
    bench.drs.refuses("DescribeSourceServers", "AccessDeniedException")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (no_server_matches, "NO_SERVERS_RESOLVED"),
        (a_group_is_gone, "PROTECTION_GROUP_NOT_FOUND"),
        (drs_refuses, "CHECK_UNAVAILABLE"),
    ],
)
def test_a_start_that_cannot_run_ends_with_its_code(
    bench: Bench, spoil: Callable[[Bench], None], code: str
) -> None:
    record = start(bench)
    spoil(bench)

    ended = works(bench, record)

    assert ended.status is Status.FAILED
    assert ended.error_code == code
    assert bench.machine.runs == {}
    assert held(bench) == 0


@pytest.mark.parametrize("writes_before", range(4))
def test_a_cancel_in_between_leaves_nothing_reserved(
    bench: Bench, writes_before: int
) -> None:
    record = start(bench)
    for _ in range(writes_before):
        bench.executions.meanwhile(lambda: None)
    bench.executions.meanwhile(
        lambda: cancel_execution(
            {"executionId": record.execution_id}, bench.ports()
        )
    )

    try:
        start_machine(bench.worker.take(), bench.ports())
    except DrError as error:
        assert error.code == "EXECUTION_NOT_ACTIVE"
    ended = bench.executions.record(record.key)

    if ended.status is Status.CANCELLED:
        assert held(bench) == 0


def test_a_repeat_of_the_request_says_that_checks_go_on(
    bench: Bench,
) -> None:
    first = start(bench, clientToken="t")

    assert start(bench, clientToken="t").key == first.key
    works(bench, first)
    reply = start_execution({**EVENT, "clientToken": "t"}, bench.ports())

    assert reply["warnings"] == []


def test_a_plan_that_names_many_servers_is_checked_later() -> None:
    bench = Bench()
    ids = bench.has_group("db", 201)
    bench.groups.put(
        {
            **bench.groups.group("db"),
            "serverSelectionTags": {},
            "sourceServerIds": ids,
        }
    )
    bench.has_plan({"protectionGroupId": "db"})

    record = works(bench, start(bench))

    assert record.large
    assert record.checks == ""
    assert held(bench) == 201


def test_a_start_that_takes_too_long_goes_on_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench()
    bench.has_group("db", 1)
    bench.has_group("web", 1)
    bench.has_plan({"protectionGroupId": "db"}, {"protectionGroupId": "web"})
    answer = bench.drs.answer

    def slowly(*given: Any) -> Any:
        bench.clock.sleep(15)
        return answer(*given)

    monkeypatch.setattr(bench.drs, "answer", slowly)

    record = works(bench, start(bench))

    assert not record.large
    assert record.checks == ""
    assert [len(group.server_ids) for group in record.reserved] == [1, 1]


def test_an_attempt_after_one_that_died_takes_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The record has to note what the dead attempt may have reserved."""
    bench = Bench()
    bench.has_group("db", 1)
    bench.has_group("web", 1)
    bench.has_plan({"protectionGroupId": "db"}, {"protectionGroupId": "web"})

    def dies(*given: Any) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(bench.executions, "create", dies)
        start_execution({**EVENT, "clientToken": "t"}, bench.ports())
    answer = bench.drs.answer

    def slowly(*given: Any) -> Any:
        bench.clock.sleep(15)
        return answer(*given)

    monkeypatch.setattr(bench.drs, "answer", slowly)
    reply = start_execution({**EVENT, "clientToken": "t"}, bench.ports())
    cancel_execution({"executionId": reply["executionId"]}, bench.ports())

    assert reply["warnings"] == []
    assert held(bench) == 0


def test_a_wave_skipped_before_its_check_is_not_in_the_way(
    bench: Bench,
) -> None:
    record = start(bench)
    skip_wave(
        {
            "executionId": record.execution_id,
            "waveNumber": 3,
            "reason": "not needed",
        },
        bench.ports(),
    )

    assert works(bench, record).checks == ""


def test_a_failed_attempt_keeps_the_trace_of_one_that_died_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The third attempt still notes what the first may have reserved."""
    bench = Bench()
    bench.has_group("db", 1)
    bench.has_group("web", 1)
    bench.has_plan({"protectionGroupId": "db"}, {"protectionGroupId": "web"})

    def ends_as(error: BaseException) -> None:
        def ends(*given: Any) -> bool:
            raise error

        with monkeypatch.context() as patch, pytest.raises(type(error)):
            patch.setattr(bench.executions, "create", ends)
            start_execution({**EVENT, "clientToken": "t"}, bench.ports())

    ends_as(KeyboardInterrupt())
    ends_as(DatabaseError("the table could not be written to"))
    answer = bench.drs.answer

    def slowly(*given: Any) -> Any:
        bench.clock.sleep(15)
        return answer(*given)

    monkeypatch.setattr(bench.drs, "answer", slowly)
    reply = start_execution({**EVENT, "clientToken": "t"}, bench.ports())
    cancel_execution({"executionId": reply["executionId"]}, bench.ports())

    assert reply["warnings"] == []
    assert held(bench) == 0
