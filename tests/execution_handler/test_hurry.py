"""Events of DRS: they hurry the poll and are never needed."""

from dataclasses import replace
from typing import Any

import pytest

from execution_handler.hurry import server_launched
from shared.domain.errors import BadRequest
from tests.support.fake_drs import HUB
from tests.support.fakes import FakeAccounts
from tests.support.world import REGION, World


def an_event(
    server: str, account: str = HUB, kind: str = "source-server"
) -> dict[str, Any]:
    return {
        "source": "aws.drs",
        "detail-type": "DRS Source Server Launch Result",
        "account": account,
        "region": REGION,
        "resources": [f"arn:aws:drs:{REGION}:{account}:{kind}/{server}"],
        "detail": {"state": "RECOVERY_LAUNCH_SUCCEEDED"},
    }


def a_running_world() -> tuple[World, str, str]:
    world = World()
    servers = world.has_servers("db", 2)
    world.has_plan({"protectionGroupId": "db"})
    execution = world.starts()
    world.runs_until(lambda: len(world.drs.jobs_started) == 1)
    return world, execution, servers[0]


def test_the_execution_that_holds_the_server_is_polled_soon() -> None:
    world, execution, server = a_running_world()

    reply = server_launched(an_event(server), world.execution_ports())
    world.virtual.advance(31)

    assert reply == {"hurried": [execution]}
    assert world.record(execution).hurry_until > world.clock.now()
    assert world.states[-1]["current_wave_update_time"] == 2


def test_a_storm_of_events_writes_the_record_once() -> None:
    world, execution, server = a_running_world()
    ports = world.execution_ports()
    before = world.record(execution).revision

    replies = [server_launched(an_event(server), ports) for _ in range(100)]

    assert replies == [{"hurried": [execution]}] * 100
    assert world.record(execution).revision == before + 1


def test_events_of_others_change_nothing() -> None:
    world, execution, server = a_running_world()
    ports = world.execution_ports()

    replies = [
        server_launched(event, ports)
        for event in (
            an_event(server, account="999988887777"),
            an_event("s-00000000000000000"),
            an_event(server, kind="recovery-instance"),
            {"account": HUB},
        )
    ]

    assert replies == [{"hurried": []}] * 4
    assert world.record(execution).hurry_until == 0


TARGET = "222233334444"


def a_world_of_a_target() -> tuple[World, str, str]:
    """Return a world whose servers are those of another account."""
    world = World()
    world.has_servers("db", 1)
    (server,) = world.drs.has_servers(
        REGION, [{"Name": "far", "tier": "db"}], account=TARGET
    )
    world.groups.put(
        {**world.groups.group("db"), "accountId": TARGET, "groupName": "db"}
    )
    world.accounts.put({"accountId": TARGET})
    world.has_plan({"protectionGroupId": "db"})
    execution = world.starts()
    world.runs_until(lambda: len(world.drs.jobs_started) == 1)
    return world, execution, server


def test_an_event_that_a_target_account_sent_on_hurries_its_execution() -> (
    None
):
    world, execution, server = a_world_of_a_target()
    registered = world.execution_ports()
    ports = replace(registered, accounts=FakeAccounts())
    event = an_event(server, account=TARGET)

    assert server_launched(event, ports) == {"hurried": []}
    assert server_launched(event, registered) == {"hurried": [execution]}
    assert world.record(execution).hurry_until > world.clock.now()


def test_a_server_of_the_same_id_elsewhere_is_another_server() -> None:
    world, execution, server = a_world_of_a_target()
    ports = replace(
        world.execution_ports(), accounts=FakeAccounts({"accountId": TARGET})
    )
    elsewhere = {**an_event(server, account=TARGET), "region": "eu-west-1"}

    assert server_launched(an_event(server), ports) == {"hurried": []}
    assert server_launched(elsewhere, ports) == {"hurried": []}
    assert world.record(execution).hurry_until == 0


@pytest.mark.parametrize(
    "odd",
    [
        {"resources": "s-1"},
        {"resources": {"a": 1}},
        {"account": 111122223333},
        {"region": ["us-east-1"]},
    ],
)
def test_an_event_of_the_wrong_form_names_the_field(
    odd: dict[str, Any],
) -> None:
    ports = World().execution_ports()

    with pytest.raises(BadRequest) as refused:
        server_launched({**an_event("s-1"), **odd}, ports)

    assert [refused.value.details["field"]] == list(odd)


def test_an_execution_that_has_ended_is_left_alone() -> None:
    world, execution, server = a_running_world()
    world.finishes(execution)

    reply = server_launched(an_event(server), world.execution_ports())

    assert reply == {"hurried": []}
