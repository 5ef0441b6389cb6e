"""One list of routes: the document, the tables and the template agree.

And every role is tried on every route.
"""

import re
from collections import Counter
from typing import Any

import pytest
from openapi_spec_validator import validate

from data_management_handler.routes import ROUTES as DATA_ROUTES
from execution_handler.routes import ROUTES as EXECUTION_ROUTES
from query_handler.routes import ROUTES as QUERY_ROUTES
from scripts.api_template import DOCUMENT, STACK, TEMPLATE, template_of
from shared.domain.rbac import (
    AUTHENTICATED,
    GRANTED_TO,
    Permission,
    Role,
)
from shared.domain.routes import Body, Route
from shared.http import answer
from tests.data_management_handler.desk import Desk
from tests.execution_handler.bench import Bench
from tests.query_handler.desk import Desk as Lookups
from tests.support import templates
from tests.support.api_document import (
    check_answer,
    check_media,
    document,
    resolved,
)
from tests.support.fakes import FakeAudit
from tests.support.requests import a_front, a_request, body_of

SPEC = document()
TABLES: dict[str, tuple[Route[Any], ...]] = {
    "ExecutionHandler": EXECUTION_ROUTES,
    "QueryHandler": QUERY_ROUTES,
    "DataManagementHandler": DATA_ROUTES,
}
ROUTES = {
    route.name: (handler, route)
    for handler, routes in TABLES.items()
    for route in routes
}
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, item in SPEC["paths"].items()
    for method, operation in item.items()
}
# What API Gateway answers itself.
PUBLIC = {
    name
    for name in OPERATIONS
    if name.startswith("OPTIONS ") or name == "GET /health"
}
EVERYBODY: tuple[str | None, ...] = (*Role, "NoRoleAtAll", None)
# Contract 16.2, and what the gateway may say itself.
CODE = re.compile(r"[A-Z][A-Z_]+[A-Z]")


def test_the_document_is_a_valid_description() -> None:
    validate(SPEC)


def test_no_route_is_in_two_tables() -> None:
    assert len(ROUTES) == sum(map(len, TABLES.values()))


def test_the_document_lists_what_the_tables_list() -> None:
    assert set(OPERATIONS) - PUBLIC == set(ROUTES)


def test_every_path_answers_a_browser_that_asks() -> None:
    assert all("options" in item for item in SPEC["paths"].values())


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_route_is_described_as_it_is_built(name: str) -> None:
    handler, route = ROUTES[name]
    operation = OPERATIONS[name]
    uri = operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
    body = operation.get("requestBody")
    parameters = {
        one["name"]
        for one in operation.get("parameters", ())
        if one["in"] == "path"
    }

    assert operation["x-permission"] == route.permission
    assert f"${{{handler}AliasArn}}" in uri
    assert str(route.status) in operation["responses"]
    assert (body is None) is (route.body is Body.NONE)
    if body is not None:
        assert body["required"] is (route.body is Body.REQUIRED)
    assert parameters == set(re.findall(r"\{(\w+)\}", route.path))
    assert "security" not in operation


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_what_the_gateway_answers_itself_is_public(name: str) -> None:
    operation = OPERATIONS[name]

    assert operation["security"] == []
    assert operation["x-permission"] == "public"
    assert operation["x-amazon-apigateway-integration"]["type"] == "mock"


def test_every_operation_has_an_id_of_its_own() -> None:
    ids = Counter(one["operationId"] for one in OPERATIONS.values())

    assert [name for name, count in ids.items() if count > 1] == []


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_route_documents_every_error_it_may_end_with(name: str) -> None:
    operation = OPERATIONS[name]
    answers = set(operation["responses"])

    assert {"401", "403", "429", "500", "503"} <= answers
    assert ("404" in answers) >= ("{" in name)
    assert all(CODE.fullmatch(c) for c in operation.get("x-error-codes", ()))


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_the_function_names_the_code_of_a_missing_parameter(
    name: str,
) -> None:
    """The gateway would answer first, and with a code of its own."""
    operation = OPERATIONS[name]
    needed = {
        one["name"]
        for one in operation.get("parameters", ())
        if one["in"] == "query" and one.get("required")
    }
    asked = operation.get("x-amazon-apigateway-request-validator")

    assert bool(needed) is (asked == "none")


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_examples_are_as_their_schemas_say(name: str) -> None:
    operation = OPERATIONS[name]
    contents = [
        resolved(answer)["content"]
        for answer in operation["responses"].values()
    ]
    if "requestBody" in operation:
        contents.append(operation["requestBody"]["content"])

    for content in contents:
        media = content["application/json"]
        check_media(media, media["example"])


def test_the_template_holds_the_document_as_it_is() -> None:
    api = templates.template("api")

    assert api.properties("Api")["Body"] == SPEC
    assert TEMPLATE.read_text(encoding="utf-8") == template_of(
        STACK.read_text(encoding="utf-8"),
        DOCUMENT.read_text(encoding="utf-8"),
    ), "Run `scripts/python -m scripts.api_template`."


def test_another_document_is_another_deployment() -> None:
    stack = STACK.read_text(encoding="utf-8")

    one = re.findall(r"Deployment\w{12}", template_of(stack, "openapi: 1\n"))
    two = re.findall(r"Deployment\w{12}", template_of(stack, "openapi: 2\n"))

    assert len(one) == len(two) == 2
    assert len({*one, *two}) == 2


def test_a_stack_without_a_place_for_the_document_is_refused() -> None:
    with pytest.raises(ValueError, match="must hold"):
        template_of("Resources: {}\n", "openapi: 1\n")


def expected(permission: str, role: str | None) -> int:
    """Return the status that comes before the route's own: 0 none."""
    if role is None:
        return 401
    if permission == AUTHENTICATED:
        return 0
    holders = GRANTED_TO[Permission(permission)]
    return 0 if role in holders else 403


def ask(name: str, role: str | None, audit: FakeAudit) -> tuple[int, Any]:
    """Make a request that gets past the door and no further."""
    handler, route = ROUTES[name]
    path = re.sub(r"\{\w+\}", "none", route.path)
    event = a_request(route.method, path, role=role)
    front = a_front(audit)
    if handler == "ExecutionHandler":
        reply = answer(event, Bench().ports(), EXECUTION_ROUTES, front)
    elif handler == "DataManagementHandler":
        reply = answer(event, Desk().ports(), DATA_ROUTES, front)
    else:
        reply = answer(event, Lookups().ports(), QUERY_ROUTES, front)
    check_answer(name, reply["statusCode"], body_of(reply))
    return reply["statusCode"], body_of(reply)


def test_every_role_is_let_in_or_kept_out_as_the_contract_says() -> None:
    counts: Counter[str] = Counter()
    for name, (_, route) in ROUTES.items():
        for role in EVERYBODY:
            audit = FakeAudit()
            status, body = ask(name, role, audit)
            denied = expected(route.permission, role)

            assert (status in (401, 403)) is bool(denied), (name, role)
            if denied:
                assert status == denied, (name, role)
            if status == 403:
                assert body["requiredPermissions"] == [route.permission]
                assert [str(e.result) for e in audit.entries] == ["denied"]
            counts[f"{role}: {'denied' if denied else 'allowed'}"] += 1

    print(f"{len(ROUTES)} routes:", dict(counts))
    assert sum(counts.values()) == len(ROUTES) * len(EVERYBODY)
