"""Tags of instances on the servers of DRS."""

import json
from typing import Any

import pytest

from data_management_handler.handler import _answer
from data_management_handler.routes import ROUTES
from drs_simulator.domain.ports import Place
from shared.domain.errors import BadRequest, Unavailable
from shared.http import answer
from tests.data_management_handler.desk import (
    OTHER_REGION,
    REGION,
    TARGET,
    Desk,
)
from tests.support import templates
from tests.support.api_document import check_answer
from tests.support.fake_drs import HUB
from tests.support.requests import a_front, a_request, body_of

SYNC = "handle_drs_tag_sync"
STAGING = "777788889999"
HERE: dict[str, Any] = {"accountId": HUB}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def comes_from(
    desk: Desk,
    tags: dict[str, str],
    *,
    account: str = HUB,
    region: str = REGION,
    origin: str = "",
    **more: Any,
) -> str:
    """Add a server and the instance that it comes from."""
    number = len(desk.drs.machines.described) + 1
    instance = f"i-{number:017x}"
    place = Place(account=account, region=origin or region)
    desk.drs.machines.described[place, instance] = {
        "InstanceId": instance,
        "Tags": [{"Key": k, "Value": v} for k, v in tags.items()],
    }
    [server] = desk.drs.has_servers(
        region,
        [{"Name": f"old-{number}"}],
        account=account,
        instanceId=instance,
        originRegion=origin or region,
        originAccountId=account,
        **more,
    )
    return server


def tags_of(desk: Desk, server: str, account: str = "") -> dict[str, str]:
    ports = desk.ports()
    [found] = ports.drs(ports.account(account), REGION).source_servers(
        [server]
    )
    return dict(found.tags)


def copies(desk: Desk, server: str) -> Any:
    ports = desk.ports()
    settings = ports.drs(ports.account(""), REGION).launch_settings(server)
    return settings.fields["copyTags"]


def test_tags_are_copied_and_launches_keep_them(desk: Desk) -> None:
    tags = {"Name": "db-1", "tier": "db", "aws:autoscaling": "no"}
    server = comes_from(desk, tags)

    reply = desk.asks(SYNC, **HERE)

    assert tags_of(desk, server) == {"Name": "db-1", "tier": "db"}
    assert copies(desk, server) is True
    assert reply == {
        "total_regions": 2,
        "regions_with_servers": 1,
        "total_servers": 1,
        "total_synced": 1,
        "total_failed": 0,
        "regions": [
            {
                "accountId": HUB,
                "region": REGION,
                "total_servers": 1,
                "synced": 1,
                "failed": 0,
                "skipped": 0,
                "errors": [],
            }
        ],
        "warnings": [],
        "inProgress": False,
    }


def test_what_is_equal_already_is_not_written(desk: Desk) -> None:
    comes_from(desk, {"tier": "db"})
    desk.asks(SYNC, **HERE)

    again = desk.asks(SYNC, **HERE)

    assert again["total_synced"] == 1
    assert len(desk.drs.calls_of("TagResource")) == 1
    assert len(desk.drs.calls_of("UpdateLaunchConfiguration")) <= 1


def test_disconnected_servers_and_others_without_instance_are_skipped(
    desk: Desk,
) -> None:
    lost = comes_from(desk, {"a": "b"}, replicationState="DISCONNECTED")
    desk.has_servers("physical")

    [row] = desk.asks(SYNC, **HERE)["regions"]

    assert (row["synced"], row["skipped"], row["total_servers"]) == (0, 2, 2)
    assert "a" not in tags_of(desk, lost)


def test_an_instance_that_is_gone_is_a_failure_and_stops_no_other(
    desk: Desk,
) -> None:
    gone = comes_from(desk, {"a": "b"})
    good = comes_from(desk, {"a": "b"})
    first = "i-" + "0" * 16 + "1"
    del desk.drs.machines.described[Place(account=HUB, region=REGION), first]

    reply = desk.asks(SYNC, region=REGION)

    [row] = reply["regions"]
    assert (row["synced"], row["failed"]) == (1, 1)
    assert row["errors"][0]["sourceServerId"] == gone
    assert tags_of(desk, good)["a"] == "b"
    assert (reply["total_failed"], reply["total_regions"]) == (1, 1)


def test_a_server_that_comes_from_another_region_is_read_there(
    desk: Desk,
) -> None:
    server = comes_from(desk, {"a": "b"}, origin="ap-south-1")

    desk.asks(SYNC, region=REGION)

    assert tags_of(desk, server)["a"] == "b"
    [asked] = desk.drs.calls_of("DescribeInstances")
    assert asked.region == "ap-south-1"


