"""Protection groups: what may be one, and what becomes of them."""

from typing import Any

import pytest

from shared.domain.errors import DrError, NotFound, Unavailable
from shared.domain.status import Status
from tests.data_management_handler.desk import (
    OTHER_REGION,
    REGION,
    ROLE,
    TARGET,
    Desk,
)
from tests.support.fake_drs import HUB, server_id

CREATE = "create_protection_group"
UPDATE = "update_protection_group"
DELETE = "delete_protection_group"
DB = {"tier": "db"}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def wanted(**more: Any) -> dict[str, Any]:
    """Return the body of a group of the servers tagged ``tier=db``."""
    return {
        "groupName": "Database",
        "region": REGION,
        "serverSelectionTags": DB,
        **more,
    }


def named(field: str, value: Any, **more: Any) -> dict[str, Any]:
    """Return the body of a group whose selection is spelled so."""
    return {"groupName": "Database", "region": REGION, field: value, **more}


def by_ids(*ids: str, **more: Any) -> dict[str, Any]:
    """Return the body of a group of these servers."""
    return {
        "groupName": "Database",
        "region": REGION,
        "sourceServerIds": list(ids),
        **more,
    }


class TestCreate:
    def test_a_group_is_stored_as_the_contract_says(self, desk: Desk) -> None:
        desk.has_servers("db", 2)

        reply = desk.asks(
            CREATE, **wanted(groupName="  Database ", description=" d ")
        )

        stored = desk.groups.items[reply["groupId"]]
        assert stored == {
            "groupId": reply["protectionGroupId"],
            "groupName": "Database",
            "description": "d",
            "owner": "",
            "region": REGION,
            "accountId": "",
            "assumeRoleName": "",
            "serverSelectionTags": DB,
            "sourceServerIds": [],
            "launchConfig": {},
            "servers": [],
            "launchConfigStatus": {
                "status": "not_configured",
                "serverConfigs": {},
                "errors": [],
            },
            "createdDate": desk.clock.now(),
            "lastModifiedDate": desk.clock.now(),
            "version": 1,
        }
        assert reply["warnings"] == []
        assert reply["launchConfigApplyResults"] == {
            "applied": 0,
            "skipped": 0,
            "failed": 0,
            "details": [],
        }

    def test_the_hubs_own_id_is_stored_as_empty(self, desk: Desk) -> None:
        reply = desk.asks(CREATE, **wanted(accountId=HUB))

        assert reply["accountId"] == ""

    def test_tags_win_over_ids(self, desk: Desk) -> None:
        reply = desk.asks(CREATE, **wanted(sourceServerIds=["s-1"]))

        assert reply["serverSelectionTags"] == DB
        assert reply["sourceServerIds"] == []

    @pytest.mark.parametrize("alias", ["sourceServerIds", "serverIds"])
    def test_servers_may_be_named_by_id(self, desk: Desk, alias: str) -> None:
        ids = desk.has_servers("db", 2)

        reply = desk.asks(CREATE, **named(alias, ids))

        assert reply["sourceServerIds"] == ids
        assert reply["serverSelectionTags"] == {}

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"groupName": None}, "MISSING_FIELD"),
            ({"groupName": "   "}, "INVALID_NAME"),
            ({"groupName": "x" * 65}, "INVALID_NAME"),
            ({"groupName": "x" * 10_000}, "INVALID_NAME"),
            ({"groupName": 7}, "INVALID_TYPE"),
            ({"region": None}, "MISSING_FIELD"),
            ({"region": 3}, "INVALID_TYPE"),
            ({"region": "mars-1"}, "INVALID_FORMAT"),
            ({"serverSelectionTags": None}, "MISSING_FIELD"),
            ({"serverSelectionTags": {}}, "INVALID_TAGS"),
            ({"serverSelectionTags": {" ": "x"}}, "INVALID_TAGS"),
            ({"serverSelectionTags": {"a": ""}}, "INVALID_TAGS"),
            ({"serverSelectionTags": {"a": 1}}, "INVALID_TAGS"),
            ({"serverSelectionTags": {"a": "1", "A": "2"}}, "INVALID_TAGS"),
            ({"serverSelectionTags": {"a" * 129: "1"}}, "INVALID_TAGS"),
            (
                {"serverSelectionTags": {f"k{n}": "1" for n in range(51)}},
                "INVALID_TAGS",
            ),
            ({"serverSelectionTags": ["a"]}, "INVALID_TYPE"),
            ({"description": 5}, "INVALID_TYPE"),
            ({"description": "x" * 5_000}, "INVALID_FORMAT"),
            ({"accountId": TARGET}, "TARGET_ACCOUNT_NOT_FOUND"),
            ({"criticality": "vital"}, "INVALID_FORMAT"),
            ({"criticality": ["optional"]}, "INVALID_FORMAT"),
            ({"launchConfig": []}, "INVALID_TYPE"),
            ({"launchConfig": {"colour": "red"}}, "INVALID_LAUNCH_CONFIG"),
            (
                {"launchConfig": {"subnetId": "subnet-x"}},
                "INVALID_SUBNET_FORMAT",
            ),
            ({"servers": {}}, "INVALID_TYPE"),
            ({"servers": [{"sourceServerId": "s-9"}]}, "INVALID_SERVERS"),
        ],
    )
    def test_a_group_that_cannot_be_meant_is_refused(
        self, desk: Desk, change: dict[str, Any], code: str
    ) -> None:
        desk.has_servers("db")

        assert desk.refuses(CREATE, **wanted(**change)).code == code

    @pytest.mark.parametrize(
        "ids", [[], [""], ["s-1", "s-1"], ["s-1", " s-1 "]]
    )
    def test_ids_must_be_there_and_distinct(
        self, desk: Desk, ids: list[str]
    ) -> None:
        assert desk.refuses(CREATE, **by_ids(*ids)).code == "INVALID_SERVERS"

    def test_a_body_is_needed(self, desk: Desk) -> None:
        assert desk.refuses(CREATE).code == "MISSING_BODY"

    @pytest.mark.parametrize("name", ["database", " DATABASE "])
    def test_a_name_belongs_to_one_group_however_it_is_spelled(
        self, desk: Desk, name: str
    ) -> None:
        desk.has_group("Database")

        error = desk.refuses(CREATE, **wanted(groupName=name))

        assert error.code == "PG_NAME_EXISTS"
        assert error.details == {"groupId": "id-Database"}

    def test_a_name_of_a_group_without_guard_is_taken_too(
        self, desk: Desk
    ) -> None:
        desk.has_group("Database")
        desk.executions.items.clear()

        assert desk.refuses(CREATE, **wanted()).code == "PG_NAME_EXISTS"

    def test_of_two_that_take_a_name_at_once_one_wins(
        self, desk: Desk
    ) -> None:
        desk.groups.meanwhile(lambda: desk.has_group("Database"))

        with pytest.raises(DrError) as caught:
            desk.asks(CREATE, **wanted())

        assert caught.value.code == "PG_NAME_EXISTS"
        assert list(desk.groups.items) == ["id-Database"]

    def test_equal_tags_are_a_conflict_even_without_servers(
        self, desk: Desk
    ) -> None:
        desk.has_group("db")

        error = desk.refuses(
            CREATE, **wanted(serverSelectionTags={" TIER ": "DB"})
        )

        assert error.code == "TAG_CONFLICT"
        assert error.details["conflicts"] == [
            {
                "protectionGroupId": "id-db",
                "protectionGroupName": "db",
                "conflictingTags": DB,
                "conflictType": "exact_match",
            }
        ]

    def test_tags_that_select_another_groups_servers_are_a_conflict(
        self, desk: Desk
    ) -> None:
        first, _ = desk.has_servers("db", 2)
        desk.has_group("db")

        error = desk.refuses(
            CREATE, **wanted(serverSelectionTags={"Name": "db-0"})
        )

        (row,) = error.details["conflicts"]
        assert error.code == "TAG_CONFLICT"
        assert row["conflictType"] == "overlap"
        assert row["servers"] == [first]

    def test_a_server_has_one_group(self, desk: Desk) -> None:
        (one,) = desk.has_servers("db")
        desk.has_group("db")

        error = desk.refuses(CREATE, **by_ids(one))

        assert error.code == "SERVER_CONFLICT"
        assert error.details["conflicts"] == [
            {
                "serverId": one,
                "protectionGroupId": "id-db",
                "protectionGroupName": "db",
            }
        ]

    def test_tags_that_select_a_server_named_elsewhere_are_a_conflict(
        self, desk: Desk
    ) -> None:
        (one,) = desk.has_servers("db")
        desk.has_group("x", serverSelectionTags={}, sourceServerIds=[one])

        assert desk.refuses(CREATE, **wanted()).code == "SERVER_CONFLICT"

    def test_a_group_of_another_region_is_no_conflict(
        self, desk: Desk
    ) -> None:
        desk.has_servers("db")
        desk.has_group("db", region=OTHER_REGION)

        assert desk.asks(CREATE, **wanted())["version"] == 1

    def test_a_server_in_a_foreign_job_is_a_conflict(self, desk: Desk) -> None:
        (one,) = desk.has_servers("db")
        job = desk.drs.foreign_job([one], REGION)

        error = desk.refuses(CREATE, **wanted())

        (row,) = error.details["conflicts"]
        assert error.code == "SERVER_CONFLICT"
        assert row["serverId"] == one
        assert row["conflictingJobId"] == job
        assert row["conflictSource"] == "drs_job"

    @pytest.mark.parametrize("stage", ["moving", "to_come"])
    def test_a_server_in_an_active_execution_is_a_conflict(
        self, desk: Desk, stage: str
    ) -> None:
        (one,) = desk.has_servers("db")
        plan = desk.has_plan(
            "nightly", {"waveName": "Database"}, {"waveName": "Later"}
        )
        desk.has_execution(plan, **{stage: [one]})  # type: ignore[arg-type]

        error = desk.refuses(CREATE, **by_ids(one))

        assert error.code == "SERVER_CONFLICT"
        assert error.details["conflicts"] == [
            {
                "serverId": one,
                "waveName": "",
                "conflictingExecutionId": "exec-1",
                "conflictingPlanId": "id-nightly",
                "conflictingWaveName": (
                    "Database" if stage == "moving" else "Later"
                ),
                "conflictingStatus": "POLLING",
                "conflictSource": "execution",
            }
        ]

    def test_a_server_that_an_execution_is_done_with_is_free(
        self, desk: Desk
    ) -> None:
        one, other = desk.has_servers("db", 2)
        plan = desk.has_plan("nightly", {})
        desk.has_execution(plan, launched=[one], moving=[other])

        assert desk.asks(CREATE, **by_ids(one))["sourceServerIds"] == [one]

    def test_unknown_and_broken_servers_are_refused_with_the_reason(
        self, desk: Desk
    ) -> None:
        (stalled,) = desk.has_servers("db", replicationState="STALLED")

        error = desk.refuses(CREATE, **by_ids(stalled, "s-x"))

        assert error.code == "INVALID_SERVERS"
        assert [
            (row["serverId"], row["replicationState"], row["reason"])
            for row in error.details["invalidServers"]
        ] == [
            (stalled, "STALLED", "its replication is STALLED"),
            ("s-x", "", "DRS has no such server here"),
        ]

    def test_a_server_that_still_synchronises_may_be_protected(
        self, desk: Desk
    ) -> None:
        ids = desk.has_servers("db", replicationState="INITIAL_SYNC")

        assert desk.asks(CREATE, **by_ids(*ids))["sourceServerIds"] == ids

    def test_more_than_4000_servers_are_too_many(self, desk: Desk) -> None:
        ids = [server_id(number) for number in range(1, 4_002)]

        error = desk.refuses(CREATE, **by_ids(*ids))

        assert error.code == "QUOTA_EXCEEDED"
        assert error.details["quotaType"] == "servers_per_group"
        assert error.details["serverCount"] == 4_001

    def test_more_than_100_servers_are_told_to_need_several_jobs(
        self, desk: Desk
    ) -> None:
        desk.has_servers("db", 101)

        (warning,) = desk.asks(CREATE, **wanted())["warnings"]

        assert warning["type"] == "WAVE_WILL_BE_SPLIT"
        assert "2 jobs" in warning["message"]

    def test_tags_that_match_nothing_now_are_told(self, desk: Desk) -> None:
        (warning,) = desk.asks(CREATE, **wanted())["warnings"]

        assert warning["type"] == "NO_SERVERS_MATCH_NOW"

    @pytest.mark.parametrize(
        ("operation", "fault", "code"),
        [
            (
                "DescribeSourceServers",
                "ThrottlingException",
                "DRS_UNAVAILABLE",
            ),
            ("DescribeJobs", "InternalServerException", "DRS_UNAVAILABLE"),
            ("DescribeJobs", "AccessDeniedException", "CHECK_UNAVAILABLE"),
        ],
    )
    def test_a_check_that_cannot_be_made_refuses(
        self, desk: Desk, operation: str, fault: str, code: str
    ) -> None:
        desk.has_servers("db")
        desk.drs.refuses(operation, fault)

        error = desk.refuses(CREATE, **wanted())

        assert isinstance(error, Unavailable)
        assert error.code == code

    def test_a_region_without_drs_is_refused_as_such(self, desk: Desk) -> None:
        desk.drs.is_not_initialised(REGION)

        error = desk.refuses(CREATE, **wanted())

        assert (error.code, error.status) == ("DRS_NOT_INITIALIZED", 400)

    def test_groups_and_servers_may_be_optional(self, desk: Desk) -> None:
        one, _ = desk.has_servers("db", 2)

        reply = desk.asks(
            CREATE,
            **wanted(
                criticality="optional",
                servers=[{"sourceServerId": one, "criticality": "critical"}],
            ),
        )
        after = desk.asks(UPDATE, reply["groupId"], criticality="critical")

        assert reply["criticality"] == "optional"
        assert reply["servers"][0]["criticality"] == "critical"
        assert after["criticality"] == "critical"


