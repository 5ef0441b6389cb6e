"""Target accounts: registered once, used by groups, asked with their role."""

from typing import Any

import pytest

from shared.domain.account import AccountContext
from shared.domain.errors import AccountUnreachable
from tests.data_management_handler.desk import (
    OTHER_REGION,
    REGION,
    ROLE,
    TARGET,
    Desk,
)
from tests.support.fake_drs import HUB

CREATE = "create_target_account"
UPDATE = "update_target_account"
DELETE = "delete_target_account"
VALIDATE = "validate_target_account"


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestCreate:
    def test_an_account_is_stored_with_its_way_in(self, desk: Desk) -> None:
        reply = desk.asks(
            CREATE,
            accountId=f" {TARGET} ",
            accountName="prod",
            roleArn=f"arn:aws:iam::{TARGET}:role/dr/Its",
            externalId="its-own",
        )

        assert desk.accounts.items[TARGET] == reply
        assert reply == {
            "accountId": TARGET,
            "accountName": "prod",
            "status": "active",
            "isCurrentAccount": False,
            "roleArn": f"arn:aws:iam::{TARGET}:role/dr/Its",
            "externalId": "its-own",
            "assumeRoleName": "Its",
            "stagingAccounts": [],
            "createdAt": "2026-01-01T12:00:00Z",
            "createdBy": "ann@example.com",
            "updatedAt": "2026-01-01T12:00:00Z",
            "version": 1,
        }

    def test_a_role_may_be_left_to_the_default(self, desk: Desk) -> None:
        reply = desk.asks(CREATE, accountId=TARGET)

        assert reply["accountName"] == TARGET
        assert desk.ports().account(TARGET).role_arn == ROLE

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"accountId": None}, "MISSING_FIELD"),
            ({"accountId": 444455556666}, "INVALID_TYPE"),
            ({"accountId": "12345"}, "INVALID_FORMAT"),
            ({"accountId": "x" * 12}, "INVALID_FORMAT"),
            ({"accountId": HUB}, "SAME_ACCOUNT_NO_ROLE_NEEDED"),
            ({"roleArn": "role"}, "INVALID_ROLE_ARN"),
            (
                {"roleArn": "arn:aws:iam::777788889999:role/R"},
                "INVALID_ROLE_ARN",
            ),
            ({"roleArn": f"arn:aws:iam::{TARGET}:user/R"}, "INVALID_ROLE_ARN"),
            ({"roleArn": 5}, "INVALID_TYPE"),
            ({"externalId": "a b"}, "INVALID_FORMAT"),
            ({"assumeRoleName": "a/b"}, "INVALID_FORMAT"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(
        self, desk: Desk, change: dict[str, Any], code: str
    ) -> None:
        body = {"accountId": TARGET, **change}

        assert desk.refuses(CREATE, **body).code == code

    def test_an_account_is_registered_once(self, desk: Desk) -> None:
        desk.has_account()

        error = desk.refuses(CREATE, accountId=TARGET)

        assert (error.code, error.status) == ("ACCOUNT_EXISTS", 409)


class TestReads:
    def test_accounts_are_a_bare_array(self, desk: Desk) -> None:
        account = desk.has_account()

        assert desk.asks("list_target_accounts") == [account]

    def test_an_account_reads_back(self, desk: Desk) -> None:
        account = desk.has_account()

        assert desk.asks("get_target_account", TARGET) == account

    def test_a_missing_account_is_named(self, desk: Desk) -> None:
        error = desk.refuses("get_target_account", TARGET)

        assert (error.code, error.status) == ("NOT_FOUND", 404)


class TestUpdate:
    def test_what_is_sent_is_changed_and_the_rest_kept(
        self, desk: Desk
    ) -> None:
        before = desk.has_account()

        reply = desk.asks(
            UPDATE, TARGET, accountName="test", status="inactive"
        )

        assert reply == {
            **before,
            "accountName": "test",
            "status": "inactive",
            "updatedAt": "2026-01-01T12:00:00Z",
            "version": 2,
        }

    def test_a_role_by_name_replaces_one_by_arn(self, desk: Desk) -> None:
        desk.has_account()

        desk.asks(UPDATE, TARGET, assumeRoleName="DRSOrchestrationRole")

        assert desk.ports().account(TARGET).role_arn == ROLE

    def test_two_changes_at_once_are_both_kept(self, desk: Desk) -> None:
        account = desk.has_account()
        desk.accounts.meanwhile(
            lambda: desk.accounts.has(
                {**account, "externalId": "newer", "version": 2}
            )
        )

        reply = desk.asks(UPDATE, TARGET, accountName="test")

        assert reply["externalId"] == "newer"
        assert reply["accountName"] == "test"
        assert reply["version"] == 3

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"status": "asleep"}, "INVALID_FORMAT"),
            (
                {"roleArn": "arn:aws:iam::777788889999:role/R"},
                "INVALID_ROLE_ARN",
            ),
        ],
    )
    def test_what_cannot_be_meant_is_refused(
        self, desk: Desk, change: dict[str, Any], code: str
    ) -> None:
        desk.has_account()

        assert desk.refuses(UPDATE, TARGET, **change).code == code

    def test_a_missing_account_cannot_be_changed(self, desk: Desk) -> None:
        error = desk.refuses(UPDATE, TARGET, accountName="x")

        assert error.code == "NOT_FOUND"

    def test_the_audit_trail_shows_no_external_id(self, desk: Desk) -> None:
        desk.has_account()

        desk.asks(UPDATE, TARGET, externalId="secret-one")

        (entry,) = desk.audit
        assert entry["changes"]["externalId"] == {"old": "***", "new": "***"}
        assert "secret-one" not in str(entry)


