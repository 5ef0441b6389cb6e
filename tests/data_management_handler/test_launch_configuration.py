"""A group's launch configuration: checked, stored, applied and told."""

from typing import Any

import pytest

from drs.domain.errors import DrsAnswerLost, DrsRefused
from shared.domain.errors import AccountUnreachable, DrError
from tests.data_management_handler.desk import REGION, TARGET, Desk
from tests.support.fake_drs import server_id

CREATE = "create_protection_group"
UPDATE = "update_protection_group"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def wanted(**more: Any) -> dict[str, Any]:
    """Return the body of a group of the servers tagged ``tier=db``."""
    return {
        "groupName": "Database",
        "region": REGION,
        "serverSelectionTags": {"tier": "db"},
        **more,
    }


def entries(*ids: str, **template: Any) -> list[dict[str, Any]]:
    """Return entries that set the same for each server."""
    return [{"sourceServerId": one, "launchTemplate": template} for one in ids]


def status_of(reply: dict[str, Any]) -> dict[str, Any]:
    """Return the group's status without hashes, and check their form."""
    status = reply["launchConfigStatus"]
    configs = status["serverConfigs"].values()
    assert all(len(one["configHash"]) == 64 for one in configs)
    return {
        "status": status["status"],
        "servers": [one["status"] for one in configs],
        "errors": len(status["errors"]),
    }


