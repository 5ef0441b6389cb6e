"""Recovery plans: what may be one, what is in its way, what it becomes."""

from typing import Any

import pytest

from shared.domain.errors import DatabaseError, DrError, Unavailable
from shared.domain.items import lock_key
from shared.domain.plan import plan_from_item
from shared.domain.status import Status
from tests.data_management_handler.desk import (
    OTHER_REGION,
    REGION,
    TARGET,
    Desk,
)
from tests.support.fake_drs import server_id

CREATE = "create_recovery_plan"
UPDATE = "update_recovery_plan"
DELETE = "delete_recovery_plan"
DB = {"protectionGroupId": "id-db"}


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.has_servers("db", 2)
    desk.has_servers("web", 1)
    desk.has_group("db")
    desk.has_group("web")
    return desk


def wanted(*waves: Any, **more: Any) -> dict[str, Any]:
    """Return the body of a plan of these waves."""
    return {"name": "Nightly", "waves": list(waves or (DB,)), **more}


class TestCreate:
    def test_a_plan_is_stored_as_the_contract_says(self, desk: Desk) -> None:
        reply = desk.asks(
            CREATE,
            **wanted(
                {**DB, "colour": "red", "pauseBeforeWave": True},
                {
                    "protectionGroupIds": ["id-web"],
                    "waveName": "Front",
                    "dependsOnWaves": [0],
                    "onFailure": "continue",
                    "maxWaitSeconds": 60,
                    "failureToleranceCount": 2,
                },
                rpo="1 h",
                rto=" 4 h ",
            ),
        )

        stored = desk.plans.items[reply["planId"]]
        assert stored == {
            "planId": reply["planId"],
            "planName": "Nightly",
            "description": "",
            "rpo": "1 h",
            "rto": "4 h",
            "waves": [
                {
                    "waveNumber": 0,
                    "waveName": "Wave 1",
                    "waveDescription": "",
                    "protectionGroupId": "id-db",
                    "protectionGroupIds": ["id-db"],
                    "serverIds": [],
                    "pauseBeforeWave": True,
                    "dependsOnWaves": [],
                    "onFailure": "stop",
                },
                {
                    "waveNumber": 1,
                    "waveName": "Front",
                    "waveDescription": "",
                    "protectionGroupId": "id-web",
                    "protectionGroupIds": ["id-web"],
                    "serverIds": [],
                    "pauseBeforeWave": False,
                    "dependsOnWaves": [0],
                    "onFailure": "continue",
                    "maxWaitSeconds": 60,
                    "failureToleranceCount": 2,
                },
            ],
            "createdDate": desk.clock.now(),
            "lastModifiedDate": desk.clock.now(),
            "version": 1,
        }
        assert reply["name"] == "Nightly"
        assert reply["waveCount"] == 2
        assert reply["warnings"] == []

    def test_what_is_stored_can_be_run(self, desk: Desk) -> None:
        reply = desk.asks(CREATE, **wanted(DB, {**DB, "serverIds": ["s-1"]}))

        plan = plan_from_item(desk.plans.items[reply["planId"]])

        assert [wave.group_ids for wave in plan.waves] == [("id-db",)] * 2
        assert plan.waves[1].server_ids == ("s-1",)

    def test_a_plan_may_be_named_as_it_is_stored(self, desk: Desk) -> None:
        reply = desk.asks(CREATE, planName="Nightly", waves=[DB])

        assert reply["planName"] == "Nightly"

    def test_a_retrys_own_choice_of_servers_is_not_stored(
        self, desk: Desk
    ) -> None:
        reply = desk.asks(CREATE, **wanted({**DB, "onlyServerIds": ["s-1"]}))

        assert "onlyServerIds" not in reply["waves"][0]

    def test_dependencies_may_point_forward(self, desk: Desk) -> None:
        reply = desk.asks(CREATE, **wanted({**DB, "dependsOnWaves": [1]}, DB))

        assert reply["waves"][0]["dependsOnWaves"] == [1]

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"name": None}, "MISSING_FIELD"),
            ({"name": " "}, "INVALID_NAME"),
            ({"name": "x" * 65}, "INVALID_NAME"),
            ({"name": ["x"]}, "INVALID_TYPE"),
            ({"waves": None}, "MISSING_FIELD"),
            ({"waves": {}}, "INVALID_TYPE"),
            ({"waves": []}, "INVALID_WAVE_DATA"),
            ({"waves": [7]}, "INVALID_WAVE_DATA"),
            ({"waves": [{}]}, "INVALID_WAVE_DATA"),
            ({"waves": [DB] * 201}, "PLAN_TOO_LARGE"),
            ({"description": 1}, "INVALID_TYPE"),
        ],
    )
    def test_a_plan_that_cannot_be_meant_is_refused(
        self, desk: Desk, change: dict[str, Any], code: str
    ) -> None:
        assert desk.refuses(CREATE, **wanted(**change)).code == code

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"pauseBeforeWave": "yes"}, "INVALID_WAVE_DATA"),
            ({"failureToleranceCount": -1}, "INVALID_WAVE_DATA"),
            ({"failureTolerancePercentage": 101}, "INVALID_WAVE_DATA"),
            (
                {
                    "failureToleranceCount": 1,
                    "failureTolerancePercentage": 1,
                },
                "INVALID_WAVE_DATA",
            ),
            ({"onFailure": "explode"}, "INVALID_WAVE_DATA"),
            ({"maxWaitSeconds": 59}, "INVALID_WAVE_DATA"),
            ({"maxWaitSeconds": 31_536_001}, "INVALID_WAVE_DATA"),
            ({"maxWaitSeconds": True}, "INVALID_WAVE_DATA"),
            ({"dependsOnWaves": [5]}, "INVALID_WAVE_DATA"),
            ({"dependsOnWaves": [-1]}, "INVALID_WAVE_DATA"),
            ({"dependsOnWaves": [1, 1]}, "INVALID_WAVE_DATA"),
            ({"dependsOnWaves": ["1"]}, "INVALID_WAVE_DATA"),
            ({"dependsOnWaves": [0]}, "CIRCULAR_DEPENDENCY"),
            ({"dependsOnWaves": [1]}, "CIRCULAR_DEPENDENCY"),
            ({"waveName": "x" * 257}, "INVALID_WAVE_DATA"),
            ({"waveName": 3}, "INVALID_WAVE_DATA"),
            ({"protectionGroupId": "nowhere"}, "INVALID_WAVE_DATA"),
            ({"protectionGroupIds": "id-db"}, "INVALID_WAVE_DATA"),
        ],
    )
    def test_a_wave_that_cannot_be_meant_is_refused(
        self, desk: Desk, change: dict[str, Any], code: str
    ) -> None:
        error = desk.refuses(
            CREATE, **wanted({**DB, **change}, {**DB, "dependsOnWaves": [0]})
        )

        assert error.code == code

    def test_the_path_of_a_bad_value_is_named(self, desk: Desk) -> None:
        error = desk.refuses(CREATE, **wanted(DB, {**DB, "waveName": 3}))

        assert error.details["field"] == "waves[1]"
        assert "$.waveName" in error.message

    def test_a_wave_has_one_region(self, desk: Desk) -> None:
        desk.has_group("far", region=OTHER_REGION)

        error = desk.refuses(
            CREATE, **wanted({"protectionGroupIds": ["id-db", "id-far"]})
        )

        assert error.code == "INVALID_WAVE_DATA"
        assert OTHER_REGION in error.message

    def test_a_plan_may_have_several_regions(self, desk: Desk) -> None:
        desk.has_group("far", region=OTHER_REGION)

        reply = desk.asks(
            CREATE, **wanted(DB, {"protectionGroupId": "id-far"})
        )

        assert [w["type"] for w in reply["warnings"]] == [
            "NO_SERVERS_MATCH_NOW"
        ]

    def test_a_plan_has_one_account(self, desk: Desk) -> None:
        desk.has_account()
        desk.has_group("other", accountId=TARGET)

        error = desk.refuses(
            CREATE, **wanted(DB, {"protectionGroupId": "id-other"})
        )

        assert error.code == "MULTI_ACCOUNT_PLAN"

    def test_servers_of_a_wave_are_those_of_its_explicit_groups(
        self, desk: Desk
    ) -> None:
        ids = desk.has_servers("app", 2)
        desk.has_group("app", serverSelectionTags={}, sourceServerIds=ids)
        wave = {"protectionGroupId": "id-app", "serverIds": ids[:1]}

        reply = desk.asks(CREATE, **wanted(wave))
        error = desk.refuses(
            CREATE,
            **wanted({**wave, "serverIds": ["s-x"]}, name="Another"),
        )

        assert reply["waves"][0]["serverIds"] == ids[:1]
        assert error.code == "INVALID_WAVE_DATA"

    def test_a_wave_of_more_than_4000_servers_is_refused(
        self, desk: Desk
    ) -> None:
        for number in range(2):
            ids = [server_id(number * 3_000 + n) for n in range(3_000)]
            desk.has_group(
                f"many-{number}", serverSelectionTags={}, sourceServerIds=ids
            )
        both = [f"id-many-{number}" for number in range(2)]

        error = desk.refuses(CREATE, **wanted({"protectionGroupIds": both}))

        assert error.code == "QUOTA_EXCEEDED"
        assert error.details["quotaType"] == "servers_per_wave"
        assert error.details["totalServers"] == 6_000
        assert error.details["waveBreakdown"][0]["serverCount"] == 6_000

    def test_waves_one_after_another_are_not_added_up(
        self, desk: Desk
    ) -> None:
        for number in range(2):
            ids = [server_id(number * 3_000 + n) for n in range(3_000)]
            desk.has_group(
                f"many-{number}", serverSelectionTags={}, sourceServerIds=ids
            )
        waves = [
            {"protectionGroupId": f"id-many-{number}"} for number in range(2)
        ]

        reply = desk.asks(CREATE, **wanted(*waves))

        assert [w["type"] for w in reply["warnings"]] == [
            "WAVE_WILL_BE_SPLIT"
        ] * 2

    def test_a_plan_that_no_item_can_hold_is_refused(self, desk: Desk) -> None:
        ids = [f"{n:0>250}" for n in range(1_300)]

        error = desk.refuses(CREATE, **wanted({**DB, "serverIds": ids}))

        assert error.code == "PLAN_TOO_LARGE"

    def test_a_name_belongs_to_one_plan_however_it_is_spelled(
        self, desk: Desk
    ) -> None:
        desk.has_plan("nightly", DB)

        error = desk.refuses(CREATE, **wanted(name=" NIGHTLY"))

        assert error.code == "RP_NAME_EXISTS"

    def test_of_two_that_take_a_name_at_once_one_wins(
        self, desk: Desk
    ) -> None:
        desk.plans.meanwhile(lambda: desk.has_plan("nightly", DB))

        with pytest.raises(DrError) as caught:
            desk.asks(CREATE, **wanted())

        assert caught.value.code == "RP_NAME_EXISTS"
        assert list(desk.plans.items) == ["id-nightly"]

    def test_a_group_that_goes_meanwhile_refuses_the_plan(
        self, desk: Desk
    ) -> None:
        desk.plans.meanwhile(lambda: desk.groups.items.pop("id-db"))

        with pytest.raises(DrError) as caught:
            desk.asks(CREATE, **wanted())

        assert caught.value.code == "INVALID_WAVE_DATA"
        assert desk.plans.items == {}

    @pytest.mark.parametrize(
        "operation", ["DescribeSourceServers", "DescribeJobs"]
    )
    def test_a_check_that_cannot_be_made_refuses(
        self, desk: Desk, operation: str
    ) -> None:
        desk.drs.refuses(operation, "ThrottlingException")

        assert isinstance(desk.refuses(CREATE, **wanted()), Unavailable)


