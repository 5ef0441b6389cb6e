"""The local cloud as one thing: up, down, status.

This is the interface of the package. `bring_up` holds the cloud: it ends when
the calling process ends, in whatever way, until `release` is called. `up` does
both. `start` brings the programs up only, for whoever deploys into them and
says so with `deployed`. Nothing is kept of what was stored in a cloud once it
is down.
"""

import fcntl
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from deployment.deploying import Installation, deploy, read_back
from deployment.domain.names import LOCAL
from local_cloud import keeper, processes, programs, supervisor
from local_cloud.aws.clients import Account
from local_cloud.aws.people import add_people
from local_cloud.builder import Built, build, drop_other_layers
from local_cloud.control import faults, load_estate
from local_cloud.endpoints import Endpoints, environment
from local_cloud.lint import lint
from local_cloud.programs import ACCOUNT_ID, REGION, Ports
from local_cloud.supervisor import CloudFailed, Places, Running

__all__ = [
    "CloudFailed",
    "Endpoints",
    "Held",
    "Settings",
    "Status",
    "account_of",
    "bring_up",
    "deployed",
    "down",
    "environment",
    "faults",
    "load_estate",
    "running",
    "start",
    "status",
    "up",
]

GENERIC = "generic"
DIRECT = "direct"
_ENDPOINTS = "endpoints.json"
# Where the programs are, while nothing is deployed in them.
_STARTED = "started.json"
_PATIENCE = 300.0

type Report = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a local cloud is to be like.

    Attributes:
        checkout: The root of the sources.
        state_dir: Where the cloud's files are, one cloud for each.
        speed: How many times faster than real waits and recoveries are.
        orchestrator: `generic` or `direct`.
        api_port: Where the API is served; 0 takes a port that is free.
        built: What to deploy; built from the checkout where it is not given.
    """

    checkout: Path
    state_dir: Path
    speed: float = 1.0
    orchestrator: str = GENERIC
    api_port: int = 0
    built: Built | None = None

    def __post_init__(self) -> None:
        """Refuse what no cloud can be."""
        if not self.speed > 0:
            raise CloudFailed(f"A speed is above 0, not {self.speed:g}.")
        if self.orchestrator not in (GENERIC, DIRECT):
            raise CloudFailed(
                f"An orchestrator is {GENERIC} or {DIRECT}, not "
                f"{self.orchestrator}."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What runs of a local cloud.

    Attributes:
        endpoints: None where the cloud is down, or not up yet.
        programs: Each program's name and `running` or `ended`.
        logs: The directory with the programs' output.
    """

    endpoints: Endpoints | None
    programs: Mapping[str, str]
    logs: Path

    @property
    def runs(self) -> bool:
        """Tell whether every program runs."""
        return bool(self.programs) and all(
            state == "running" for state in self.programs.values()
        )

    @property
    def is_up(self) -> bool:
        """Tell whether everything runs and is deployed."""
        return self.endpoints is not None and self.runs


class Held:
    """A cloud that is up, and ends with this process unless released."""

    def __init__(
        self, places: Places, endpoints: Endpoints, running: Running | None
    ) -> None:
        """Hold a cloud; without `running`, one that was up before."""
        self.endpoints = endpoints
        self._places = places
        self._running = running

    @property
    def was_up(self) -> bool:
        """Tell whether the cloud was up before anybody asked."""
        return self._running is None

    def release(self) -> None:
        """Let the cloud go on after this process."""
        if self._running:
            self._running.detach()

    def stop(self) -> None:
        """End the cloud, whoever brought it up."""
        if self._running:
            self._running.stop()
        else:
            supervisor.stop(self._places)


def up(settings: Settings, report: Report) -> Endpoints:
    """Bring a cloud up that goes on when this process has ended.

    Raises:
        CloudFailed: It did not come up; nothing of it is left.
    """
    held = bring_up(settings, report)
    held.release()
    return held.endpoints


def bring_up(settings: Settings, report: Report) -> Held:
    """Build, start, deploy and read back; or find that it was done.

    Raises:
        CloudFailed: It did not come up; nothing of it is left.
    """
    places = Places(state_dir=settings.state_dir.resolve())
    with _alone(places):
        found = status(places.state_dir)
        if found.is_up and found.endpoints:
            _check_alike(settings, found.endpoints)
            report("The local cloud is already up.")
            return Held(places, found.endpoints, None)
        if supervisor.stop(places):
            report("Ended what an earlier local cloud had left.")
        return _bring_up(settings, places, report)


def start(settings: Settings, report: Report) -> Held:
    """Start the programs with nothing deployed; or find them running.

    What runs stays as it is, whatever the settings say.

    Raises:
        CloudFailed: They did not start; nothing of them is left.
    """
    places = Places(state_dir=settings.state_dir.resolve())
    with _alone(places):
        if known := running(places.state_dir):
            report(f"The local cloud runs at {known.aws_url}.")
            return Held(places, known, None)
        if supervisor.stop(places):
            report("Ended what an earlier local cloud had left.")
        built = _built(settings, places, report)
        with ExitStack() as undo:
            held = _start(settings, places, built, report)
            undo.callback(held.stop)
            held.endpoints.write(places.run / _STARTED)
            undo.pop_all()
        return held


def running(state_dir: Path) -> Endpoints | None:
    """Answer where a cloud runs, whether or not anything is deployed."""
    found = status(state_dir)
    if not found.runs:
        return None
    run = Places(state_dir=state_dir.resolve()).run
    return found.endpoints or Endpoints.read(run / _STARTED)


