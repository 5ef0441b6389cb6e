"""Reads back what was deployed and refuses it where it differs.

The emulator can answer success for a function without code or a table without
its settings, so success is not believed. Every difference is named at once.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from botocore.exceptions import ClientError

from local_cloud.artifacts import PACKAGES, Artifacts, code_sha256
from local_cloud.aws.clients import Account
from local_cloud.aws.deployer import Resource, outputs, resources

ALIAS = "live"
_TURN = 0.1
_PATIENCE = 30.0


class Differs(Exception):
    """What is deployed is not what was meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """What Lambda says of a function behind its alias."""

    name: str
    version: str
    state: str
    code_sha256: str
    layers: tuple[str, ...]


def verify(account: Account, artifacts: Artifacts, *, original: bool) -> None:
    """Compare the stack with the artifacts it was made from.

    Raises:
        Differs: With every difference.
    """
    found = list(resources(account))
    told = outputs(account)
    differences = [
        *_functions(account, artifacts, found, told["SdkLayerArn"]),
        *_layer(account, artifacts, told["SdkLayerArn"]),
        *_tables(account, found),
        *_state_machine(account, artifacts, told, original=original),
    ]
    if differences:
        lines = "\n".join(f"  {each}" for each in differences)
        raise Differs(f"What is deployed is not what was built:\n{lines}")


def _functions(
    account: Account,
    artifacts: Artifacts,
    found: Sequence[Resource],
    layer_arn: str,
) -> Iterator[str]:
    names = {
        each.name: each.physical_id
        for each in found
        if each.kind == "AWS::Lambda::Function"
    }
    for package, path in artifacts.packages.items():
        name = names.get(f"{PACKAGES[package]}Function")
        if name is None:
            yield f"{package}: the stack has no function for it"
            continue
        try:
            function = _behind_alias(account, name)
        except ClientError as error:
            yield f"{name}: the alias {ALIAS} cannot be read: {error}"
            continue
        yield from _function(function, code_sha256(path), layer_arn)


def _function(function: Function, code: str, layer_arn: str) -> Iterator[str]:
    place = f"{function.name}:{function.version}"
    if not function.version.isdecimal():
        yield f"{place}: {ALIAS} does not name a published version"
    if function.state != "Active":
        yield f"{place}: is {function.state}, not Active"
    if function.code_sha256 != code:
        yield f"{place}: code is {function.code_sha256}, built was {code}"
    if function.layers != (layer_arn,):
        has = ", ".join(function.layers) or "none"
        yield f"{place}: layers are {has}, meant was {layer_arn}"


def _behind_alias(account: Account, name: str) -> Function:
    functions = account.functions()
    version = functions.get_alias(FunctionName=name, Name=ALIAS)[
        "FunctionVersion"
    ]
    deadline = time.monotonic() + _PATIENCE
    while True:
        config = functions.get_function_configuration(
            FunctionName=name, Qualifier=version
        )
        if config["State"] != "Pending" or time.monotonic() > deadline:
            break
        time.sleep(_TURN)
    return Function(
        name=name,
        version=version,
        state=config["State"],
        code_sha256=config["CodeSha256"],
        layers=tuple(layer["Arn"] for layer in config.get("Layers", ())),
    )


def _layer(account: Account, artifacts: Artifacts, arn: str) -> Iterator[str]:
    layer = account.functions().get_layer_version_by_arn(Arn=arn)
    has = layer["Content"].get("CodeSha256", "nothing")
    built = code_sha256(artifacts.layer)
    if has != built:
        yield f"{arn}: content is {has}, built was {built}"


def _tables(account: Account, found: Sequence[Resource]) -> Iterator[str]:
    tables = account.tables()
    for each in found:
        if each.kind != "AWS::DynamoDB::Table":
            continue
        name = each.physical_id
        table = tables.describe_table(TableName=name)["Table"]
        if table["TableStatus"] != "ACTIVE":
            yield f"{name}: is {table['TableStatus']}, not ACTIVE"
        ttl = tables.describe_time_to_live(TableName=name)[
            "TimeToLiveDescription"
        ]
        if ttl.get("TimeToLiveStatus") != "ENABLED":
            yield f"{name}: items do not expire (TimeToLive is not enabled)"
        elif ttl.get("AttributeName") != "TTL":
            yield f"{name}: expiry is in {ttl.get('AttributeName')}, not TTL"
        backups = tables.describe_continuous_backups(TableName=name)[
            "ContinuousBackupsDescription"
        ]["PointInTimeRecoveryDescription"]
        if backups["PointInTimeRecoveryStatus"] != "ENABLED":
            yield f"{name}: point-in-time recovery is not enabled"


def _state_machine(
    account: Account,
    artifacts: Artifacts,
    told: dict[str, str],
    *,
    original: bool,
) -> Iterator[str]:
    package = (
        "orchestration-stepfunctions"
        if original
        else "dr-orchestration-stepfunction"
    )
    orchestrator = told[f"{PACKAGES[package]}AliasArn"]
    meant = artifacts.state_machine.read_text().replace(
        "${OrchestrationLambdaArn}", orchestrator
    )
    arn = told["StateMachineArn"]
    has = account.state_machines().describe_state_machine(stateMachineArn=arn)
    if json.loads(has["definition"]) != json.loads(meant):
        yield f"{arn}: definition is not the source with {orchestrator}"
