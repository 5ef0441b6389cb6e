"""Where the deployed functions have their libraries from.

Each function is deployed a second time with what its deployed version has,
its zip, layers and variables, and one file more, which imports the handler
and answers where its modules lie.
"""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.system.artifacts import Everything
from tests.system.world import System

HANDLERS = {
    "dr-orchestration-stepfunction": "orchestration",
    "orchestration-stepfunctions": "orchestration_stepfunctions",
    "execution-handler": "execution_handler",
    "query-handler": "query_handler",
    "data-management-handler": "data_management_handler",
    "notification-formatter": "notification_formatter",
    "frontend-deployer": "frontend_deployer",
}
SDK = {"boto3", "botocore", "aws_lambda_powertools", "msgspec"}
PROBE = """
import os, sys
import {package}.handler
import boto3, aws_lambda_powertools, msgspec

def answer(event, context):
    files = {{
        name: os.path.realpath(module.__file__)
        for name, module in list(sys.modules.items())
        if getattr(module, "__file__", None)
    }}
    return {{"root": os.environ["LAMBDA_TASK_ROOT"], "files": files}}
"""


def with_probe(package: Path, module: str) -> bytes:
    """Answer the built zip with the probe added."""
    content = io.BytesIO(package.read_bytes())
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("probe.py", PROBE.format(package=module))
    return content.getvalue()


def probed(
    system: System, artifacts: Everything, package: str, *, layers: bool = True
) -> Any:
    """Deploy a function's probe and answer what it says."""
    functions = system.client("lambda")
    deployed = functions.get_function_configuration(
        FunctionName=system.endpoints.functions[package]
    )
    built = artifacts.built.artifacts.packages[package]
    name = f"probe-{package}-{layers}"
    functions.create_function(
        FunctionName=name,
        Runtime=deployed["Runtime"],
        Role=deployed["Role"],
        Handler="probe.answer",
        Code={"ZipFile": with_probe(built, HANDLERS[package])},
        Environment={"Variables": deployed["Environment"]["Variables"]},
        Layers=[layer["Arn"] for layer in deployed["Layers"] if layers],
        Timeout=60,
    )
    answer = functions.invoke(FunctionName=name, Payload=b"{}")
    functions.delete_function(FunctionName=name)
    return json.loads(answer["Payload"].read())


@pytest.mark.parametrize("package", HANDLERS)
def test_a_function_loads_the_sdk_from_its_layer_and_nowhere_else(
    system: System, artifacts: Everything, package: str
) -> None:
    layer = artifacts.built.artifacts.layer.read_bytes()
    unpacked = f"/layers/{hashlib.sha256(layer).hexdigest()}/python/"

    said = probed(system, artifacts, package)

    tops = {name for name in said["files"] if name in SDK}
    assert tops == SDK
    elsewhere = {
        name: file
        for name, file in said["files"].items()
        if name.split(".")[0] in SDK and unpacked not in file
    }
    assert elsewhere == {}


@pytest.mark.parametrize("package", HANDLERS)
def test_a_functions_own_code_comes_from_its_zip(
    system: System, artifacts: Everything, package: str
) -> None:
    said = probed(system, artifacts, package)

    root = str(Path(said["root"]).resolve())
    assert said["files"][f"{HANDLERS[package]}.handler"].startswith(root)


def test_without_the_layer_a_function_does_not_start(
    system: System, artifacts: Everything
) -> None:
    said = probed(system, artifacts, "execution-handler", layers=False)

    assert said["errorType"] == "Runtime.ImportModuleError"
    assert "No module named" in said["errorMessage"]


def test_what_is_deployed_has_the_layer_and_the_built_code(
    system: System, artifacts: Everything
) -> None:
    functions = system.client("lambda")
    layer = system.endpoints.outputs["SdkLayerArn"]

    for arn in system.endpoints.functions.values():
        found = functions.get_function_configuration(FunctionName=arn)
        assert [each["Arn"] for each in found["Layers"]] == [layer]
    for path in artifacts.built.artifacts.packages.values():
        with zipfile.ZipFile(path) as archive:
            tops = {name.split("/")[0] for name in archive.namelist()}
        assert not tops & SDK
