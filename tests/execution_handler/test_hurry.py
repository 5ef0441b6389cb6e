"""Events of DRS: they hurry the poll and are never needed."""

from typing import Any

from execution_handler.hurry import server_launched
from tests.support.fake_drs import HUB
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


def test_an_execution_that_has_ended_is_left_alone() -> None:
    world, execution, server = a_running_world()
    world.finishes(execution)

    reply = server_launched(an_event(server), world.execution_ports())

    assert reply == {"hurried": []}