class TestChecks:
    def test_what_is_named_is_looked_for_where_the_group_is(
        self, desk: Desk
    ) -> None:
        desk.has_account()
        desk.has_servers("db", account=TARGET)
        subnet = desk.ec2(TARGET).has_subnet("10.0.1.0/24")

        body = wanted(accountId=TARGET, launchConfig={"subnetId": subnet})
        reply = desk.asks(CREATE, **body)
        error = desk.refuses(
            CREATE,
            **body | {"accountId": "", "groupName": "other"},
        )

        assert reply["launchConfig"] == {"subnetId": subnet}
        assert error.code == "SUBNET_NOT_FOUND"
        assert error.details["field"] == "launchConfig.subnetId"

    def test_everything_is_checked_before_anything_is_stored(
        self, desk: Desk
    ) -> None:
        one, other = desk.has_servers("db", 2)

        error = desk.refuses(
            CREATE,
            **wanted(
                launchConfig={"instanceType": "m5.large"},
                servers=[
                    *entries(one, instanceType="m5.large"),
                    *entries(other, instanceType="m5.vast"),
                ],
            ),
        )

        assert error.code == "INSTANCE_TYPE_UNAVAILABLE"
        assert error.details["field"] == (
            "servers[1].launchTemplate.instanceType"
        )
        assert desk.drs.calls_of("GetLaunchConfiguration") == []

    @pytest.mark.parametrize(
        "error",
        [
            DrsAnswerLost("no answer"),
            DrsRefused("not allowed", code="ACCESS_DENIED"),
            DrsRefused("not enabled", code="REGION_NOT_ENABLED"),
        ],
    )
    @pytest.mark.parametrize(
        "config",
        [
            {"subnetId": "subnet-01234567"},
            {"securityGroupIds": ["sg-01234567"]},
            {"instanceType": "m5.large"},
            {"instanceProfileName": "app"},
        ],
    )
    def test_what_cannot_be_asked_is_never_valid(
        self, desk: Desk, error: DrError, config: dict[str, Any]
    ) -> None:
        desk.has_servers("db")
        desk.ec2().fails(error)

        refused = desk.refuses(CREATE, **wanted(launchConfig=config))

        assert (refused.status, refused.code) == (503, "CHECK_UNAVAILABLE")

    def test_an_account_that_lets_nobody_in_is_named(self, desk: Desk) -> None:
        desk.has_servers("db")
        desk.ec2().fails(AccountUnreachable("no role"))

        refused = desk.refuses(
            CREATE, **wanted(launchConfig={"instanceType": "m5.large"})
        )

        assert refused.code == "ACCOUNT_UNREACHABLE"

    def test_a_change_of_other_things_asks_nothing(self, desk: Desk) -> None:
        desk.has_servers("db")
        desk.has_group("db", launchConfig={"instanceType": "gone.large"})
        desk.ec2().fails(DrsAnswerLost("no answer"))

        reply = desk.asks(UPDATE, "id-db", description="new")

        assert reply["version"] == 2

    def test_a_groups_new_subnet_is_checked_with_its_servers_addresses(
        self, desk: Desk
    ) -> None:
        (one,) = desk.has_servers("db")
        here = desk.ec2().has_subnet("10.0.1.0/24")
        there = desk.ec2().has_subnet("10.0.2.0/24")
        group = desk.asks(
            CREATE,
            **wanted(
                launchConfig={"subnetId": here},
                servers=entries(one, staticPrivateIp="10.0.1.9"),
            ),
        )

        error = desk.refuses(
            UPDATE, group["groupId"], launchConfig={"subnetId": there}
        )

        assert error.code == "SUBNET_CHANGE_IP_INVALID"
        assert error.details["reason"] == "IP_OUT_OF_RANGE"

    def test_an_address_that_the_server_runs_under_may_stay(
        self, desk: Desk
    ) -> None:
        (one,) = desk.has_servers("db")
        subnet = desk.ec2().has_subnet("10.0.1.0/24")
        own = {"subnetId": subnet, "staticPrivateIp": "10.0.1.9"}
        group = desk.asks(CREATE, **wanted(servers=entries(one, **own)))
        desk.ec2().has_interface(subnet, "10.0.1.9", "10.0.1.10")

        reply = desk.asks(
            UPDATE,
            group["groupId"],
            servers=entries(one, monitoring=True, **own),
        )
        error = desk.refuses(
            UPDATE,
            group["groupId"],
            servers=entries(one, **own | {"staticPrivateIp": "10.0.1.10"}),
        )

        assert reply["version"] == 2
        assert error.code == "IP_IN_USE"

    def test_one_address_for_two_servers_is_refused(self, desk: Desk) -> None:
        ids = desk.has_servers("db", 2)
        subnet = desk.ec2().has_subnet("10.0.1.0/24")
        own = {"staticPrivateIp": "10.0.1.9", "subnetId": subnet}

        error = desk.refuses(CREATE, **wanted(servers=entries(*ids, **own)))

        assert error.code == "DUPLICATE_IP"

    def test_what_is_no_setting_of_drs_is_dropped_and_told(
        self, desk: Desk
    ) -> None:
        desk.has_servers("db")

        reply = desk.asks(CREATE, **wanted(launchConfig={"bootMode": "UEFI"}))

        assert reply["launchConfig"] == {}
        assert "bootMode" in reply["warnings"][0]["message"]

    def test_a_servers_entry_is_stored_with_what_drs_knows(
        self, desk: Desk
    ) -> None:
        (one,) = desk.has_servers("db")
        entry = {
            "sourceServerId": one,
            "instanceName": "invented",
            "launchTemplate": {"instanceType": "m5.large"},
        }

        reply = desk.asks(CREATE, **wanted(servers=[entry]))

        assert reply["servers"] == [
            {
                "sourceServerId": one,
                "instanceId": "",
                "instanceName": "db-0",
                "tags": {"Name": "db-0", "tier": "db"},
                "useGroupDefaults": True,
                "launchTemplate": {"instanceType": "m5.large"},
            }
        ]


