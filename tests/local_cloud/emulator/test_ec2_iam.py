"""Policies that name EC2 resources match and refuse as they should."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.programs import ACCOUNT_ID, REGION
from tests.local_cloud.conftest import Start
from tests.local_cloud.world import Emulator, a_name

PREFIX = f"arn:aws:ec2:{REGION}:{ACCOUNT_ID}"
ACTION = "ec2:CreateLaunchTemplateVersion"


def a_launch_template(emulator: Emulator) -> str:
    made = emulator.client("ec2").create_launch_template(
        LaunchTemplateName=a_name("template"),
        LaunchTemplateData={"InstanceType": "t3.micro"},
        TagSpecifications=[
            {
                "ResourceType": "launch-template",
                "Tags": [{"Key": "AWSElasticDisasterRecoveryManaged"}],
            }
        ],
    )
    return str(made["LaunchTemplate"]["LaunchTemplateId"])


def add_version(emulator: Emulator, template: str, allowed: str) -> Any:
    session = emulator.a_session(emulator.a_role((ACTION, allowed)))
    return emulator.client("ec2", session).create_launch_template_version(
        LaunchTemplateId=template,
        LaunchTemplateData={"InstanceType": "t3.small"},
    )


def test_a_policy_that_names_the_template_allows(emulator: Emulator) -> None:
    template = a_launch_template(emulator)

    answer = add_version(
        emulator, template, f"{PREFIX}:launch-template/{template}"
    )

    assert answer["LaunchTemplateVersion"]["VersionNumber"] == 2


def test_a_policy_that_names_another_template_refuses(
    emulator: Emulator,
) -> None:
    template = a_launch_template(emulator)

    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        add_version(emulator, template, f"{PREFIX}:launch-template/lt-other")


def test_the_emulator_still_refuses_the_right_template(
    start_emulator: Start,
) -> None:
    stock = start_emulator("ec2-iam")
    template = a_launch_template(stock)

    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        add_version(stock, template, f"{PREFIX}:launch-template/{template}")


def test_instances_may_be_run_by_a_policy_that_names_instances(
    emulator: Emulator,
) -> None:
    role = emulator.a_role(("ec2:RunInstances", f"{PREFIX}:instance/*"))
    machines = emulator.client("ec2", emulator.a_session(role))

    answer = machines.run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1
    )

    assert len(answer["Instances"]) == 1


def test_templates_may_be_made_by_a_policy_that_names_templates(
    emulator: Emulator,
) -> None:
    role = emulator.a_role(
        ("ec2:CreateLaunchTemplate", f"{PREFIX}:launch-template/*")
    )
    machines = emulator.client("ec2", emulator.a_session(role))

    machines.create_launch_template(
        LaunchTemplateName=a_name("template"),
        LaunchTemplateData={"InstanceType": "t3.micro"},
    )


def read_profile(emulator: Emulator, name: str, allowed: str) -> Any:
    prefix = f"arn:aws:iam::{ACCOUNT_ID}:instance-profile"
    role = emulator.a_role(
        ("iam:GetInstanceProfile", f"{prefix}/{allowed}"),
        ("iam:ListInstanceProfiles", f"{prefix}/*"),
    )
    profiles = emulator.client("iam", emulator.a_session(role))
    profiles.list_instance_profiles()
    return profiles.get_instance_profile(InstanceProfileName=name)


def test_profiles_may_be_read_by_a_policy_that_names_them(
    emulator: Emulator,
) -> None:
    name = a_name("profile")
    emulator.client("iam").create_instance_profile(InstanceProfileName=name)

    answer = read_profile(emulator, name, "*")

    assert answer["InstanceProfile"]["InstanceProfileName"] == name
    with pytest.raises(ClientError, match="AccessDenied"):
        read_profile(emulator, name, "another")
