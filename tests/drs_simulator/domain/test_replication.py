"""Replication states, lag, snapshots and the way back."""

import pytest

from drs_simulator.domain.faults import ServiceFault
from tests.drs_simulator.builders import Service


def replication(service: Service, index: int = 0) -> dict[str, str]:
    servers = service.pages("DescribeSourceServers")
    return dict(servers[index]["dataReplicationInfo"])


def refused(service: Service, operation: str, **request: str) -> str:
    with pytest.raises(ServiceFault) as error:
        service.call(operation, **request)
    return error.value.code


def test_a_started_server_passes_through_the_real_states() -> None:
    service = Service(1)
    service.call("StopReplication", sourceServerID=service.ids[0])
    service.call("StartReplication", sourceServerID=service.ids[0])

    seen = [replication(service)["dataReplicationState"]]
    for seconds in (60, 600, 60):
        service.clock.forward(seconds)
        seen.append(replication(service)["dataReplicationState"])

    assert seen == [
        "INITIATING",
        "INITIAL_SYNC",
        "CREATING_SNAPSHOT",
        "CONTINUOUS",
    ]


def test_a_retried_server_rescans() -> None:
    service = Service(1, replicationState="STALLED")
    service.call("RetryDataReplication", sourceServerID=service.ids[0])

    service.clock.forward(61)

    assert replication(service)["dataReplicationState"] == "RESCAN"


@pytest.mark.parametrize(
    ("state", "lag"), [("CONTINUOUS", "PT1M30S"), ("STALLED", "PT1H1M30S")]
)
def test_the_lag_grows_only_while_nothing_is_replicated(
    state: str, lag: str
) -> None:
    service = Service(1, replicationState=state, lagSeconds=90)

    service.clock.forward(3600)

    assert replication(service)["lagDuration"] == lag


def test_only_a_stopped_server_is_started() -> None:
    service = Service(1)

    code = refused(service, "StartReplication", sourceServerID=service.ids[0])

    assert code == "ConflictException"


def test_a_server_in_a_job_is_not_stopped() -> None:
    service = Service(1)
    service.start(*service.ids)

    code = refused(service, "StopReplication", sourceServerID=service.ids[0])

    assert code == "ConflictException"


def test_a_stopped_server_has_no_snapshots() -> None:
    service = Service(1)
    service.call("StopReplication", sourceServerID=service.ids[0])

    found = service.pages(
        "DescribeRecoverySnapshots", sourceServerID=service.ids[0]
    )

    assert found == []


def test_snapshots_follow_the_policy_and_keep_their_ids() -> None:
    service = Service(1)
    before = service.pages(
        "DescribeRecoverySnapshots", sourceServerID=service.ids[0]
    )
    service.clock.forward(600)

    after = service.pages(
        "DescribeRecoverySnapshots", sourceServerID=service.ids[0]
    )

    ids = {item["snapshotID"] for item in before}
    assert 30 <= len(before) <= 37
    assert len({item["snapshotID"] for item in after} - ids) == 1
    stamps = [item["timestamp"] for item in after]
    assert stamps == sorted(stamps)


def test_a_stalled_server_gets_no_new_snapshots() -> None:
    service = Service(1, replicationState="STALLED")
    before = service.pages(
        "DescribeRecoverySnapshots", sourceServerID=service.ids[0]
    )

    service.clock.forward(7200)

    after = service.pages(
        "DescribeRecoverySnapshots", sourceServerID=service.ids[0]
    )
    assert after == before


def test_snapshots_are_chosen_by_date_and_given_in_either_order() -> None:
    service = Service(1)
    request = {
        "sourceServerID": service.ids[0],
        "filters": {
            "fromDateTime": "2027-01-15T07:05:00Z",
            "toDateTime": "2027-01-15T07:45:00Z",
        },
    }

    up = service.pages("DescribeRecoverySnapshots", **request)
    down = service.pages(
        "DescribeRecoverySnapshots", **request, order="DESC", maxResults=2
    )

    assert [item["timestamp"][11:16] for item in up] == [
        "07:10",
        "07:20",
        "07:30",
        "07:40",
    ]
    assert down == list(reversed(up))


@pytest.mark.parametrize(
    "operation", ["DisconnectRecoveryInstance", "ReverseReplication"]
)
def test_an_instance_is_taken_out_once(operation: str) -> None:
    service = Service(1)
    service.launch_all(*service.ids)
    [instance] = service.pages("DescribeRecoveryInstances")
    instance_id = instance["recoveryInstanceID"]

    service.call(operation, recoveryInstanceID=instance_id)

    assert (
        refused(service, operation, recoveryInstanceID=instance_id)
        == "ConflictException"
    )


@pytest.mark.parametrize(
    "operation", ["DisconnectRecoveryInstance", "ReverseReplication"]
)
def test_an_unknown_instance_is_not_found(operation: str) -> None:
    service = Service(1)

    code = refused(
        service, operation, recoveryInstanceID="i-00000000000000000"
    )

    assert code == "ResourceNotFoundException"


def test_an_instance_in_a_job_is_left_alone() -> None:
    service = Service(1)
    service.launch_all(*service.ids)
    [instance] = service.pages("DescribeRecoveryInstances")
    service.start(*service.ids)

    code = refused(
        service,
        "DisconnectRecoveryInstance",
        recoveryInstanceID=instance["recoveryInstanceID"],
    )

    assert code == "ConflictException"


@pytest.mark.parametrize(
    "operation",
    [
        "GetLaunchConfiguration",
        "GetReplicationConfiguration",
        "RetryDataReplication",
        "StartReplication",
        "StopReplication",
        "UpdateLaunchConfiguration",
    ],
)
def test_an_unknown_server_is_not_found(operation: str) -> None:
    service = Service(1)

    code = refused(service, operation, sourceServerID="s-00000000000000000")

    assert code == "ResourceNotFoundException"
