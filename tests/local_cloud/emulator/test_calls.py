"""The door tells who called what, in which account, and the verdict."""

import pytest
from botocore.exceptions import ClientError

from local_cloud.programs import ACCOUNT_ID, REGION
from tests.local_cloud.conftest import Start
from tests.local_cloud.world import Emulator


def test_a_call_is_told_with_its_account_and_its_caller(
    emulator: Emulator,
) -> None:
    role = emulator.a_role(("ec2:DescribeInstances", "*"))
    emulator.ask("/calls", method="DELETE")

    emulator.client("ec2", emulator.a_session(role)).describe_instances()

    *_, last = emulator.ask("/calls")["calls"]
    name = role.rpartition("/")[2]
    assert (last["account"], last["region"]) == (ACCOUNT_ID, REGION)
    assert (last["action"], last["allowed"]) == ("ec2:DescribeInstances", True)
    assert f":assumed-role/{name}/" in last["caller"]


def test_a_call_that_is_refused_is_told_too(emulator: Emulator) -> None:
    session = emulator.a_session(emulator.a_role())

    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        emulator.client("ec2", session).describe_vpcs()

    *_, last = emulator.ask("/calls")["calls"]
    assert (last["action"], last["allowed"]) == ("ec2:DescribeVpcs", False)


def test_the_emulator_still_tells_no_calls(start_emulator: Start) -> None:
    emulator = start_emulator("calls")

    emulator.client("ec2").describe_instances()

    assert emulator.ask("/calls") == {"calls": []}
