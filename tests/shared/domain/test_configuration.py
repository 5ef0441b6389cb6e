"""The configuration document: what is said of what is stored."""

from typing import Any

import pytest

from shared.domain import configuration
from shared.domain.errors import BadRequest

NOON = 1_767_268_800
GROUP = {
    "groupId": "g-1",
    "groupName": "Databases",
    "description": "All of them",
    "region": "eu-west-1",
    "accountId": "444455556666",
    "assumeRoleName": "DRSOrchestrationRole",
    "owner": "ann",
    "serverSelectionTags": {},
    "sourceServerIds": ["s-1", "s-2"],
    "launchConfig": {"copyTags": True},
    "servers": [{"sourceServerId": "s-2", "launchTemplate": {}}],
    "createdDate": 1,
    "lastModifiedDate": 2,
    "version": 3,
}
PLAN = {
    "planId": "p-1",
    "planName": "Nightly",
    "rpo": "1 h",
    "waves": [
        {
            "waveNumber": 0,
            "waveName": "First",
            "protectionGroupId": "g-1",
            "protectionGroupIds": ["g-1", "gone"],
            "maxWaitSeconds": 90,
        }
    ],
    "createdDate": 1,
    "version": 3,
}


def exported(*groups: Any, plans: Any = ()) -> Any:
    return configuration.exported(
        groups, plans, now=NOON, region="us-east-1", user="ann"
    )


def test_a_document_says_names_and_no_ids_versions_or_dates() -> None:
    document = exported(GROUP, plans=[PLAN])

    [group] = document["protectionGroups"]
    [plan] = document["recoveryPlans"]
    assert group == {
        name: value
        for name, value in GROUP.items()
        if name
        not in ("groupId", "createdDate", "lastModifiedDate", "version")
    }
    assert plan == {
        "planName": "Nightly",
        "description": "",
        "rpo": "1 h",
        "rto": "",
        "waves": [
            {
                "waveNumber": 0,
                "waveName": "First",
                "protectionGroupName": "Databases",
                "protectionGroupNames": ["Databases", "gone"],
                "maxWaitSeconds": 90,
            }
        ],
    }


def test_the_metadata_count_what_there_is_and_what_is_missing() -> None:
    tagged = {**GROUP, "groupId": "g-2", "sourceServerIds": []}

    metadata = exported(GROUP, tagged, plans=[PLAN])["metadata"]

    assert metadata == {
        "schemaVersion": "1.1",
        "exportedAt": "2026-01-01T12:00:00Z",
        "sourceRegion": "us-east-1",
        "exportedBy": "ann",
        "protectionGroupCount": 2,
        "recoveryPlanCount": 1,
        "serverCount": 2,
        "orphanedReferences": 1,
    }


def test_a_group_of_an_older_writer_is_exported_whole() -> None:
    [group] = exported(
        {"groupId": "g", "groupName": "G", "criticality": "optional"}
    )["protectionGroups"]

    assert group == {
        "groupName": "G",
        "description": "",
        "region": "",
        "accountId": "",
        "assumeRoleName": "",
        "owner": "",
        "serverSelectionTags": {},
        "sourceServerIds": [],
        "launchConfig": {},
        "servers": [],
        "criticality": "optional",
    }


def test_waves_come_back_with_the_ids_of_their_groups() -> None:
    [plan] = exported(GROUP, plans=[PLAN])["recoveryPlans"]

    wave = configuration.with_ids(
        plan["waves"][0], "waves[0]", {"databases": "new-1", "gone": "new-2"}
    )

    assert wave == {
        "waveNumber": 0,
        "waveName": "First",
        "protectionGroupIds": ["new-1", "new-2"],
        "maxWaitSeconds": 90,
    }


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_both_versions_are_read(version: str) -> None:
    document = configuration.document_in(
        {"metadata": {"schemaVersion": version}, "recoveryPlans": [{}]}
    )

    assert document.groups == []
    assert document.plans == [{}]


@pytest.mark.parametrize(
    ("value", "code", "field"),
    [
        ({}, "MISSING_SCHEMA_VERSION", "metadata.schemaVersion"),
        ({"metadata": 7}, "MISSING_SCHEMA_VERSION", "metadata.schemaVersion"),
        (
            {"metadata": {"schemaVersion": "2.0"}},
            "UNSUPPORTED_SCHEMA_VERSION",
            "metadata.schemaVersion",
        ),
        (
            {"metadata": {"schemaVersion": ["1.1"]}},
            "UNSUPPORTED_SCHEMA_VERSION",
            "metadata.schemaVersion",
        ),
        (
            {"metadata": {"schemaVersion": "1.1"}, "protectionGroups": {}},
            "INVALID_TYPE",
            "protectionGroups",
        ),
        (
            {"metadata": {"schemaVersion": "1.1"}, "recoveryPlans": [{}, 7]},
            "INVALID_TYPE",
            "recoveryPlans[1]",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(
    value: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(BadRequest) as caught:
        configuration.document_in(value)

    assert caught.value.code == code
    assert caught.value.details["field"] == field


@pytest.mark.parametrize(
    ("wave", "field"),
    [
        ({"protectionGroupName": 7}, "waves[0].protectionGroupName"),
        ({"protectionGroupNames": "x"}, "waves[0].protectionGroupNames"),
        ({"protectionGroupNames": [7]}, "waves[0].protectionGroupNames"),
    ],
)
def test_groups_are_named_in_texts(wave: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequest) as caught:
        configuration.groups_of(wave, "waves[0]")

    assert caught.value.code == "INVALID_TYPE"
    assert caught.value.details["field"] == field
