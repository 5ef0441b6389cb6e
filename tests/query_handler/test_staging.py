"""Staging accounts: asked before they are added, found, and compared."""

from typing import Any

import pytest

from shared.domain.rbac import Role
from tests.query_handler.desk import (
    EMPTY_REGION,
    OTHER_REGION,
    REGION,
    STAGING,
    TARGET,
    UNKNOWN,
    Desk,
)
from tests.query_handler.test_capacity import extend, staged
from tests.support.fakes import FakeAccountNames

VALIDATE = "POST /staging-accounts/validate"
DISCOVER = "GET /accounts/targets/{id}/staging-accounts/discover"


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.has_servers("db", 2)
    desk.has_servers("db", 3, account=STAGING)
    desk.has_servers("db", account=STAGING, replicationState="STALLED")
    desk.has_servers("db", 2, account=STAGING, region=OTHER_REGION)
    return desk


def candidate(**more: Any) -> dict[str, Any]:
    return {
        "accountId": STAGING,
        "externalId": "given",
        "region": REGION,
        **more,
    }


def validated(desk: Desk, status: int = 200, **more: Any) -> Any:
    return desk.gets(
        VALIDATE, status=status, role=Role.ADMIN, body=candidate(**more)
    )


class TestACandidate:
    def test_says_what_it_would_bring(self, desk: Desk) -> None:
        assert validated(desk) == {
            "valid": True,
            "roleAccessible": True,
            "drsInitialized": True,
            "currentServers": 4,
            "replicatingServers": 3,
            "totalAfter": 5,
        }
        entered = desk.drs.context_of(STAGING)
        assert entered.external_id == "given"
        assert entered.role_arn.endswith(":role/DRSOrchestrationRole")

    def test_is_counted_once_where_it_is_known_already(
        self, desk: Desk
    ) -> None:
        desk.has_account(stagingAccounts=[staged()])

        assert validated(desk)["totalAfter"] == 5

    def test_may_have_a_role_of_its_own(self, desk: Desk) -> None:
        role_arn = f"arn:aws:iam::{STAGING}:role/Own"

        validated(desk, roleArn=role_arn)

        assert desk.drs.context_of(STAGING).role_arn == role_arn

    def test_that_lets_nobody_in_is_not_valid(self, desk: Desk) -> None:
        desk.drs.closed.add(STAGING)

        body = validated(desk)

        assert (body["valid"], body["roleAccessible"]) == (False, False)
        assert "Could not assume" in body["error"]

    def test_without_drs_is_not_valid(self, desk: Desk) -> None:
        body = validated(desk, region=EMPTY_REGION)

        assert (body["valid"], body["roleAccessible"]) == (False, True)
        assert body["drsInitialized"] is False
        assert EMPTY_REGION in body["error"]

    def test_that_may_not_be_asked_is_not_valid(self, desk: Desk) -> None:
        desk.drs.refuses("DescribeSourceServers", "AccessDeniedException")

        body = validated(desk)

        assert body["valid"] is False
        assert "DescribeSourceServers" in body["error"]

    @pytest.mark.parametrize(
        ("wrong", "code", "field"),
        [
            ({"accountId": None}, "MISSING_FIELD", "accountId"),
            ({"externalId": " "}, "MISSING_FIELD", "externalId"),
            ({"region": ""}, "MISSING_REGION", "region"),
            ({"accountId": "12"}, "INVALID_FORMAT", "accountId"),
            ({"accountId": 12}, "INVALID_TYPE", "accountId"),
            ({"externalId": "x" * 2000}, "INVALID_FORMAT", "externalId"),
            ({"externalId": "a b"}, "INVALID_FORMAT", "externalId"),
            ({"region": "us-mars-1"}, "INVALID_FORMAT", "region"),
            (
                {"roleArn": f"arn:aws:iam::{TARGET}:role/Its"},
                "INVALID_ROLE_ARN",
                "roleArn",
            ),
        ],
    )
    def test_is_named_as_it_must_be(
        self, desk: Desk, wrong: dict[str, Any], code: str, field: str
    ) -> None:
        body = validated(desk, 400, **wrong)

        assert (body["error"], body["details"]["field"]) == (code, field)
        assert desk.drs.calls == []

    def test_leaves_no_external_id_in_the_audit_trail(
        self, desk: Desk
    ) -> None:
        validated(desk, externalId="a-secret-word")

        assert "a-secret-word" not in str(desk.trail.entries)

    def test_is_an_operation_too(self, desk: Desk) -> None:
        assert desk.asks("validate_staging_account", **candidate())["valid"]


