"""The export of everything that is configured."""

import pytest

from shared.domain.rbac import Role
from tests.query_handler.desk import REGION, TARGET, Desk

EXPORT = "GET /config/export"


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    group = desk.has_group("db", accountId=TARGET)
    desk.plans.has(
        {
            "planId": "id-shop",
            "planName": "shop",
            "waves": [
                {
                    "waveNumber": 0,
                    "waveName": "Database",
                    "protectionGroupId": group["groupId"],
                }
            ],
            "version": 1,
        }
    )
    return desk


def test_groups_and_plans_are_exported_by_name(desk: Desk) -> None:
    body = desk.gets(EXPORT, role=Role.ADMIN)

    assert body["metadata"]["schemaVersion"] == "1.1"
    assert body["metadata"]["sourceRegion"] == REGION
    assert body["metadata"]["exportedBy"] == "ann@example.com"
    [group] = body["protectionGroups"]
    assert (group["groupName"], group["accountId"]) == ("db", TARGET)
    [wave] = body["recoveryPlans"][0]["waves"]
    assert wave["protectionGroupNames"] == ["db"]


def test_an_export_of_nothing_is_a_document_too() -> None:
    body = Desk().gets(EXPORT, role=Role.ADMIN)

    assert (body["protectionGroups"], body["recoveryPlans"]) == ([], [])


def test_a_direct_export_names_nobody(desk: Desk) -> None:
    direct = desk.asks("export_configuration")

    assert direct["metadata"]["exportedBy"] == "system:direct"
    assert direct["protectionGroups"]


def test_those_who_may_not_see_all_of_it_get_nothing(desk: Desk) -> None:
    body = desk.gets(EXPORT, status=403, role=Role.READ_ONLY)

    assert body["requiredPermissions"] == ["export_configuration"]