class TestAccounts:
    def test_everything_is_asked_in_the_groups_account(
        self, desk: Desk
    ) -> None:
        desk.has_account()
        desk.has_servers("db", account=TARGET)

        reply = desk.asks(CREATE, **wanted(accountId=TARGET))

        assert reply["accountId"] == TARGET
        assert reply["warnings"] == []
        assert {call.account for call in desk.drs.calls} == {TARGET}

    def test_a_registered_accounts_role_and_external_id_are_used(
        self, desk: Desk
    ) -> None:
        desk.has_account()

        context = desk.ports().account(TARGET)
        named = desk.ports().account(TARGET, "DRSOrchestrationRole")

        assert context.role_arn == f"arn:aws:iam::{TARGET}:role/Its"
        assert context.external_id == "its-own"
        assert named.role_arn == ROLE
        assert named.external_id == "its-own"

    def test_an_inactive_account_is_refused(self, desk: Desk) -> None:
        desk.has_account(status="inactive")

        error = desk.refuses(CREATE, **wanted(accountId=TARGET))

        assert error.code == "TARGET_ACCOUNT_NOT_FOUND"

    def test_the_same_tags_in_another_account_are_no_conflict(
        self, desk: Desk
    ) -> None:
        desk.has_account()
        desk.drs.has_servers(REGION, [], account=TARGET)
        desk.has_group("db")

        assert desk.asks(CREATE, **wanted(accountId=TARGET))["version"] == 1


