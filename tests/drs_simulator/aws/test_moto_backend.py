"""What is particular to the moto backend."""

import boto3
from moto import mock_aws

from drs_simulator.aws import moto_backend
from tests.drs_simulator.aws.fronts import moto
from tests.drs_simulator.builders import OTHER, REGION, an_estate


def test_an_assumed_role_reaches_the_servers_of_its_account() -> None:
    with moto() as wired:
        wired.simulator.load_estate(an_estate(2, account=OTHER))
        keys = boto3.client("sts", region_name=REGION).assume_role(
            RoleArn=f"arn:aws:iam::{OTHER}:role/Handler",
            RoleSessionName="test",
        )["Credentials"]

        found = boto3.client(
            "drs",
            region_name=REGION,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        ).describe_source_servers()

    assert len(found["items"]) == 2
    assert f":{OTHER}:" in found["items"][0]["arn"]


def test_recovery_instances_are_in_the_ec2_of_their_account() -> None:
    with moto() as wired:
        wired.simulator.load_estate(an_estate(1))
        [server] = wired.client().describe_source_servers()["items"]
        wired.client().start_recovery(
            sourceServers=[{"sourceServerID": server["sourceServerID"]}]
        )
        wired.clock.forward(1000)
        wired.client().describe_jobs()

        ec2 = boto3.client("ec2", region_name=REGION)
        [reservation] = ec2.describe_instances()["Reservations"]

    tags = reservation["Instances"][0]["Tags"]
    assert {"Key": "Name", "Value": "db-0"} in tags


def test_every_mock_begins_with_an_empty_service() -> None:
    moto_backend.register()
    with mock_aws():
        moto_backend.simulator().load_estate(an_estate(1))

    with mock_aws():
        found = moto_backend.simulator().estate()

    assert found == {"accounts": []}
