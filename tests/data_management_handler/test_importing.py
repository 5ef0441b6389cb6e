"""Import and export of the configuration, over the fakes."""

from typing import Any

import pytest

from data_management_handler.configuration import (
    _get_active_execution_servers,
    _get_existing_protection_groups,
    _get_existing_recovery_plans,
    import_configuration,
)
from shared.domain.errors import CheckUnavailable, DatabaseError
from tests.data_management_handler.desk import REGION, Desk

VERSION = {"metadata": {"schemaVersion": "1.1"}}
GROUP = {
    "groupName": "Databases",
    "region": REGION,
    "serverSelectionTags": {"tier": "db"},
}
PLAN: dict[str, Any] = {
    "planName": "Nightly",
    "waves": [{"protectionGroupName": "databases"}],
}


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.has_servers("db", 2)
    return desk


def document(*groups: Any, plans: Any = ()) -> dict[str, Any]:
    return {
        **VERSION,
        "protectionGroups": list(groups),
        "recoveryPlans": list(plans),
    }


def imported(desk: Desk, *groups: Any, plans: Any = (), **more: Any) -> Any:
    return import_configuration(
        document(*groups, plans=plans), ports=desk.ports(), **more
    )


def reasons(result: Any) -> list[tuple[str, str, str | None]]:
    return [
        (row["name"], row["status"], row["reason"])
        for status in ("created", "skipped", "failed")
        for row in result[status]
    ]


class TestImport:
    def test_groups_come_first_and_plans_find_them_by_name(
        self, desk: Desk
    ) -> None:
        result = imported(desk, GROUP, plans=[PLAN])

        assert result["success"] is True
        assert reasons(result) == [
            ("Databases", "created", None),
            ("Nightly", "created", None),
        ]
        [group], [plan] = desk.groups.all(), desk.plans.all()
        assert plan["waves"][0]["protectionGroupIds"] == [group["groupId"]]
        assert (result["importedPGs"], result["importedRPs"]) == (1, 1)
        assert result["errors"] == []

    def test_a_second_import_skips_all_of_it(self, desk: Desk) -> None:
        imported(desk, GROUP, plans=[PLAN])
        before = desk.everything

        again = imported(desk, GROUP, plans=[PLAN])

        assert reasons(again) == [
            ("Databases", "skipped", "ALREADY_EXISTS"),
            ("Nightly", "skipped", "ALREADY_EXISTS"),
        ]
        assert again["success"] is True
        assert desk.everything == before

    def test_a_dry_run_says_the_same_and_writes_nothing(
        self, desk: Desk
    ) -> None:
        bad = {**GROUP, "groupName": "Nothing", "serverSelectionTags": {}}
        before = desk.everything

        dry = imported(desk, GROUP, bad, plans=[PLAN], dry_run=True)
        after_dry = desk.everything
        real = imported(desk, GROUP, bad, plans=[PLAN])

        assert after_dry == before
        assert dry["dryRun"] is True
        for status in ("created", "skipped", "failed"):
            assert dry[status] == real[status]

    def test_an_import_is_written_with_an_entry_for_each_object(
        self, desk: Desk
    ) -> None:
        reply = desk.asks(
            "import_configuration", config=document(GROUP, plans=[PLAN])
        )

        assert [entry["resourceType"] for entry in desk.audit] == [
            "protection_group",
            "recovery_plan",
        ]
        [whole] = desk.trail.entries
        assert whole.resource_type == "config"
        assert whole.resource_id == reply["correlationId"]
        assert whole.changes["success"]["new"] is True

    def test_the_bare_document_may_be_the_body(self, desk: Desk) -> None:
        reply = desk.asks(
            "import_configuration", dryRun=True, **document(GROUP)
        )

        assert reply["dryRun"] is True
        assert reply["importedPGs"] == 1
        assert desk.groups.items == {}


