"""Source servers of a Region and of a group, in the account that has them."""

import json
from typing import Any

import pytest

from query_handler.servers import (
    get_drs_source_server_details,
    get_protection_group_servers,
)
from shared.domain.errors import BadRequest
from tests.query_handler.desk import (
    EMPTY_REGION,
    OTHER_REGION,
    REGION,
    TARGET,
    UNKNOWN,
    Desk,
)
from tests.support.fake_drs import server_id

LIST = "GET /drs/source-servers"
RESOLVE = "POST /protection-groups/{id}/resolve"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["sourceServerID"] for row in rows]


class TestTheServersOfARegion:
    def test_are_shown_with_the_group_that_has_them(self, desk: Desk) -> None:
        [db] = desk.has_servers("db")
        [web, spare] = desk.has_servers("web", 2)
        desk.has_servers("db", region=OTHER_REGION)
        desk.has_group("db")
        desk.has_group(
            "listed", serverSelectionTags={}, sourceServerIds=[spare]
        )
        desk.has_group(
            "elsewhere",
            serverSelectionTags={"tier": "web"},
            region=OTHER_REGION,
        )

        body = desk.gets(LIST, region=REGION)

        assert (body["region"], body["serverCount"]) == (REGION, 3)
        assert ids(body["servers"]) == [db, web, spare]
        assert {
            row["sourceServerID"]: row["assignedToProtectionGroup"]
            for row in body["servers"]
        } == {
            db: {"protectionGroupId": "id-db", "protectionGroupName": "db"},
            web: None,
            spare: {
                "protectionGroupId": "id-listed",
                "protectionGroupName": "listed",
            },
        }
        assert [row["selectable"] for row in body["servers"]] == [
            False,
            True,
            False,
        ]

    def test_come_with_what_drs_says_of_them(self, desk: Desk) -> None:
        [db] = desk.has_servers("db", instanceId="i-0123456789abcdef0")

        [raw] = desk.gets(LIST, region=REGION)["sourceServers"]

        assert raw["sourceServerID"] == db
        hints = raw["sourceProperties"]["identificationHints"]
        assert hints["awsInstanceID"] == "i-0123456789abcdef0"

    def test_of_the_choosing_group_may_be_chosen(self, desk: Desk) -> None:
        desk.has_servers("db")
        desk.has_group("db")

        [row] = desk.gets(
            LIST, region=REGION, currentProtectionGroupId="id-db"
        )["servers"]

        assert row["selectable"] is True

    def test_may_be_asked_for_by_id_in_an_order(self, desk: Desk) -> None:
        first, _, third = desk.has_servers("db", 3)
        gone = server_id(99)

        body = desk.gets(
            LIST, region=REGION, serverIds=f"{third}, {first},{third},{gone},"
        )

        assert ids(body["servers"]) == [third, first]
        assert ids(body["sourceServers"]) == [third, first]
        [call] = desk.drs.calls_of("DescribeSourceServers")
        assert call.request["filters"]["sourceServerIDs"] == [
            third,
            first,
            gone,
        ]

    def test_are_those_of_the_account_that_is_named(self, desk: Desk) -> None:
        desk.has_servers("db")
        [theirs] = desk.has_servers("db", account=TARGET)
        desk.has_account()
        desk.has_group("mine")
        desk.has_group(
            "theirs", accountId=TARGET, serverSelectionTags={"tier": "db"}
        )

        body = desk.gets(LIST, region=REGION, accountId=TARGET)

        assert ids(body["servers"]) == [theirs]
        [row] = body["servers"]
        assert row["assignedToProtectionGroup"]["protectionGroupName"] == (
            "theirs"
        )
        assert {call.account for call in desk.drs.calls} == {TARGET}
        entered = desk.drs.context_of(TARGET)
        assert entered.role_arn == f"arn:aws:iam::{TARGET}:role/Its"
        assert entered.external_id == "its-own"

    def test_are_all_of_them_whatever_the_size_of_a_page(
        self, desk: Desk
    ) -> None:
        desk.has_servers("db", 450)

        body = desk.asks("get_drs_source_servers", region=REGION)

        assert body["serverCount"] == len(body["servers"]) == 450
        assert len(desk.drs.calls_of("DescribeSourceServers")) > 1


