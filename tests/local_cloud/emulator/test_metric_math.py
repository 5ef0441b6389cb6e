"""Alarms on expressions: accepted here, refused by the emulator alone."""

from typing import Any

from local_cloud.programs import REGION
from tests.local_cloud.conftest import Start
from tests.local_cloud.world import Emulator
from tests.support import templates

RATE: dict[str, Any] = {
    "Type": "AWS::CloudWatch::Alarm",
    "Properties": {
        "AlarmName": "rate",
        "Metrics": [
            {"Id": "rate", "Expression": "100 * errors"},
            {
                "Id": "errors",
                "ReturnData": False,
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/Lambda",
                        "MetricName": "Errors",
                    },
                    "Period": 60,
                    "Stat": "Sum",
                },
            },
        ],
        "EvaluationPeriods": 1,
        "Threshold": 5,
        "ComparisonOperator": "GreaterThanThreshold",
    },
}


def uploaded(emulator: Emulator, key: str, body: str) -> str:
    """Put a template where CloudFormation reads it; answer its address."""
    buckets = emulator.client("s3")
    buckets.create_bucket(Bucket="alarms")
    buckets.put_object(Bucket="alarms", Key=key, Body=body.encode())
    return f"https://s3.{REGION}.amazonaws.com/alarms/{key}"


def test_an_alarm_on_an_expression_is_created(emulator: Emulator) -> None:
    status = emulator.a_stack({"Resources": {"It": RATE}})

    assert status == "CREATE_COMPLETE"


def test_the_emulator_still_refuses_expressions(
    start_emulator: Start,
) -> None:
    stock = start_emulator("metric-math")

    assert stock.a_stack({"Resources": {"It": RATE}}) != "CREATE_COMPLETE"


def test_the_alarms_are_made_changed_and_deleted(emulator: Emulator) -> None:
    stacks = emulator.client("cloudformation")
    body = templates.CFN.joinpath("monitoring.yaml").read_text()
    values = {
        "ProjectName": "dro",
        "Environment": "test",
        "DrsAlertsTopicArn": f"arn:aws:sns:{REGION}:000000000000:alerts",
    }
    given: Any = [
        {"ParameterKey": name, "ParameterValue": value}
        for name, value in values.items()
    ]
    stacks.create_stack(
        StackName="alarms",
        TemplateURL=uploaded(emulator, "one.yaml", body),
        Parameters=given,
    )
    assert emulator.settled("alarms") == "CREATE_COMPLETE"
    alarms = emulator.client("cloudwatch").describe_alarms(
        AlarmNames=["dro-sweep-missing-test"]
    )
    assert alarms["MetricAlarms"][0]["TreatMissingData"] == "breaching"

    stacks.update_stack(
        StackName="alarms",
        TemplateURL=uploaded(
            emulator,
            "two.yaml",
            body.replace("Threshold: 5\n", "Threshold: 6\n"),
        ),
        Parameters=given,
    )

    assert emulator.settled("alarms") == "UPDATE_COMPLETE"
    stacks.delete_stack(StackName="alarms")
    stacks.get_waiter("stack_delete_complete").wait(
        StackName="alarms", WaiterConfig={"Delay": 1}
    )