class TestApplying:
    def test_it_is_applied_when_it_is_saved(self, desk: Desk) -> None:
        ids = desk.has_servers("db", 2)

        reply = desk.asks(CREATE, **wanted(launchConfig={"copyTags": True}))

        results = reply["launchConfigApplyResults"]
        assert (results["applied"], results["failed"]) == (2, 0)
        assert [row["serverId"] for row in results["details"]] == ids
        assert len(desk.drs.calls_of("UpdateLaunchConfiguration")) == 2
        assert status_of(reply) == {
            "status": "ready",
            "servers": ["ready", "ready"],
            "errors": 0,
        }
        status = reply["launchConfigStatus"]
        assert status["appliedBy"] == "ann@example.com"
        assert status["lastApplied"].endswith("Z")

    def test_the_reply_is_what_is_stored_in_the_version_it_names(
        self, desk: Desk
    ) -> None:
        desk.has_servers("db")

        reply = desk.asks(CREATE, **wanted(launchConfig={"copyTags": True}))

        stored = desk.groups.items[reply["groupId"]]
        assert reply["version"] == stored["version"] == 1
        assert stored.items() <= reply.items()

    def test_what_the_time_does_not_suffice_for_is_left_to_the_wave(
        self, desk: Desk
    ) -> None:
        desk.has_servers("db")

        reply = desk.asks(
            CREATE, seconds=5, **wanted(launchConfig={"copyTags": True})
        )

        (row,) = reply["launchConfigApplyResults"]["details"]
        assert row["status"] == "skipped"
        assert row["reason"] == "DEFERRED_TO_WAVE_START"
        assert status_of(reply) == {
            "status": "pending",
            "servers": ["pending"],
            "errors": 0,
        }
        assert "lastApplied" not in reply["launchConfigStatus"]

    def test_a_failure_is_told_and_the_group_is_kept(self, desk: Desk) -> None:
        desk.has_servers("db")
        desk.drs.refuses("UpdateLaunchConfiguration", "ValidationException")

        reply = desk.asks(CREATE, **wanted(launchConfig={"copyTags": True}))

        (row,) = reply["launchConfigApplyResults"]["details"]
        (warning,) = reply["warnings"]
        assert row["status"] == "failed"
        assert row["reason"] == "LAUNCH_CONFIG_APPLY_FAILED"
        assert "UpdateLaunchConfiguration" in row["error"]
        assert warning["type"] == "LAUNCH_CONFIG_APPLY_FAILED"
        assert reply["groupId"] in desk.groups.items
        assert status_of(reply) == {
            "status": "failed",
            "servers": ["failed"],
            "errors": 1,
        }

    def test_some_failures_are_partial(self, desk: Desk) -> None:
        ids = desk.has_servers("db", 2)
        desk.drs.refuses(
            "UpdateLaunchConfiguration", "ValidationException", times=1
        )

        reply = desk.asks(CREATE, **wanted(launchConfig={"copyTags": True}))

        results = reply["launchConfigApplyResults"]
        assert [results["applied"], results["failed"]] == [1, 1]
        assert reply["launchConfigStatus"]["status"] == "partial"
        assert set(reply["launchConfigStatus"]["serverConfigs"]) == set(ids)

    def test_only_servers_whose_entries_change_are_applied_to(
        self, desk: Desk
    ) -> None:
        one, other, third = desk.has_servers("db", 3)
        group = desk.asks(
            CREATE,
            **wanted(
                launchConfig={"copyTags": True},
                servers=entries(third, monitoring=True),
            ),
        )
        before = group["launchConfigStatus"]["serverConfigs"]

        reply = desk.asks(
            UPDATE,
            group["groupId"],
            servers=entries(one, instanceType="m5.large"),
        )

        results = reply["serversApplyResults"]
        after = reply["launchConfigStatus"]["serverConfigs"]
        assert "launchConfigApplyResults" not in reply
        assert [row["serverId"] for row in results["details"]] == [one, third]
        assert after[other] == before[other]
        assert after[one]["configHash"] != before[one]["configHash"]
        assert after[third]["configHash"] == before[other]["configHash"]
        assert status_of(reply)["status"] == "ready"

    def test_failures_of_entries_have_their_own_reason(
        self, desk: Desk
    ) -> None:
        (one,) = desk.has_servers("db")
        desk.has_group("db")
        desk.drs.refuses("GetLaunchConfiguration", "ValidationException")

        reply = desk.asks(
            UPDATE, "id-db", servers=entries(one, monitoring=True)
        )

        (row,) = reply["serversApplyResults"]["details"]
        assert row["reason"] == "SERVERS_CONFIG_APPLY_FAILED"
        assert reply["warnings"][0]["type"] == "SERVERS_CONFIG_APPLY_FAILED"

    def test_to_save_the_same_again_writes_nothing_to_drs(
        self, desk: Desk
    ) -> None:
        desk.has_servers("db", 2)
        config = {"copyTags": True, "instanceType": "m5.large"}
        first = desk.asks(CREATE, **wanted(launchConfig=config))
        desk.drs.calls.clear()

        again = desk.asks(UPDATE, first["groupId"], launchConfig=config)

        assert desk.drs.calls_of("UpdateLaunchConfiguration") == []
        assert desk.drs.calls_of("CreateLaunchTemplateVersion") == []
        assert desk.drs.calls_of("ModifyLaunchTemplate") == []
        assert again["launchConfigApplyResults"]["applied"] == 2
        assert again["launchConfigStatus"]["serverConfigs"] == (
            first["launchConfigStatus"]["serverConfigs"]
        )

    def test_servers_that_are_not_ready_come_first(self, desk: Desk) -> None:
        ids = desk.has_servers("db", 21)
        desk.drs.refuses("GetLaunchConfiguration", "ValidationException", 1)
        group = desk.asks(CREATE, **wanted(launchConfig={"copyTags": True}))
        status = group["launchConfigStatus"]["serverConfigs"]
        (broken,) = [one for one in ids if status[one]["status"] == "failed"]
        desk.drs.calls.clear()

        desk.asks(UPDATE, group["groupId"], launchConfig={"copyTags": True})

        asked = desk.drs.calls_of("GetLaunchConfiguration")[:20]
        assert broken in {call.request["sourceServerID"] for call in asked}

    def test_what_somebody_stored_meanwhile_is_not_overwritten(
        self, desk: Desk
    ) -> None:
        desk.has_servers("db")
        desk.has_group("db")

        def happen() -> None:
            desk.groups.meanwhile(
                lambda: desk.has_group("db", version=9, owner="bob")
            )

        desk.groups.meanwhile(happen)
        reply = desk.asks(UPDATE, "id-db", launchConfig={"copyTags": True})

        assert reply["launchConfigApplyResults"]["applied"] == 1
        assert desk.groups.items["id-db"]["owner"] == "bob"
        assert "launchConfigStatus" not in desk.groups.items["id-db"]

    def test_no_settings_are_not_configured(self, desk: Desk) -> None:
        desk.has_servers("db")
        group = desk.asks(CREATE, **wanted(launchConfig={"copyTags": True}))

        reply = desk.asks(UPDATE, group["groupId"], launchConfig={})

        assert reply["launchConfigStatus"]["status"] == "not_configured"
        assert reply["launchConfigStatus"]["serverConfigs"] == {}

    def test_the_trail_tells_settings_and_not_how_far_they_got(
        self, desk: Desk
    ) -> None:
        desk.has_servers("db")

        desk.asks(CREATE, **wanted(launchConfig={"copyTags": True}))

        (entry,) = desk.audit
        assert entry["changes"]["launchConfig"]["new"] == {"copyTags": True}
        assert "launchConfigStatus" not in entry["changes"]

    def test_a_change_too_large_for_the_trail_is_told_by_its_size(
        self, desk: Desk
    ) -> None:
        desk.has_servers("db", 150)
        ids = [server_id(n) for n in range(1, 151)]
        tags = {f"key-{n}": "v" * 200 for n in range(7)}

        reply = desk.asks(
            CREATE, seconds=5, **wanted(servers=entries(*ids, tags=tags))
        )

        (entry,) = [e for e in desk.audit if "/" not in e["resourceId"]]
        assert "too large" in entry["changes"]["servers"]["new"]
        assert len(reply["servers"]) == 150


def test_lists_tell_of_groups_and_not_of_their_servers(desk: Desk) -> None:
    desk.has_servers("db", 2)
    group = desk.asks(CREATE, **wanted(launchConfig={"copyTags": True}))

    (listed,) = desk.asks("list_protection_groups")["groups"]

    assert listed["launchConfigStatus"]["status"] == "ready"
    assert "serverConfigs" not in listed["launchConfigStatus"]
    assert desk.asks("get_protection_group", group["groupId"])[
        "launchConfigStatus"
    ]["serverConfigs"]