class TestReads:
    def test_a_group_reads_back(self, desk: Desk) -> None:
        group = desk.has_group("db")

        assert desk.asks("get_protection_group", "id-db") == {
            **group,
            "protectionGroupId": "id-db",
        }

    def test_a_missing_group_is_named(self, desk: Desk) -> None:
        error = desk.refuses("get_protection_group", "nowhere")

        assert isinstance(error, NotFound)
        assert error.code == "PROTECTION_GROUP_NOT_FOUND"

    @pytest.mark.parametrize(
        ("account", "names"),
        [
            (None, ["db", "web"]),
            ("", ["db"]),
            (HUB, ["db"]),
            (TARGET, ["web"]),
        ],
    )
    def test_groups_are_listed_by_account(
        self, desk: Desk, account: str | None, names: list[str]
    ) -> None:
        desk.has_account()
        desk.has_group("web", accountId=TARGET)
        desk.has_group("db")

        query = {} if account is None else {"accountId": account}
        reply = desk.asks("list_protection_groups", query=query)

        assert [g["protectionGroupId"] for g in reply["groups"]] == [
            f"id-{name}" for name in names
        ]
        assert reply["count"] == len(names)

    def test_an_older_group_that_names_the_hub_is_of_the_hub(
        self, desk: Desk
    ) -> None:
        desk.has_group("db", accountId=HUB)

        reply = desk.asks("list_protection_groups", query={"accountId": ""})
        error = desk.refuses(CREATE, **wanted())

        assert reply["count"] == 1
        assert error.code == "TAG_CONFLICT"


