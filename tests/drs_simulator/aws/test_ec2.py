"""Recovery instances and launch templates exist in EC2."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from drs_simulator.aws.ec2 import Ec2Machines, clients_at, run_arguments
from drs_simulator.domain.ports import LaunchOrder, MachineRefused, Place
from tests.drs_simulator.builders import ACCOUNT, REGION

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

PLACE = Place(account=ACCOUNT, region=REGION)


@pytest.fixture
def ec2() -> "Iterator[EC2Client]":
    """Give a mocked EC2."""
    with mock_aws():
        yield boto3.client("ec2", region_name=REGION)


def an_order(template_id: str, **changes: object) -> LaunchOrder:
    values: dict[str, object] = {
        "place": PLACE,
        "template_id": template_id,
        "server_id": "s-0123456789abcdef0",
        "instance_type": None,
        "fallback_type": "m5.large",
        "private_ip": None,
        "stopped": False,
        "tags": {"Name": "db-1"},
    }
    return LaunchOrder(**{**values, **changes})  # type: ignore[arg-type]


def test_an_instance_is_launched_as_the_default_version_says(
    ec2: "EC2Client",
) -> None:
    machines = Ec2Machines(lambda place: ec2)
    subnet = ec2.describe_subnets()["Subnets"][0]
    template_id = machines.create_template(
        PLACE, "drs-1", {"InstanceType": "m5.large"}
    )
    machines.update_template(
        PLACE,
        template_id,
        {
            "InstanceType": "c5.large",
            "NetworkInterfaces": [
                {"DeviceIndex": 0, "SubnetId": subnet["SubnetId"]}
            ],
        },
    )

    launched = machines.launch(an_order(template_id))

    found = ec2.describe_instances(InstanceIds=[launched.instance_id])
    [instance] = found["Reservations"][0]["Instances"]
    assert instance["InstanceType"] == launched.instance_type == "c5.large"
    assert instance["SubnetId"] == subnet["SubnetId"]
    assert {"Key": "Name", "Value": "db-1"} in instance["Tags"]


def test_an_update_keeps_what_others_wrote_into_the_template(
    ec2: "EC2Client",
) -> None:
    machines = Ec2Machines(lambda place: ec2)
    template_id = machines.create_template(
        PLACE, "drs-1", {"InstanceType": "m5.large", "EbsOptimized": True}
    )

    machines.update_template(PLACE, template_id, {"InstanceType": "c5.large"})

    [version] = ec2.describe_launch_template_versions(
        LaunchTemplateId=template_id, Versions=["$Default"]
    )["LaunchTemplateVersions"]
    assert version["VersionNumber"] == 2
    assert version["LaunchTemplateData"]["EbsOptimized"] is True
    assert version["LaunchTemplateData"]["InstanceType"] == "c5.large"


def test_a_template_that_is_there_already_is_taken_over(
    ec2: "EC2Client",
) -> None:
    machines = Ec2Machines(lambda place: ec2)

    ids = {
        machines.create_template(PLACE, "drs-1", {"InstanceType": "m5.large"})
        for _ in range(2)
    }

    assert len(ids) == 1


def test_a_stopped_launch_leaves_the_instance_stopped(
    ec2: "EC2Client",
) -> None:
    machines = Ec2Machines(lambda place: ec2)
    template_id = machines.create_template(
        PLACE, "drs-1", {"InstanceType": "m5.large"}
    )

    launched = machines.launch(an_order(template_id, stopped=True))

    found = ec2.describe_instances(InstanceIds=[launched.instance_id])
    [instance] = found["Reservations"][0]["Instances"]
    assert instance["State"]["Name"] == "stopped"


def test_a_terminated_instance_can_be_terminated_again(
    ec2: "EC2Client",
) -> None:
    machines = Ec2Machines(lambda place: ec2)
    template_id = machines.create_template(
        PLACE, "drs-1", {"InstanceType": "m5.large"}
    )
    launched = machines.launch(an_order(template_id))

    machines.terminate(PLACE, [launched.instance_id])
    machines.terminate(PLACE, ["i-00000000000000000"])

    found = ec2.describe_instances(InstanceIds=[launched.instance_id])
    [instance] = found["Reservations"][0]["Instances"]
    assert instance["State"]["Name"] == "terminated"


def test_what_ec2_refuses_is_refused_in_its_words(ec2: "EC2Client") -> None:
    machines = Ec2Machines(lambda place: ec2)

    with pytest.raises(MachineRefused, match="LaunchTemplate"):
        machines.launch(an_order("lt-00000000000000000"))
    with pytest.raises(MachineRefused, match="LaunchTemplate"):
        machines.update_template(PLACE, "lt-00000000000000000", {})


def test_an_ec2_that_does_not_answer_refuses() -> None:
    machines = Ec2Machines(clients_at("http://127.0.0.1:9"))

    with pytest.raises(MachineRefused) as refused:
        machines.create_template(PLACE, "drs-1", {"InstanceType": "m5.large"})
    with pytest.raises(MachineRefused):
        machines.terminate(PLACE, ["i-00000000000000000"])

    assert isinstance(refused.value.__cause__, EndpointConnectionError)


def test_every_setting_of_the_template_reaches_run_instances() -> None:
    arguments = run_arguments(
        an_order("lt-1", instance_type="r5.large", private_ip="10.0.0.9"),
        {
            "InstanceType": "c5.large",
            "IamInstanceProfile": {"Name": "profile"},
            "EbsOptimized": True,
            "Monitoring": {"Enabled": True},
            "NetworkInterfaces": [{"SubnetId": "subnet-1", "Groups": ["sg"]}],
            "TagSpecifications": [
                {
                    "ResourceType": "instance",
                    "Tags": [{"Key": "Owner", "Value": "ops"}],
                },
                {"ResourceType": "volume", "Tags": []},
            ],
        },
    )

    tags = arguments.pop("TagSpecifications")[0]["Tags"]
    assert {tag["Key"] for tag in tags} == {"Name", "Owner"}
    assert arguments.pop("ImageId").startswith("ami-")
    assert arguments == {
        "EbsOptimized": True,
        "IamInstanceProfile": {"Name": "profile"},
        "InstanceType": "r5.large",
        "MaxCount": 1,
        "MinCount": 1,
        "Monitoring": {"Enabled": True},
        "PrivateIpAddress": "10.0.0.9",
        "SecurityGroupIds": ["sg"],
        "SubnetId": "subnet-1",
    }
