"""Instances and launch templates on an EC2 that is not ours."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from drs.aws.ec2 import settable
from drs.aws.region import BotoDrsRegion, BotoDrsRegions
from drs.aws.session import Sessions
from drs.domain.errors import DrsNotFound
from shared.domain.account import AccountContext
from tests.support.fake_drs import FakeDrs, hub
from tests.support.fakes import FakeClock

REGION = "eu-west-1"


@pytest.fixture()
def region(monkeypatch: pytest.MonkeyPatch) -> Iterator[BotoDrsRegion]:
    """Yield a Region of the hub whose EC2 is in memory."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        regions = BotoDrsRegions(Sessions(hub=boto3.Session()))
        yield regions(AccountContext(account_id="123456789012"), REGION)


def a_template() -> str:
    ec2 = boto3.client("ec2", region_name=REGION)
    answer = ec2.create_launch_template(
        LaunchTemplateName="s-1",
        LaunchTemplateData={
            "InstanceType": "m5.large",
            "NetworkInterfaces": [
                {"DeviceIndex": 0, "SubnetId": "subnet-1", "Groups": ["sg-1"]}
            ],
        },
    )
    return answer["LaunchTemplate"]["LaunchTemplateId"]


def test_instances_are_found_page_by_page_and_missing_ones_left_out(
    region: BotoDrsRegion,
) -> None:
    ec2 = boto3.client("ec2", region_name=REGION)
    image = ec2.describe_images()["Images"][0]["ImageId"]
    made = [
        one["InstanceId"]
        for one in ec2.run_instances(
            ImageId=image,
            MinCount=3,
            MaxCount=3,
            InstanceType="t3.micro",
            TagSpecifications=[
                {
                    "ResourceType": "instance",
                    "Tags": [{"Key": "Name", "Value": "web"}],
                }
            ],
        )["Instances"]
    ]

    found = region.instances([*made, "i-0fffffffffffffff0"])

    assert sorted(found) == sorted(made)
    one = found[made[0]]
    assert (one.name, one.instance_type) == ("web", "t3.micro")
    assert one.state == "running"
    assert one.private_ip and one.launched_at
    assert region.instances([]) == {}


def test_a_version_is_made_of_its_source_and_becomes_default_when_told(
    region: BotoDrsRegion,
) -> None:
    template_id = a_template()
    first = region.default_template_version(template_id)

    number = region.create_template_version(
        template_id,
        source=first.number,
        changes={"InstanceType": "r5.large"},
        description="larger",
    )

    assert region.default_template_version(template_id) == first
    region.set_default_template_version(template_id, number)
    second = region.default_template_version(template_id)
    assert (first.number, second.number) == (1, 2)
    assert first.content["InstanceType"] == "m5.large"
    assert second.content["InstanceType"] == "r5.large"


def test_a_missing_template_is_not_found(region: BotoDrsRegion) -> None:
    with pytest.raises(DrsNotFound, match="ec2:DescribeLaunchTemplate"):
        region.default_template_version("lt-0fffffffffffffff0")


def test_a_template_without_versions_is_not_found_either() -> None:
    class NoVersions(FakeDrs):
        """EC2 that answers an unknown template with nothing."""

        def answer(self, *call: Any) -> Any:
            return {"LaunchTemplateVersions": []}

    with pytest.raises(DrsNotFound, match="lt-1 in account 111122223333"):
        NoVersions(FakeClock())(hub(), REGION).default_template_version("lt-1")


def test_what_ec2_tells_but_does_not_take_is_left_out() -> None:
    address = {"Ipv6Address": "2001:db8::1"}
    plain = {"DeviceIndex": 1, "SubnetId": "subnet-2"}
    told = {
        "InstanceType": "m5.large",
        "NetworkInterfaces": [
            {"Ipv6Addresses": [{**address, "IsPrimaryIpv6": True}]},
            plain,
        ],
    }

    assert settable(told) == {
        "InstanceType": "m5.large",
        "NetworkInterfaces": [{"Ipv6Addresses": [address]}, plain],
    }
    assert settable({"InstanceType": "m5.large"}) == {
        "InstanceType": "m5.large"
    }


def test_the_accounts_reader_of_quotas_falls_back_without_an_answer(
    region: BotoDrsRegion,
) -> None:
    assert region.quotas().servers_per_job == 100
