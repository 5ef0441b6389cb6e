"""Whether a server of a group could have an address in a subnet."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drs.domain.errors import DrsAnswerLost
from shared.domain.errors import DrError
from tests.data_management_handler.desk import REGION, TARGET, Desk

ASK = "validate_server_static_ip"
PUT = "update_server_launch_config"
GROUP = "id-db"
FREE = "10.0.1.9"


class Scene:
    """A group of two servers, and a subnet with a machine in it."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.one, self.other = self.desk.has_servers("db", 2)
        self.desk.has_group("db")
        self.subnet = self.desk.ec2().has_subnet("10.0.1.0/24")
        self.desk.ec2().has_interface(
            self.subnet, "10.0.1.20", instance_id="i-1"
        )

    def asks(self, address: str, subnet: str = "") -> dict[str, Any]:
        reply: dict[str, Any] = self.desk.asks(
            ASK,
            GROUP,
            server=self.one,
            staticPrivateIp=address,
            subnetId=subnet or self.subnet,
        )
        return reply

    def sets(self, server: str, address: str) -> None:
        self.desk.asks(
            PUT,
            GROUP,
            server=server,
            launchTemplate={
                "staticPrivateIp": address,
                "subnetId": self.subnet,
            },
        )


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_free_address_is_valid(scene: Scene) -> None:
    assert scene.asks(FREE) == {
        "valid": True,
        "staticPrivateIp": FREE,
        "subnetId": scene.subnet,
    }


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("10.0.1", "INVALID_IP_FORMAT"),
        ("8.8.8.8", "IP_NOT_PRIVATE"),
        ("10.0.2.9", "IP_OUT_OF_RANGE"),
        ("10.0.1.1", "IP_RESERVED"),
        ("10.0.1.20", "IP_IN_USE"),
    ],
)
def test_another_one_is_told_with_the_reason(
    scene: Scene, address: str, code: str
) -> None:
    reply = scene.asks(address)

    assert reply["valid"] is False
    assert reply["error"] == code
    assert reply["message"]
    assert reply.get("conflictingResource") == (
        "i-1" if code == "IP_IN_USE" else None
    )


@pytest.mark.parametrize(
    ("subnet", "code"),
    [
        ("subnet-x", "INVALID_SUBNET_FORMAT"),
        ("subnet-0ffffffffffffffff", "SUBNET_NOT_FOUND"),
    ],
)
def test_a_subnet_that_is_none_is_told(
    scene: Scene, subnet: str, code: str
) -> None:
    assert scene.asks(FREE, subnet)["error"] == code


def test_an_address_of_another_server_of_the_group_is_told(
    scene: Scene,
) -> None:
    scene.sets(scene.other, FREE)

    reply = scene.asks(FREE)

    assert reply["error"] == "DUPLICATE_IP"
    assert reply["conflictingResource"] == scene.other


def test_the_servers_own_address_is_valid_though_it_runs_under_it(
    scene: Scene,
) -> None:
    scene.sets(scene.one, FREE)
    scene.desk.ec2().has_interface(scene.subnet, FREE)

    assert scene.asks(FREE)["valid"]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "MISSING_BODY", None),
        ({"subnetId": "subnet-1"}, "MISSING_FIELD", "staticPrivateIp"),
        ({"staticPrivateIp": FREE}, "MISSING_FIELD", "subnetId"),
        (
            {"staticPrivateIp": 7, "subnetId": "subnet-1"},
            "INVALID_TYPE",
            "staticPrivateIp",
        ),
        (
            {"staticPrivateIp": "1" * 10_000, "subnetId": "subnet-1"},
            "INVALID_FORMAT",
            "staticPrivateIp",
        ),
    ],
)
def test_what_asks_for_nothing_is_refused(
    scene: Scene, body: dict[str, Any], code: str, field: str | None
) -> None:
    error = scene.desk.refuses(ASK, GROUP, server=scene.one, **body)

    assert (error.code, error.details.get("field")) == (code, field)


def test_what_cannot_be_asked_is_never_valid(scene: Scene) -> None:
    scene.desk.ec2().fails(DrsAnswerLost("no answer"))

    error = scene.desk.refuses(
        ASK,
        GROUP,
        server=scene.one,
        staticPrivateIp=FREE,
        subnetId=scene.subnet,
    )

    assert (error.status, error.code) == (503, "CHECK_UNAVAILABLE")


def test_a_server_outside_the_group_is_not_found(scene: Scene) -> None:
    (other,) = scene.desk.has_servers("web")

    error = scene.desk.refuses(
        ASK, GROUP, server=other, staticPrivateIp=FREE, subnetId=scene.subnet
    )

    assert error.code == "NOT_FOUND"


def test_it_is_asked_in_the_groups_account() -> None:
    desk = Desk()
    desk.has_account()
    (one,) = desk.has_servers("db", account=TARGET)
    desk.has_group("db", accountId=TARGET)
    subnet = desk.ec2(TARGET, REGION).has_subnet("10.0.1.0/24")

    reply = desk.asks(
        ASK, GROUP, server=one, staticPrivateIp=FREE, subnetId=subnet
    )

    assert reply["valid"]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(last=st.integers(0, 255), third=st.integers(0, 2))
def test_what_is_valid_can_be_set_and_nothing_else(
    last: int, third: int
) -> None:
    scene = Scene()
    address = f"10.0.{third}.{last}"

    told = scene.asks(address)

    try:
        scene.sets(scene.one, address)
    except DrError as error:
        assert told["error"] == error.code
    else:
        assert told["valid"]
