"""One server's own launch configuration, in its group's version."""

from typing import Any

import pytest

from drs.domain.errors import DrsAnswerLost
from shared.domain.errors import DrError, NotFound
from shared.domain.items import Item
from shared.domain.status import Status
from tests.data_management_handler.desk import TARGET, Desk
from tests.support.fake_drs import server_id

GET = "get_server_launch_config"
PUT = "update_server_launch_config"
DELETE = "delete_server_launch_config"
GROUP = "id-db"
CHANGES = [(PUT, {"launchTemplate": {"monitoring": True}}), (DELETE, {})]


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.has_servers("db", 2)
    desk.has_group(
        "db", launchConfig={"copyTags": True, "copyPrivateIp": True}
    )
    return desk


@pytest.fixture
def server(desk: Desk) -> str:
    """Return the first server that was added."""
    return server_id(1)


def stored(desk: Desk) -> Item:
    return desk.groups.items[GROUP]


class TestRead:
    def test_a_server_that_sets_nothing_has_what_its_group_sets(
        self, desk: Desk, server: str
    ) -> None:
        assert desk.asks(GET, GROUP, server=server) == {
            "protectionGroupId": GROUP,
            "serverId": server,
            "instanceId": "",
            "instanceName": "db-0",
            "useGroupDefaults": True,
            "launchTemplate": {},
            "effectiveConfig": {"copyTags": True, "copyPrivateIp": True},
            "customFields": [],
            "version": 1,
        }

    @pytest.mark.parametrize("operation", [GET, PUT, DELETE])
    def test_a_server_that_the_tags_do_not_select_now_is_not_found(
        self, desk: Desk, operation: str
    ) -> None:
        (other,) = desk.has_servers("web")

        error = desk.refuses(
            operation, GROUP, server=other, launchTemplate={"monitoring": True}
        )

        assert isinstance(error, NotFound)
        assert error.code == "NOT_FOUND"
        assert error.details["serverId"] == other

    @pytest.mark.parametrize("name", ["s-1", "x" * 250, "s-" + "9" * 17])
    def test_a_server_that_drs_does_not_have_is_not_found(
        self, desk: Desk, name: str
    ) -> None:
        assert desk.refuses(GET, GROUP, server=name).code == "NOT_FOUND"

    def test_a_group_that_is_not_there_is_named(
        self, desk: Desk, server: str
    ) -> None:
        error = desk.refuses(GET, "nowhere", server=server)

        assert error.code == "PROTECTION_GROUP_NOT_FOUND"

    def test_a_server_has_to_be_named(self, desk: Desk) -> None:
        error = desk.refuses(GET, GROUP)

        assert error.code == "MISSING_FIELD"
        assert error.details["field"] == "pathParameters.serverId"

    def test_drs_that_cannot_be_asked_is_no_absence(
        self, desk: Desk, server: str
    ) -> None:
        desk.drs.refuses("DescribeSourceServers", "InternalServerException")

        assert desk.refuses(GET, GROUP, server=server).status == 503

    def test_servers_named_by_id_are_found_in_the_groups_account(
        self, desk: Desk
    ) -> None:
        desk.has_account()
        mine, other = desk.has_servers("app", 2, account=TARGET)
        desk.has_group(
            "app",
            accountId=TARGET,
            serverSelectionTags={},
            sourceServerIds=[mine],
        )

        reply = desk.asks(GET, "id-app", server=mine)

        assert reply["instanceName"] == "app-0"
        assert desk.refuses(GET, "id-app", server=other).code == "NOT_FOUND"


