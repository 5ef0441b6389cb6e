"""The example, from the built artifacts, through both orchestrators."""

import pytest

from tests.system.likeness import likeness
from tests.system.world import Drill, System

WRITING = ("Start", "Update", "Tag", "Untag", "Terminate", "Stop", "Disconnec")
WAVES = [("Database", 3), ("Application", 5), ("Web", 4)]


@pytest.fixture(scope="module")
def generic_drill(system: System) -> Drill:
    """What the example left with the generic orchestrator."""
    return system.drill()


@pytest.fixture(scope="module")
def direct_drill(direct: System) -> Drill:
    """What the example left with the other orchestrator."""
    return direct.drill()


@pytest.fixture(params=["generic_drill", "direct_drill"])
def drill(request: pytest.FixtureRequest) -> Drill:
    """Each drill in turn."""
    found: Drill = request.getfixturevalue(request.param)
    return found


def writing_calls(drill: Drill) -> list[str]:
    """List the calls that changed something in DRS, in order."""
    return [
        call["operation"]
        for call in drill.calls
        if call["operation"].startswith(WRITING)
    ]


def test_every_server_of_every_wave_is_launched(drill: Drill) -> None:
    assert drill.exit_status == 0, drill.screen
    assert drill.report["status"] == "COMPLETED"
    assert [
        (wave["name"], wave["launched"], wave["failed"], wave["status"])
        for wave in drill.report["waves"]
    ] == [(name, servers, 0, "COMPLETED") for name, servers in WAVES]
    assert (drill.report["launched"], drill.report["servers"]) == (12, 12)


def test_the_record_and_the_state_machine_say_so_too(drill: Drill) -> None:
    assert drill.record["status"] == "COMPLETED"
    assert [
        [server["launchStatus"] for server in wave["serverStatuses"]]
        for wave in drill.record["waves"]
    ] == [["LAUNCHED"] * servers for _, servers in WAVES]
    assert drill.machine["status"] == "SUCCEEDED"


def test_the_pause_before_the_third_wave_is_seen_and_released(
    drill: Drill,
) -> None:
    said = drill.screen
    paused = said.index("Paused before wave 3")

    assert said.index("Wave 2 (Application) COMPLETED") < paused
    assert paused < said.index("Wave 3 (Web) COMPLETED")
    assert drill.record["resumedBy"]


def test_each_wave_is_launched_by_one_call(drill: Drill) -> None:
    assert drill.called("StartRecovery") == len(WAVES)


def test_the_direct_orchestrator_calls_drs_itself(
    generic_drill: Drill, direct_drill: Drill
) -> None:
    def callers(drill: Drill) -> set[str]:
        return {call["caller"].rsplit("/", 1)[-1] for call in drill.calls}

    project = "drs-orchestration"
    assert callers(generic_drill) == {
        f"{project}-execution-handler-local",
        f"{project}-query-handler-local",
    }
    assert f"{project}-orch-sf-local" in callers(direct_drill)
    assert f"{project}-query-handler-local" not in callers(direct_drill)


def test_both_orchestrators_report_the_same_waves(
    generic_drill: Drill, direct_drill: Drill
) -> None:
    def waves(drill: Drill) -> list[dict[str, object]]:
        return [{**wave, "seconds": 0} for wave in drill.report["waves"]]

    assert waves(generic_drill) == waves(direct_drill)
    assert generic_drill.report["orchestrator"] == "generic"
    assert direct_drill.report["orchestrator"] == "direct"


def test_both_orchestrators_leave_the_same_history(
    generic_drill: Drill, direct_drill: Drill
) -> None:
    assert likeness(generic_drill.items) == likeness(direct_drill.items)


def test_both_orchestrators_change_the_same_things_in_drs(
    generic_drill: Drill, direct_drill: Drill
) -> None:
    calls = writing_calls(generic_drill)

    assert calls.count("UpdateLaunchConfiguration") == 12
    assert calls == writing_calls(direct_drill)


def test_the_logs_show_each_peer_invocation(
    system: System, generic_drill: Drill
) -> None:
    of_drill = {"execution_id": generic_drill.execution_id}
    invoked = [
        line
        for function in ("dr-orch-sf", "query-handler")
        for line in system.log_lines(function, "peer_invoked")
        if of_drill.items() <= line.items()
    ]
    by_action = {
        action: {line["wave"] for line in invoked if line["action"] == action}
        for action in ("start_wave_recovery", "poll_wave_status")
    }

    assert by_action == {
        "start_wave_recovery": {0, 1, 2},
        "poll_wave_status": {0, 1, 2},
    }
    assert all(isinstance(line["duration_ms"], int) for line in invoked)
    answered = [
        line
        for function in ("execution-handler", "query-handler")
        for line in system.log_lines(function, "answered")
        if of_drill.items() <= line.items() and line.get("action") in by_action
    ]
    assert len(answered) == len(invoked)
