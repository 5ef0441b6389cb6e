"""Launch configuration before recovery: what a failure means."""

from typing import Any

import pytest
from msgspec.structs import replace

from execution_handler.configure import (
    apply_launch_config_before_recovery,
    apply_launch_config_to_servers,
)
from shared.domain.errors import BadRequest
from shared.domain.status import RunStatus, Status, WaveStatus
from tests.execution_handler.bench import REGION, Bench
from tests.support.fake_drs import FakeDrs, hub
from tests.support.fakes import FakeClock

CONFIG = {"launchConfig": {"copyPrivateIp": True, "instanceType": "m5.large"}}
WAVE = {"protectionGroupId": "db", "waveName": "Database"}


def a_run(kind: str, count: int = 2) -> Bench:
    bench = Bench()
    bench.has_group("db", count, **CONFIG)
    bench.runs(WAVE, execution_type=kind)
    return bench


def config_of(bench: Bench) -> set[str]:
    return {s.launch_config_status for s in bench.entry().server_statuses}


def test_settings_are_applied_before_the_call() -> None:
    bench = a_run("DRILL")

    bench.start()

    order = [
        call.operation
        for call in bench.drs.calls
        if call.operation in ("UpdateLaunchConfiguration", "StartRecovery")
    ]
    assert order[-1] == "StartRecovery"
    assert order.count("UpdateLaunchConfiguration") == 2
    assert config_of(bench) == {"APPLIED"}


def test_settings_are_applied_once_however_often_a_wave_starts() -> None:
    bench = a_run("DRILL")
    bench.drs.refuses(
        "StartRecovery", "ServiceQuotaExceededException", times=5
    )

    bench.start()
    bench.start()

    assert len(bench.drs.calls_of("UpdateLaunchConfiguration")) == 2
    assert len(bench.drs.jobs_started) == 1


def test_a_drill_never_launches_a_server_that_is_not_configured() -> None:
    bench = a_run("DRILL")
    bench.drs.refuses("UpdateLaunchConfiguration", "ValidationException")

    state = bench.start()

    assert bench.drs.jobs_started == []
    assert bench.intents == []
    assert state.status is RunStatus.FAILED
    assert state.error_code == "LAUNCH_CONFIG_APPLY_FAILED"
    assert bench.entry().status is WaveStatus.FAILED
    assert bench.record.status is Status.FAILED
    assert "launch_config_failed" in bench.notifier.events


def test_a_drill_launches_the_servers_that_are_configured() -> None:
    bench = a_run("DRILL", count=3)
    bench.drs.refuses(
        "UpdateLaunchConfiguration", "ValidationException", times=1
    )

    bench.start()

    (job,) = bench.drs.jobs_started
    (failed,) = [s for s in bench.entry().server_statuses if s.error_code]
    assert len(job.server_ids) == 2
    assert failed.source_server_id not in job.server_ids
    assert failed.error_code == "LAUNCH_CONFIG_APPLY_FAILED"
    assert failed.launch_config_status == "FAILED"


def test_a_recovery_launches_marks_and_alerts() -> None:
    bench = a_run("RECOVERY")
    assert bench.state is not None
    bench.state = replace(bench.state, is_drill=False)
    bench.drs.refuses("UpdateLaunchConfiguration", "ValidationException")

    state = bench.start()

    (job,) = bench.drs.jobs_started
    assert len(job.server_ids) == 2
    assert config_of(bench) == {"FAILED"}
    assert state.status is RunStatus.RUNNING
    assert bench.notifier.events.count("launch_config_failed") == 1
    (call,) = bench.drs.calls_of("StartRecovery")
    assert call.request["isDrill"] is False


def test_throttling_is_waited_out_before_a_server_is_given_up() -> None:
    bench = a_run("DRILL")
    bench.drs.throttles_next("UpdateLaunchConfiguration", 3)

    bench.start()

    assert config_of(bench) == {"APPLIED"}
    assert len(bench.drs.jobs_started) == 1


def test_a_group_without_settings_is_not_touched() -> None:
    bench = Bench()
    bench.has_group("db", 2)
    bench.runs(WAVE)

    bench.start()

    assert bench.drs.calls_of("GetLaunchConfiguration") == []
    assert config_of(bench) == {""}


@pytest.mark.parametrize("changes", [1, 2])
def test_a_record_that_changed_meanwhile_is_read_again(changes: int) -> None:
    bench = a_run("DRILL")
    for _ in range(changes):
        bench.executions.meanwhile(lambda: None)
    bench.executions.meanwhile(
        lambda: bench.becomes(bench.record.status, hurry_until=5)
    )

    bench.start()

    assert len(bench.drs.jobs_started) == 1
    assert config_of(bench) == {"APPLIED"}
    assert bench.drs.calls_of("StartRecovery")[0].region == REGION


def servers_with(count: int) -> tuple[FakeDrs, list[str]]:
    drs = FakeDrs(FakeClock())
    return drs, drs.has_servers(REGION, [{}] * count)


def test_what_became_of_servers_is_counted_and_told_one_by_one() -> None:
    drs, ids = servers_with(2)
    ids.append("s-99999999999999999")

    told = apply_launch_config_to_servers(
        ids, {"instanceType": "m5.large"}, REGION, hub(), regions=drs
    )

    assert told["success"] is False
    assert told["failed"] == ids[2:]
    assert (told["applied"], told["skipped"], told["failedCount"]) == (2, 0, 1)
    assert [one["serverId"] for one in told["details"]] == ids
    assert told["details"][2]["reason"] == "LAUNCH_CONFIG_APPLY_FAILED"
    assert ids[2] in told["details"][2]["error"]
    content = drs.template_of(ids[0], REGION).content
    assert content["InstanceType"] == "m5.large"


def test_servers_of_a_group_keep_what_they_set_themselves() -> None:
    drs, ids = servers_with(2)
    group: dict[str, Any] = {
        "groupId": "g-1",
        "groupName": "Databases",
        "region": REGION,
        "servers": [
            {
                "sourceServerId": ids[1],
                "launchTemplate": {"instanceType": "r5.large"},
            }
        ],
    }

    told = apply_launch_config_to_servers(
        ids,
        {"instanceType": "m5.large"},
        REGION,
        hub(),
        protection_group=group,
        regions=drs,
    )

    assert told["success"] is True
    assert [
        drs.template_of(one, REGION).content["InstanceType"] for one in ids
    ] == ["m5.large", "r5.large"]


def test_a_part_of_a_group_is_no_group() -> None:
    drs, ids = servers_with(1)

    with pytest.raises(BadRequest):
        apply_launch_config_to_servers(
            ids,
            {},
            REGION,
            hub(),
            protection_group={"groupId": "g"},
            regions=drs,
        )

    assert drs.calls == []


def test_servers_with_a_result_are_passed_over() -> None:
    drs, ids = servers_with(2)
    results: dict[str, Any] = {ids[0]: {"status": "applied"}}

    apply_launch_config_before_recovery(
        drs(hub(), REGION), ids, {"copyTags": True}, REGION, results=results
    )

    assert results.keys() == set(ids)
    asked = drs.calls_of("GetLaunchConfiguration")
    assert [one.request["sourceServerID"] for one in asked] == ids[1:]
