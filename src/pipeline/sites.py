"""Where a deployment goes: the local cloud of the checkout, or an account.

Both are deployed by the same steps. The local cloud has to be started first,
and is told what was deployed; its tables and its API are on this machine.
"""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from deployment import building
from deployment.artifacts import Artifacts
from deployment.aws.account import here
from deployment.aws.stack import Deployed
from deployment.deploying import Installation
from deployment.domain.errors import NotReachable, SmokeFailed
from deployment.domain.names import LOCAL
from local_cloud import cloud
from local_cloud.builder import TARGETS, made_of
from local_cloud.supervisor import is_free
from pipeline.gates import Report

_STATE: Final = ".local-cloud"
_API_PORT: Final = 8080
# Shares no server with what else is drilled in the cloud.
_PLAN: Final = "examples/smoke-test.yaml"
_SPEED: Final = 200.0
_LOCAL_PATIENCE: Final = 600.0
_LAST_LINES: Final = 25


class Site(Protocol):
    """A place to deploy to."""

    @property
    def ephemeral(self) -> bool:
        """Whether it is of this machine alone, and may be made up."""

    def build(self) -> None:
        """Build what is deployed."""

    def open(self, report: Report) -> Installation:
        """Make it ready to be deployed to.

        Raises:
            DeploymentError: It cannot be reached.
        """

    def find(self) -> Installation:
        """Answer it where it is ready.

        Raises:
            DeploymentError: It is not.
        """

    def settle(self, now: Deployed) -> str:
        """Take note of what is deployed; answer where the API is."""

    def drill(self) -> str:
        """Run a plan through what is deployed; answer what became of it.

        Raises:
            SmokeFailed: It did not complete.
        """


class Aws:
    """The account and Region of this process's credentials."""

    ephemeral = False

    def __init__(self, checkout: Path, environment: str) -> None:
        """Speak of an environment in it."""
        self._checkout = checkout
        self._environment = environment

    def build(self) -> None:
        """Build what is deployed."""
        building.package(self._checkout, building.TARGETS)

    def open(self, report: Report) -> Installation:
        """Find whose credentials there are, and say it."""
        found = self.find()
        report(
            f"    {self._environment} in account {found.account.account_id}, "
            f"{found.account.region}"
        )
        return found

    def find(self) -> Installation:
        """Find whose credentials there are."""
        return Installation(
            account=here(),
            environment=self._environment,
            templates=self._checkout / "cfn",
        )

    def settle(self, now: Deployed) -> str:
        """Answer where the API is."""
        return now.outputs["ApiEndpoint"]

    def drill(self) -> str:
        """Run nothing: a drill would launch instances of somebody."""
        return "no drill is run in an account"


class Local:
    """The local cloud of a checkout."""

    ephemeral = True

    def __init__(self, checkout: Path) -> None:
        """Speak of it, whether it runs or not."""
        self._checkout = checkout
        self._state_dir = checkout / _STATE

    def build(self) -> None:
        """Build what is deployed, and the programs of the cloud."""
        building.package(self._checkout, TARGETS)

    def open(self, report: Report) -> Installation:
        """Start it where it does not run; it goes on after this process."""
        checkout = self._checkout
        held = cloud.start(
            cloud.Settings(
                checkout=checkout,
                state_dir=self._state_dir,
                speed=_SPEED,
                api_port=_API_PORT if is_free(_API_PORT) else 0,
                built=made_of(
                    checkout / "dist",
                    checkout / "cfn",
                    self._state_dir / "envs",
                    checkout / "src",
                ),
            ),
            lambda line: report(f"    {line}"),
        )
        held.release()
        return self._installation(held.endpoints)

    def find(self) -> Installation:
        """Find it running."""
        return self._installation(self._running())

    def settle(self, now: Deployed) -> str:
        """Tell the cloud what is deployed in it."""
        original = now.parameters["UseOriginalOrchestrator"] == "true"
        known = cloud.deployed(
            self._state_dir,
            replace(
                self._running(),
                orchestrator=cloud.DIRECT if original else cloud.GENERIC,
            ),
            now.outputs,
        )
        return known.api_url

    def drill(self) -> str:
        """Run a plan of its own with the command line, to its end."""
        done = subprocess.run(
            ["scripts/dro", "local", "drill", _PLAN],
            cwd=self._checkout,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stdout.splitlines()[-_LAST_LINES:] or ["Nothing."]
            raise SmokeFailed(
                f"A drill of {_PLAN} did not complete (exit status "
                f"{done.returncode}): {said[-1].strip()}\n" + "\n".join(said)
            )
        return f"a drill of {_PLAN} completed"

    def _running(self) -> cloud.Endpoints:
        found = cloud.running(self._state_dir)
        if found is None:
            raise NotReachable(
                "The local cloud does not run. Bring it up and deploy to it "
                "with `scripts/deploy.sh local`. Nothing was changed."
            )
        return found

    def _installation(self, endpoints: cloud.Endpoints) -> Installation:
        return Installation(
            account=cloud.account_of(endpoints),
            environment=LOCAL,
            templates=self._checkout / "cfn",
            patience=_LOCAL_PATIENCE,
        )


def site_of(checkout: Path, environment: str) -> Site:
    """Answer the place that an environment's name means."""
    if environment == LOCAL:
        return Local(checkout)
    return Aws(checkout, environment)


def artifacts_of(checkout: Path) -> Artifacts:
    """Find what was built of a checkout.

    Raises:
        MissingArtifact: Something was not.
    """
    return Artifacts.built(
        checkout / "dist", checkout / "cfn", checkout / "src"
    )