class TestMoreThanOneAnswerCarries:
    def test_leaves_what_drs_says_out_and_tells_so(self, desk: Desk) -> None:
        desk.has_servers("db", 3_000)

        reply = desk.asks("get_drs_source_servers", region=REGION)

        assert len(reply["servers"]) == reply["serverCount"] == 3_000
        left = len(reply["sourceServers"])
        assert 0 < left < 3_000
        assert f"the first {left} of 3000" in reply["warnings"][0]
        assert len(json.dumps(json.dumps(reply))) < 6 * 1024**2

    def test_holds_for_a_group_too(self, desk: Desk) -> None:
        desk.has_servers("db", 3_000)
        desk.has_group("db")

        reply = desk.gets(RESOLVE, path={"id": "id-db"})

        assert len(reply["resolvedServers"]) == 3_000
        assert len(reply["sourceServers"]) < 3_000
        assert reply["warnings"]

    def test_is_asked_for_by_ids(self, desk: Desk) -> None:
        tags = {f"tag-{n}": "x" * 250 for n in range(45)}
        desk.drs.has_servers(REGION, [tags] * 400)

        body = desk.gets(LIST, status=400, region=REGION)

        assert body["error"] == "MISSING_PARAMETERS"
        assert body["details"] == {"field": "serverIds"}


class TestWhatCannotBeLookedAt:
    @pytest.mark.parametrize(
        ("query", "status", "code"),
        [
            ({}, 400, "MISSING_REGION"),
            ({"region": " "}, 400, "MISSING_REGION"),
            ({"region": "us-mars-1"}, 400, "INVALID_FORMAT"),
            ({"region": "x" * 10_000}, 400, "INVALID_FORMAT"),
            ({"region": EMPTY_REGION}, 400, "DRS_NOT_INITIALIZED"),
            (
                {"region": REGION, "accountId": UNKNOWN},
                404,
                "TARGET_ACCOUNT_NOT_FOUND",
            ),
            (
                {"region": REGION, "accountId": "../etc"},
                404,
                "TARGET_ACCOUNT_NOT_FOUND",
            ),
            (
                {"region": REGION, "serverIds": "s-1;drop"},
                400,
                "INVALID_FORMAT",
            ),
        ],
    )
    def test_is_refused_with_its_code(
        self, desk: Desk, query: dict[str, Any], status: int, code: str
    ) -> None:
        assert desk.gets(LIST, status=status, **query)["error"] == code

    def test_is_named_by_field(self, desk: Desk) -> None:
        error = desk.refuses("get_drs_source_servers", region=["us-east-1"])

        assert error.code == "INVALID_TYPE"
        assert error.details["field"] == "region"
        wrong = desk.refuses(
            "get_drs_source_servers", region=REGION, serverIds=[1]
        )
        assert (wrong.code, wrong.details["field"]) == (
            "INVALID_TYPE",
            "serverIds",
        )

    def test_is_an_account_that_is_not_active(self, desk: Desk) -> None:
        desk.has_account(status="inactive")

        body = desk.gets(LIST, status=404, region=REGION, accountId=TARGET)

        assert body["error"] == "TARGET_ACCOUNT_NOT_FOUND"
        assert desk.drs.calls == []

    def test_is_an_account_that_lets_nobody_in(self, desk: Desk) -> None:
        desk.has_account()
        desk.drs.closed.add(TARGET)

        body = desk.gets(LIST, status=503, region=REGION, accountId=TARGET)

        assert body["error"] == "ACCOUNT_UNREACHABLE"
        assert body["accountId"] == TARGET
        assert body["roleArn"].endswith("role/Its")
        assert desk.drs.calls == []

    @pytest.mark.parametrize(
        ("fault", "status", "code"),
        [
            ("UnrecognizedClientException", 400, "REGION_NOT_ENABLED"),
            ("AccessDeniedException", 503, "CHECK_UNAVAILABLE"),
            ("ThrottlingException", 503, "DRS_UNAVAILABLE"),
            ("InternalServerException", 503, "DRS_UNAVAILABLE"),
        ],
    )
    def test_is_never_an_empty_list(
        self, desk: Desk, fault: str, status: int, code: str
    ) -> None:
        desk.drs.refuses("DescribeSourceServers", fault)

        assert desk.gets(LIST, status=status, region=REGION)["error"] == code

    def test_are_groups_whose_tags_cannot_be_read(self, desk: Desk) -> None:
        desk.has_servers("db")
        desk.has_group("db", serverSelectionTags={" ": "x"})

        body = desk.gets(LIST, status=503, region=REGION)

        assert body["error"] == "CHECK_UNAVAILABLE"