class TestSet:
    def test_it_is_stored_applied_and_shown_in_the_groups_next_version(
        self, desk: Desk, server: str
    ) -> None:
        subnet = desk.ec2().has_subnet("10.0.1.0/24")
        own = {"staticPrivateIp": "10.0.1.9", "subnetId": subnet}

        reply = desk.asks(
            PUT, GROUP, server=server, launchTemplate=own, version=1
        )

        assert reply["effectiveConfig"] == {
            **own,
            "copyTags": True,
            "copyPrivateIp": False,
        }
        assert reply["customFields"] == sorted(own)
        assert reply["version"] == stored(desk)["version"] == 2
        assert stored(desk)["updatedAt"].endswith("Z")
        assert reply["applyResult"]["applied"] == 1
        content = desk.drs.template_of(server, "us-east-1").content
        (interface,) = content["NetworkInterfaces"]
        assert interface["PrivateIpAddress"] == "10.0.1.9"
        status = stored(desk)["launchConfigStatus"]
        assert status["serverConfigs"][server]["status"] == "ready"

    def test_what_is_not_sent_stays(self, desk: Desk, server: str) -> None:
        own = {"instanceType": "m5.large"}
        desk.asks(PUT, GROUP, server=server, launchTemplate=own)

        reply = desk.asks(PUT, GROUP, server=server, useGroupDefaults=False)
        cleared = desk.asks(PUT, GROUP, server=server, launchTemplate={})

        assert (reply["useGroupDefaults"], reply["launchTemplate"]) == (
            False,
            own,
        )
        assert cleared["useGroupDefaults"] is False
        assert cleared["launchTemplate"] == {}

    def test_other_servers_keep_what_they_set(
        self, desk: Desk, server: str
    ) -> None:
        (other,) = desk.has_servers("db")
        own = {"instanceType": "m5.large"}
        desk.asks(PUT, GROUP, server=other, launchTemplate=own)

        desk.asks(
            PUT, GROUP, server=server, launchTemplate={"monitoring": True}
        )

        reply = desk.asks(GET, GROUP, server=other)
        assert reply["launchTemplate"] == own
        assert len(stored(desk)["servers"]) == 2

    def test_to_set_what_is_set_is_no_new_version(
        self, desk: Desk, server: str
    ) -> None:
        own = {"instanceType": "m5.large"}
        desk.asks(PUT, GROUP, server=server, launchTemplate=own)

        again = desk.asks(PUT, GROUP, server=server, launchTemplate=own)

        assert again["version"] == 2
        assert again["applyResult"]["applied"] == 1
        assert len(desk.audit) == 1

    @pytest.mark.parametrize(
        ("body", "code", "field"),
        [
            ({}, "MISSING_BODY", None),
            ({"version": 1}, "MISSING_FIELD", "launchTemplate"),
            ({"launchTemplate": []}, "INVALID_TYPE", "launchTemplate"),
            ({"useGroupDefaults": "no"}, "INVALID_TYPE", "useGroupDefaults"),
            (
                {"launchTemplate": {}, "version": "1"},
                "INVALID_TYPE",
                "version",
            ),
            (
                {"launchTemplate": {"imageId": "ami-1"}},
                "BLOCKED_FIELDS_PRESENT",
                "launchTemplate.imageId",
            ),
            (
                {"launchTemplate": {"copyTags": True}},
                "UNKNOWN_FIELDS_PRESENT",
                "launchTemplate.copyTags",
            ),
            (
                {"launchTemplate": {"instanceType": "m5.vast"}},
                "INSTANCE_TYPE_UNAVAILABLE",
                "launchTemplate.instanceType",
            ),
            (
                {"launchTemplate": {"instanceType": ""}},
                "MISSING_INSTANCE_TYPE",
                "launchTemplate.instanceType",
            ),
            (
                {"launchTemplate": {"staticPrivateIp": "10.0.1.9"}},
                "MISSING_SUBNET",
                "launchTemplate.subnetId",
            ),
        ],
    )
    def test_what_cannot_be_meant_is_refused_with_its_field(
        self,
        desk: Desk,
        server: str,
        body: dict[str, Any],
        code: str,
        field: str | None,
    ) -> None:
        error = desk.refuses(PUT, GROUP, server=server, **body)

        assert (error.status, error.code) == (400, code)
        assert error.details.get("field") == field

    def test_an_address_of_another_server_of_the_group_is_refused(
        self, desk: Desk, server: str
    ) -> None:
        (other,) = desk.has_servers("db")
        subnet = desk.ec2().has_subnet("10.0.1.0/24")
        own = {"staticPrivateIp": "10.0.1.9", "subnetId": subnet}
        desk.asks(PUT, GROUP, server=other, launchTemplate=own)

        error = desk.refuses(PUT, GROUP, server=server, launchTemplate=own)

        assert error.code == "DUPLICATE_IP"
        assert error.details == {
            "field": "launchTemplate.staticPrivateIp",
            "conflictingResource": other,
        }

    def test_what_cannot_be_checked_is_not_stored(
        self, desk: Desk, server: str
    ) -> None:
        desk.ec2().fails(DrsAnswerLost("no answer"))

        error = desk.refuses(
            PUT,
            GROUP,
            server=server,
            launchTemplate={"instanceType": "m5.large"},
        )

        assert error.code == "CHECK_UNAVAILABLE"

    def test_a_failure_to_apply_is_told(self, desk: Desk, server: str) -> None:
        desk.drs.refuses("GetLaunchConfiguration", "ValidationException")

        reply = desk.asks(
            PUT, GROUP, server=server, launchTemplate={"monitoring": True}
        )

        (row,) = reply["applyResult"]["details"]
        assert row["reason"] == "SERVERS_CONFIG_APPLY_FAILED"
        assert stored(desk)["launchConfigStatus"]["status"] == "failed"