class TestUpdate:
    def test_a_change_raises_the_version_and_keeps_the_rest(
        self, desk: Desk
    ) -> None:
        before = desk.has_group("db")

        reply = desk.asks(UPDATE, "id-db", description="new", version=1)

        assert desk.groups.items["id-db"] == {
            **before,
            "description": "new",
            "lastModifiedDate": desk.clock.now(),
            "version": 2,
        }
        assert reply["version"] == 2
        assert desk.drs.calls == []

    def test_a_stale_version_is_refused_with_both_numbers(
        self, desk: Desk
    ) -> None:
        desk.has_group("db", version=4)

        error = desk.refuses(UPDATE, "id-db", description="x", version=3)

        assert error.body() | {"message": ""} == {
            "error": "VERSION_CONFLICT",
            "message": "",
            "expectedVersion": 3,
            "currentVersion": 4,
            "resourceId": "id-db",
        }

    def test_a_change_of_somebody_elses_meanwhile_wins(
        self, desk: Desk
    ) -> None:
        desk.has_group("db")
        desk.groups.meanwhile(
            lambda: desk.has_group("db", version=2, owner="bob")
        )

        with pytest.raises(DrError) as caught:
            desk.asks(UPDATE, "id-db", description="mine")

        assert caught.value.code == "VERSION_CONFLICT"
        assert caught.value.details["currentVersion"] == 2
        assert desk.groups.items["id-db"]["owner"] == "bob"

    @pytest.mark.parametrize(
        "change", [{"region": OTHER_REGION}, {"accountId": TARGET}]
    )
    def test_a_group_stays_where_it_is(
        self, desk: Desk, change: dict[str, str]
    ) -> None:
        desk.has_group("db")

        assert desk.refuses(UPDATE, "id-db", **change).code == (
            "VALIDATION_ERROR"
        )

    def test_to_repeat_where_it_is_changes_nothing(self, desk: Desk) -> None:
        desk.has_group("db")

        reply = desk.asks(UPDATE, "id-db", region=REGION, accountId=HUB)

        assert reply["accountId"] == ""

    def test_ids_take_the_place_of_tags_and_the_reverse(
        self, desk: Desk
    ) -> None:
        ids = desk.has_servers("db", 2)
        desk.has_group("db")

        named = desk.asks(UPDATE, "id-db", sourceServerIds=ids[:1])
        tagged = desk.asks(UPDATE, "id-db", serverSelectionTags=DB)

        assert named["serverSelectionTags"] == {}
        assert named["sourceServerIds"] == ids[:1]
        assert tagged["serverSelectionTags"] == DB
        assert tagged["sourceServerIds"] == []

    def test_only_servers_that_are_added_have_to_be_well(
        self, desk: Desk
    ) -> None:
        (stalled,) = desk.has_servers("old", replicationState="STALLED")
        (well,) = desk.has_servers("db")
        desk.has_group("x", serverSelectionTags={}, sourceServerIds=[stalled])

        reply = desk.asks(UPDATE, "id-x", sourceServerIds=[stalled, well])

        assert reply["sourceServerIds"] == [stalled, well]

    def test_a_server_that_is_added_has_to_be_well(self, desk: Desk) -> None:
        (well,) = desk.has_servers("db")
        (stalled,) = desk.has_servers("old", replicationState="STALLED")
        desk.has_group("x", serverSelectionTags={}, sourceServerIds=[well])

        error = desk.refuses(UPDATE, "id-x", sourceServerIds=[well, stalled])

        assert error.code == "INVALID_SERVERS"

    def test_a_new_name_is_guarded_and_the_old_one_free(
        self, desk: Desk
    ) -> None:
        desk.has_group("db")

        desk.asks(UPDATE, "id-db", groupName="Databases")

        guards = [k[0] for k in desk.executions.items if k[1] == "name-lock"]
        assert guards == ["name-lock-pg-databases"]

    def test_a_name_may_change_its_case(self, desk: Desk) -> None:
        desk.has_group("db")

        assert desk.asks(UPDATE, "id-db", groupName="DB")["groupName"] == "DB"

    def test_anothers_name_is_refused(self, desk: Desk) -> None:
        desk.has_group("db")
        desk.has_group("web")

        error = desk.refuses(UPDATE, "id-db", groupName="WEB")

        assert error.code == "PG_NAME_EXISTS"

    def test_a_group_in_an_active_execution_is_refused(
        self, desk: Desk
    ) -> None:
        desk.has_group("db")
        plan = desk.has_plan("nightly", {"protectionGroupIds": ["id-db"]})
        desk.has_execution(plan)

        error = desk.refuses(UPDATE, "id-db", description="x")

        assert error.code == "PG_IN_ACTIVE_EXECUTION"
        assert error.details["activeExecution"] == {
            "executionId": "exec-1",
            "planId": "id-nightly",
            "planName": "nightly",
            "status": "POLLING",
        }

    def test_a_group_in_a_paused_execution_may_change(
        self, desk: Desk
    ) -> None:
        one, other = desk.has_servers("db", 2)
        desk.has_group("x", serverSelectionTags={}, sourceServerIds=[one])
        plan = desk.has_plan("nightly", {"protectionGroupId": "id-x"})
        desk.has_execution(plan, status=Status.PAUSED, to_come=[one])

        reply = desk.asks(UPDATE, "id-x", sourceServerIds=[one, other])

        assert reply["sourceServerIds"] == [one, other]

    def test_a_configuration_is_applied_to_all_servers(
        self, desk: Desk
    ) -> None:
        desk.has_servers("db", 2)
        desk.has_group("db")

        reply = desk.asks(UPDATE, "id-db", launchConfig={"copyTags": True})

        assert reply["launchConfigApplyResults"]["applied"] == 2


