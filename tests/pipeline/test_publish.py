"""Stage 4: what is refused before anything leaves, and what is uploaded."""

import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from deployment.aws.account import here
from deployment.aws.stack import Deployed
from deployment.deploying import Installation
from deployment.domain.names import PACKAGES, source_of
from pipeline.domain.gate import Outcome
from pipeline.domain.options import Options
from pipeline.gates import Report
from pipeline.publish import Publication, published

REGION = "eu-west-1"
OK, FAILED, SKIPPED = Outcome.OK, Outcome.FAILED, Outcome.SKIPPED


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    return subprocess.run(
        ["git", *who, *words],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def fill(checkout: Path, query: str = "") -> None:
    """Lay out what a build would leave."""
    for folder in ("dist/lambda", "dist/layer", "cfn/statemachine"):
        (checkout / folder).mkdir(parents=True, exist_ok=True)
    for name in PACKAGES:
        source = source_of(name)
        path = checkout / "dist" / "lambda" / f"{name}.zip"
        with zipfile.ZipFile(path, "w") as made:
            entry = f"from {source}.handler import lambda_handler as handler"
            made.writestr(zipfile.ZipInfo("lambda_function.py"), entry)
            made.writestr(zipfile.ZipInfo(f"{source}/VERSION"), "1.0.0\n")
            if name == "query-handler":
                made.writestr(zipfile.ZipInfo("more.py"), query)
    (checkout / "dist/layer/sdk.zip").write_bytes(b"layer")
    (checkout / "cfn/main.yaml").write_text("{}")
    (checkout / "cfn/statemachine/orchestration.asl.json").write_text("{}")


class Place:
    """An account of moto's, where nothing has to be built."""

    ephemeral = False

    def __init__(self, checkout: Path) -> None:
        self._checkout = checkout

    def build(self) -> None:
        """Find it built."""

    def open(self, report: Report) -> Installation:
        """Answer where it is."""
        return self.find()

    def find(self) -> Installation:
        """Answer where it is."""
        return Installation(
            account=here(boto3.session.Session(region_name=REGION)),
            environment="dev",
            templates=self._checkout / "cfn",
        )

    def settle(self, now: Deployed) -> str:
        """Answer nowhere: nothing is deployed here."""
        return ""

    def drill(self) -> str:
        """Run none."""
        return ""


@pytest.fixture
def checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    made = tmp_path / "checkout"
    made.mkdir()
    git(made, "init", "--quiet", "--initial-branch", "main")
    (made / ".gitignore").write_text("dist\n")
    fill(made)
    git(made, "add", "-A")
    git(made, "commit", "--quiet", "-m", "Begin")
    with mock_aws():
        yield made


def outcomes(checkout: Path, **options: Any) -> dict[str, tuple[Outcome, str]]:
    """Publish; answer how each step ended, and what was said of it."""
    results = published(
        Publication(
            options=Options(checkout=checkout, environment="dev", **options),
            site=Place(checkout),
            report=lambda line: None,
        )
    )
    return {each.gate.name: (each.outcome, each.reason) for each in results}


def keys() -> set[str]:
    """List what the bucket holds."""
    client = boto3.client("s3", region_name=REGION)
    [bucket] = client.list_buckets()["Buckets"]
    found = client.list_objects_v2(Bucket=bucket["Name"])
    return {each["Key"] for each in found.get("Contents", ())}


def test_a_missing_bucket_is_refused_with_the_remedy(checkout: Path) -> None:
    found = outcomes(checkout)

    outcome, said = found["target"]
    assert outcome is FAILED
    assert "--create-bucket" in said
    assert "upload" not in found
    assert not boto3.client("s3", region_name=REGION).list_buckets()["Buckets"]


def test_everything_is_uploaded_once_with_its_manifests(
    checkout: Path,
) -> None:
    first = outcomes(checkout, create_bucket=True)
    there = keys()
    again = outcomes(checkout)

    # Each zip; the layer, the state machine and the template besides.
    assert first["versions"] == (OK, f"{len(PACKAGES) + 3} keys are new")
    assert first["upload"] == (OK, f"{len(PACKAGES) + 3} new keys")
    assert {
        "lambda/query-handler/1.0.0.zip",
        "lambda/query-handler/1.0.0.json",
    } <= there
    assert again["versions"] == (OK, "none is new")
    assert again["upload"] == (OK, "all were there")
    assert keys() == there


def test_other_bytes_of_a_published_version_upload_nothing(
    checkout: Path,
) -> None:
    outcomes(checkout, create_bucket=True)
    there = keys()
    fill(checkout, query="# Another line.")

    found = outcomes(checkout)

    outcome, said = found["versions"]
    assert outcome is FAILED
    assert "lambda/query-handler/1.0.0.zip" in said
    assert "src/PACKAGE/changes" in said
    assert "upload" not in found
    assert keys() == there


def test_other_bytes_of_a_published_version_are_refused_before_the_push(
    checkout: Path, tmp_path: Path
) -> None:
    remote = tmp_path / "remote.git"
    git(tmp_path, "init", "--quiet", "--bare", str(remote))
    git(checkout, "remote", "add", "origin", str(remote))
    outcomes(checkout, create_bucket=True)
    pushed = git(remote, "rev-parse", "main")
    fill(checkout, query="# Another line.")
    git(checkout, "commit", "--quiet", "--allow-empty", "-m", "Go on")

    found = outcomes(checkout)

    assert found["versions"][0] is FAILED
    assert "push" not in found
    assert git(remote, "rev-parse", "main") == pushed


def test_a_fragment_gives_the_other_bytes_a_version_of_their_own(
    checkout: Path,
) -> None:
    outcomes(checkout, create_bucket=True)
    fill(checkout, query="# Another line.")
    changes = checkout / "src" / "query_handler" / "changes"
    changes.mkdir(parents=True)
    (changes / "line.fix.md").touch()

    assert outcomes(checkout)["upload"] == (OK, "1 new keys")
    assert any("/1.0.0-dev." in key for key in keys())


def test_only_the_functions_that_are_named_are_uploaded(
    checkout: Path,
) -> None:
    outcomes(
        checkout,
        create_bucket=True,
        lambda_only=True,
        functions=("query-handler",),
    )

    assert keys() == {
        "lambda/query-handler/1.0.0.zip",
        "lambda/query-handler/1.0.0.json",
    }


def test_a_change_without_a_commit_is_told(checkout: Path) -> None:
    (checkout / "new.txt").touch()

    outcome, said = outcomes(checkout, create_bucket=True)["working tree"]

    assert outcome is FAILED
    assert "1 files are not committed, such as new.txt" in said


def test_the_branch_is_pushed_where_a_remote_is(
    checkout: Path, tmp_path: Path
) -> None:
    remote = tmp_path / "remote.git"
    git(tmp_path, "init", "--quiet", "--bare", str(remote))

    assert outcomes(checkout, create_bucket=True)["push"] == (
        SKIPPED,
        "no remote is configured",
    )
    git(checkout, "remote", "add", "origin", str(remote))
    assert outcomes(checkout, no_push=True)["push"] == (SKIPPED, "--no-push")
    assert outcomes(checkout)["push"][0] is OK
    assert git(remote, "rev-parse", "main") == git(
        checkout, "rev-parse", "HEAD"
    )


def test_a_push_that_fails_stops_before_the_upload(checkout: Path) -> None:
    git(checkout, "remote", "add", "origin", "/nowhere/at/all")

    found = outcomes(checkout, create_bucket=True)

    assert found["push"][0] is FAILED
    assert "upload" not in found