def deployed(
    state_dir: Path, endpoints: Endpoints, outputs: Mapping[str, str]
) -> Endpoints:
    """Take note of what was deployed into programs that run.

    Args:
        state_dir: Where the cloud's files are.
        endpoints: The programs, and the orchestrator that is in use.
        outputs: The stack's.
    """
    places = Places(state_dir=state_dir.resolve())
    add_people(account_of(endpoints), outputs["UserPoolId"])
    known = replace(endpoints, outputs=dict(outputs))
    known.write(places.run / _ENDPOINTS)
    supervisor.wait_for_answer(places, "gateway", f"{known.api_url}/health")
    return known


def account_of(endpoints: Endpoints) -> Account:
    """Answer the account of a cloud, with its root's clients."""
    return Account(
        url=endpoints.aws_url,
        account_id=endpoints.account_id,
        region=endpoints.region,
    )


def down(state_dir: Path) -> bool:
    """End every process of a cloud; answer whether there was any."""
    return supervisor.stop(Places(state_dir=state_dir.resolve()))


def status(state_dir: Path) -> Status:
    """Answer what runs of a cloud."""
    places = Places(state_dir=state_dir.resolve())
    snapshot = keeper.read_snapshot(places.run)
    alive = snapshot is not None and processes.is_alive(snapshot.keeper)
    known = snapshot.programs if snapshot else ()
    return Status(
        endpoints=Endpoints.read(places.run / _ENDPOINTS) if alive else None,
        programs={
            each.name: "running" if processes.is_alive(each) else "ended"
            for each in known
        },
        logs=places.logs,
    )


def _bring_up(settings: Settings, places: Places, report: Report) -> Held:
    built = _built(settings, places, report)
    lint(built.artifacts.templates, places.state_dir / "linted", report)
    with ExitStack() as undo:
        held = _start(settings, places, built, report)
        undo.callback(held.stop)
        report("Deploying the templates.")
        installation = Installation(
            account=account_of(held.endpoints),
            environment=LOCAL,
            templates=built.artifacts.templates,
            patience=_PATIENCE,
        )
        now = deploy(
            installation,
            built.artifacts,
            original=settings.orchestrator == DIRECT,
            report=report,
        )
        read_back(installation, now)
        held.endpoints = deployed(
            settings.state_dir, held.endpoints, now.outputs
        )
        report(
            f"The local cloud is up at {held.endpoints.aws_url}, its API at "
            f"{held.endpoints.api_url}."
        )
        undo.pop_all()
    return held


def _built(settings: Settings, places: Places, report: Report) -> Built:
    return settings.built or build(settings.checkout, places.state_dir, report)


def _start(
    settings: Settings, places: Places, built: Built, report: Report
) -> Held:
    drop_other_layers(built.artifacts.layer, places.layers)
    report("Starting the emulator and the DRS simulator.")
    ports = _ports(settings.api_port)
    running = Running.start(places, _programs(settings, places, ports, built))
    with ExitStack() as undo:
        undo.callback(running.stop)
        running.wait_for(
            {
                "emulator": f"{ports.aws_url}/_ministack/ready",
                "drs-simulator": f"{ports.drs_url}/_sim/health",
            }
        )
        undo.pop_all()
    return Held(places, _endpoints(settings, ports), running)


def _endpoints(settings: Settings, ports: Ports) -> Endpoints:
    return Endpoints(
        aws_url=ports.aws_url,
        api_url=ports.api_url,
        drs_url=ports.drs_url,
        quotas_url=ports.drs_url,
        events_url=f"{ports.whoami_url}/events",
        region=REGION,
        account_id=ACCOUNT_ID,
        orchestrator=settings.orchestrator,
        speed=settings.speed,
        outputs={},
    )


def _programs(
    settings: Settings, places: Places, ports: Ports, built: Built
) -> list[processes.Program]:
    scale = 1 / settings.speed
    return [
        programs.emulator(
            ports=ports,
            pythons=built.pythons,
            run=places.run,
            logs=places.logs,
            layers=places.layers,
            wait_scale=scale,
        ),
        programs.simulator(
            ports=ports, run=places.run, logs=places.logs, scale=scale
        ),
        programs.gateway(
            ports=ports,
            run=places.run,
            logs=places.logs,
            endpoints=places.run / _ENDPOINTS,
        ),
    ]


def _ports(api: int) -> Ports:
    aws, drs, whoami, free = supervisor.free_ports(4)
    if api and not supervisor.is_free(api):
        raise CloudFailed(
            f"The API is to be served on port {api}, which is in use. End "
            "what uses it, or choose another with --api-port; 0 takes one "
            "that is free."
        )
    return Ports(aws=aws, drs=drs, whoami=whoami, api=api or free)


def _check_alike(settings: Settings, found: Endpoints) -> None:
    wanted = replace(
        found, orchestrator=settings.orchestrator, speed=settings.speed
    )
    if wanted != found or settings.api_port not in (0, found.api_port):
        raise CloudFailed(
            f"The local cloud is up with the {found.orchestrator} "
            f"orchestrator at speed {found.speed:g}, its API at "
            f"{found.api_url}. End it with `dro local down`, and it can be "
            f"brought up with {wanted.orchestrator} at {wanted.speed:g} and "
            f"its API on port {settings.api_port or found.api_port}."
        )


@contextmanager
def _alone(places: Places) -> Iterator[None]:
    """Refuse two commands at once; the lock ends with the process."""
    places.state_dir.mkdir(parents=True, exist_ok=True)
    with (places.state_dir / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CloudFailed(
                "Another command is bringing this local cloud up. Wait for "
                "it, or end it."
            ) from error
        yield