class TestTheServersOfAGroup:
    def test_are_those_that_its_tags_select_now(self, desk: Desk) -> None:
        chosen = desk.has_servers("db", 2)
        desk.has_servers("web")
        desk.has_group("db")

        body = desk.gets(RESOLVE, path={"id": "id-db"})

        assert ids(body["resolvedServers"]) == chosen
        assert body["sourceServers"] == body["resolvedServers"]
        assert body["tags"] == body["serverSelectionTags"] == {"tier": "db"}
        assert (body["region"], body["serverCount"]) == (REGION, 2)
        assert body["resolvedAt"] == desk.clock.now()
        groups = {
            row["assignedToProtectionGroup"]["protectionGroupId"]
            for row in body["resolvedServers"]
        }
        assert groups == {"id-db"}

    def test_are_those_that_it_lists_in_their_order(self, desk: Desk) -> None:
        one, two = desk.has_servers("db", 2)
        desk.has_group(
            "listed",
            serverSelectionTags={},
            sourceServerIds=[two, server_id(99), one],
        )

        body = desk.gets(RESOLVE, path={"id": "id-listed"})

        assert ids(body["resolvedServers"]) == [two, one]
        assert body["tags"] == {}

    def test_are_looked_up_in_its_account_and_by_its_role(
        self, desk: Desk
    ) -> None:
        desk.has_servers("db")
        [theirs] = desk.has_servers("db", account=TARGET)
        desk.has_account()
        desk.has_group("db", accountId=TARGET, assumeRoleName="Another")

        found = desk.asks(
            "get_protection_group_servers", protectionGroupId="id-db"
        )

        assert ids(found) == [theirs]
        assert {call.account for call in desk.drs.calls} == {TARGET}
        assert desk.drs.context_of(TARGET).role_arn == (
            f"arn:aws:iam::{TARGET}:role/Another"
        )

    def test_are_none_where_nothing_matches(self, desk: Desk) -> None:
        desk.has_group("db")
        desk.has_group("none", serverSelectionTags={}, sourceServerIds=[])

        assert desk.gets(RESOLVE, path={"id": "id-db"})["serverCount"] == 0
        assert desk.gets(RESOLVE, path={"id": "id-none"})["serverCount"] == 0

    def test_cannot_be_told_of_a_group_that_is_not_there(
        self, desk: Desk
    ) -> None:
        body = desk.gets(RESOLVE, status=404, path={"id": "nothing"})

        assert body["error"] == "PROTECTION_GROUP_NOT_FOUND"

    def test_cannot_be_told_where_its_account_is_unknown(
        self, desk: Desk
    ) -> None:
        desk.has_group("db", accountId=UNKNOWN)

        body = desk.gets(RESOLVE, status=404, path={"id": "id-db"})

        assert body["error"] == "TARGET_ACCOUNT_NOT_FOUND"


class TestDetailsByTheirFixedSignatures:
    def test_come_in_the_asked_order(self, desk: Desk) -> None:
        one, two = desk.has_servers("db", 2, account=TARGET)
        desk.has_account()
        context = {"accountId": TARGET, "externalId": "given"}

        found = get_drs_source_server_details(
            [two, one], REGION, context, ports=desk.ports()
        )

        assert ids(found) == [two, one]
        assert desk.drs.context_of(TARGET).external_id == "given"

    def test_ask_nothing_for_no_servers(self, desk: Desk) -> None:
        found = get_drs_source_server_details([], REGION, ports=desk.ports())

        assert (found, desk.drs.calls) == ([], [])

    def test_of_a_group_may_be_asked_in_a_given_account(
        self, desk: Desk
    ) -> None:
        [theirs] = desk.has_servers("db", account=TARGET)
        desk.has_group("db")

        found = get_protection_group_servers(
            "id-db", {"accountId": TARGET}, ports=desk.ports()
        )

        assert ids(found) == [theirs]

    def test_refuse_what_is_no_id(self, desk: Desk) -> None:
        with pytest.raises(BadRequest):
            get_drs_source_server_details(["x"], REGION, ports=desk.ports())

    def test_are_an_operation_too(self, desk: Desk) -> None:
        one, two = desk.has_servers("db", 2)
        event = {
            "operation": "get_drs_source_server_details",
            "serverIds": [two, one],
            "region": REGION,
        }

        assert ids(desk.invokes(event)) == [two, one]
        assert desk.refuses(
            "get_drs_source_server_details", region=REGION
        ).code == ("MISSING_FIELD")

    def test_can_be_sent(self, desk: Desk) -> None:
        desk.has_servers("db")

        assert json.dumps(desk.asks("get_drs_source_servers", region=REGION))
