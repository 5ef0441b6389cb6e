"""Everybody else: people who ask, jobs of others, and DRS's events."""

from collections.abc import Mapping
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from drs_simulator.domain.faults import ServiceFault
from execution_handler.hurry import server_launched
from shared.domain.errors import DatabaseError, DrError, NotFound, Unavailable
from shared.domain.record import Change, Record
from shared.domain.status import Status
from tests.campaign.draw import Foreign, Request, Server
from tests.campaign.faults import Fault, Kind
from tests.campaign.points import Killed
from tests.support.fake_drs import HUB, server_id

if TYPE_CHECKING:
    from tests.campaign.world import Campaign

TRIES = 5
LOOKS_EVERY = 67
_OPERATIONS = {
    Kind.CANCEL: "cancel_execution",
    Kind.PAUSE: "pause",
    Kind.RESUME: "resume",
}
_SKIP = "skip_wave"


class Others:
    """What happens besides, as it was drawn."""

    def __init__(self, world: "Campaign") -> None:
        self._world = world
        self._chance = Random(f"events {world.drawn.seed}")
        self._resuming = False
        world.true_drs.simulator.events = self
        later = world.virtual.call_later
        for job in world.drawn.foreign:
            later(job.at, partial(self._foreign, job))
        for request in world.drawn.requests:
            later(request.at, partial(self._requested, request))
        world.virtual.call_every(LOOKS_EVERY, self._look)

    def meanwhile(self, fault: Fault) -> None:
        """Do something while a function stands at a point."""
        match fault.kind:
            case Kind.SWEEP:
                self._world.operate("find")
            case Kind.EVENT:
                servers = self._world.drawn.servers
                self._hurry(_event(servers[fault.size % len(servers)]))
            case Kind.RACE:
                self._bump()
            case Kind.SKIP:
                number = fault.size % len(self._world.drawn.waves)
                self.asks(_SKIP, **_skipping(number, fault.ordinal))
            case kind:
                self.asks(_OPERATIONS[kind])

    def asks(self, operation: str, **fields: Any) -> str:
        """Have a person ask for something, again where the call died."""
        world = self._world
        for _ in range(TRIES):
            record = self.record()
            if record is None:
                return ""
            try:
                reply = world.operate(
                    operation, executionId=record.execution_id, **fields
                )
            except (Killed, Unavailable, DatabaseError) as ended:
                world.tell(f"{operation} ended: {ended}")
                world.sleep(2)
            except DrError as refused:
                world.tell(f"{operation}: {refused.code}")
                return refused.code
            else:
                world.tell(f"{operation}: {reply['status']}")
                return str(reply["status"])
        return ""

    def record(self) -> Record | None:
        """Return the record of the run, where it is written by now."""
        world = self._world
        if not world.execution:
            live = world.raw.live()
            return world.raw.record(live[0]) if live else None
        try:
            return world.raw.find(world.execution)
        except NotFound:
            return None

    def publish(self, event: Mapping[str, Any]) -> None:
        """Take an event of DRS; it comes late, twice, or not at all."""
        chances, chance = self._world.drawn.events, self._chance
        times = 1 + (chance.random() < chances["twice"])
        if chance.random() < chances["lost"]:
            return
        for _ in range(times):
            self._world.virtual.call_later(
                chance.uniform(0, chances["late"]),
                partial(self._hurry, dict(event)),
            )

    def _hurry(self, event: dict[str, Any]) -> None:
        world = self._world
        world.survives(
            "execution.server_launched",
            lambda: server_launched(event, world.execution_ports()),
        )

    def _bump(self) -> None:
        """Change the record in a way that matters to nobody."""
        record = self.record()
        if record is not None:
            until = self._world.clock.now()
            self._world.raw.commit(record, Change(set={"hurry_until": until}))

    def _requested(self, request: Request) -> None:
        with self._world.watch.outside():
            for _ in range(1 + request.twice):
                fields = {}
                if request.operation == _SKIP:
                    fields = _skipping(request.wave, round(request.at))
                self.asks(request.operation, **fields)

    def _look(self) -> None:
        """Resume what is paused, after the time that was drawn."""
        record = self.record()
        if record is None or self._resuming:
            return
        if record.status is Status.PAUSED and record.task_token:
            self._resuming = True
            self._world.virtual.call_later(
                self._world.drawn.resumed_after, self._resume
            )

    def _resume(self) -> None:
        self._resuming = False
        with self._world.watch.outside():
            self.asks("resume")

    def _foreign(self, job: Foreign) -> None:
        """Start a job that is not ours, where DRS lets it start.

        Where it does not, the servers' next launch is the one drawn here.
        """
        drs = self._world.true_drs
        for number in job.servers:
            drs.will_launch(server_id(number), after=job.seconds)
        named = [server_id(number) for number in job.servers]
        try:
            drs.foreign_job(named, job.region)
        except ServiceFault as fault:
            self._world.tell(f"job of others refused: {fault.code}")
        else:
            self._world.tell(f"job of others: {job.servers}")


def _skipping(wave: int, number: int) -> dict[str, Any]:
    return {
        "waveNumber": wave,
        "reason": "not needed today",
        "satisfied": bool(number % 2),
    }


def _event(server: Server) -> dict[str, Any]:
    identity = server_id(server.number)
    return {
        "account": HUB,
        "region": server.region,
        "resources": [
            f"arn:aws:drs:{server.region}:{HUB}:source-server/{identity}"
        ],
        "detail": {"state": "RECOVERY_LAUNCH_SUCCEEDED"},
    }
