"""What is stored outlives an update of the stack, and the stack itself."""

import json
import shutil
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from deployment.artifacts import Artifacts
from deployment.aws.stack import Deployed
from deployment.deploying import Installation, deploy
from tests.support.requests import a_request, body_of
from tests.system.api import Api
from tests.system.artifacts import Everything
from tests.system.console import Console
from tests.system.plans import two_waves
from tests.system.world import System

HUB = "123456789012"
RECOVERY = "PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: "
PATIENCE = 300.0
CONFIG = "aws-config.json"
PAGE = "frontend_deployer/ui/"
STACK = "drs-orchestration-local"

type Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def used(
    artifacts: Everything, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """A cloud of its own, with something in every table."""
    home = tmp_path_factory.mktemp("stack")
    with System(home, artifacts.built) as system:
        drill = system.drill(plan=two_waves(home, "kept"))
        console = Console(Api(system))
        console.ended(drill.execution_id)
        body = {"accountId": "999900001111", "externalId": "kept-1"}
        console.ask("POST /accounts/targets", body)
        yield system


def rows(system: System) -> Rows:
    """Read every item of every table."""
    tables = system.client("dynamodb")
    return {
        table: sorted(
            (
                item
                for page in tables.get_paginator("scan").paginate(
                    TableName=table, ConsistentRead=True
                )
                for item in page["Items"]
            ),
            key=str,
        )
        for table in system.endpoints.tables.values()
    }


def recoverable(system: System) -> list[str]:
    """List the tables whose past can be restored."""
    tables = system.client("dynamodb")
    found = {}
    for table in system.endpoints.tables.values():
        told = tables.describe_continuous_backups(TableName=table)
        found[table] = told["ContinuousBackupsDescription"][
            "PointInTimeRecoveryDescription"
        ]["PointInTimeRecoveryStatus"]
    return [table for table, status in found.items() if status == "ENABLED"]


def copied(templates: Path, folder: Path) -> Path:
    """Copy the templates, to change them."""
    return Path(shutil.copytree(templates, folder / "cfn"))


def changed(artifacts: Artifacts, folder: Path) -> Artifacts:
    """Return artifacts whose templates change every table and function."""
    templates = copied(artifacts.templates, folder)
    for name, old, new in (
        ("tables.yaml", f"{RECOVERY}true", f"{RECOVERY}false"),
        ("functions.yaml", "MemorySize: 512", "MemorySize: 640"),
    ):
        path = templates / name
        text = path.read_text()
        assert old in text, f"{name} has no `{old}`"
        path.write_text(text.replace(old, new))
    return replace(artifacts, templates=templates)


def chosen(artifacts: Artifacts, folder: Path, **parameters: str) -> Artifacts:
    """Return artifacts whose environment sets these parameters besides."""
    templates = copied(artifacts.templates, folder)
    given = templates / "parameters" / "local.json"
    given.write_text(
        json.dumps({**json.loads(given.read_text()), **parameters})
    )
    return replace(artifacts, templates=templates)


def installed(used: System, artifacts: Artifacts) -> Deployed:
    """Deploy these artifacts."""
    said: list[str] = []
    installation = Installation(
        account=used.account(HUB),
        environment="local",
        templates=artifacts.templates,
    )
    return deploy(installation, artifacts, original=False, report=said.append)


def live(used: System) -> dict[str, str]:
    """Read which version of each function is called."""
    functions = used.client("lambda")
    found = functions.list_functions()["Functions"]
    return {
        each["FunctionName"]
        .removeprefix("drs-orchestration-")
        .removesuffix("-local"): functions.get_alias(
            FunctionName=each["FunctionName"], Name="live"
        )["FunctionVersion"]
        for each in found
    }


def roles_of(used: System, group: str) -> list[str]:
    """Ask the query handler which roles a member of a group has."""
    answer = used.client("lambda").invoke(
        FunctionName="drs-orchestration-query-handler-local",
        Qualifier="live",
        Payload=json.dumps(a_request("GET", "/user/roles", role=group)),
    )
    roles: list[str] = body_of(json.load(answer["Payload"]))["roles"]
    return roles


def files_of(zipped: Path) -> set[str]:
    """List the files of the page within its package."""
    with zipfile.ZipFile(zipped) as package:
        return {
            name.removeprefix(PAGE)
            for name in package.namelist()
            if name.startswith(PAGE) and name != PAGE
        }


def test_an_update_of_every_table_and_function_keeps_every_row(
    used: System, artifacts: Everything, tmp_path: Path
) -> None:
    before = rows(used)
    newer = changed(artifacts.built.artifacts, tmp_path)
    assert len(recoverable(used)) == len(before)

    installed(used, newer)

    # The update has reached the tables, and left what is in them.
    assert recoverable(used) == []
    assert all(before.values())
    assert rows(used) == before
    # What is stored is still what the functions work with.
    again = used.drill(plan=two_waves(tmp_path, "later"))
    assert again.report["status"] == "COMPLETED"


def test_the_console_is_put_into_its_bucket_with_what_it_asks_for(
    used: System, artifacts: Everything, tmp_path: Path
) -> None:
    built = artifacts.built.artifacts

    now = installed(
        used,
        chosen(built, tmp_path, EnableConsoleHosting="true", EnableWaf="true"),
    )
    # What the deployer's role holds goes with the stack.
    System.evidence.take(used.endpoints)

    buckets, bucket = used.client("s3"), now.outputs["ConsoleBucketName"]
    listed = buckets.list_objects_v2(Bucket=bucket)["Contents"]
    config = json.loads(
        buckets.get_object(Bucket=bucket, Key=CONFIG)["Body"].read()
    )
    assert {each["Key"] for each in listed} == {
        CONFIG,
        *files_of(built.packages["frontend-deployer"]),
    }
    assert config == {
        "apiEndpoint": now.outputs["ApiEndpoint"],
        "environment": "local",
        "identityPoolId": now.outputs["IdentityPoolId"],
        "projectName": "drs-orchestration",
        "region": "us-east-1",
        "userPoolClientId": now.outputs["UserPoolClientId"],
        "userPoolId": now.outputs["UserPoolId"],
        "version": now.parameters["FrontendDeployerVersion"],
    }


def test_other_aliases_of_groups_publish_the_handlers_anew_and_no_other(
    used: System, artifacts: Everything, tmp_path: Path
) -> None:
    built = artifacts.built.artifacts
    installed(used, built)
    versions = [live(used)]

    for group in ("dr-team", "auditors"):
        folder = tmp_path / group
        folder.mkdir()
        aliases = json.dumps({group: "DRSOperator"}, separators=(",", ":"))
        installed(used, chosen(built, folder, RbacGroupAliases=aliases))
        versions.append(live(used))

    for before, after in pairwise(versions):
        assert {name for name in after if after[name] != before[name]} == {
            "data-management-handler",
            "execution-handler",
            "query-handler",
        }
    assert roles_of(used, "auditors") == ["DRSOperator"]
    assert roles_of(used, "dr-team") == []


def test_a_deleted_stack_leaves_its_tables_and_every_row(
    used: System,
) -> None:
    before = rows(used)
    stacks = used.account(HUB).stacks()

    stacks.delete_stack(StackName=STACK)
    gone_by = time.monotonic() + PATIENCE
    while exists(stacks):
        assert time.monotonic() < gone_by, f"{STACK} is still there."
        time.sleep(0.5)

    assert used.client("lambda").list_functions()["Functions"] == []
    left = [
        each["Name"] for each in used.client("s3").list_buckets()["Buckets"]
    ]
    assert [name for name in left if "-console-" in name] == []
    assert all(before.values())
    assert rows(used) == before


def exists(stacks: Any) -> bool:
    """Tell whether the stack is there or on its way out."""
    found = stacks.list_stacks()["StackSummaries"]
    states = {s["StackStatus"] for s in found if s["StackName"] == STACK}
    assert "DELETE_FAILED" not in states
    return states != {"DELETE_COMPLETE"}
