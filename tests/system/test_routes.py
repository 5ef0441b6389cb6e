"""Every route of the API's description, over HTTP, in the local cloud."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local_cloud import cloud
from local_cloud.aws.people import PEOPLE
from tests.support.api_document import check_answer, document
from tests.system import grants
from tests.system.api import ADMIN, Api
from tests.system.cases.case import Case
from tests.system.cases.starts import EXECUTE, RETRY
from tests.system.cases.table import CASES
from tests.system.ground import Ground
from tests.system.moments import BY_CHANCE, TRIES
from tests.system.world import System

OPERATIONS: Mapping[str, Mapping[str, Any]] = {
    f"{method.upper()} {path}": operation
    for path, item in document()["paths"].items()
    for method, operation in item.items()
    if method != "options"
}
GUARDED = sorted(set(OPERATIONS) - set(grants.PUBLIC))
WITH_BODY = sorted(r for r in GUARDED if "requestBody" in OPERATIONS[r])
NEEDS_BODY = sorted(
    r for r in WITH_BODY if "MISSING_BODY" in OPERATIONS[r]["x-error-codes"]
)
# What any route may answer before its operation is asked.
GENERAL = {"", "INVALID_JSON"}
WITH_ID = sorted(r for r in GUARDED if "{id}" in r)
# Each in a Region where nobody else looks for servers meanwhile.
STARTING = {
    "POST /executions": "ap-south-1",
    EXECUTE: "ap-southeast-1",
    RETRY: "ap-southeast-2",
}
type Seen = set[tuple[str, str]]

# What these would do to others' executions is not asked for.
HARMLESS = {
    "DELETE /executions": "?ids=none",
    "DELETE /executions/completed": "?maxAgeDays=36500",
}


@pytest.fixture(scope="module")
def seen() -> Seen:
    """What the tests before have been answered."""
    return set()


def filled(value: Any, ground: Ground) -> Any:
    """Return a row's value with what its words stand for."""
    match value:
        case str():
            return re.sub(r"{(\w+)}", lambda m: ground.value(m[1]), value)
        case dict():
            return {key: filled(inner, ground) for key, inner in value.items()}
        case list():
            return [filled(inner, ground) for inner in value]
        case _:
            return value


def nowhere(route: str) -> str:
    """Return the route with ids of what does not exist."""
    return re.sub(r"{\w+}", lambda m: "0" if m[0] == "{n}" else "none", route)


def example(route: str) -> Any:
    """Return the body that the document shows."""
    if route not in WITH_BODY:
        return None
    content = OPERATIONS[route]["requestBody"]["content"]
    return content["application/json"]["example"]


def answered(case: Case, api: Api, ground: Ground) -> tuple[int, Any]:
    """Return what a row's request is answered while its moment lasts."""
    route, places = case.route, filled(case.places, ground)
    for place, value in places.items():
        route = route.replace(f"{{{place}}}", value)
    query = f"?{filled(case.query, ground)}" if case.query else ""
    body = filled(case.body, ground)
    with ground.during(case.during, places):
        return api.ask(route + query, api.tokens[ADMIN], body)


def name_of(case: Case) -> str:
    return f"{case.route}: {case.code or case.status}"


def test_every_route_has_a_row_that_succeeds_and_is_in_the_contract() -> None:
    succeeding = {case.route for case in CASES if not case.code}

    assert set(GUARDED) - succeeding == set()
    assert {case.route for case in CASES} - set(GUARDED) == set()
    for route in GUARDED:
        grants.may("", route)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_request_is_answered_as_its_row_says(
    case: Case, api: Api, ground: Ground, seen: Seen
) -> None:
    for _ in range(TRIES if case.during in BY_CHANCE else 1):
        status, answer = answered(case, api, ground)
        if status == case.status:
            break

    code = answer["error"] if status >= 400 else ""
    assert (status, code) == (case.status, case.code), answer
    check_answer(case.route, status, answer)
    seen.add((case.route, code))


@pytest.mark.parametrize("route", WITH_BODY)
def test_a_body_that_is_no_json_object_is_refused(
    route: str, api: Api, seen: Seen
) -> None:
    for body in (b"{", b"[]", b"7"):
        status, answer = api.send(nowhere(route), api.tokens[ADMIN], body)
        assert (status, answer["error"]) == (400, "INVALID_JSON"), answer
        check_answer(route, status, answer)
        seen.add((route, "INVALID_JSON"))


@pytest.mark.parametrize("route", NEEDS_BODY)
def test_a_body_that_is_not_there_is_asked_for(
    route: str, api: Api, seen: Seen
) -> None:
    status, answer = api.ask(nowhere(route), api.tokens[ADMIN])

    assert (status, answer["error"]) == (400, "MISSING_BODY"), answer
    seen.add((route, "MISSING_BODY"))


