"""The local cloud, its faults told as failed commands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cli import local
from cli.aws.executions import AwsExecutions
from cli.domain.ports import CommandFailed
from cli.domain.seeding import seeds
from cli.domain.settings import Chosen, Orchestrator, Settings
from cli.local import CHECKOUT, LocalCloud, cloud_of
from deployment.domain.names import PACKAGES
from local_cloud import cloud
from local_cloud.control import ControlRefused
from tests.cli.builders import a_plan
from tests.cli.fakes import ACCOUNT

TABLES = (
    "ProtectionGroups",
    "RecoveryPlans",
    "ExecutionHistory",
    "TargetAccounts",
)
ENDPOINTS = cloud.Endpoints(
    aws_url="http://127.0.0.1:1",
    api_url="http://127.0.0.1:4",
    drs_url="http://127.0.0.1:2",
    quotas_url="http://127.0.0.1:2",
    events_url="http://127.0.0.1:3/events",
    region="us-east-1",
    account_id=ACCOUNT,
    orchestrator="direct",
    speed=50.0,
    outputs={
        "StateMachineArn": "arn:sm",
        **{f"{key}TableName": key for key in TABLES},
        **{f"{key}AliasArn": f"arn:{key}:live" for key in PACKAGES.values()},
    },
)


def silent(_: str) -> None:
    """Say nothing."""


@dataclass(slots=True, kw_only=True)
class FakeMachine:
    """What the local cloud's package does, without a process."""

    endpoints: cloud.Endpoints | None = None
    settings: cloud.Settings | None = None
    done: list[str] = field(default_factory=list)
    estates: list[Mapping[str, Any]] = field(default_factory=list)
    rules: list[Mapping[str, Any]] = field(default_factory=list)
    items: dict[str, Any] = field(default_factory=dict)
    error: Exception | None = None

    def status(self, state_dir: Path) -> cloud.Status:
        """Answer what runs."""
        up = self.endpoints is not None
        return cloud.Status(
            endpoints=self.endpoints,
            programs={"emulator": "running"} if up else {},
            logs=state_dir / "logs",
        )

    def bring_up(self, settings: cloud.Settings, report: Any) -> Any:
        """Bring it up."""
        if self.error:
            raise self.error
        self.settings = settings
        self.endpoints = self.endpoints or ENDPOINTS
        return FakeHeld(machine=self, endpoints=self.endpoints)

    def down(self, state_dir: Path) -> bool:
        """End it."""
        self.done.append(f"down {state_dir.name}")
        return True

    def load_estate(self, _: cloud.Endpoints, estate: Any) -> None:
        """Keep the estate."""
        if self.error:
            raise self.error
        self.estates.append(estate)

    def faults(self, _: cloud.Endpoints, rules: Sequence[Any]) -> None:
        """Keep the rules."""
        if self.error:
            raise self.error
        self.rules.extend(rules)

    def put_items(self, _: cloud.Endpoints, **items: Any) -> None:
        """Keep the items."""
        self.items = items


@dataclass(slots=True, kw_only=True)
class FakeHeld:
    """A cloud that is held."""

    machine: FakeMachine
    endpoints: cloud.Endpoints

    def release(self) -> None:
        """Let go."""
        self.machine.done.append("release")

    def stop(self) -> None:
        """End it."""
        self.machine.done.append("stop")


@pytest.fixture(name="machine")
def _machine(monkeypatch: pytest.MonkeyPatch) -> FakeMachine:
    machine = FakeMachine()
    for name in ("status", "bring_up", "down", "load_estate", "faults"):
        monkeypatch.setattr(cloud, name, getattr(machine, name))
    monkeypatch.setattr(local, "put_items", machine.put_items)
    return machine


def a_cloud(chosen: Chosen | None = None) -> LocalCloud:
    return LocalCloud(Path("/checkout"), chosen or Chosen(), silent)


