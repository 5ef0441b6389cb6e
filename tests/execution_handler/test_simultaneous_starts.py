"""Of simultaneous starts that want the same servers, one wins."""

import dataclasses
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.client import BaseClient
from moto import mock_aws
from msgspec.structs import replace

from execution_handler.ports import Ports
from execution_handler.start_execution import start_execution
from shared.aws.tables import DynamoExecutions, DynamoLocks
from shared.domain.items import Item
from shared.domain.ports import Executions, Locks
from shared.run import RunPorts
from tests.contracts.tables import a_history_table
from tests.execution_handler.simultaneous import (
    LEASE_SECONDS,
    SILENT_SECONDS,
    Estate,
    Killed,
)

FIFTY = 50


def check_nothing_runs_twice(estate: Estate) -> None:
    """Check plans and servers, by what the plans name and what is noted."""
    records = estate.active.values()
    named = Counter(s for r in records for s in estate.servers[r.plan_id])
    noted = Counter(
        server
        for record in records
        for server in {
            one
            for group in estate.executions.reserved(record)
            for one in group.server_ids
        }
    )
    assert [s for s, count in (named + noted).items() if count > 2] == []
    assert named == noted


def run_until_quiet(estate: Estate) -> set[str]:
    """Start what does not run, at once, until no more of it starts."""
    before: set[str] = set()
    while True:
        left = set(estate.servers) - set(estate.active)
        if left:
            estate.start_at_once(left)
        check_nothing_runs_twice(estate)
        now = set(estate.active)
        if now == before:
            return now
        before = now


@pytest.mark.parametrize("seed", range(5))
def test_fifty_starts_at_once_never_share_a_server(seed: int) -> None:
    estate = Estate(seed, FIFTY, servers=60)

    refused = estate.start_at_once(estate.servers)

    check_nothing_runs_twice(estate)
    started = set(estate.active)
    assert started | set(refused) == set(estate.servers)
    assert {error.code for error in refused.values()} <= {"SERVER_CONFLICT"}
    for linked in estate.linked():
        assert linked & started


def run_all(estate: Estate) -> None:
    """Run every plan once, as many at once as there can be."""
    left = set(estate.servers)
    while left:
        run = run_until_quiet(estate)
        assert estate.free() == []
        assert run
        left -= run
        estate.ends_all()
        for plan in run:
            del estate.servers[plan]


@pytest.mark.parametrize("seed", range(3))
def test_repeated_until_quiet_every_plan_whose_servers_are_free_runs(
    seed: int,
) -> None:
    estate = Estate(seed, FIFTY, servers=60)

    run_all(estate)

    assert estate.held == []
    assert estate.executions.live() == []


@pytest.mark.parametrize("seed", range(3))
def test_what_killed_starts_hold_runs_out(seed: int) -> None:
    estate = Estate(seed, FIFTY, servers=60)

    estate.start_at_once(estate.servers, killed=25)
    check_nothing_runs_twice(estate)
    estate.waits(LEASE_SECONDS)
    run_all(estate)

    assert estate.held == []
    assert estate.executions.live() == []


def test_of_fifty_plans_of_the_same_servers_one_runs() -> None:
    estate = Estate(1, 1, servers=4)
    (plan,) = estate.servers
    same = estate.bench.plans.plan(plan)
    for number in range(1, FIFTY):
        twin = f"twin-{number}"
        estate.bench.plans.put(replace(same, plan_id=twin, plan_name=twin))
        estate.servers[twin] = estate.servers[plan]

    refused = estate.start_at_once(estate.servers)

    assert len(estate.active) == 1
    assert len(refused) == FIFTY - 1


class OnMoto(Estate):
    """The stores are DynamoDB's, as moto plays it; it is asked in turn."""

    def stores(self) -> tuple[Executions, Locks]:
        """Return the history and the locks in a new table."""
        self._table = a_history_table()
        clock = self.bench.clock
        return (
            DynamoExecutions(self._table, clock),
            DynamoLocks(self._table, clock),
        )

    def stored(self) -> list[Item]:
        """Return what the table of the executions holds."""
        return list(self._table.scan()["Items"])

    def ports(self, before: Callable[[], None] = lambda: None) -> Ports:
        """Return ports whose threads meet in the table only."""
        plain = self.bench.ports()
        run = RunPorts(
            executions=self.executions,
            locks=self.locks,
            notifier=plain.run.notifier,
            clock=plain.run.clock,
            hub_account_id=plain.run.hub_account_id,
        )
        return dataclasses.replace(plain, run=run)


@pytest.fixture
def moto_in_turn(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let moto answer one call at a time: it is not made for threads."""
    call: Any = vars(BaseClient)["_make_api_call"]
    turn = threading.RLock()

    def in_turn(*given: Any) -> Any:
        with turn:
            return call(*given)

    with mock_aws():
        monkeypatch.setattr(BaseClient, "_make_api_call", in_turn)
        yield


@pytest.mark.usefixtures("moto_in_turn")
def test_starts_at_once_meet_in_dynamodb() -> None:
    estate = OnMoto(3, 10, servers=12)

    estate.start_at_once(estate.servers)

    check_nothing_runs_twice(estate)
    for linked in estate.linked():
        assert linked & set(estate.active)
    estate.ends_all()
    assert estate.held == []


def calls_of_a_start() -> int:
    """Count the calls to the stores of one start that comes through."""
    estate = Estate(1, 1, servers=8)
    calls: list[None] = []
    start_execution(
        {"planId": "plan-0", "executionType": "DRILL"},
        estate.ports(lambda: calls.append(None)),
    )
    return len(calls)


@pytest.mark.parametrize("more", [{}, {"clientToken": "monthly"}])
@pytest.mark.parametrize("at", range(calls_of_a_start()))
def test_a_start_killed_anywhere_keeps_nobody_out_for_long(
    at: int, more: dict[str, str]
) -> None:
    estate = Estate(1, 1, servers=8)
    left = at

    def before() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed

    event = {"planId": "plan-0", "executionType": "DRILL"}
    with pytest.raises(Killed):
        start_execution({**event, **more}, estate.ports(before))
    estate.waits(LEASE_SECONDS)
    if estate.active:
        # It came as far as its record; nobody hands that over any more.
        estate.waits(SILENT_SECONDS)

    reply = start_execution(event, estate.ports())

    assert list(estate.active) == ["plan-0"]
    assert estate.active["plan-0"].execution_id == reply["executionId"]
    estate.ends_all()
    assert estate.held == []