class TestDefaults:
    def test_a_server_goes_back_to_what_its_group_sets(
        self, desk: Desk, server: str
    ) -> None:
        desk.asks(
            PUT, GROUP, server=server, launchTemplate={"monitoring": True}
        )

        reply = desk.asks(DELETE, GROUP, server=server, query={"version": "2"})

        assert reply["launchTemplate"] == {}
        assert reply["effectiveConfig"] == stored(desk)["launchConfig"]
        assert reply["version"] == 3
        assert reply["applyResult"]["applied"] == 1
        assert stored(desk)["servers"] == []

    def test_a_repeat_changes_nothing(self, desk: Desk, server: str) -> None:
        reply = desk.asks(DELETE, GROUP, server=server)

        assert reply["version"] == stored(desk)["version"] == 1
        assert desk.audit == []

    def test_how_critical_a_server_is_stays(
        self, desk: Desk, server: str
    ) -> None:
        entry = {
            "sourceServerId": server,
            "launchTemplate": {"monitoring": True},
            "criticality": "optional",
        }
        desk.has_group("db", servers=[entry])

        desk.asks(PUT, GROUP, server=server, useGroupDefaults=False)
        desk.asks(DELETE, GROUP, server=server)

        (left,) = stored(desk)["servers"]
        assert left["criticality"] == "optional"
        assert left["launchTemplate"] == {}
        assert left["useGroupDefaults"] is True

    @pytest.mark.parametrize("version", ["", "two", "-1", "1.5", "9" * 40])
    def test_a_version_that_is_none_is_refused(
        self, desk: Desk, server: str, version: str
    ) -> None:
        error = desk.refuses(
            DELETE, GROUP, server=server, query={"version": version}
        )

        assert error.code == "INVALID_TYPE"


class TestConflicts:
    @pytest.mark.parametrize(("operation", "body"), CHANGES)
    def test_another_version_than_was_seen_is_refused(
        self, desk: Desk, server: str, operation: str, body: dict[str, Any]
    ) -> None:
        desk.has_group("db", version=4)

        seen = {"query": {"version": "3"}, "version": 3}
        error = desk.refuses(operation, GROUP, server=server, **seen, **body)

        assert error.code == "VERSION_CONFLICT"
        assert error.details["currentVersion"] == 4

    @pytest.mark.parametrize(("operation", "body"), CHANGES)
    @pytest.mark.parametrize("status", [Status.POLLING, Status.PAUSED])
    def test_a_group_in_an_execution_is_changed_only_while_it_is_paused(
        self,
        desk: Desk,
        server: str,
        operation: str,
        body: dict[str, Any],
        status: Status,
    ) -> None:
        plan = desk.has_plan("nightly", {"protectionGroupId": GROUP})
        desk.has_execution(plan, status=status)

        if status is Status.PAUSED:
            assert desk.asks(operation, GROUP, server=server, **body)
            return
        error = desk.refuses(operation, GROUP, server=server, **body)

        assert error.code == "PG_IN_ACTIVE_EXECUTION"

    def test_of_two_changes_at_once_one_wins(
        self, desk: Desk, server: str
    ) -> None:
        desk.groups.meanwhile(lambda: desk.has_group("db", version=2))

        with pytest.raises(DrError) as caught:
            desk.asks(
                PUT, GROUP, server=server, launchTemplate={"monitoring": True}
            )

        assert caught.value.code == "VERSION_CONFLICT"
        assert stored(desk)["servers"] == []
