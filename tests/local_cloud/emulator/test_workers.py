"""Functions run as on AWS: error types, layers, environment."""

import os
import signal
import time

import pytest

from tests.local_cloud.conftest import Start
from tests.local_cloud.world import Emulator, a_name, a_zip

RAISES = """
class WaveRefused(Exception):
    pass

def handler(event, context):
    raise WaveRefused("because")
"""
IMPORTS = """
import greeting

def handler(event, context):
    return greeting.TEXT
"""
HALF_AN_ANSWER = """
import os, socket

def handler(event, context):
    host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
    path = f"/2018-06-01/runtime/invocation/{context.aws_request_id}/response"
    head = f"POST {path} HTTP/1.1\\r\\nContent-Length: 99\\r\\n\\r\\n"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + b'"half')
    os.kill(os.getpid(), 9)
"""
ENVIRONMENT = """
import os

def handler(event, context):
    print("asked")
    return dict(os.environ)
"""


def a_layer(emulator: Emulator, files: dict[str, str]) -> str:
    made = emulator.client("lambda").publish_layer_version(
        LayerName=a_name("layer"), Content={"ZipFile": a_zip(files)}
    )
    return str(made["LayerVersionArn"])


def test_a_functions_own_error_type_reaches_the_caller(
    emulator: Emulator,
) -> None:
    answer = emulator.invoke(emulator.a_function(RAISES))

    assert answer["errorType"] == "WaveRefused"
    assert answer["errorMessage"] == "because"


def test_the_stock_workers_still_lose_the_error_type(
    start_emulator: Start,
) -> None:
    stock = start_emulator("workers")

    answer = stock.invoke(stock.a_function(RAISES))

    assert answer["errorType"] == "Runtime.HandlerError"


def test_a_function_imports_from_its_layer(emulator: Emulator) -> None:
    layer = a_layer(emulator, {"python/greeting.py": "TEXT = 'hello'"})

    answer = emulator.invoke(emulator.a_function(IMPORTS, layers=(layer,)))

    assert answer == "hello"


def test_the_last_of_two_layers_wins(emulator: Emulator) -> None:
    first = a_layer(emulator, {"python/greeting.py": "TEXT = 'first'"})
    last = a_layer(emulator, {"python/greeting.py": "TEXT = 'last'"})

    name = emulator.a_function(IMPORTS, layers=(first, last))

    assert emulator.invoke(name) == "last"


def test_what_no_layer_brings_is_missing(emulator: Emulator) -> None:
    source = IMPORTS.replace("import greeting", "import boto3 as greeting")

    answer = emulator.invoke(emulator.a_function(source))

    assert "boto3" in answer["errorMessage"]
    assert "ImportModuleError" in answer["errorType"]


def test_a_layer_that_was_never_published_is_refused(
    emulator: Emulator,
) -> None:
    functions = emulator.client("lambda")

    with pytest.raises(functions.exceptions.ClientError):
        emulator.a_function(
            IMPORTS,
            layers=("arn:aws:lambda:us-east-1:123456789012:layer:nothing:1",),
        )


def test_a_layer_without_content_fails_the_invocation(
    emulator: Emulator,
) -> None:
    bucket = a_name("bucket")
    emulator.client("s3").create_bucket(Bucket=bucket)
    stack = {
        "Resources": {
            "Layer": {
                "Type": "AWS::Lambda::LayerVersion",
                "Properties": {
                    "Content": {"S3Bucket": bucket, "S3Key": "missing.zip"}
                },
            }
        },
        "Outputs": {"Arn": {"Value": {"Ref": "Layer"}}},
    }
    name = a_name("stack")
    if emulator.a_stack(stack, name) != "CREATE_COMPLETE":
        return  # The emulator refuses it by itself.
    [made] = emulator.client("cloudformation").describe_stacks(StackName=name)[
        "Stacks"
    ]

    answer = emulator.invoke(
        emulator.a_function(
            "def handler(event, context): return 'ran'",
            layers=(made["Outputs"][0]["OutputValue"],),
        )
    )

    assert answer["errorType"] == "Runtime.InvalidLayer"


def test_nothing_of_this_machine_reaches_a_function(
    emulator: Emulator,
) -> None:
    name = emulator.a_function(
        ENVIRONMENT, Environment={"Variables": {"TABLE": "t"}}
    )

    found = emulator.invoke(name)

    assert found["TABLE"] == "t"
    assert found["AWS_ENDPOINT_URL"] == emulator.ports.aws_url
    assert found["AWS_ENDPOINT_URL_DRS"] == emulator.ports.drs_url
    assert found["AWS_ENDPOINT_URL_SERVICE_QUOTAS"] == emulator.ports.drs_url
    assert found["AWS_LAMBDA_FUNCTION_NAME"] == name
    assert "HOME" not in found
    assert "MINISTACK_ACCOUNT_ID" not in found
    assert "PYTHONPATH" not in found


def test_a_warm_invocation_does_not_wait_for_the_network(
    emulator: Emulator,
) -> None:
    name = emulator.a_function(ENVIRONMENT)
    emulator.invoke(name)
    client = emulator.client("lambda")
    took = []

    for _ in range(8):
        began = time.monotonic()
        client.invoke(FunctionName=name)["Payload"].read()
        took.append(time.monotonic() - began)

    # 40 ms of it would be the delayed acknowledgement alone.
    assert min(took) < 0.04


def test_a_timeout_is_named(emulator: Emulator) -> None:
    name = emulator.a_function(
        "import time\ndef handler(event, context): time.sleep(9)", Timeout=1
    )

    answer = emulator.invoke(name)

    assert answer["errorType"] == "Sandbox.Timedout"


def test_a_process_that_is_killed_is_named(emulator: Emulator) -> None:
    name = emulator.a_function(
        "import os\ndef handler(event, context): os.kill(os.getpid(), 9)"
    )

    assert emulator.invoke(name)["errorType"] == "Runtime.ExitError"


def test_a_process_that_is_killed_as_it_starts_is_named(
    emulator: Emulator,
) -> None:
    name = emulator.a_function("import os; os.kill(os.getpid(), 9)")

    assert emulator.invoke(name)["errorType"] == "Runtime.ExitError"


def test_half_an_answer_is_none(emulator: Emulator) -> None:
    name = emulator.a_function(HALF_AN_ANSWER)

    assert emulator.invoke(name)["errorType"] == "Runtime.ExitError"


def test_a_function_is_well_after_its_process_was_killed(
    emulator: Emulator,
) -> None:
    name = emulator.a_function(
        "import os\ndef handler(event, context): return os.getpid()"
    )
    first = emulator.invoke(name)

    os.kill(first, signal.SIGKILL)

    assert emulator.invoke(name) not in (first, None)


def test_the_processes_of_functions_end_with_the_emulator(
    emulator: Emulator,
) -> None:
    name = emulator.a_function(
        "import os\ndef handler(event, context): return os.getpid()"
    )

    pid = emulator.invoke(name)

    # The keeper ends the emulator's group: functions are members of it.
    assert os.getpgid(pid) != os.getpgid(0)
    assert os.getpgid(pid) == os.getpgid(os.getpgid(pid))