class TestWarnings:
    def test_servers_that_are_busy_are_told_and_allowed(
        self, desk: Desk
    ) -> None:
        other = desk.has_plan("other", DB, {})
        desk.has_execution(
            other, moving=[server_id(1)], to_come=[server_id(3)]
        )
        job = desk.drs.foreign_job(["s-2"], REGION)

        reply = desk.asks(
            CREATE, **wanted(DB, {"protectionGroupId": "id-web"})
        )

        (warning,) = reply["warnings"]
        assert warning["type"] == "SERVER_CONFLICTS_DETECTED"
        assert warning["canExecuteNow"] is False
        conflicts = warning["conflicts"]
        assert [
            (row["serverId"], row["waveName"])
            for row in conflicts["execution_conflicts"]
        ] == [(server_id(1), "Wave 1"), (server_id(3), "Wave 2")]
        assert [
            (row["serverId"], row["conflictingJobId"])
            for row in conflicts["drs_job_conflicts"]
        ] == [(server_id(2), job)]

    def test_a_full_job_quota_is_told(self, desk: Desk) -> None:
        desk.has_servers("else", 1)
        desk.drs.has_quotas(concurrent_jobs=1)
        desk.drs.foreign_job(["s-4"], REGION)

        (warning,) = desk.asks(CREATE, **wanted())["warnings"]

        (row,) = warning["conflicts"]["quota_violations"]
        assert warning["type"] == "CONCURRENT_JOBS_AT_LIMIT"
        assert (row["currentJobs"], row["maxJobs"]) == (1, 1)

    def test_a_wave_of_more_than_a_job_takes_is_told_to_be_split(
        self, desk: Desk
    ) -> None:
        desk.has_servers("many", 201)
        desk.has_group("many")

        reply = desk.asks(CREATE, **wanted({"protectionGroupId": "id-many"}))

        (warning,) = reply["warnings"]
        assert warning["type"] == "WAVE_WILL_BE_SPLIT"
        assert "3 jobs" in warning["message"]

    def test_warnings_are_not_stored(self, desk: Desk) -> None:
        desk.has_group("none")

        reply = desk.asks(CREATE, **wanted({"protectionGroupId": "id-none"}))

        assert reply["warnings"]
        assert "warnings" not in desk.plans.items[reply["planId"]]


