"""Reads back what was deployed and refuses it where it differs.

CloudFormation, and an emulator of it the more, can answer success for what is
not there, so success is not believed. Every difference is named at once.
"""

import base64
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError

from deployment.aws.account import Account
from deployment.aws.stack import Resource
from deployment.domain.errors import Differs
from deployment.domain.names import PACKAGES
from deployment.domain.releases import code_sha256

ALIAS: Final = "live"
_TURN: Final = 0.1
_PATIENCE: Final = 30.0
_GENERIC: Final = "dr-orchestration-stepfunction"
_DIRECT: Final = "orchestration-stepfunctions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What is to be found; hashes are in hexadecimal digits.

    Attributes:
        code: The hash of each package's code.
        layer: The hash of the SDK layer.
        state_machine: The definition before its function is put in.
        original: Whether it is to call the orchestrator that calls DRS.
    """

    code: Mapping[str, str]
    layer: str
    state_machine: str
    original: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """What Lambda says of a function behind its alias."""

    name: str
    version: str
    state: str
    code_sha256: str
    layers: tuple[str, ...]


def verify(
    account: Account,
    found: Sequence[Resource],
    told: Mapping[str, str],
    meant: Meant,
) -> None:
    """Compare a stack with what it is to be.

    Args:
        account: Where it is.
        found: Its resources.
        told: Its outputs.
        meant: What it is to be.

    Raises:
        Differs: With every difference.
    """
    differences = [
        *_functions(account, found, told["SdkLayerArn"], meant),
        *_layer(account, told["SdkLayerArn"], meant),
        *_tables(account, found),
        *_state_machine(account, told, meant),
    ]
    if differences:
        lines = "\n".join(f"  {each}" for each in differences)
        raise Differs(f"What is deployed is not what was meant:\n{lines}")


def running_code(
    account: Account, outputs: Mapping[str, str]
) -> dict[str, str]:
    """Answer the hash of what each function runs; none that cannot be read.

    Args:
        account: Where they are.
        outputs: The stack's.
    """
    functions = account.functions()
    found: dict[str, str] = {}
    for package, name in PACKAGES.items():
        arn = outputs.get(f"{name}AliasArn")
        if arn is None:
            continue
        try:
            told = functions.get_function_configuration(FunctionName=arn)
        except functions.exceptions.ResourceNotFoundException:
            continue
        found[package] = base64.b64decode(told["CodeSha256"]).hex()
    return found


def _functions(
    account: Account, found: Sequence[Resource], layer_arn: str, meant: Meant
) -> Iterator[str]:
    names = {
        each.name: each.physical_id
        for each in found
        if each.kind == "AWS::Lambda::Function"
    }
    for package, digest in meant.code.items():
        name = names.get(f"{PACKAGES[package]}Function")
        if name is None:
            yield f"{package}: the stack has no function for it"
            continue
        try:
            function = _behind_alias(account, name)
        except ClientError as error:
            yield f"{name}: the alias {ALIAS} cannot be read: {error}"
            continue
        yield from _function(function, code_sha256(digest), layer_arn)


def _function(function: Function, code: str, layer_arn: str) -> Iterator[str]:
    place = f"{function.name}:{function.version}"
    if not function.version.isdecimal():
        yield f"{place}: {ALIAS} does not name a published version"
    if function.state != "Active":
        yield f"{place}: is {function.state}, not Active"
    if function.code_sha256 != code:
        yield f"{place}: code is {function.code_sha256}, meant was {code}"
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


def _layer(account: Account, arn: str, meant: Meant) -> Iterator[str]:
    layer = account.functions().get_layer_version_by_arn(Arn=arn)
    has = layer["Content"].get("CodeSha256", "nothing")
    code = code_sha256(meant.layer)
    if has != code:
        yield f"{arn}: content is {has}, meant was {code}"


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
    account: Account, told: Mapping[str, str], meant: Meant
) -> Iterator[str]:
    package = _DIRECT if meant.original else _GENERIC
    orchestrator = told[f"{PACKAGES[package]}AliasArn"]
    wanted = meant.state_machine.replace(
        "${OrchestrationLambdaArn}", orchestrator
    )
    arn = told["StateMachineArn"]
    has = account.state_machines().describe_state_machine(stateMachineArn=arn)
    if json.loads(has["definition"]) != json.loads(wanted):
        yield f"{arn}: definition is not the source with {orchestrator}"