@pytest.mark.parametrize("route", WITH_ID)
def test_what_does_not_exist_is_not_found(
    route: str, api: Api, seen: Seen
) -> None:
    status, answer = api.ask(nowhere(route), api.tokens[ADMIN], example(route))

    documented = OPERATIONS[route]["x-error-codes"]
    assert status == 404, answer
    assert answer["error"] in documented
    check_answer(route, status, answer)
    seen.add((route, answer["error"]))


@pytest.mark.parametrize("route", WITH_ID)
def test_an_id_longer_than_any_is_refused(
    route: str, api: Api, seen: Seen
) -> None:
    asked = nowhere(route.replace("{id}", "x" * 257))

    status, answer = api.ask(asked, api.tokens[ADMIN], example(route))

    assert (status, answer["error"]) == (400, "INVALID_FORMAT"), answer
    check_answer(route, status, answer)
    seen.add((route, "INVALID_FORMAT"))


@pytest.mark.parametrize(("route", "region"), STARTING.items())
def test_of_two_starts_with_one_token_the_overtaken_one_is_told(
    route: str,
    region: str,
    api: Api,
    ground: Ground,
    system: System,
    seen: Seen,
) -> None:
    """The first is held up until the second has the plan's lock.

    The second is held up for longer, so that the first finds no record.
    """
    plan = ground.troubles.plan_in(region)
    body = {"executionType": "DRILL", "clientToken": "one", "planId": plan}
    about = ground.failed_of(plan) if "retry" in route else plan
    held_up = {"op": "DescribeSourceServers", "region": region, "times": 1}
    cloud.faults(
        system.endpoints,
        [{**held_up, "delay": seconds} for seconds in (10, 14)],
    )

    def start() -> tuple[int, Any]:
        asked = route.replace("{id}", about)
        return api.ask(asked, api.tokens[ADMIN], body)

    with ThreadPoolExecutor() as pool:
        first = pool.submit(start)
        ground.wait_for_lock(plan)
        second = pool.submit(start)

    status, answer = first.result()
    assert status == 409, answer
    assert answer["error"] == "PLAN_EXECUTION_CONFLICT"
    check_answer(route, status, answer)
    assert second.result()[0] == 202, second.result()
    seen.add((route, answer["error"]))


def test_all_is_well_again_where_the_troubles_are_over(
    api: Api, ground: Ground
) -> None:
    ground.troubles.end()

    for route in ("GET /recovery-plans", "GET /config/export"):
        status, answer = api.ask(route, api.tokens[ADMIN])
        assert status == 200, answer


def test_every_role_is_let_in_or_kept_out_on_every_route(api: Api) -> None:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for route in GUARDED:
        asked = nowhere(route) + HARMLESS.get(route, "")
        for role, email in PEOPLE.items():
            status, answer = api.ask(asked, api.tokens[email])
            allowed = grants.may(role, route)
            assert (status != 403) is allowed, (route, role, answer)
            assert status < 500, (route, role, answer)
            check_answer(route, status, answer)
            counts[role or "no role"]["allow" if allowed else "deny"] += 1
        status, answer = api.ask(asked, None)
        assert (status, answer["error"]) == (401, "UNAUTHENTICATED"), route
        check_answer(route, status, answer)
        counts["no token"]["deny"] += 1
    for who, seen in counts.items():
        print(f"{who}: {seen['allow']} allowed, {seen['deny']} denied")
    tried = sum(seen.total() for seen in counts.values())
    print(f"{len(GUARDED)} routes, {tried} pairs")
    assert tried == len(GUARDED) * (len(PEOPLE) + 1)


def test_every_documented_error_is_provoked_and_no_other_one(
    seen: Seen,
) -> None:
    documented = {
        (route, code)
        for route in GUARDED
        for code in OPERATIONS[route].get("x-error-codes", ())
    }
    provoked = documented & seen
    print(f"{len(CASES)} rows over {len(GUARDED)} routes")
    print(f"{len(provoked)} of {len(documented)} documented errors provoked")
    left = documented - seen
    for route in GUARDED:
        codes = sorted(code for known, code in left if known == route)
        if codes:
            print(f"  not {route}: {', '.join(codes)}")
    assert left == set()
    others = {pair for pair in seen - documented if pair[1] not in GENERAL}
    assert others == set()


@pytest.mark.parametrize("path", sorted(document()["paths"]))
def test_a_browser_is_told_what_it_may_send(path: str, api: Api) -> None:
    status, answer = api.ask(f"OPTIONS {nowhere(path)}", None)

    assert (status, answer) == (204, None)


def test_health_needs_no_token(api: Api) -> None:
    status, answer = api.ask("GET /health", None)

    check_answer("GET /health", status, answer)
    assert (status, answer["status"]) == (200, "healthy")