class TestUpdate:
    def test_a_change_raises_the_version_and_keeps_the_rest(
        self, desk: Desk
    ) -> None:
        before = desk.has_plan("nightly", DB)

        reply = desk.asks(UPDATE, "id-nightly", rpo="2 h", version=1)

        assert desk.plans.items["id-nightly"] == {
            **before,
            "rpo": "2 h",
            "lastModifiedDate": desk.clock.now(),
            "version": 2,
        }
        assert reply["version"] == 2

    def test_waves_are_replaced_as_they_are_sent(self, desk: Desk) -> None:
        desk.has_plan("nightly", DB, {**DB, "dependsOnWaves": [0]})

        reply = desk.asks(
            UPDATE, "id-nightly", waves=[{"protectionGroupId": "id-web"}]
        )

        assert [w["protectionGroupId"] for w in reply["waves"]] == ["id-web"]

    def test_a_stale_version_is_refused(self, desk: Desk) -> None:
        desk.has_plan("nightly", DB)

        error = desk.refuses(UPDATE, "id-nightly", rpo="1", version=7)

        assert error.code == "VERSION_CONFLICT"
        assert error.details == {
            "expectedVersion": 7,
            "currentVersion": 1,
            "resourceId": "id-nightly",
        }

    def test_a_change_of_somebody_elses_meanwhile_wins(
        self, desk: Desk
    ) -> None:
        plan = desk.has_plan("nightly", DB)
        desk.plans.meanwhile(lambda: desk.plans.has({**plan, "version": 2}))

        with pytest.raises(DrError) as caught:
            desk.asks(UPDATE, "id-nightly", rpo="1")

        assert caught.value.code == "VERSION_CONFLICT"

    def test_a_bad_wave_is_refused_as_when_it_is_created(
        self, desk: Desk
    ) -> None:
        desk.has_plan("nightly", DB)

        assert desk.refuses(UPDATE, "id-nightly", waves=[{}]).code == (
            "INVALID_WAVE_DATA"
        )

    def test_anothers_name_is_refused(self, desk: Desk) -> None:
        desk.has_plan("nightly", DB)
        desk.has_plan("weekly", DB)

        error = desk.refuses(UPDATE, "id-nightly", name="Weekly")

        assert error.code == "RP_NAME_EXISTS"

    @pytest.mark.parametrize("operation", [UPDATE, DELETE])
    @pytest.mark.parametrize(
        "status", [Status.PENDING, Status.PAUSED, Status.CANCELLING]
    )
    def test_a_plan_that_is_executed_is_left_alone(
        self, desk: Desk, operation: str, status: Status
    ) -> None:
        plan = desk.has_plan("nightly", DB)
        desk.has_execution(plan, status=status)

        error = desk.refuses(operation, "id-nightly", rpo="1")

        assert error.code == "PLAN_HAS_ACTIVE_EXECUTION"
        assert error.details == {
            "activeExecutions": ["exec-1"],
            "planId": "id-nightly",
        }

    @pytest.mark.parametrize("operation", [UPDATE, DELETE])
    def test_a_plan_that_is_about_to_be_executed_is_left_alone(
        self, desk: Desk, operation: str
    ) -> None:
        desk.has_plan("nightly", DB)
        key = lock_key("id-nightly")
        desk.executions.items[key] = {
            "executionId": key[0],
            "planId": key[1],
            "status": "LOCK",
            "lockExpiry": desk.clock.now() + 1,
        }

        error = desk.refuses(operation, "id-nightly", rpo="1")

        assert error.code == "PLAN_HAS_ACTIVE_EXECUTION"

    def test_an_execution_that_has_ended_is_no_obstacle(
        self, desk: Desk
    ) -> None:
        plan = desk.has_plan("nightly", DB)
        desk.has_execution(plan, status=Status.COMPLETED)

        assert desk.asks(UPDATE, "id-nightly", rpo="1")["version"] == 2


