"""The front of the functions: from a proxy event to an answer."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.audit import EXECUTION, AuditResult
from shared.domain.errors import (
    AccountUnreachable,
    BadRequest,
    DatabaseError,
    DrError,
    HandlerFailed,
    HandlerUnavailable,
    LimitExceeded,
    Unavailable,
)
from shared.domain.execution import Wire
from shared.domain.rbac import Permission, Role
from shared.domain.routes import Body, Request, Route
from shared.http import answer
from tests.support.fakes import FakeAudit
from tests.support.requests import ORIGIN, a_front, a_request, body_of

OUTCOMES: dict[str, Exception] = {
    "bad": BadRequest("No.", code="INVALID_TYPE", field="planId"),
    "table": DatabaseError("item secret-7 is broken"),
    "peer": HandlerFailed("secret-7"),
    "bug": ZeroDivisionError("secret-7"),
    "throttled": Unavailable("Slowly.", code="THROTTLED"),
    "quota": LimitExceeded("Full.", code="CONCURRENT_JOBS_LIMIT_EXCEEDED"),
    "role": AccountUnreachable("Role refused."),
    "away": HandlerUnavailable("Not now."),
}


def do(request: Request, ports: None) -> Wire:
    """Answer with what was asked, or end as the query says."""
    outcome = OUTCOMES.get(request.query.get("end", ""))
    if outcome is not None:
        raise outcome
    return {
        "id": request.path.get("id"),
        "body": request.body,
        "user": request.identity.name,
        "thingId": "thing-9",
    }


ROUTES = (
    Route(
        method="GET",
        path="/things/{id}",
        permission=Permission.VIEW_EXECUTIONS,
        answer=do,
        resource=EXECUTION,
    ),
    Route(
        method="POST",
        path="/things",
        permission=Permission.START_RECOVERY,
        answer=do,
        resource=EXECUTION,
        status=202,
        body=Body.REQUIRED,
        names="thingId",
    ),
)


def reply_to(event: Any, audit: FakeAudit | None = None, **more: Any) -> Any:
    return answer(event, None, ROUTES, a_front(audit, **more))


def test_an_answer_has_the_routes_status_and_body() -> None:
    reply = reply_to(a_request("POST", "/things", body={"a": 1}))

    assert reply["statusCode"] == 202
    assert body_of(reply)["body"] == {"a": 1}
    assert body_of(reply)["user"] == "ann@example.com"


def test_every_answer_has_the_headers_of_the_contract() -> None:
    reply = reply_to(
        a_request(
            "GET", "/nowhere", headers={"x-correlation-ID": "my-request.1"}
        )
    )

    assert reply["headers"] == {
        "Content-Type": "application/json",
        "Access-Control-Allow-Origin": ORIGIN,
        "Access-Control-Allow-Headers": (
            "Authorization,Content-Type,X-Correlation-Id"
        ),
        "Access-Control-Allow-Methods": "GET,POST,PUT,DELETE,OPTIONS",
        "Access-Control-Expose-Headers": "X-Correlation-Id",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
        "X-Correlation-Id": "my-request.1",
    }


@pytest.mark.parametrize("sent", ["a b", "x\r\ny: z", "", "x" * 200, 7])
def test_a_correlation_id_that_is_none_is_replaced(sent: object) -> None:
    reply = reply_to(
        a_request("GET", "/things/1", headers={"X-Correlation-Id": sent})
    )

    assert reply["headers"]["X-Correlation-Id"] != sent
    assert len(reply["headers"]["X-Correlation-Id"]) == 36


@pytest.mark.parametrize(
    ("event", "status", "code"),
    [
        (a_request("GET", "/nowhere"), 404, "NOT_FOUND"),
        (a_request("PUT", "/things"), 405, "METHOD_NOT_ALLOWED"),
        (a_request("GET", "/things/1", role=None), 401, "UNAUTHENTICATED"),
        (
            a_request("POST", "/things", role=Role.READ_ONLY, body={}),
            403,
            "FORBIDDEN",
        ),
        (a_request("GET", "/things/1", role="Others"), 403, "FORBIDDEN"),
        (a_request("POST", "/things"), 400, "MISSING_BODY"),
        (a_request("POST", "/things", body="{"), 400, "INVALID_JSON"),
        (
            a_request("POST", "/things", body="{}", isBase64Encoded=True),
            400,
            "INVALID_JSON",
        ),
        (
            a_request("GET", "/things/1", query={"end": "throttled"}),
            429,
            "THROTTLED",
        ),
        (
            a_request("GET", "/things/1", query={"end": "quota"}),
            429,
            "CONCURRENT_JOBS_LIMIT_EXCEEDED",
        ),
        (
            a_request("GET", "/things/1", query={"end": "role"}),
            503,
            "ACCOUNT_UNREACHABLE",
        ),
        (
            a_request("GET", "/things/1", query={"end": "away"}),
            503,
            "CHECK_UNAVAILABLE",
        ),
    ],
)
def test_a_refusal_has_its_status_and_code(
    event: dict[str, Any], status: int, code: str
) -> None:
    reply = reply_to(event)

    assert reply["statusCode"] == status
    assert body_of(reply)["error"] == code
    assert body_of(reply)["message"]


def test_a_refusal_names_the_field_in_its_details() -> None:
    reply = reply_to(a_request("GET", "/things/1", query={"end": "bad"}))

    assert body_of(reply) == {
        "error": "INVALID_TYPE",
        "message": "No.",
        "details": {"field": "planId"},
    }


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("table", "DATABASE_ERROR"),
        ("peer", "INTERNAL_ERROR"),
        ("bug", "INTERNAL_ERROR"),
    ],
)
def test_a_fault_of_ours_shows_an_id_and_no_text(end: str, code: str) -> None:
    reply = reply_to(a_request("GET", "/things/1", query={"end": end}))

    assert reply["statusCode"] == 500
    assert body_of(reply)["error"] == code
    assert (
        body_of(reply)["correlationId"] == reply["headers"]["X-Correlation-Id"]
    )
    assert "secret-7" not in reply["body"]


def test_a_body_in_base64_is_read() -> None:
    event = a_request(
        "POST", "/things", body="eyJhIjogMX0=", isBase64Encoded=True
    )

    assert body_of(reply_to(event))["body"] == {"a": 1}


def test_an_alias_of_a_group_counts() -> None:
    event = a_request("GET", "/things/1", role="dr-team")

    assert reply_to(event)["statusCode"] == 403
    found = reply_to(event, aliases={"dr-team": Role.READ_ONLY})
    assert found["statusCode"] == 200


class TestAudit:
    def test_a_change_is_noted_with_who_and_what(self) -> None:
        audit = FakeAudit()

        reply_to(a_request("POST", "/things", body={}), audit)

        [entry] = audit.entries
        assert entry.user == "ann@example.com"
        assert entry.roles == ("DRSOrchestrationAdmin",)
        assert entry.action == "POST /things"
        assert entry.resource_id == "thing-9"
        assert entry.result is AuditResult.ALLOWED
        assert entry.source_ip == "192.0.2.1"

    def test_a_refused_change_is_noted(self) -> None:
        audit = FakeAudit()

        reply_to(a_request("POST", "/things"), audit)
        reply_to(
            a_request("POST", "/things", body={}, query={"end": "bug"}), audit
        )

        results = [entry.result for entry in audit.entries]
        assert results == [AuditResult.FAILED, AuditResult.FAILED]

    def test_a_denial_is_noted_also_of_a_look(self) -> None:
        audit = FakeAudit()

        reply_to(a_request("GET", "/things/1", role="Others"), audit)

        [entry] = audit.entries
        assert (entry.result, entry.resource_id) == (AuditResult.DENIED, "1")

    def test_a_look_is_not_noted(self) -> None:
        audit = FakeAudit()

        reply_to(a_request("GET", "/things/1"), audit)

        assert audit.entries == []

    def test_an_entry_that_cannot_be_stored_stops_nothing(self) -> None:
        audit = FakeAudit()
        audit.break_down()

        reply = reply_to(a_request("POST", "/things", body={}), audit)

        assert reply["statusCode"] == 202


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["GET", "POST", "/things", "/things/1", "{}"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "httpMethod",
                "path",
                "headers",
                "queryStringParameters",
                "body",
                "isBase64Encoded",
                "requestContext",
            ]
        ),
        JSON,
    )
)
def test_no_event_is_a_fault_of_ours(odd: dict[str, Any]) -> None:
    for event in (odd, {**a_request("POST", "/things", body={}), **odd}):
        reply = reply_to(event)

        assert 200 <= reply["statusCode"] < 500
        assert isinstance(json.loads(reply["body"]), dict)


@given(st.text(), st.text(max_size=50))
def test_no_text_of_a_client_is_a_fault_of_ours(path: str, body: str) -> None:
    for event in (
        a_request("GET", path),
        a_request("GET", f"/things/{path}"),
        a_request("POST", "/things", body=body),
        a_request("POST", "/things", body={"x": body}, query={"q": path}),
    ):
        assert reply_to(event)["statusCode"] < 500


def test_every_kind_of_our_errors_has_a_status() -> None:
    kinds: list[type[DrError]] = [DrError, *DrError.__subclasses__()]

    assert {kind.status for kind in kinds} == {
        400,
        401,
        403,
        404,
        405,
        409,
        429,
        500,
        503,
    }
