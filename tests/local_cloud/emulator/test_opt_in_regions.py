"""EC2 refuses everybody in a Region that nobody has opted into."""

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.conftest import Start
from tests.local_cloud.world import Emulator

LATER = "me-south-1"


def subnets(emulator: Emulator, region: str) -> object:
    client = emulator.client("ec2", region=region)
    return client.describe_subnets()["Subnets"]


def test_a_region_that_nobody_opted_into_is_closed(
    emulator: Emulator,
) -> None:
    with pytest.raises(ClientError, match="AuthFailure"):
        subnets(emulator, LATER)


def test_every_other_region_is_open(emulator: Emulator) -> None:
    assert subnets(emulator, "eu-west-1")


def test_the_emulator_still_opens_every_region(start_emulator: Start) -> None:
    assert subnets(start_emulator("opt-in-regions"), LATER)