def test_it_comes_up_with_the_usual_settings(machine: FakeMachine) -> None:
    a_cloud().up()

    assert machine.settings == cloud.Settings(
        checkout=Path("/checkout"),
        state_dir=Path("/checkout/.local-cloud"),
        speed=Settings().speed,
        orchestrator="generic",
        api_port=8080,
    )


def test_what_was_chosen_goes_before_what_runs(machine: FakeMachine) -> None:
    machine.endpoints = ENDPOINTS

    assert a_cloud().settings() == Settings(
        speed=50.0, orchestrator=Orchestrator.DIRECT, api_port=4
    )
    assert a_cloud(Chosen(speed=7.0)).settings() == Settings(
        speed=7.0, orchestrator=Orchestrator.DIRECT, api_port=4
    )
    assert a_cloud(Chosen(api_port=0)).settings().api_port == 0
    generic = Chosen(orchestrator=Orchestrator.GENERIC)
    assert a_cloud(generic).settings().orchestrator == Orchestrator.GENERIC


@pytest.mark.parametrize("running", [None, ENDPOINTS])
def test_it_is_up_where_everything_runs(
    machine: FakeMachine, running: cloud.Endpoints | None
) -> None:
    machine.endpoints = running

    assert a_cloud().is_up() is (running is not None)


def test_a_held_cloud_is_released_or_stopped(machine: FakeMachine) -> None:
    held = a_cloud()
    held.up()
    held.release()
    held.down()

    assert machine.done == ["release", "stop"]


def test_a_cloud_of_another_command_is_ended(machine: FakeMachine) -> None:
    other = a_cloud()
    other.release()
    other.down()

    assert machine.done == ["down .local-cloud"]


def test_the_status_names_what_a_client_needs(machine: FakeMachine) -> None:
    machine.endpoints = ENDPOINTS

    told = a_cloud().status()

    assert told["emulator"] == "running"
    assert (told["orchestrator"], told["speed"]) == ("direct", "50")
    assert told["AWS_ENDPOINT_URL"] == ENDPOINTS.aws_url
    machine.endpoints = None
    assert set(a_cloud().status()) == {"logs"}


def test_seeding_fills_simulator_and_tables(machine: FakeMachine) -> None:
    held = a_cloud()
    held.up()
    seeded = seeds(a_plan(), account_id=held.account_id(), now=1)

    held.seed(seeded)

    assert machine.estates == [seeded.estate]
    assert machine.items == {"groups": seeded.groups, "plans": [seeded.plan]}


def test_faults_reach_the_simulator(machine: FakeMachine) -> None:
    held = a_cloud()
    held.up()

    held.inject([])
    held.inject([{"op": "DescribeJobs", "delay": 1}])

    assert machine.rules == [{"op": "DescribeJobs", "delay": 1}]


def test_executions_are_those_of_the_deployment(machine: FakeMachine) -> None:
    held = a_cloud()
    held.up()

    assert isinstance(held.executions(), AwsExecutions)


def test_faults_of_the_cloud_are_failed_commands(machine: FakeMachine) -> None:
    machine.error = cloud.CloudFailed("no port is free")
    with pytest.raises(CommandFailed, match="no port is free"):
        a_cloud().up()
    machine.error = None
    held = a_cloud()
    held.up()
    machine.error = ControlRefused("fault not understood")
    with pytest.raises(CommandFailed, match="fault not understood"):
        held.inject([{"nonsense": 1}])


def test_a_cloud_that_was_not_brought_up_has_no_executions(
    machine: FakeMachine,
) -> None:
    with pytest.raises(CommandFailed, match="was not brought up"):
        a_cloud().executions()


def test_the_checkout_is_the_one_that_was_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(CHECKOUT, str(tmp_path))
    with pytest.raises(CommandFailed, match="is no checkout"):
        cloud_of(Chosen(), silent)
    (tmp_path / "pants.toml").touch()

    assert isinstance(cloud_of(Chosen(), silent), LocalCloud)
