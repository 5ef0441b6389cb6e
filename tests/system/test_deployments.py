"""Stage 5 over the real packages: one function, back, and the orchestrators.

The cloud is deployed by its own command first, then by the pipeline.
"""

import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deployment.artifacts import Artifacts
from deployment.aws.readback import running_code
from deployment.deploying import publish
from deployment.domain.errors import AlreadyPublished, SmokeFailed
from pipeline.deploy import Deployment, deployed
from pipeline.domain.gate import Outcome
from pipeline.domain.options import Options, Orchestrator, Rollback
from pipeline.sites import Local
from tests.system.api import Api
from tests.system.artifacts import Everything
from tests.system.console import Console
from tests.system.ground import Ground
from tests.system.world import System

OK = Outcome.OK
QUERY = "QueryHandlerVersion"


class Here(Local):
    """The local cloud of a test, whose drills are the test's own."""

    fails = False

    def drill(self) -> str:
        """Run none, or one that fails."""
        if self.fails:
            raise SmokeFailed("The drill did not complete.")
        return "no drill is run here"


class Checkout:
    """A checkout with what was built, and the cloud deployed from it."""

    def __init__(self, home: Path, system: System) -> None:
        self.home = home
        self.site = Here(home)
        self.system = system
        self.said: list[str] = []

    def deploy(self, **options: Any) -> list[Outcome]:
        """Take stage 5; answer how its steps ended."""
        self.said.clear()
        results = deployed(
            Deployment(
                options=Options(
                    checkout=self.home, environment="local", **options
                ),
                site=self.site,
                report=self.said.append,
            )
        )
        self.said += [f"{each.gate.name}: {each.reason}" for each in results]
        return [each.outcome for each in results]

    def publish(self) -> None:
        """Upload what is built now."""
        artifacts = self.artifacts()
        installation = self.site.find()
        bucket = installation.bucket(installation.stack.deployed())
        publish(bucket, artifacts, artifacts.release(), "c0ffee")

    def artifacts(self) -> Artifacts:
        """Find what is built now, all of it unreleased."""
        built = Artifacts.built(self.home / "dist", self.home / "cfn")
        return replace(built, unreleased=None)

    def parameters(self) -> dict[str, str]:
        """Read what is deployed."""
        now = self.site.find().stack.deployed()
        assert now
        return dict(now.parameters)

    def code(self) -> dict[str, str]:
        """Read what each function runs."""
        installation = self.site.find()
        now = installation.stack.deployed()
        assert now
        return running_code(installation.account, now.outputs)


def change_a_line(path: Path) -> None:
    """Add a comment to the query handler in its zip."""
    with zipfile.ZipFile(path) as found:
        content = {name: found.read(name) for name in found.namelist()}
    content["query_handler/handler.py"] += b"\n# Another line.\n"
    with zipfile.ZipFile(path, "w") as made:
        for name, each in content.items():
            made.writestr(name, each)


@pytest.fixture(scope="module")
def checkout(
    artifacts: Everything, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Checkout]:
    home = tmp_path_factory.mktemp("checkout")
    built = artifacts.built.artifacts
    for folder in ("lambda", "layer"):
        (home / "dist" / folder).mkdir(parents=True)
    for name, path in built.packages.items():
        shutil.copy(path, home / "dist" / "lambda" / f"{name}.zip")
    shutil.copy(built.layer, home / "dist" / "layer" / "sdk.zip")
    shutil.copytree(built.templates, home / "cfn")
    # Every zip holds shared: with a fragment of it nothing is released.
    changes = home / "src" / "shared" / "changes"
    changes.mkdir(parents=True)
    (changes / "line.fix.md").touch()
    with System(home, artifacts.built) as system:
        yield Checkout(home, system)


def test_again_at_once_nothing_is_changed_and_that_is_said(
    checkout: Checkout,
) -> None:
    before = checkout.parameters()

    assert checkout.deploy() == [OK, Outcome.SKIPPED, OK, OK]
    assert checkout.parameters() == before
    assert "change set: nothing is to change" in checkout.said


def test_a_line_of_one_function_changes_that_one_and_is_taken_back(
    checkout: Checkout,
) -> None:
    before, code = checkout.parameters(), checkout.code()
    change_a_line(checkout.home / "dist/lambda/query-handler.zip")
    checkout.publish()

    assert checkout.deploy(lambda_only=True) == [OK] * 4, checkout.said

    changed = {
        name
        for name, value in checkout.parameters().items()
        if value != before[name]
    }
    assert changed == {QUERY}
    assert {
        name for name, value in checkout.code().items() if value != code[name]
    } == {"query-handler"}

    rollback = Rollback(package="query-handler", version=before[QUERY])
    assert checkout.deploy(rollback=rollback) == [OK] * 4, checkout.said
    assert checkout.code() == code
    assert checkout.parameters() == before


def test_the_same_version_with_other_bytes_is_refused(
    checkout: Checkout,
) -> None:
    installation = checkout.site.find()
    bucket = installation.bucket(installation.stack.deployed())
    released = replace(checkout.artifacts(), unreleased=frozenset())
    publish(bucket, released, released.release(), "c0ffee")
    change_a_line(checkout.home / "dist/lambda/query-handler.zip")
    again = replace(checkout.artifacts(), unreleased=frozenset())

    with pytest.raises(AlreadyPublished, match="scripts/release PACKAGE"):
        publish(bucket, again, again.release(), "c0ffee")


def test_a_paused_execution_outlives_a_change_of_the_orchestrator_and_back(
    checkout: Checkout,
) -> None:
    api = Api(checkout.system)
    paused = Ground(checkout.system, api).value("paused")

    for orchestrator in (Orchestrator.DIRECT, Orchestrator.GENERIC):
        checkout.publish()
        ended = checkout.deploy(orchestrator=orchestrator)
        assert ended == [OK] * 4, checkout.said

    assert checkout.parameters()["UseOriginalOrchestrator"] == "false"
    console = Console(api)
    console.ask("POST /executions/{id}/resume", id=paused)
    assert console.ended(paused)["status"] == "COMPLETED"


def test_a_failed_smoke_test_brings_the_former_parameters_back(
    checkout: Checkout,
) -> None:
    before = checkout.parameters()
    checkout.site.fails = True

    ended = checkout.deploy(orchestrator=Orchestrator.DIRECT)

    checkout.site.fails = False
    assert ended == [OK, OK, OK, Outcome.FAILED]
    assert "smoke test: Rolled back" in checkout.said[-1]
    assert checkout.parameters() == before


def test_a_dry_run_shows_the_change_and_makes_none(
    checkout: Checkout,
) -> None:
    before = checkout.parameters()

    ended = checkout.deploy(orchestrator=Orchestrator.DIRECT, dry_run=True)

    assert ended == [OK, *[Outcome.SKIPPED] * 3]
    assert any("StateMachineStack" in line for line in checkout.said)
    assert checkout.parameters() == before
