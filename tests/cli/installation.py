"""An installation in one process: the handlers' operations over fakes.

Requests and answers go through JSON, as they do through Lambda.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import to_builtins
from typer.testing import CliRunner, Result

from cli.domain.ports import Cloud, CommandFailed, Functions, Refused
from cli.domain.settings import Chosen
from cli.domain.target import DATA, EXECUTION, QUERY, Target
from cli.frame import Wiring
from cli.main import app
from query_handler.operations import OPERATIONS as LOOKS
from query_handler.ports import Lookups
from shared.domain.errors import DrError, NotFound
from shared.routing import operate
from tests.cli.fakes import FakeClock, FakeCloud
from tests.data_management_handler.desk import OTHER_REGION, REGION, Desk
from tests.support.fake_drs import HUB
from tests.support.fake_lookups import FakeLookupsAt
from tests.support.fakes import FakeAccountNames
from tests.support.world import PLAN, World

type Answer = Callable[[dict[str, Any]], Any]


@dataclass
class Installation:
    """Functions that answer in this process; ``asked`` are the requests."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    target: Target | None = None
    clock: FakeClock = field(default_factory=FakeClock)

    def call(self, function: str, operation: str, **fields: Any) -> Any:
        """Return what the function answers."""
        event = json.loads(
            json.dumps(
                {"operation": operation, "initiatedBy": "dro", **fields}
            )
        )
        self.asked.append((operation, event))
        if function not in self.answers:
            raise CommandFailed(f"{function} cannot be asked to {operation}")
        try:
            return json.loads(json.dumps(self.answers[function](event)))
        except DrError as error:
            raise Refused(error.code, error.message) from error

    def dro(
        self, *arguments: str, says: str | None = None, by: Any = None
    ) -> Result:
        """Run a command for this installation."""

        def made(chosen: Chosen, say: Callable[[str], None]) -> Cloud:
            return FakeCloud()

        def functions(target: Target) -> Functions:
            self.target = target
            return self

        wiring = Wiring(
            cloud=made, clock=by or self.clock, functions=functions
        )
        # The functions' log is their own, not the command's.
        logging.disable(logging.CRITICAL)
        try:
            return CliRunner().invoke(
                app, list(arguments), obj=wiring, input=says
            )
        finally:
            logging.disable(logging.NOTSET)

    def json(self, *arguments: str) -> Any:
        """Run a command that succeeds; return what programs get."""
        result = self.dro(*arguments, "--json")
        assert result.exit_code == 0, result.output
        (line,) = result.stdout.splitlines()
        return json.loads(line)

    def operations(self, *but: str) -> list[str]:
        """Return the operations asked for, those of reading left out."""
        reads = ("list_", "get_", *but)
        return [
            operation
            for operation, _ in self.asked
            if not operation.startswith(reads)
        ]


class Office(Installation):
    """An installation with plans, groups and servers, none of them run."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.answers = {DATA: self._data, QUERY: self._looks}
        for name in ("r5.large", "t3.large"):
            self.desk.ec2().has_type(name)

    def _data(self, event: dict[str, Any]) -> Any:
        return self.desk.asks(
            event["operation"],
            (event.get("pathParameters") or {}).get("id", ""),
            query=event.get("queryParams"),
            **(event.get("body") or {}),
        )

    def _looks(self, event: dict[str, Any]) -> Any:
        return operate(event, self._lookups(), LOOKS)

    def _lookups(self) -> Lookups:
        desk = self.desk
        return Lookups(
            groups=desk.groups,
            plans=desk.plans,
            accounts=desk.accounts,
            names=FakeAccountNames("hub"),
            drs=desk.drs,
            ec2=FakeLookupsAt(),
            drs_region_names=lambda: frozenset({REGION, OTHER_REGION}),
            audit=desk.trail,
            clock=desk.clock,
            hub_account_id=HUB,
            hub_region=REGION,
            deadline=desk.clock.now() + 25,
        )

    def has_servers(
        self, names: Mapping[str, str], account: str = HUB
    ) -> None:
        """Add servers by host name, each with its tier."""
        self.desk.drs.has_servers(
            REGION,
            [{"Name": name, "Tier": tier} for name, tier in names.items()],
            account=account,
        )


class Running(Installation):
    """An installation whose plan runs, on the clock of a simulated world."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.answers = {EXECUTION: self._execution, DATA: self._plan}

    def _execution(self, event: dict[str, Any]) -> Any:
        fields = {k: v for k, v in event.items() if k != "operation"}
        return self.world.operate(event["operation"], **fields)

    def _plan(self, event: dict[str, Any]) -> Any:
        """Answer as the data management handler does of the one plan."""
        plan = self.world.plans.plan(PLAN)
        item = {
            "planId": PLAN,
            "planName": plan.plan_name,
            "waves": to_builtins(plan.waves),
        }
        if event["operation"] == "list_recovery_plans":
            wanted = event["queryParams"]["nameExact"]
            found = [item] if wanted == plan.plan_name else []
            return {"recoveryPlans": found, "count": len(found)}
        if event["pathParameters"]["id"] != PLAN:
            raise NotFound("no such plan", code="RECOVERY_PLAN_NOT_FOUND")
        return item


class WorldClock:
    """The clock of a watch: while it sleeps, the world goes on."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> float:
        """Return epoch seconds."""
        return self._world.clock.now()

    def sleep(self, seconds: float) -> None:
        """Let the world go on."""
        # A watch looks every few seconds; a run takes an hour.
        self._world.virtual.advance(seconds * 15)
