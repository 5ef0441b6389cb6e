"""Every operation through boto3, on the HTTP server and on moto."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError, HTTPClientError

from drs_simulator.domain.ids import derived
from drs_simulator.domain.simulator import OPERATIONS
from tests.drs_simulator.aws.fronts import FRONTS, Wired
from tests.drs_simulator.builders import ACCOUNT, OTHER, REGION, an_estate


@pytest.fixture(params=sorted(FRONTS))
def wired(request: pytest.FixtureRequest) -> Iterator[Wired]:
    """Give a service with three servers, on each front in turn."""
    with FRONTS[request.param]() as service:
        service.simulator.load_estate(an_estate(3))
        yield service


def ids(wired: Wired) -> list[str]:
    found = wired.client().describe_source_servers()["items"]
    return [server["sourceServerID"] for server in found]


def launched(wired: Wired, server_id: str) -> str:
    job = wired.client().start_recovery(
        sourceServers=[{"sourceServerID": server_id}], isDrill=True
    )["job"]
    wired.clock.forward(1000)
    found = wired.client().describe_jobs(filters={"jobIDs": [job["jobID"]]})
    participant = found["items"][0]["participatingServers"][0]
    assert participant["launchStatus"] == "LAUNCHED"
    return participant["recoveryInstanceID"]


def refused(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    answer = error.value.response
    return (
        answer["Error"]["Code"],
        answer["ResponseMetadata"]["HTTPStatusCode"],
    )


class TestEveryOperation:
    """The same laws on both fronts."""

    def test_source_servers_are_described_page_by_page(
        self, wired: Wired
    ) -> None:
        pages = wired.client().get_paginator("describe_source_servers")

        names = [
            server["sourceProperties"]["identificationHints"]["hostname"]
            for page in pages.paginate(PaginationConfig={"PageSize": 2})
            for server in page["items"]
        ]

        assert sorted(names) == ["db-0", "db-1", "db-2"]

    def test_a_drill_launches_a_server(self, wired: Wired) -> None:
        server_id = ids(wired)[0]

        instance_id = launched(wired, server_id)

        server = wired.client().describe_source_servers(
            filters={"sourceServerIDs": [server_id]}
        )["items"][0]
        assert server["lastLaunchResult"] == "SUCCEEDED"
        assert server["recoveryInstanceId"] == instance_id

    def test_start_recovery_answers_202_with_the_tags_of_the_job(
        self, wired: Wired
    ) -> None:
        answer = wired.client().start_recovery(
            sourceServers=[{"sourceServerID": ids(wired)[0]}],
            tags={"Wave": "1"},
        )

        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
        assert answer["job"]["tags"] == {"Wave": "1"}
        assert answer["job"]["initiatedBy"] == "START_RECOVERY"
        assert answer["job"]["status"] == "PENDING"

    def test_a_job_log_names_the_real_events_in_order(
        self, wired: Wired
    ) -> None:
        launched(wired, ids(wired)[0])
        job_id = wired.client().describe_jobs()["items"][0]["jobID"]

        log = wired.client().describe_job_log_items(jobID=job_id)["items"]

        assert [item["event"] for item in log] == [
            "JOB_START",
            "SNAPSHOT_START",
            "SNAPSHOT_END",
            "CONVERSION_START",
            "CONVERSION_END",
            "LAUNCH_START",
            "JOB_END",
        ]

    def test_recovery_instances_are_described_and_terminated(
        self, wired: Wired
    ) -> None:
        drs, instance_id = wired.client(), launched(wired, ids(wired)[0])
        [shown] = drs.describe_recovery_instances(
            filters={"recoveryInstanceIDs": [instance_id]}
        )["items"]

        job = drs.terminate_recovery_instances(
            recoveryInstanceIDs=[instance_id]
        )["job"]
        wired.clock.forward(1000)

        assert shown["isDrill"] and shown["ec2InstanceState"] == "RUNNING"
        assert job["type"] == "TERMINATE"
        assert drs.describe_recovery_instances()["items"] == []
        found = drs.describe_jobs(filters={"jobIDs": [job["jobID"]]})
        [participant] = found["items"][0]["participatingServers"]
        assert participant["launchStatus"] == "TERMINATED"

    def test_launch_configuration_is_read_and_changed(
        self, wired: Wired
    ) -> None:
        drs, server_id = wired.client(), ids(wired)[0]
        before = drs.get_launch_configuration(sourceServerID=server_id)

        drs.update_launch_configuration(
            sourceServerID=server_id,
            copyTags=True,
            targetInstanceTypeRightSizingMethod="NONE",
        )

        after = drs.get_launch_configuration(sourceServerID=server_id)
        assert not before["copyTags"] and after["copyTags"]
        assert after["targetInstanceTypeRightSizingMethod"] == "NONE"
        assert before["ec2LaunchTemplateID"] == after["ec2LaunchTemplateID"]

    def test_replication_configuration_has_three_snapshot_rules(
        self, wired: Wired
    ) -> None:
        found = wired.client().get_replication_configuration(
            sourceServerID=ids(wired)[0]
        )

        assert len(found["pitPolicy"]) == 3

    def test_a_snapshot_can_be_launched_from(self, wired: Wired) -> None:
        drs, server_id = wired.client(), ids(wired)[0]
        snapshots = drs.describe_recovery_snapshots(
            sourceServerID=server_id, order="DESC"
        )["items"]

        drs.start_recovery(
            sourceServers=[
                {
                    "sourceServerID": server_id,
                    "recoverySnapshotID": snapshots[3]["snapshotID"],
                }
            ]
        )
        wired.clock.forward(1000)

        [instance] = drs.describe_recovery_instances()["items"]
        assert (
            instance["pointInTimeSnapshotDateTime"]
            == snapshots[3]["timestamp"]
        )

    def test_tags_are_put_listed_and_removed(self, wired: Wired) -> None:
        drs = wired.client()
        arn = drs.describe_source_servers()["items"][0]["arn"]

        drs.tag_resource(resourceArn=arn, tags={"Owner": "ops", "Env": "x"})
        drs.untag_resource(resourceArn=arn, tagKeys=["Env", "Tier"])

        found = drs.list_tags_for_resource(resourceArn=arn)["tags"]
        assert found == {"Owner": "ops"}

    def test_a_region_works_once_it_is_initialised(self, wired: Wired) -> None:
        elsewhere = wired.client(region="eu-west-1")
        with pytest.raises(ClientError) as error:
            elsewhere.describe_source_servers()

        elsewhere.initialize_service()

        assert refused(error) == ("UninitializedAccountException", 400)
        assert elsewhere.describe_source_servers()["items"] == []

    def test_accounts_are_apart(self, wired: Wired) -> None:
        wired.simulator.load_estate(an_estate(1, account=OTHER))

        here, there = wired.client(), wired.client(OTHER)

        assert len(here.describe_source_servers()["items"]) == 3
        assert len(there.describe_source_servers()["items"]) == 1

    def test_staging_servers_are_extended(self, wired: Wired) -> None:
        wired.simulator.load_estate(an_estate(2, account=OTHER))
        drs = wired.client()
        first, second = drs.list_extensible_source_servers(
            stagingAccountID=OTHER
        )["items"]

        made = drs.create_extended_source_server(
            sourceServerArn=first["arn"], tags={"New": "yes"}
        )["sourceServer"]

        assert made["stagingArea"]["stagingSourceServerArn"] == first["arn"]
        assert made["tags"] == {"Tier": "db", "New": "yes"}
        left = drs.list_extensible_source_servers(stagingAccountID=OTHER)
        assert left["items"] == [second]
        accounts = drs.list_staging_accounts()["accounts"]
        assert accounts == [{"accountID": OTHER}]

    def test_replication_stops_and_starts(self, wired: Wired) -> None:
        drs, server_id = wired.client(), ids(wired)[0]

        stopped = drs.stop_replication(sourceServerID=server_id)
        started = drs.start_replication(sourceServerID=server_id)
        wired.clock.forward(1000)

        states = [
            answer["sourceServer"]["dataReplicationInfo"][
                "dataReplicationState"
            ]
            for answer in (stopped, started)
        ]
        assert states == ["STOPPED", "INITIATING"]
        [server] = drs.describe_source_servers(
            filters={"sourceServerIDs": [server_id]}
        )["items"]
        replication = server["dataReplicationInfo"]
        assert replication["dataReplicationState"] == "CONTINUOUS"

    def test_only_a_stalled_server_is_retried(self, wired: Wired) -> None:
        wired.simulator.load_estate(
            an_estate(1, replicationState="STALLED", lagSeconds=60)
        )
        drs, server_id = wired.client(), derived("s", ACCOUNT, REGION, "db-0")

        answer = drs.retry_data_replication(sourceServerID=server_id)
        with pytest.raises(ClientError) as error:
            drs.retry_data_replication(sourceServerID=server_id)

        state = answer["dataReplicationInfo"]["dataReplicationState"]
        assert state == "INITIATING"
        assert refused(error) == ("ValidationException", 400)

    def test_replication_is_reversed_and_an_instance_disconnected(
        self, wired: Wired
    ) -> None:
        drs, instance_id = wired.client(), launched(wired, ids(wired)[0])

        back = drs.reverse_replication(recoveryInstanceID=instance_id)
        drs.disconnect_recovery_instance(recoveryInstanceID=instance_id)

        arns = [s["arn"] for s in drs.describe_source_servers()["items"]]
        assert back["reversedDirectionSourceServerArn"] in arns
        [instance] = drs.describe_recovery_instances()["items"]
        replication = instance["dataReplicationInfo"]
        assert replication["dataReplicationState"] == "DISCONNECTED"

    def test_a_server_in_a_job_is_a_conflict(self, wired: Wired) -> None:
        drs, server_id = wired.client(), ids(wired)[0]
        asked = [{"sourceServerID": server_id}]
        drs.start_recovery(sourceServers=asked)  # type: ignore[arg-type]

        with pytest.raises(ClientError) as error:
            drs.start_recovery(sourceServers=asked)  # type: ignore[arg-type]

        assert refused(error) == ("ConflictException", 409)
        assert server_id in str(error.value)

    def test_another_operation_is_refused_by_name(self, wired: Wired) -> None:
        with pytest.raises(ClientError) as error:
            wired.client().describe_source_networks()

        assert refused(error) == ("UnsupportedOperation", 501)
        assert "DescribeSourceNetworks" in str(error.value)

    def test_a_request_of_the_wrong_shape_is_refused(
        self, wired: Wired
    ) -> None:
        with pytest.raises(ClientError) as error:
            wired.client().describe_source_servers(
                filters={"sourceServerIDs": ["x-23456789012345678"]}
            )

        assert refused(error) == ("ValidationException", 400)

    def test_an_injected_throttle_strikes_as_often_as_asked(
        self, wired: Wired
    ) -> None:
        wired.simulator.inject(
            {"op": "DescribeJobs", "error": "ThrottlingException", "times": 2}
        )

        codes = []
        for _ in range(2):
            with pytest.raises(ClientError) as error:
                wired.client().describe_jobs()
            codes.append(refused(error))

        assert codes == [("ThrottlingException", 429)] * 2
        assert wired.client().describe_jobs()["items"] == []

    def test_a_lost_reply_leaves_one_job(self, wired: Wired) -> None:
        drs, server_id = wired.client(), ids(wired)[0]
        wired.simulator.inject({"op": "StartRecovery", "loseReply": True})

        with pytest.raises(HTTPClientError):
            drs.start_recovery(sourceServers=[{"sourceServerID": server_id}])

        assert len(drs.describe_jobs()["items"]) == 1


def test_every_operation_of_the_model_is_in_the_contract_above() -> None:
    text = open(__file__, encoding="utf-8").read()

    missing = [
        name
        for name in OPERATIONS
        if f".{_snake(name)}(" not in text and f'"{_snake(name)}"' not in text
    ]

    assert missing == []


def _snake(name: str) -> str:
    return "".join(
        f"_{letter.lower()}" if letter.isupper() else letter for letter in name
    ).lstrip("_")