class TestDelete:
    def test_a_group_goes_with_its_guard(self, desk: Desk) -> None:
        desk.has_group("db")

        reply = desk.asks(DELETE, "id-db")

        assert reply["groupId"] == "id-db"
        assert desk.groups.items == {}
        assert not [k for k in desk.executions.items if k[1] == "name-lock"]

    @pytest.mark.parametrize(
        "wave",
        [{"protectionGroupId": "id-db"}, {"protectionGroupIds": ["id-db"]}],
    )
    def test_a_group_that_a_plan_names_is_kept(
        self, desk: Desk, wave: dict[str, Any]
    ) -> None:
        desk.has_group("db")
        desk.has_plan("nightly", {}, wave)

        error = desk.refuses(DELETE, "id-db")

        assert error.code == "PG_IN_USE"
        assert error.details == {
            "plans": ["nightly"],
            "details": [
                {
                    "planId": "id-nightly",
                    "planName": "nightly",
                    "waveName": "Wave 2",
                }
            ],
        }

    def test_a_group_in_an_active_execution_is_kept_paused_or_not(
        self, desk: Desk
    ) -> None:
        desk.has_group("db")
        plan = desk.has_plan("nightly", {"protectionGroupId": "id-db"})
        desk.has_execution(plan, status=Status.PAUSED)
        desk.plans.items.clear()

        error = desk.refuses(DELETE, "id-db")

        assert error.code == "PG_IN_ACTIVE_EXECUTION"

    def test_a_change_meanwhile_is_looked_at_again(self, desk: Desk) -> None:
        desk.has_group("db")
        desk.groups.meanwhile(lambda: desk.has_group("db", version=2))

        desk.asks(DELETE, "id-db")

        assert desk.groups.items == {}

    def test_a_missing_group_cannot_be_deleted(self, desk: Desk) -> None:
        assert desk.refuses(DELETE, "x").code == "PROTECTION_GROUP_NOT_FOUND"


