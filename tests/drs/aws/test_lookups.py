"""Look-ups: every page is read, and no error is an empty answer."""

from typing import Any

import pytest

from drs.aws.lookups import BotoLookups
from drs.domain.errors import DrsRefused
from tests.drs.aws.scripted import Scripted, calls


def subnet(name: str) -> dict[str, Any]:
    return {"SubnetId": name, "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24"}


def test_subnets_of_every_page_are_found() -> None:
    clients = Scripted(
        {"Subnets": [subnet("subnet-2")], "NextToken": "a"},
        {"Subnets": [subnet("subnet-1")]},
    )

    found = BotoLookups(calls(clients)).subnets()

    assert [one.subnet_id for one in found] == ["subnet-1", "subnet-2"]
    assert clients.requests == [{}, {"NextToken": "a"}]


def test_many_ids_are_asked_in_lists_that_a_filter_takes() -> None:
    clients = Scripted({"SecurityGroups": []}, {"SecurityGroups": []})

    BotoLookups(calls(clients)).security_groups(
        [f"sg-{n}" for n in range(201)], vpc_id="vpc-1"
    )

    asked = [request["Filters"] for request in clients.requests]
    assert [len(filters[-1]["Values"]) for filters in asked] == [200, 1]
    assert all(
        filters[0] == {"Name": "vpc-id", "Values": ["vpc-1"]}
        for filters in asked
    )


def test_profiles_of_every_page_are_found() -> None:
    def profile(name: str) -> dict[str, Any]:
        return {"InstanceProfileName": name, "Arn": f"arn:{name}"}

    clients = Scripted(
        {
            "InstanceProfiles": [profile("web")],
            "IsTruncated": True,
            "Marker": "a",
        },
        {"InstanceProfiles": [profile("app")], "IsTruncated": False},
    )

    found = BotoLookups(calls(clients)).instance_profiles()

    assert [one.name for one in found] == ["app", "web"]
    assert clients.requests == [{}, {"Marker": "a"}]


def test_an_interface_is_known_by_all_its_addresses() -> None:
    item = {
        "NetworkInterfaceId": "eni-1",
        "SubnetId": "subnet-1",
        "PrivateIpAddresses": [
            {"PrivateIpAddress": "10.0.1.10", "Primary": True},
            {"PrivateIpAddress": "10.0.1.11", "Primary": False},
        ],
        "Attachment": {"InstanceId": "i-1"},
    }
    clients = Scripted({"NetworkInterfaces": [item]})

    (found,) = BotoLookups(calls(clients)).holders("subnet-1", ["10.0.1.11"])

    assert found.addresses == ("10.0.1.10", "10.0.1.11")
    assert found.instance_id == "i-1"


def test_what_was_not_asked_for_is_left_out() -> None:
    def interface(name: str, subnet_id: str, address: str) -> dict[str, Any]:
        return {
            "NetworkInterfaceId": name,
            "SubnetId": subnet_id,
            "PrivateIpAddresses": [{"PrivateIpAddress": address}],
        }

    found = BotoLookups(
        calls(
            Scripted(
                {"Subnets": [subnet("subnet-1"), subnet("subnet-2")]},
                {
                    "SecurityGroups": [
                        {"GroupId": "sg-1", "VpcId": "vpc-1"},
                        {"GroupId": "sg-2", "VpcId": "vpc-2"},
                    ]
                },
                {
                    "InstanceTypes": [
                        {"InstanceType": "m5.large"},
                        {"InstanceType": "t3.micro"},
                    ]
                },
                {
                    "NetworkInterfaces": [
                        interface("eni-1", "subnet-1", "10.0.1.10"),
                        interface("eni-2", "subnet-2", "10.0.1.10"),
                        interface("eni-3", "subnet-1", "10.0.1.11"),
                    ]
                },
            )
        )
    )

    assert [s.subnet_id for s in found.subnets(["subnet-2"])] == ["subnet-2"]
    assert [g.group_id for g in found.security_groups(vpc_id="vpc-1")] == [
        "sg-1"
    ]
    assert found.offered(["m5.large", "x9.huge"]) == {"m5.large"}
    assert [
        one.interface_id for one in found.holders("subnet-1", ["10.0.1.10"])
    ] == ["eni-1"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda lookups: lookups.subnets(["subnet-1"]),
        lambda lookups: lookups.security_groups(),
        lambda lookups: lookups.instance_profiles(),
        lambda lookups: lookups.has_instance_profile("web"),
        lambda lookups: lookups.instance_types(),
        lambda lookups: lookups.offered(["m5.large"]),
        lambda lookups: lookups.holders("subnet-1", ["10.0.1.10"]),
    ],
)
def test_a_refused_look_up_is_no_answer(ask: Any) -> None:
    with pytest.raises(DrsRefused, match="in account 111122223333"):
        ask(BotoLookups(calls(Scripted("AccessDenied"))))
