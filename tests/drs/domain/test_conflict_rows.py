"""A conflict as the API shows it, key by key."""

from drs.domain.conflicts import InExecution, InJob
from shared.domain.ports import ServerKey

SERVER = ServerKey("111122223333", "us-east-1", "s-1")


def test_a_server_of_an_execution_is_shown_with_what_holds_it() -> None:
    busy = InExecution(
        server=SERVER,
        execution_id="e-1",
        plan_id="p-1",
        wave_name="Web",
        status="POLLING",
    )

    assert busy.row("Data") == {
        "serverId": "s-1",
        "waveName": "Data",
        "conflictingExecutionId": "e-1",
        "conflictingPlanId": "p-1",
        "conflictingWaveName": "Web",
        "conflictingStatus": "POLLING",
        "conflictSource": "execution",
    }
    assert busy.row()["waveName"] == ""


def test_a_server_of_a_job_is_shown_with_how_far_it_is() -> None:
    busy = InJob(
        server=SERVER,
        job_id="drsjob-1",
        job_status="STARTED",
        launch_status="IN_PROGRESS",
        plan_id="p-1",
    )

    assert busy.row("Data") == {
        "serverId": "s-1",
        "waveName": "Data",
        "conflictingJobId": "drsjob-1",
        "conflictingJobStatus": "STARTED",
        "conflictingLaunchStatus": "IN_PROGRESS",
        "conflictSource": "drs_job",
    }
    assert busy.row()["waveName"] == ""
