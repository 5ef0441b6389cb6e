"""The local cloud of a checkout, as the command line asks for it.

It is the one module that knows the local cloud. Its faults become failed
commands here; what cannot have a public AWS API (an estate, faults) goes
through the simulator's control path.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cli.aws.executions import AwsExecutions, Names
from cli.aws.functions import ClientFactory, LambdaFunctions
from cli.aws.session import clients
from cli.domain.ports import CommandFailed, Executions, Fault
from cli.domain.seeding import Seeds
from cli.domain.settings import Chosen, Orchestrator, Settings
from deployment.domain.errors import DeploymentError
from local_cloud import cloud
from local_cloud.aws.people import PASSWORD, PEOPLE
from local_cloud.aws.seed import SeedRefused, put_items
from local_cloud.builder import Built
from local_cloud.control import ControlRefused
from local_cloud.lint import BadTemplates
from local_cloud.programs import ACCOUNT_ID

CHECKOUT = "DRO_CHECKOUT"
_STATE = ".local-cloud"
_EXECUTION_HANDLER = "execution-handler"


class LocalCloud:
    """The cloud of one checkout; ``up`` holds it until ``release``.

    ``built`` is what to deploy where it is not to be built first.
    """

    def __init__(
        self,
        checkout: Path,
        chosen: Chosen,
        report: Callable[[str], None],
        built: Built | None = None,
    ) -> None:
        self._checkout = checkout
        self._state_dir = checkout / _STATE
        self._chosen = chosen
        self._report = report
        self._built = built
        self._held: cloud.Held | None = None

    def is_up(self) -> bool:
        """Tell whether it runs."""
        return cloud.status(self._state_dir).is_up

    def up(self) -> None:
        """Build, start and deploy what is not there yet."""
        wanted = self.settings()
        with _told():
            self._held = cloud.bring_up(
                cloud.Settings(
                    checkout=self._checkout,
                    state_dir=self._state_dir,
                    speed=wanted.speed,
                    orchestrator=wanted.orchestrator,
                    api_port=wanted.api_port,
                    built=self._built,
                ),
                self._report,
            )

    def release(self) -> None:
        """Let it go on after this process."""
        if self._held is not None:
            self._held.release()

    def down(self) -> None:
        """Stop every process and remove what they left."""
        if self._held is not None:
            self._held.stop()
        else:
            cloud.down(self._state_dir)

    def status(self) -> Mapping[str, Any]:
        """Return what runs, and where."""
        found = cloud.status(self._state_dir)
        told: dict[str, Any] = dict(found.programs)
        told["logs"] = found.logs
        if found.endpoints is not None:
            told["orchestrator"] = found.endpoints.orchestrator
            told["speed"] = f"{found.endpoints.speed:g}"
            told["API"] = found.endpoints.api_url
            told["API users"] = f"{', '.join(PEOPLE.values())}: {PASSWORD}"
            told |= cloud.environment(found.endpoints)
        return told

    def settings(self) -> Settings:
        """Return what was chosen; else what runs; else what is usual."""
        found = cloud.status(self._state_dir).endpoints
        runs = Settings()
        if found is not None:
            runs = Settings(
                speed=found.speed,
                orchestrator=Orchestrator(found.orchestrator),
                api_port=found.api_port,
            )
        return self._chosen.over(runs)

    def account_id(self) -> str:
        """Return the account that everything is deployed in."""
        return ACCOUNT_ID

    def seed(self, seeds: Seeds) -> None:
        """Load the estate and write groups and plan."""
        with _told():
            cloud.load_estate(self._endpoints(), seeds.estate)
            put_items(
                self._endpoints(), groups=seeds.groups, plans=[seeds.plan]
            )

    def inject(self, faults: Sequence[Fault]) -> None:
        """Put faults into the simulator."""
        if faults:
            with _told():
                cloud.faults(self._endpoints(), faults)

    def functions(self) -> LambdaFunctions:
        """Return the functions of the cloud that is up.

        Raises:
            CommandFailed: None is.
        """
        found = self._found()
        return LambdaFunctions(_clients(found), found.functions)

    def pool(self) -> tuple[str, str, str]:
        """Return Region, endpoint and client of the user pool that is up.

        Raises:
            CommandFailed: None is.
        """
        found = self._found()
        client_id = found.outputs["UserPoolClientId"]
        return found.region, found.aws_url, client_id

    def _found(self) -> cloud.Endpoints:
        found = cloud.status(self._state_dir).endpoints
        if found is None:
            raise CommandFailed(
                "No local cloud is up; start one: dro local up"
            )
        return found

    def executions(self) -> Executions:
        """Return the executions of this cloud."""
        endpoints = self._endpoints()
        return AwsExecutions(
            _clients(endpoints),
            Names(
                history_table=endpoints.tables["execution-history"],
                execution_function=endpoints.functions[_EXECUTION_HANDLER],
            ),
        )

    def _endpoints(self) -> cloud.Endpoints:
        if self._held is None:
            raise CommandFailed("The local cloud was not brought up.")
        return self._held.endpoints


def _clients(endpoints: cloud.Endpoints) -> ClientFactory:
    return clients(
        url=endpoints.aws_url,
        region=endpoints.region,
        access_key=endpoints.account_id,
    )


def cloud_of(chosen: Chosen, report: Callable[[str], None]) -> LocalCloud:
    """Return the cloud of the checkout that `scripts/dro` is in.

    Raises:
        CommandFailed: No checkout was named, or it is none.
    """
    checkout = Path(os.environ.get(CHECKOUT) or Path.cwd())
    if not (checkout / "pants.toml").is_file():
        raise CommandFailed(
            f"{checkout} is no checkout of DR orchestration; use its "
            f"scripts/dro, or set {CHECKOUT} to it."
        )
    return LocalCloud(checkout, chosen, report)


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the local cloud raises into a failed command."""
    try:
        yield
    except (
        BadTemplates,
        ControlRefused,
        DeploymentError,
        cloud.CloudFailed,
        SeedRefused,
    ) as error:
        raise CommandFailed(str(error)) from error