class TestDelete:
    def test_a_plan_goes_with_its_guard(self, desk: Desk) -> None:
        desk.has_plan("nightly", DB)

        reply = desk.asks(DELETE, "id-nightly")

        assert reply["planId"] == "id-nightly"
        assert desk.plans.items == {}
        assert desk.asks(CREATE, **wanted())["version"] == 1

    def test_a_table_that_fails_is_told_as_such(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.has_plan("nightly", DB)

        def broken(*_: object) -> None:
            raise DatabaseError("no table")

        monkeypatch.setattr(desk.plans, "delete", broken)

        error = desk.refuses(DELETE, "id-nightly")

        assert (error.code, error.status) == ("DELETE_FAILED", 500)

    def test_a_missing_plan_cannot_be_deleted(self, desk: Desk) -> None:
        assert desk.refuses(DELETE, "x").code == "RECOVERY_PLAN_NOT_FOUND"


class TestRead:
    def test_a_plan_reads_back_with_its_size(self, desk: Desk) -> None:
        plan = desk.has_plan("nightly", DB, DB)

        assert desk.asks("get_recovery_plan", "id-nightly") == {
            **plan,
            "name": "nightly",
            "waveCount": 2,
        }

    def test_an_id_is_needed(self, desk: Desk) -> None:
        assert desk.refuses("get_recovery_plan").code == "MISSING_FIELD"
