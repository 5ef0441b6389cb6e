"""Types without behaviour: accepted here, refused by the emulator alone."""

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.conftest import Start
from tests.local_cloud.world import Emulator

RECORDED = (
    "AWS::Budgets::Budget",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::GuardDuty::Detector",
    "AWS::Logs::QueryDefinition",
    "AWS::ResourceGroups::Group",
    "AWS::WAFv2::WebACLAssociation",
    "AWS::XRay::Group",
)


@pytest.mark.parametrize("kind", RECORDED)
def test_a_recorded_type_is_created(emulator: Emulator, kind: str) -> None:
    status = emulator.a_stack({"Resources": {"It": {"Type": kind}}})

    assert status == "CREATE_COMPLETE"


@pytest.mark.parametrize("kind", RECORDED)
def test_the_emulator_still_refuses_a_recorded_type(
    start_emulator: Start, kind: str
) -> None:
    stock = start_emulator("recorded-types")

    with pytest.raises(ClientError, match="Unrecognized resource types"):
        stock.a_stack({"Resources": {"It": {"Type": kind}}})


def test_a_stack_with_recorded_types_can_be_deleted(
    emulator: Emulator,
) -> None:
    stacks = emulator.client("cloudformation")
    emulator.a_stack(
        {"Resources": {"It": {"Type": "AWS::XRay::Group"}}}, "recorded"
    )

    stacks.delete_stack(StackName="recorded")

    stacks.get_waiter("stack_delete_complete").wait(
        StackName="recorded", WaiterConfig={"Delay": 1}
    )