class TestReasons:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"serverSelectionTags": {}}, "NO_SELECTION_METHOD"),
            ({"serverSelectionTags": {"": "x"}}, "TAG_RESOLUTION_ERROR"),
            (
                {
                    "serverSelectionTags": {},
                    "sourceServerIds": ["s-00000000000000000"],
                },
                "SERVER_NOT_FOUND",
            ),
            ({"region": "mars-1"}, "CREATE_ERROR"),
            ({"groupName": 7}, "CREATE_ERROR"),
            ({"accountId": "999999999999"}, "CREATE_ERROR"),
        ],
    )
    def test_a_group_is_refused_for_what_its_creation_would_be(
        self, desk: Desk, change: dict[str, Any], reason: str
    ) -> None:
        result = imported(desk, {**GROUP, **change}, plans=[])

        [row] = result["failed"]
        assert row["reason"] == reason
        assert row["details"]["message"]
        assert result["success"] is False
        assert len(result["errors"]) == 1

    def test_replication_that_is_broken_is_told(self, desk: Desk) -> None:
        [stalled] = desk.has_servers("web", replicationState="STALLED")
        group = {**GROUP, "serverSelectionTags": {"tier": "web"}}

        [row] = imported(desk, group)["failed"]

        assert row["reason"] == "DRS_VALIDATION_ERROR"
        assert row["details"]["invalidServers"][0]["serverId"] == stalled

    @pytest.mark.parametrize(
        ("selection", "reason"),
        [
            ({"serverSelectionTags": {"tier": "db"}}, "TAG_RESOLUTION_ERROR"),
            (
                {
                    "serverSelectionTags": {},
                    "sourceServerIds": ["s-00000000000000000"],
                },
                "DRS_VALIDATION_ERROR",
            ),
        ],
    )
    def test_what_drs_does_not_answer_is_refused(
        self, desk: Desk, selection: dict[str, Any], reason: str
    ) -> None:
        desk.drs.refuses("DescribeSourceServers", "ThrottlingException")

        [row] = imported(desk, {**GROUP, **selection})["failed"]

        assert row["reason"] == reason

    def test_a_region_without_drs_is_told(self, desk: Desk) -> None:
        desk.drs.is_not_initialised(REGION)

        [row] = imported(desk, GROUP)["failed"]

        assert row["reason"] == "DRS_NOT_INITIALIZED"

    def test_a_group_without_servers_now_is_created_and_said_so(
        self, desk: Desk
    ) -> None:
        group = {**GROUP, "serverSelectionTags": {"tier": "none"}}

        [row] = imported(desk, group)["created"]

        assert row["reason"] == "NO_TAG_MATCHES"

    def test_servers_of_another_group_are_told(self, desk: Desk) -> None:
        desk.has_group("db")
        other = {**GROUP, "serverSelectionTags": {"Name": "db-0"}}

        [exact] = imported(desk, GROUP)["failed"]
        [overlap] = imported(desk, other)["failed"]

        assert exact["reason"] == overlap["reason"] == "SERVER_CONFLICT"

    def test_groups_of_the_document_conflict_with_each_other(
        self, desk: Desk
    ) -> None:
        twin = {**GROUP, "groupName": "Twin"}
        same = {**GROUP, "groupName": " DATABASES "}

        result = imported(desk, GROUP, twin, same)

        assert reasons(result) == [
            ("Databases", "created", None),
            ("DATABASES", "skipped", "ALREADY_EXISTS"),
            ("Twin", "failed", "SERVER_CONFLICT"),
        ]

    @pytest.mark.parametrize(
        ("how", "reason"),
        [
            ("execution", "ACTIVE_EXECUTION_CONFLICT"),
            ("job", "SERVER_CONFLICT"),
        ],
    )
    def test_busy_servers_are_told(
        self, desk: Desk, how: str, reason: str
    ) -> None:
        [busy] = desk.has_servers("web")
        if how == "job":
            desk.drs.foreign_job([busy], REGION)
        else:
            plan = desk.has_plan("other", {}, {})
            desk.has_execution(plan, moving=[busy])
        group = {**GROUP, "serverSelectionTags": {"tier": "web"}}

        [row] = imported(desk, group)["failed"]

        assert row["reason"] == reason

    def test_a_plan_falls_with_its_group_and_without_one(
        self, desk: Desk
    ) -> None:
        bad = {**GROUP, "serverSelectionTags": {}}
        lone = {
            "planName": "Lone",
            "waves": [{"protectionGroupNames": ["Nobody"]}],
        }

        result = imported(desk, bad, plans=[PLAN, lone])

        assert reasons(result) == [
            ("Databases", "failed", "NO_SELECTION_METHOD"),
            ("Nightly", "failed", "CASCADE_FAILURE"),
            ("Lone", "failed", "MISSING_PROTECTION_GROUP"),
        ]
        assert result["failed"][2]["details"]["missingGroups"] == ["Nobody"]

    @pytest.mark.parametrize(
        "change",
        [
            {"waves": []},
            {"waves": "x"},
            {"waves": [7]},
            {"planName": None},
            {"waves": [{"protectionGroupName": 7}]},
            {"waves": [{**PLAN["waves"][0], "dependsOnWaves": [0]}]},
        ],
    )
    def test_a_plan_is_refused_for_what_its_creation_would_be(
        self, desk: Desk, change: dict[str, Any]
    ) -> None:
        result = imported(desk, GROUP, plans=[{**PLAN, **change}])

        assert [row["reason"] for row in result["failed"]] == ["CREATE_ERROR"]
        assert result["importedPGs"] == 1


