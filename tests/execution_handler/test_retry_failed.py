"""Retrying an execution: which waves and servers, and every refusal."""

from typing import Any

import pytest

from execution_handler.control import cancel_execution
from execution_handler.retry_failed import retry_failed
from shared.domain.errors import DrError
from shared.domain.plan import Plan
from shared.domain.ports import ServerKey
from shared.domain.record import (
    Change,
    Key,
    Record,
    Reserved,
    ServerStatus,
    WaveEntry,
)
from shared.domain.status import Status, WaveStatus
from shared.domain.waves import counted
from tests.execution_handler.bench import KEY, PLAN, REGION, Bench
from tests.support.fake_drs import HUB
from tests.support.fakes import NOON

ME = {"executionId": KEY.execution_id, "initiatedBy": "ann"}
WAVES = (
    {"protectionGroupId": "db", "pauseBeforeWave": True},
    {"protectionGroupId": "app", "dependsOnWaves": [0], "waveName": "Apps"},
    {"protectionGroupId": "web", "dependsOnWaves": [0, 1]},
)


class Estate:
    """Three tiers, and an execution of them that has ended."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.ids = {
            tier: self.bench.has_group(tier, 2)
            for tier in ("db", "app", "web")
        }

    def ended(
        self,
        *entries: WaveEntry,
        status: Status = Status.PARTIAL,
        **more: Any,
    ) -> Record:
        self.bench.runs(*WAVES, status=Status.RUNNING)
        record = self.bench.record
        noted = tuple(
            Reserved(wave_number=number, server_ids=tuple(ids), region=REGION)
            for number, ids in enumerate(self.ids.values())
        )
        large = bool(more.pop("large", False))
        if large:
            changed = self.bench.executions.commit(
                record, Change(set={"large": True})
            )
            assert changed is not None
            record = changed
        written = self.bench.executions.commit(
            record, Change(set={"reserved": noted})
        )
        for entry in entries:
            assert written is not None
            written = self.bench.executions.commit(written, Change(wave=entry))
        assert written is not None
        facts = {"finalized_at": NOON, "end_time": NOON, **more}
        written = self.bench.executions.commit(
            written, Change(status=status, set=facts)
        )
        assert written is not None
        self.bench.locks.release_plan(KEY)
        return written

    def wave(self, number: int, *launched: bool, **more: Any) -> WaveEntry:
        """Return the entry of a wave whose servers became that."""
        ids = list(self.ids.values())[number]
        servers = tuple(
            ServerStatus(
                source_server_id=one,
                server_name=one,
                hostname=one,
                launch_status="LAUNCHED" if good else "FAILED",
            )
            for one, good in zip(ids, launched, strict=False)
        )
        status = more.pop(
            "status",
            WaveStatus.COMPLETED if all(launched) else WaveStatus.PARTIAL,
        )
        return counted(
            WaveEntry(
                wave_number=number,
                wave_name=f"Wave {number + 1}",
                status=status,
                start_time=NOON,
                end_time=NOON,
                region=REGION,
                server_ids=tuple(s.source_server_id for s in servers),
                server_statuses=servers,
                **more,
            )
        )

    def retries(self, **more: Any) -> tuple[Record, Plan]:
        reply = retry_failed({**ME, **more}, self.bench.ports())
        assert reply["retryOf"] == KEY.execution_id
        key = Key(reply["executionId"], PLAN)
        executions = self.bench.executions
        return executions.record(key), executions.plan(key)

    def refusal(self, **more: Any) -> DrError:
        before = dict(self.bench.executions.items)
        with pytest.raises(DrError) as caught:
            retry_failed({**ME, **more}, self.bench.ports())
        assert self.bench.executions.items == before
        return caught.value


@pytest.fixture
def estate() -> Estate:
    return Estate()


def only(plan: Plan) -> dict[str, tuple[str, ...] | None]:
    return {wave.name: wave.only_server_ids for wave in plan.waves}


@pytest.mark.parametrize("large", [False, True])
def test_only_what_was_not_launched_is_retried(
    estate: Estate, large: bool
) -> None:
    estate.ended(
        estate.wave(0, True, True), estate.wave(1, True, False), large=large
    )

    record, plan = estate.retries()

    assert only(plan) == {
        "Apps": (estate.ids["app"][1],),
        "Wave 3": tuple(estate.ids["web"]),
    }
    assert [wave.wave_number for wave in plan.waves] == [0, 1]
    assert [wave.depends_on_waves for wave in plan.waves] == [(), (0,)]
    assert record.status is Status.PENDING
    assert record.total_waves == 2
    assert [len(group.server_ids) for group in record.reserved] == [1, 2]


def test_both_records_name_each_other(estate: Estate) -> None:
    first = estate.ended(estate.wave(0, False, True))

    record, plan = estate.retries()

    assert record.retry_of == KEY.execution_id
    assert record.initiated_by == "ann"
    assert record.execution_type == first.execution_type
    assert record.plan_version == first.plan_version or plan.version
    assert estate.bench.record.retried_by == record.execution_id
    assert estate.bench.record.status is Status.PARTIAL
    assert plan.waves[0].pause_before_wave


def test_what_the_plan_became_meanwhile_changes_nothing(
    estate: Estate,
) -> None:
    estate.ended(estate.wave(0, False, True))
    estate.bench.plans.forget(PLAN)

    _, plan = estate.retries()

    assert len(plan.waves) == 3


def test_a_server_that_another_wave_launched_is_left_out(
    estate: Estate,
) -> None:
    estate.ids["web"] = [*estate.ids["web"], estate.ids["db"][0]]
    estate.ended(estate.wave(0, True, False))

    _, plan = estate.retries()

    assert only(plan)["Wave 3"] == tuple(estate.ids["web"][:2])


def test_a_wave_that_was_passed_over_is_retried_whole(
    estate: Estate,
) -> None:
    passed = estate.wave(1, status=WaveStatus.CANCELLED)
    estate.ended(estate.wave(0, False, False), passed)

    _, plan = estate.retries()

    assert only(plan)["Apps"] == tuple(estate.ids["app"])


@pytest.mark.parametrize("include", [False, True])
def test_a_skipped_wave_is_retried_only_on_demand(
    estate: Estate, include: bool
) -> None:
    skipped = estate.wave(1, status=WaveStatus.SKIPPED)
    estate.ended(estate.wave(0, True, False), skipped)

    _, plan = estate.retries(includeSkipped=include)

    assert ("Apps" in only(plan)) is include
    assert plan.waves[-1].depends_on_waves == ((0, 1) if include else (0,))


def test_a_run_with_nothing_but_skipped_waves_left_has_nothing_to_retry(
    estate: Estate,
) -> None:
    estate.ended(
        estate.wave(0, True, True),
        estate.wave(1, status=WaveStatus.SKIPPED),
        estate.wave(2, True, True),
    )

    assert estate.refusal().code == "EXECUTION_NOT_RETRYABLE"
    _, plan = estate.retries(includeSkipped=True)
    assert len(plan.waves) == 1


@pytest.mark.parametrize(
    "status",
    [
        Status.COMPLETED,
        Status.CANCELLED,
        Status.RUNNING,
        Status.PAUSED,
        Status.CANCELLING,
    ],
)
def test_only_what_ended_short_is_retried(
    estate: Estate, status: Status
) -> None:
    estate.ended(estate.wave(0, False, True), status=status)

    assert estate.refusal().code == "EXECUTION_NOT_RETRYABLE"


def test_a_plan_that_was_approved_without_waves_is_not_retried(
    estate: Estate,
) -> None:
    estate.ended(status=Status.FAILED)
    snapshot = (KEY.execution_id, f"{PLAN}#plan")
    estate.bench.executions.items[snapshot]["waves"] = []

    assert estate.refusal().code == "PLAN_HAS_NO_WAVES"


@pytest.mark.parametrize(
    "status", [Status.PARTIAL, Status.FAILED, Status.TIMEOUT]
)
def test_a_run_is_retried_when_all_of_it_is_over(
    estate: Estate, status: Status
) -> None:
    estate.ended(estate.wave(0, False, False), status=status, finalized_at=0)

    assert estate.refusal().code == "EXECUTION_NOT_RETRYABLE"
    estate.bench.executions.finalize(estate.bench.record, NOON)
    assert estate.retries()[0].status is Status.PENDING


def test_a_repeat_answers_the_active_retry(estate: Estate) -> None:
    estate.ended(estate.wave(0, False, True))
    first, _ = estate.retries()

    assert estate.retries()[0].key == first.key
    assert estate.retries(clientToken="other")[0].key == first.key


def test_a_retry_that_ended_may_be_followed_by_another(
    estate: Estate,
) -> None:
    estate.ended(estate.wave(0, False, True))
    first, _ = estate.retries()
    cancel_execution({"executionId": first.execution_id}, estate.bench.ports())

    second, _ = estate.retries()

    assert second.key != first.key
    assert estate.bench.record.retried_by == second.execution_id


def test_a_token_answers_its_retry_even_after_that_ended(
    estate: Estate,
) -> None:
    estate.ended(estate.wave(0, False, True))
    first, _ = estate.retries(clientToken="t")
    cancel_execution({"executionId": first.execution_id}, estate.bench.ports())

    assert estate.retries(clientToken="t")[0].key == first.key


def test_two_retries_at_once_are_one(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate.ended(estate.wave(0, False, True))
    executions = estate.bench.executions
    reserved = executions.reserved
    other: list[Key] = []

    def while_the_other_starts(record: Record) -> tuple[Reserved, ...]:
        monkeypatch.setattr(executions, "reserved", reserved)
        other.append(estate.retries()[0].key)
        return reserved(record)

    monkeypatch.setattr(executions, "reserved", while_the_other_starts)

    record, _ = estate.retries()

    assert other == [record.key]
    assert [r.key for r in executions.active()] == [record.key]


def test_a_plan_that_runs_again_already_is_not_retried(
    estate: Estate,
) -> None:
    estate.ended(estate.wave(0, False, True))
    estate.bench.locks.acquire_plan(Key("exec-9", PLAN), NOON)

    assert estate.refusal().code == "PLAN_ALREADY_EXECUTING"


def test_all_checks_of_a_start_apply(estate: Estate) -> None:
    estate.ended(estate.wave(0, False, True))
    keys = [ServerKey(HUB, REGION, estate.ids["web"][0])]
    estate.bench.locks.reserve(
        Key("exec-9", "plan-9"), keys, 0, NOON, record_exists=False
    )

    assert estate.refusal().code == "SERVER_CONFLICT"


def test_servers_that_are_gone_are_named_by_the_refusal(
    estate: Estate,
) -> None:
    estate.ended(estate.wave(0, False, True))
    group = estate.bench.groups.group("db")
    group["serverSelectionTags"] = {"tier": "nothing"}
    estate.bench.groups.put(group)

    assert estate.refusal().code == "NO_SERVERS_RESOLVED"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"executionId": ""}, "MISSING_FIELD"),
        ({"executionId": "other"}, "EXECUTION_NOT_FOUND"),
        ({"includeSkipped": 1}, "INVALID_TYPE"),
        ({"clientToken": "x" * 65}, "INVALID_FORMAT"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(
    estate: Estate, fields: dict[str, Any], code: str
) -> None:
    estate.ended(estate.wave(0, False, True))

    assert estate.refusal(**fields).code == code