class TestResolve:
    @pytest.mark.parametrize("field", ["serverSelectionTags", "tags"])
    def test_tags_are_resolved_in_the_named_account(
        self, desk: Desk, field: str
    ) -> None:
        desk.has_account()
        ids = desk.has_servers("db", 2, account=TARGET)
        desk.has_servers("db", 1)

        reply = desk.asks(
            "resolve_protection_group_tags",
            **named(field, DB, accountId=TARGET),
        )

        assert [s["sourceServerID"] for s in reply["sourceServers"]] == ids
        assert reply["serverCount"] == 2
        assert reply["resolvedServers"] == reply["sourceServers"]

    def test_more_than_one_answer_carries_is_shown_once(
        self, desk: Desk
    ) -> None:
        desk.has_servers("db", 3_000)

        reply = desk.asks(
            "resolve_protection_group_tags",
            region=REGION,
            serverSelectionTags=DB,
        )

        assert len(reply["resolvedServers"]) == reply["serverCount"] == 3_000
        left = len(reply["sourceServers"])
        assert 0 < left < 3_000
        assert f"the first {left} of 3000" in reply["warnings"][0]

    @pytest.mark.parametrize("tags", [{}, {"": "x"}])
    def test_tags_that_would_mean_everything_are_refused(
        self, desk: Desk, tags: dict[str, str]
    ) -> None:
        error = desk.refuses(
            "resolve_protection_group_tags",
            region=REGION,
            serverSelectionTags=tags,
        )

        assert error.code == "INVALID_TAGS"


