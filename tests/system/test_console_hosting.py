"""The console's stack in the local cloud: filled, changed, emptied."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.world import System

STACK = "console"
TLS_ONLY = re.compile(r" *- Sid: EncryptedOnly\n.*?(?=\n\n)", re.DOTALL)
TEMPLATE = Path.cwd() / "cfn" / "console.yaml"


class Hosted:
    """A stack of the console beside the installation."""

    def __init__(self, system: System) -> None:
        self._stacks = system.client("cloudformation")
        self._s3 = system.client("s3")
        outputs = system.endpoints.outputs
        self._values = {
            "ProjectName": "drs-orchestration",
            "Environment": "local",
            "EnableWaf": "false",
            "FrontendDeployerVersion": "1",
            "FrontendDeployerAliasArn": outputs["FrontendDeployerAliasArn"],
            "DeployerRoleName": outputs["DeployerRoleArn"].split("/")[-1],
            "ApiId": outputs["ApiId"],
            "ApiEndpoint": outputs["ApiEndpoint"],
            "UserPoolId": outputs["UserPoolId"],
            "UserPoolClientId": outputs["UserPoolClientId"],
        }

    def made(self) -> None:
        """Create the stack."""
        self._stacks.create_stack(StackName=STACK, **self._template())
        self._settled("create")

    def changed(self, version: str) -> None:
        """Update it to another version of the page."""
        self._values["FrontendDeployerVersion"] = version
        self._stacks.update_stack(StackName=STACK, **self._template())
        self._settled("update")

    def removed(self) -> None:
        """Delete it."""
        self._stacks.delete_stack(StackName=STACK)
        self._settled("delete")

    @property
    def bucket(self) -> str:
        """Return the name of the bucket."""
        [stack] = self._stacks.describe_stacks(StackName=STACK)["Stacks"]
        told = {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
        return str(told["ConsoleBucketName"])

    def files(self) -> dict[str, bytes]:
        """Return what is in the bucket."""
        found = self._s3.list_objects_v2(Bucket=self.bucket)
        return {
            one["Key"]: self.read(one["Key"])
            for one in found.get("Contents", ())
        }

    def read(self, key: str) -> bytes:
        """Return a file."""
        answer = self._s3.get_object(Bucket=self.bucket, Key=key)
        return bytes(answer["Body"].read())

    def put(self, key: str) -> None:
        """Put a file there, as an older build did."""
        self._s3.put_object(Bucket=self.bucket, Key=key, Body=b"old")

    def buckets(self) -> set[str]:
        """Return the names of all buckets."""
        return {one["Name"] for one in self._s3.list_buckets()["Buckets"]}

    def _template(self) -> dict[str, Any]:
        text = TEMPLATE.read_text(encoding="utf-8")
        return {
            # The local cloud has no TLS, which the bucket insists on.
            "TemplateBody": TLS_ONLY.sub("", text),
            "Capabilities": ["CAPABILITY_IAM"],
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in self._values.items()
            ],
        }

    def _settled(self, verb: str) -> None:
        waiter = self._stacks.get_waiter(f"stack_{verb}_complete")
        waiter.wait(
            StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )


@pytest.fixture(scope="module")
def hosted(system: System) -> Iterator[Hosted]:
    """The stack, made."""
    found = Hosted(system)
    found.made()
    yield found
    found.removed()


def test_the_page_and_its_configuration_are_in_the_bucket(
    hosted: Hosted, system: System
) -> None:
    files = hosted.files()

    assert {"index.html", "aws-config.json"} <= set(files)
    config = json.loads(files["aws-config.json"])
    assert config["apiEndpoint"] == system.endpoints.outputs["ApiEndpoint"]
    assert config["environment"] == "local"
    assert config["version"] == "1"


def test_another_version_replaces_what_an_older_one_left(
    hosted: Hosted,
) -> None:
    hosted.put("assets/old.js")

    hosted.changed("2")

    files = hosted.files()
    assert "assets/old.js" not in files
    assert json.loads(files["aws-config.json"])["version"] == "2"


def test_the_end_of_the_stack_takes_bucket_and_files_along(
    hosted: Hosted,
) -> None:
    bucket = hosted.bucket

    hosted.removed()

    assert bucket not in hosted.buckets()
    hosted.made()