class TestTrouble:
    def test_nothing_is_written_where_the_time_does_not_suffice(
        self, desk: Desk
    ) -> None:
        with pytest.raises(CheckUnavailable):
            import_configuration(document(GROUP), ports=desk.ports(3))

        assert desk.groups.items == {}

    def test_somebody_who_was_faster_is_no_failure(self, desk: Desk) -> None:
        desk.groups.meanwhile(
            lambda: desk.has_group("x", groupName="databases")
        )

        result = imported(desk, GROUP)

        assert reasons(result) == [("Databases", "skipped", "ALREADY_EXISTS")]

    def test_a_table_that_fails_stops_the_import_and_is_told(
        self, desk: Desk
    ) -> None:
        def fails() -> None:
            raise DatabaseError("no table")

        desk.groups.meanwhile(fails)
        other = {**GROUP, "groupName": "B", "serverSelectionTags": {"a": "b"}}

        result = imported(desk, GROUP, other, plans=[PLAN])

        assert [row["reason"] for row in result["failed"]] == [
            "CREATE_ERROR",
            "CREATE_ERROR",
            "CREATE_ERROR",
        ]
        assert desk.groups.items == desk.plans.items == {}

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({}, "MISSING_BODY"),
            ({"config": {}}, "MISSING_SCHEMA_VERSION"),
            ({"config": 7}, "INVALID_TYPE"),
            ({"protectionGroups": []}, "MISSING_SCHEMA_VERSION"),
            (
                {"config": {"metadata": {"schemaVersion": "0.9"}}},
                "UNSUPPORTED_SCHEMA_VERSION",
            ),
            ({"config": VERSION, "dryRun": "yes"}, "INVALID_TYPE"),
        ],
    )
    def test_what_is_no_document_is_refused(
        self, desk: Desk, body: dict[str, Any], code: str
    ) -> None:
        assert desk.refuses("import_configuration", **body).code == code

    def test_each_region_is_asked_once_however_many_groups_there_are(
        self, desk: Desk
    ) -> None:
        def calls(count: int) -> int:
            before = len(desk.drs.calls_of("DescribeSourceServers"))
            many = [
                {
                    **GROUP,
                    "groupName": f"{count}-{number}",
                    "serverSelectionTags": {f"k{number}": "v"},
                }
                for number in range(count)
            ]
            imported(desk, *many, dry_run=True)
            return len(desk.drs.calls_of("DescribeSourceServers")) - before

        assert calls(2) == calls(40)


class TestExport:
    def test_the_document_is_of_all_that_is_stored(self, desk: Desk) -> None:
        group = desk.has_group("db")
        desk.has_plan("nightly", {"protectionGroupId": group["groupId"]})

        reply = desk.asks("export_configuration")

        assert reply["metadata"]["exportedBy"] == "ann@example.com"
        assert reply["metadata"]["sourceRegion"] == REGION
        [plan] = reply["recoveryPlans"]
        assert plan["waves"][0]["protectionGroupNames"] == ["db"]

    def test_what_exists_is_read_by_functions_of_its_own(
        self, desk: Desk
    ) -> None:
        desk.has_group("db")
        plan = desk.has_plan("nightly", {}, {})
        desk.has_execution(plan, moving=["s-1"], to_come=["s-2"])
        ports = desk.ports()

        groups = _get_existing_protection_groups(ports=ports)
        plans = _get_existing_recovery_plans(ports=ports)

        assert [one["groupName"] for one in groups] == ["db"]
        assert [one["planName"] for one in plans] == ["nightly"]
        assert _get_active_execution_servers(ports=ports) == {"s-1", "s-2"}
