"""What is wrong with a document, told before it is imported."""

from typing import Any

import pytest

from tests.data_management_handler.desk import REGION, Desk

VALIDATE = "validate_manifest"
VERSION = {"metadata": {"schemaVersion": "1.1"}}
GROUP = {
    "groupName": "Databases",
    "region": REGION,
    "serverSelectionTags": {"tier": "db"},
}
WAVE = {"protectionGroupName": "databases"}
PLAN = {"planName": "Nightly", "waves": [WAVE]}
UNKNOWN = "s-00000000000000000"


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.has_servers("db", 2)
    return desk


def found(desk: Desk, *groups: Any, plans: Any = (), **more: Any) -> Any:
    document = {
        **VERSION,
        "protectionGroups": list(groups),
        "recoveryPlans": list(plans),
        **more,
    }
    before = desk.everything
    reply = desk.asks(VALIDATE, manifest=document)
    assert desk.everything == before
    assert desk.trail.entries == []
    return reply


def said(reply: Any, which: str = "errors") -> list[tuple[str, str]]:
    return [(one["path"], one["code"]) for one in reply[which]]


def test_a_document_without_fault_is_valid(desk: Desk) -> None:
    reply = found(desk, GROUP, plans=[PLAN])

    assert reply == {
        "valid": True,
        "errors": [],
        "warnings": [],
        "summary": {
            "protectionGroups": 1,
            "recoveryPlans": 1,
            "waves": 1,
            "servers": 0,
        },
    }


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        (None, "MISSING_SCHEMA_VERSION"),
        ({"schemaVersion": "3"}, "UNSUPPORTED_SCHEMA_VERSION"),
    ],
)
def test_the_version_is_told(desk: Desk, metadata: Any, code: str) -> None:
    reply = found(desk, metadata=metadata)

    assert said(reply) == [("metadata.schemaVersion", code)]
    assert reply["valid"] is False


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"groupName": " "}, ".groupName", "MISSING_REQUIRED_FIELD"),
        ({"region": None}, ".region", "MISSING_REQUIRED_FIELD"),
        ({"serverSelectionTags": {}}, "", "NO_SELECTION_METHOD"),
        (
            {"servers": [{"launchTemplate": {}}]},
            ".servers[0].sourceServerId",
            "MISSING_SERVER_IDENTIFICATION",
        ),
        (
            {"serverSelectionTags": {}, "sourceServerIds": [UNKNOWN]},
            ".sourceServerIds",
            "SERVER_NOT_FOUND",
        ),
    ],
)
def test_faults_of_a_group_are_told_with_their_path(
    desk: Desk, change: dict[str, Any], path: str, code: str
) -> None:
    reply = found(desk, {**GROUP, **change})

    assert said(reply) == [(f"protectionGroups[0]{path}", code)]


@pytest.mark.parametrize(
    ("plan", "path", "code"),
    [
        ({"waves": []}, ".waves", "EMPTY_WAVES"),
        ({"waves": None}, ".waves", "EMPTY_WAVES"),
        ({"planName": 7}, ".planName", "MISSING_REQUIRED_FIELD"),
        (
            {"waves": [{}]},
            ".waves[0].protectionGroupNames",
            "MISSING_REQUIRED_FIELD",
        ),
        (
            {"waves": [{"protectionGroupNames": ["Databases", "No"]}]},
            ".waves[0].protectionGroupNames",
            "PROTECTION_GROUP_NOT_FOUND",
        ),
        (
            {"waves": [{**WAVE, "dependsOnWaves": [0]}]},
            ".waves",
            "CIRCULAR_DEPENDENCY",
        ),
        (
            {
                "waves": [
                    {**WAVE, "dependsOnWaves": [1]},
                    {**WAVE, "dependsOnWaves": [0]},
                ]
            },
            ".waves",
            "CIRCULAR_DEPENDENCY",
        ),
        (
            {"waves": [{**WAVE, "dependsOnWaves": [3]}]},
            ".waves[0].dependsOnWaves",
            "INVALID_WAVE_DATA",
        ),
        (
            {"waves": [{**WAVE, "pauseBeforeWave": "often"}]},
            ".waves",
            "INVALID_WAVE_DATA",
        ),
    ],
)
def test_faults_of_a_plan_are_told_with_their_path(
    desk: Desk, plan: dict[str, Any], path: str, code: str
) -> None:
    reply = found(desk, GROUP, plans=[{**PLAN, **plan}])

    assert said(reply) == [(f"recoveryPlans[0]{path}", code)]


def test_a_group_that_is_stored_may_be_named(desk: Desk) -> None:
    desk.has_group("db", groupName="Databases")

    reply = found(desk, plans=[PLAN])

    assert reply["valid"] is True


def test_one_address_is_asked_for_once_in_a_region(desk: Desk) -> None:
    config = {"launchConfig": {"staticPrivateIp": "10.0.0.9"}}
    entry = {
        "sourceServerId": "s-1",
        "launchTemplate": {"staticPrivateIp": "10.0.0.9"},
    }
    other = {
        **GROUP,
        "groupName": "Web",
        "serverSelectionTags": {"tier": "web"},
        "servers": [entry],
    }
    far = {**other, "groupName": "Far", "region": "eu-west-1"}

    reply = found(desk, {**GROUP, **config}, other, far)

    assert said(reply) == [
        (
            "protectionGroups[1].servers[0].launchTemplate.staticPrivateIp",
            "DUPLICATE_IP_IN_MANIFEST",
        )
    ]


def test_lists_and_entries_of_other_types_are_told(desk: Desk) -> None:
    reply = found(desk, 7, recoveryPlans={})

    assert said(reply) == [
        ("protectionGroups[0]", "INVALID_TYPE"),
        ("recoveryPlans", "INVALID_TYPE"),
    ]


def test_what_exists_is_warned_of(desk: Desk) -> None:
    desk.has_group("db", groupName="DATABASES")
    desk.has_plan("Nightly")

    reply = found(desk, GROUP, plans=[PLAN, PLAN])

    assert said(reply, "warnings") == [
        ("protectionGroups[0].groupName", "ALREADY_EXISTS"),
        ("recoveryPlans[0].planName", "ALREADY_EXISTS"),
        ("recoveryPlans[1].planName", "ALREADY_EXISTS"),
    ]
    assert reply["valid"] is True


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"accountId": "999999999999"}, "CREATE_ERROR"),
        ({"accountId": 7}, "CREATE_ERROR"),
    ],
)
def test_an_account_that_cannot_be_asked_is_no_valid_one(
    desk: Desk, change: dict[str, Any], code: str
) -> None:
    ids = {"serverSelectionTags": {}, "sourceServerIds": [UNKNOWN]}

    reply = found(desk, {**GROUP, **ids, **change})

    assert said(reply) == [("protectionGroups[0]", code)]


def test_a_region_that_does_not_answer_is_no_valid_one(desk: Desk) -> None:
    desk.drs.refuses("DescribeSourceServers", "ThrottlingException")
    ids = {"serverSelectionTags": {}, "sourceServerIds": [UNKNOWN]}

    reply = found(desk, {**GROUP, **ids})

    assert said(reply) == [("protectionGroups[0]", "DRS_VALIDATION_ERROR")]