def test_an_extended_server_is_read_in_its_staging_account(
    desk: Desk,
) -> None:
    staging = [{"accountId": STAGING, "externalId": "its-own"}]
    desk.has_account(stagingAccounts=staging)
    desk.drs.has_servers(REGION, [], account=TARGET)
    comes_from(desk, {"a": "b"}, account=STAGING)
    desk.asks("sync_staging_accounts", TARGET)

    reply = desk.asks(SYNC, accountId=TARGET, region=REGION)

    assert reply["total_synced"] == 1
    assert {c.account for c in desk.drs.calls_of("DescribeInstances")} == {
        STAGING
    }
    ports = desk.ports()
    [server] = ports.drs(ports.account(TARGET), REGION).source_servers()
    assert server.tags["a"] == "b"


def test_an_extended_server_of_an_unknown_staging_account_fails(
    desk: Desk,
) -> None:
    staging = [{"accountId": STAGING, "externalId": "its-own"}]
    desk.has_account(stagingAccounts=staging)
    desk.drs.has_servers(REGION, [], account=TARGET)
    comes_from(desk, {"a": "b"}, account=STAGING)
    desk.asks("sync_staging_accounts", TARGET)
    desk.asks("remove_staging_account", TARGET, staging=STAGING)

    [row] = desk.asks(SYNC, accountId=TARGET, region=REGION)["regions"]

    assert row["failed"] == 1
    assert STAGING in row["errors"][0]["error"]


def test_the_schedule_asks_for_every_active_account(desk: Desk) -> None:
    desk.has_account()
    desk.has_account("555566667777", status="inactive")
    comes_from(desk, {"a": "b"})
    comes_from(desk, {"a": "b"}, account=TARGET)
    rule = templates.template("events").properties("TagSyncRule")
    asked = json.loads(rule["Targets"][0]["Input"])

    reply = _answer(asked, desk.ports())

    assert rule["ScheduleExpression"] == "rate(1 hour)"
    assert [row["accountId"] for row in reply["regions"]] == [HUB, TARGET]
    assert reply["total_synced"] == 2


def test_an_account_that_is_shut_stops_no_other(desk: Desk) -> None:
    desk.has_account()
    comes_from(desk, {"a": "b"})
    desk.drs.refuses("DescribeSourceServers", "ThrottlingException", times=2)

    reply = desk.asks(SYNC)

    assert reply["warnings"]
    assert reply["total_failed"] == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"region": "mars-1"}, "INVALID_FORMAT"),
        ({"region": 7}, "INVALID_TYPE"),
        ({"accountId": "999999999999"}, "TARGET_ACCOUNT_NOT_FOUND"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    desk: Desk, body: dict[str, Any], code: str
) -> None:
    assert desk.refuses(SYNC, **body).code == code


def test_a_region_that_is_named_has_to_answer(desk: Desk) -> None:
    desk.drs.is_not_initialised(REGION)
    uninitialised = desk.refuses(SYNC, region=REGION)
    desk.drs.refuses("DescribeSourceServers", "ThrottlingException")
    silent = desk.refuses(SYNC, region=OTHER_REGION)

    assert isinstance(uninitialised, BadRequest)
    assert uninitialised.code == "DRS_NOT_INITIALIZED"
    assert isinstance(silent, Unavailable)


class TestOverHttp:
    def ask(self, desk: Desk, seconds: int, **more: Any) -> tuple[int, Any]:
        event = a_request("POST", "/drs/tag-sync", **more)
        ports = desk.ports(seconds)
        reply = answer(event, ports, ROUTES, a_front(desk.trail))
        body = body_of(reply)
        check_answer("POST /drs/tag-sync", reply["statusCode"], body)
        return reply["statusCode"], body

    def test_without_an_account_the_hub_is_meant(self, desk: Desk) -> None:
        desk.has_account()
        comes_from(desk, {"a": "b"})
        comes_from(desk, {"a": "b"}, account=TARGET)

        status, body = self.ask(desk, 25)

        assert (status, body["total_synced"]) == (200, 1)
        assert {call.account for call in desk.drs.calls} == {HUB}

    def test_the_rest_goes_on_after_the_answer(self, desk: Desk) -> None:
        desk.has_account()
        server = comes_from(desk, {"a": "b"})

        status, body = self.ask(desk, 2, body={"region": REGION})
        work = {"worker": True, **desk.worker.take()}
        done = _answer(work, desk.ports())

        assert (status, body["inProgress"], body["total_synced"]) == (
            202,
            True,
            0,
        )
        assert work["body"] == {"accountId": "", "region": REGION}
        assert done["total_synced"] == 1
        assert tags_of(desk, server)["a"] == "b"
        assert desk.worker.sent == []