class TestDiscovery:
    def test_finds_who_replicates_for_a_target(self, desk: Desk) -> None:
        desk.has_account()
        extend(desk, 2, REGION)
        extend(desk, 1, OTHER_REGION)

        assert desk.gets(DISCOVER, path={"id": TARGET}) == {
            "stagingAccounts": [
                {
                    "accountId": STAGING,
                    "accountName": STAGING,
                    "serverCount": 3,
                    "regions": [OTHER_REGION, REGION],
                    "alreadyConfigured": False,
                }
            ],
            "count": 1,
            "failedRegions": [],
        }
        assert {call.account for call in desk.drs.calls} == {TARGET}

    def test_names_them_as_the_organisation_does(self, desk: Desk) -> None:
        desk.names = FakeAccountNames("hub", **{f"a{STAGING}": "Vault"})
        desk.has_account()
        extend(desk, 1, REGION)

        [row] = desk.gets(DISCOVER, path={"id": TARGET})["stagingAccounts"]

        assert row["accountName"] == "Vault"

    def test_knows_those_that_are_configured(self, desk: Desk) -> None:
        desk.has_account(stagingAccounts=[staged()])
        extend(desk, 1, REGION)

        [row] = desk.asks("discover_staging_accounts", targetAccountId=TARGET)[
            "stagingAccounts"
        ]

        assert (row["accountName"], row["alreadyConfigured"]) == (
            "staging-1",
            True,
        )

    def test_finds_nobody_where_nothing_is_extended(self, desk: Desk) -> None:
        desk.has_account(stagingAccounts=[staged()])

        assert desk.gets(DISCOVER, path={"id": TARGET})["count"] == 0

    def test_says_where_it_did_not_look(self, desk: Desk) -> None:
        desk.has_account()
        extend(desk, 1, REGION)
        extend(desk, 0, OTHER_REGION)
        desk.drs.simulator.inject(
            {
                "op": "DescribeSourceServers",
                "region": OTHER_REGION,
                "error": "InternalServerException",
                "times": 99,
            }
        )

        body = desk.gets(DISCOVER, path={"id": TARGET})

        assert (body["count"], body["failedRegions"]) == (1, [OTHER_REGION])

    def test_needs_a_registered_account_that_lets_us_in(
        self, desk: Desk
    ) -> None:
        desk.has_account()
        desk.drs.closed.add(TARGET)

        unknown = desk.gets(DISCOVER, status=404, path={"id": UNKNOWN})
        closed = desk.gets(DISCOVER, status=503, path={"id": TARGET})

        assert unknown["error"] == "TARGET_ACCOUNT_NOT_FOUND"
        assert closed["error"] == "ACCOUNT_UNREACHABLE"


class TestThePreviewOfASync:
    def preview(self, desk: Desk) -> Any:
        return desk.asks("sync_staging_accounts", targetAccountId=TARGET)

    def test_tells_what_would_be_extended_and_extends_nothing(
        self, desk: Desk
    ) -> None:
        desk.has_account(stagingAccounts=[staged()])
        extend(desk, 1, REGION)
        extend(desk, 2, OTHER_REGION)

        body = self.preview(desk)

        assert (body["extended"], body["alreadyExtended"]) == (3, 3)
        assert body["failed"] == 0
        assert body["warnings"] == []
        assert {row["status"] for row in body["servers"]} == {
            "to_extend",
            "already_extended",
        }
        assert all(
            STAGING in row["sourceServerArn"] for row in body["servers"]
        )
        assert {call.operation for call in desk.drs.calls} == {
            "DescribeSourceServers"
        }
        assert self.preview(desk) == body

    def test_is_of_every_target_where_none_is_named(self, desk: Desk) -> None:
        desk.has_account(stagingAccounts=[staged()])
        desk.has_account("222233334444", stagingAccounts=[staged()])
        desk.has_account("333344445555", status="inactive")
        desk.drs.closed.add("222233334444")
        extend(desk, 1, REGION)

        body = desk.asks("sync_staging_accounts")

        assert (body["extended"], body["alreadyExtended"]) == (3, 1)
        assert any("222233334444" in text for text in body["warnings"])

    def test_tells_where_the_target_has_no_drs(self, desk: Desk) -> None:
        desk.has_account(stagingAccounts=[staged()])

        body = self.preview(desk)

        assert body["extended"] == 4
        [warning] = body["warnings"]
        assert OTHER_REGION in warning

    def test_tells_which_accounts_were_not_read(self, desk: Desk) -> None:
        desk.has_account(stagingAccounts=[staged()])
        desk.drs.closed.add(STAGING)

        body = self.preview(desk)

        assert (body["extended"], body["servers"]) == (0, [])
        assert "role/Stage" in body["warnings"][0]