class TestAudit:
    def test_an_accepted_change_has_its_entry(self, desk: Desk) -> None:
        desk.has_group("db")

        desk.asks(UPDATE, "id-db", description="new")

        (entry,) = desk.audit
        assert entry["executionId"] == "audit#protection_group#id-db"
        assert entry["user"] == "ann@example.com"
        assert entry["result"] == "allowed"
        assert entry["version"] == 2
        assert entry["changes"]["description"] == {"old": "", "new": "new"}
        assert entry["TTL"] == desk.clock.now() + 400 * 86_400

    def test_a_refused_change_has_its_entry(self, desk: Desk) -> None:
        desk.refuses(DELETE, "id-x")

        (entry,) = desk.trail.entries
        assert entry.result == "failed"
        assert entry.error_code == "PROTECTION_GROUP_NOT_FOUND"
        assert entry.action == DELETE
        assert entry.user == "ann@example.com"
        assert entry.resource_id == "id-x"

    @pytest.mark.parametrize(
        ("body", "about"),
        [(wanted(region="x"), "Database"), ({"region": "x"}, "-")],
    )
    def test_what_has_no_id_yet_is_known_by_its_name(
        self, desk: Desk, body: dict[str, Any], about: str
    ) -> None:
        desk.refuses(CREATE, **body)

        assert [e.resource_id for e in desk.trail.entries] == [about]

    def test_a_refusal_stands_whatever_becomes_of_its_entry(
        self, desk: Desk
    ) -> None:
        desk.trail.break_down()

        assert desk.refuses(DELETE, "x").code == "PROTECTION_GROUP_NOT_FOUND"

    def test_reading_leaves_none(self, desk: Desk) -> None:
        desk.asks("list_protection_groups")

        assert desk.audit == []
        assert desk.trail.entries == []
