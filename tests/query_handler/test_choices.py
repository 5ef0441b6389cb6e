"""What a launch configuration may choose, in the account that is named."""

from typing import Any

import pytest

from shared.domain.errors import AccountUnreachable, DrsUnavailable
from tests.query_handler.desk import REGION, TARGET, UNKNOWN, Desk
from tests.support.fake_drs import HUB

SUBNETS = "GET /ec2/subnets"
GROUPS = "GET /ec2/security-groups"
PROFILES = "GET /ec2/instance-profiles"
TYPES = "GET /ec2/instance-types"
ROUTES = (SUBNETS, GROUPS, PROFILES, TYPES)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_subnets_are_told_by_name_address_and_zone(desk: Desk) -> None:
    named = desk.ec2.at(HUB, REGION).has_subnet("10.0.1.0/24", name="app-a")
    plain = desk.ec2.at(HUB, REGION).has_subnet("10.0.2.0/24", vpc="vpc-2")

    body = desk.gets(SUBNETS, region=REGION)

    assert body["subnets"] == [
        {
            "value": named,
            "label": f"app-a ({named}, 10.0.1.0/24, us-east-1a)",
            "vpcId": "vpc-1",
            "az": "us-east-1a",
            "cidr": "10.0.1.0/24",
        },
        {
            "value": plain,
            "label": f"{plain}, 10.0.2.0/24, us-east-1a",
            "vpcId": "vpc-2",
            "az": "us-east-1a",
            "cidr": "10.0.2.0/24",
        },
    ]


def test_security_groups_may_be_those_of_a_vpc(desk: Desk) -> None:
    vpc = "vpc-0123456789abcdef0"
    ec2 = desk.ec2.at(HUB, REGION)
    ec2.has_security_group("web")
    mine = ec2.has_security_group("db", vpc=vpc, description="x" * 150)

    body = desk.gets(GROUPS, region=REGION, vpcId=vpc)

    assert body["securityGroups"] == [
        {
            "value": mine,
            "label": f"db ({mine})",
            "name": "db",
            "vpcId": vpc,
            "description": "x" * 100,
        }
    ]
    assert len(desk.gets(GROUPS, region=REGION)["securityGroups"]) == 2


def test_instance_profiles_come_with_their_arns(desk: Desk) -> None:
    desk.ec2.at(HUB, REGION).has_profile("app")

    assert desk.gets(PROFILES, region=REGION)["instanceProfiles"] == [
        {
            "value": "app",
            "label": "app",
            "arn": f"arn:aws:iam::{HUB}:instance-profile/app",
        }
    ]


def test_instance_types_are_those_without_metal(desk: Desk) -> None:
    ec2 = desk.ec2.at(HUB, REGION)
    ec2.has_type("t3.micro", 2, 1024)
    ec2.has_type("t3.nano", 2, 512)
    ec2.has_type("m5.metal", 96, 393_216)
    ec2.has_type("m7i.metal-24xl", 96, 393_216)

    assert desk.gets(TYPES, region=REGION)["instanceTypes"] == [
        {
            "value": "t3.micro",
            "label": "t3.micro (2 vCPU, 1 GiB)",
            "vcpus": 2,
            "memoryGb": 1.0,
        },
        {
            "value": "t3.nano",
            "label": "t3.nano (2 vCPU, 0.5 GiB)",
            "vcpus": 2,
            "memoryGb": 0.5,
        },
    ]


@pytest.mark.parametrize(
    ("operation", "key"),
    [
        ("get_ec2_subnets", "subnets"),
        ("get_ec2_security_groups", "securityGroups"),
        ("get_ec2_instance_profiles", "instanceProfiles"),
        ("get_ec2_instance_types", "instanceTypes"),
    ],
)
def test_choices_are_those_of_the_account_that_is_named(
    desk: Desk, operation: str, key: str
) -> None:
    desk.has_account()
    for account in (HUB, TARGET):
        ec2 = desk.ec2.at(account, REGION)
        ec2.has_subnet(name=account)
        ec2.has_security_group(account)
        ec2.has_profile(account)
        ec2.has_type(account)

    [theirs] = desk.asks(operation, region=REGION, accountId=TARGET)[key]
    [ours] = desk.asks(operation, region=REGION)[key]

    assert theirs["label"].startswith(TARGET)
    assert ours["label"].startswith(HUB)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({}, 400, "MISSING_REGION"),
        ({"region": "us-mars-1"}, 400, "INVALID_FORMAT"),
        (
            {"region": REGION, "accountId": UNKNOWN},
            404,
            "TARGET_ACCOUNT_NOT_FOUND",
        ),
    ],
)
def test_a_refusal_says_its_code_twice(
    desk: Desk, route: str, query: dict[str, Any], status: int, code: str
) -> None:
    body = desk.gets(route, status=status, **query)

    assert body["error"] == body["code"] == code


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("kind", [AccountUnreachable, DrsUnavailable])
def test_what_cannot_be_asked_is_no_empty_list(
    desk: Desk, route: str, kind: type[DrsUnavailable]
) -> None:
    desk.ec2.at(HUB, REGION).fails(kind("not now"))

    body = desk.gets(route, status=503, region=REGION)

    assert body["error"] == body["code"] == kind.default_code


def test_those_who_may_not_learn_the_code_twice_too(desk: Desk) -> None:
    body = desk.gets(SUBNETS, status=403, role="Nobody", region=REGION)

    assert body["error"] == body["code"] == "FORBIDDEN"


def test_a_vpc_is_named_as_ec2_names_it(desk: Desk) -> None:
    body = desk.gets(GROUPS, status=400, region=REGION, vpcId="vpc-*")

    assert (body["error"], body["details"]) == (
        "INVALID_FORMAT",
        {"field": "vpcId"},
    )