class TestDelete:
    def test_an_account_that_no_group_uses_goes(self, desk: Desk) -> None:
        desk.has_account()

        reply = desk.asks(DELETE, TARGET)

        assert TARGET in reply["message"]
        assert desk.accounts.items == {}

    def test_an_account_of_a_group_is_kept(self, desk: Desk) -> None:
        desk.has_account()
        desk.has_group("db", accountId=TARGET)

        error = desk.refuses(DELETE, TARGET)

        assert (error.code, error.status) == ("ACCOUNT_IN_USE", 409)
        assert error.details["groups"] == ["db"]

    def test_a_missing_account_cannot_be_deleted(self, desk: Desk) -> None:
        assert desk.refuses(DELETE, TARGET).code == "NOT_FOUND"


class TestValidate:
    def test_each_region_of_its_groups_is_asked(self, desk: Desk) -> None:
        desk.has_account()
        for region in (REGION, OTHER_REGION):
            desk.has_servers("db", region=region, account=TARGET)
            desk.has_group(region, region=region, accountId=TARGET)

        reply = desk.asks(VALIDATE, TARGET)

        assert reply["overallStatus"] == "success"
        assert [
            (row.get("region"), row["service"])
            for row in reply["validationResults"]
        ] == [
            (None, "sts"),
            *(
                (region, service)
                for region in (OTHER_REGION, REGION)
                for service in ("drs", "drs", "ec2", "servicequotas")
            ),
        ]
        assert desk.accounts.items[TARGET]["lastValidated"] == (
            reply["lastValidated"]
        )
        assert {call.account for call in desk.drs.calls} == {TARGET}

    def test_a_region_without_drs_is_a_warning(self, desk: Desk) -> None:
        desk.has_account()
        desk.drs.is_not_initialised(REGION, TARGET)

        reply = desk.asks(VALIDATE, TARGET)

        assert reply["overallStatus"] == "warning"

    def test_a_permission_that_is_missing_is_an_error(
        self, desk: Desk
    ) -> None:
        desk.has_account()
        desk.drs.has_servers(REGION, [], account=TARGET)
        desk.drs.refuses("DescribeJobs", "AccessDeniedException")

        reply = desk.asks(VALIDATE, TARGET)

        (row,) = [
            row
            for row in reply["validationResults"]
            if row["status"] == "error"
        ]
        assert reply["overallStatus"] == "error"
        assert "drs:DescribeJobs" in row["message"]

    def test_a_role_that_lets_nobody_in_is_told(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.has_account()

        def refuses(
            service: str, region: str, account: AccountContext, **_: object
        ) -> None:
            raise AccountUnreachable(f"no way into {account.account_id}")

        monkeypatch.setattr(desk.drs, "client", refuses)

        reply = desk.asks(VALIDATE, TARGET)

        assert reply["validationResults"] == [
            {
                "service": "sts",
                "status": "error",
                "message": f"no way into {TARGET}",
            }
        ]
        assert reply["overallStatus"] == "error"

    def test_a_missing_account_cannot_be_asked(self, desk: Desk) -> None:
        assert desk.refuses(VALIDATE, TARGET).code == "NOT_FOUND"


def test_regions_for_which_there_is_no_time_are_told(desk: Desk) -> None:
    desk.has_account()

    reply = desk.asks("validate_target_account", TARGET, seconds=3)

    [late] = reply["validationResults"]
    assert (late["service"], late["region"]) == ("drs", REGION)
    assert reply["overallStatus"] == "warning"
    assert desk.drs.calls == []
