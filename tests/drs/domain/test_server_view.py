"""A source server as the API shows it, and who may choose it."""

from typing import Any

import pytest

from drs.domain.server_view import server_view
from drs.domain.servers import Hardware, NetworkInterface, SourceServer
from tests.support.fake_drs import HUB, FakeDrs, hub
from tests.support.fakes import FakeClock

REGION = "eu-west-1"
GROUP = {"groupId": "g-1", "groupName": "Databases", "region": REGION}


def a_server(**values: Any) -> SourceServer:
    return SourceServer(
        **{
            "source_server_id": "s-1",
            "replication_state": "CONTINUOUS",
            **values,
        }
    )


def test_a_server_shows_all_that_drs_tells() -> None:
    drs = FakeDrs(FakeClock())
    [one] = drs.has_servers(
        REGION,
        [{"Name": "db-1", "tier": "db"}],
        ips=["10.1.2.3", "10.1.2.4"],
        cores=8,
        ramGiB=64,
        diskGiB=[100, 20],
        os="Ubuntu 24.04",
        instanceId="i-0123456789abcdef0",
        originAccountId="444455556666",
        originRegion="us-east-1",
    )
    [server] = drs(hub(), REGION).source_servers()

    shown = server_view(server)

    mac = shown.pop("sourceMac")
    last_seen = shown.pop("lastSeen")
    assert len(mac.split(":")) == 6
    assert last_seen.endswith("Z")
    assert shown == {
        "sourceServerID": one,
        "hostname": "db-1",
        "fqdn": server.fqdn,
        "nameTag": "db-1",
        "sourceInstanceId": "i-0123456789abcdef0",
        "sourceIp": "10.1.2.3",
        "sourceRegion": "us-east-1",
        "sourceAccount": "444455556666",
        "sourceAvailabilityZone": "us-east-1a",
        "targetAvailabilityZone": "eu-west-1a",
        "os": "Ubuntu 24.04",
        "state": "READY_FOR_RECOVERY",
        "replicationState": "CONTINUOUS",
        "lagDuration": server.lag_duration,
        "lastLaunchType": "",
        "lastLaunchStatus": "NOT_STARTED",
        "lastLaunchTime": "",
        "replicatedStorageBytes": 120 * 1024**3,
        "hardware": {
            "cpus": [{"cores": 8, "modelName": "Intel(R) Xeon(R)"}],
            "totalCores": 8,
            "ramBytes": 64 * 1024**3,
            "ramGiB": 64.0,
            "disks": [
                {"deviceName": "/dev/sda", "bytes": 100 * 1024**3},
                {"deviceName": "/dev/sdb", "bytes": 20 * 1024**3},
            ],
            "totalDiskGiB": 120.0,
        },
        "networkInterfaces": [
            {
                "macAddress": mac,
                "ips": ["10.1.2.3", "10.1.2.4"],
                "isPrimary": True,
            }
        ],
        "drsTags": {"Name": "db-1", "tier": "db"},
        "tags": {"Name": "db-1", "tier": "db"},
        "assignedToProtectionGroup": None,
        "selectable": True,
    }


def test_a_server_shows_its_last_launch() -> None:
    drs = FakeDrs(FakeClock())
    [one] = drs.has_servers(REGION, [{"Name": "db-1"}])
    drs.foreign_job([one], REGION)
    [server] = drs(hub(), REGION).source_servers()

    shown = server_view(server)

    assert shown["lastLaunchType"] == "DRILL"
    assert shown["lastLaunchStatus"] == "PENDING"
    assert shown["lastLaunchTime"] == "2026-01-01T12:00:00Z"


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("INITIAL_SYNC", "SYNCING"),
        ("BACKLOG", "SYNCING"),
        ("CREATING_SNAPSHOT", "SYNCING"),
        ("RESCAN", "SYNCING"),
        ("CONTINUOUS", "READY_FOR_RECOVERY"),
        ("STALLED", "STALLED"),
        ("DISCONNECTED", "DISCONNECTED"),
        ("SOMETHING_NEW", "SOMETHING_NEW"),
    ],
)
def test_the_state_is_for_people_and_the_replication_state_is_drss(
    state: str, shown: str
) -> None:
    view = server_view(a_server(replication_state=state))

    assert (view["state"], view["replicationState"]) == (shown, state)


@pytest.mark.parametrize(
    ("state", "assigned", "current", "selectable"),
    [
        ("CONTINUOUS", None, "", True),
        ("BACKLOG", None, "g-2", True),
        ("INITIAL_SYNC", None, "", False),
        ("CONTINUOUS", GROUP, "g-1", True),
        ("CONTINUOUS", GROUP, "g-2", False),
        ("CONTINUOUS", GROUP, "", False),
        ("STOPPED", None, "", False),
        ("DISCONNECTED", GROUP, "g-1", False),
        ("STALLED", None, "", False),
        ("", None, "", False),
    ],
)
def test_a_group_may_choose_what_can_be_launched_and_no_other_has(
    state: str,
    assigned: dict[str, str] | None,
    current: str,
    selectable: bool,
) -> None:
    view = server_view(
        a_server(replication_state=state), assigned, current_group_id=current
    )

    assert view["selectable"] is selectable
    assert view["assignedToProtectionGroup"] == (
        {"protectionGroupId": "g-1", "protectionGroupName": "Databases"}
        if assigned
        else None
    )


def test_the_address_is_the_primary_interfaces() -> None:
    hardware = Hardware(
        interfaces=(
            NetworkInterface(mac="a", ips=("10.0.0.1",)),
            NetworkInterface(mac="b", ips=("10.0.0.2",), is_primary=True),
        )
    )

    view = server_view(a_server(hardware=hardware))

    assert (view["sourceIp"], view["sourceMac"]) == ("10.0.0.2", "b")
    assert server_view(a_server())["sourceIp"] == ""


def test_a_server_that_another_account_replicates_is_extended() -> None:
    assert not a_server().is_extended(HUB)
    assert not a_server(staging_account_id=HUB).is_extended(HUB)
    assert a_server(staging_account_id="777788889999").is_extended(HUB)
