"""The deployed API: who is let in, and that a start over HTTP runs.

What the emulator's API Gateway checks of a token is proved here, since the
production templates count on it.
"""

import base64
import json
import time
from pathlib import Path
from typing import Any

from local_cloud.aws.people import PASSWORD, PEOPLE, id_token
from tests.support.api_document import check_answer
from tests.system.api import ADMIN, Api
from tests.system.plans import two_waves
from tests.system.world import System


def with_claims(token: str, **claims: object) -> str:
    """Answer the token with other claims and its old signature."""
    head, body, signature = token.split(".")
    padded = body + "=" * (-len(body) % 4)
    known = json.loads(base64.urlsafe_b64decode(padded))
    text = json.dumps({**known, **claims}).encode()
    changed = base64.urlsafe_b64encode(text).decode().rstrip("=")
    return f"{head}.{changed}.{signature}"


def token_of_another_pool(api: Api) -> str:
    """Sign a user of the same name in to a pool that is not ours."""
    pools = api.account.user_pools()
    pool = pools.create_user_pool(PoolName="others")["UserPool"]["Id"]
    client = pools.create_user_pool_client(
        UserPoolId=pool,
        ClientName="others",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
    )["UserPoolClient"]["ClientId"]
    pools.admin_create_user(
        UserPoolId=pool, Username=ADMIN, MessageAction="SUPPRESS"
    )
    pools.admin_set_user_password(
        UserPoolId=pool, Username=ADMIN, Password=PASSWORD, Permanent=True
    )
    return id_token(api.account, client, ADMIN)


def test_a_person_is_who_the_token_says(api: Api) -> None:
    status, body = api.ask("GET /user/profile", api.tokens[ADMIN])

    assert status == 200
    assert body["email"] == ADMIN
    assert body["roles"] == ["DRSOrchestrationAdmin"]
    assert len(body["permissions"]) == 18


def test_only_tokens_of_our_pool_that_are_as_signed_are_let_in(
    api: Api,
) -> None:
    good = api.tokens[ADMIN]
    refused = {
        "none": None,
        "empty": "",
        "garbage": "garbage",
        "another's claims": with_claims(
            api.tokens[PEOPLE["DRSReadOnly"]],
            **{"cognito:groups": ["DRSOrchestrationAdmin"]},
        ),
        "a later end": with_claims(good, exp=4_000_000_000),
        "no signature": good.rpartition(".")[0] + ".",
        "of another pool": token_of_another_pool(api),
    }

    statuses = {
        name: api.ask("GET /user/profile", token)[0]
        for name, token in refused.items()
    }

    assert statuses == dict.fromkeys(refused, 401)


def test_a_path_that_is_not_there_is_refused_by_the_gateway(api: Api) -> None:
    assert api.ask("GET /nowhere", api.tokens[ADMIN])[0] == 403


def test_a_drill_is_started_and_watched_over_http(
    api: Api, system: System, tmp_path: Path
) -> None:
    operator = api.tokens[PEOPLE["DRSOperator"]]
    seeded = system.drill(plan=two_waves(tmp_path, "over-http"))
    plan_id = seeded.record["planId"]

    status, started = api.ask(
        "POST /executions",
        operator,
        {"planId": plan_id, "executionType": "DRILL"},
    )
    assert status == 202, started
    shown = ended(api, operator, started["executionId"])
    listed = api.ask(f"GET /executions?planId={plan_id}", operator)[1]

    check_answer("GET /executions/{id}", 200, shown)
    check_answer("GET /executions", 200, listed)
    assert shown["status"] == "COMPLETED"
    assert shown["initiatedBy"] == PEOPLE["DRSOperator"]
    names = [
        [server["serverName"] for server in wave["servers"]]
        for wave in shown["waves"]
    ]
    assert [len(wave) for wave in names] == [2, 2]
    for wave in shown["waves"]:
        for server in wave["enrichedServers"]:
            assert server["launchStatus"] == "LAUNCHED"
            assert server["ipAddress"]
    assert [item["executionId"] for item in listed["items"]] == [
        started["executionId"],
        seeded.execution_id,
    ]


def ended(api: Api, token: str, execution_id: str) -> Any:
    """Watch an execution until it has ended."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        status, body = api.ask(f"GET /executions/{execution_id}", token)
        assert status == 200, body
        if body["status"] not in ("PENDING", "RUNNING", "POLLING"):
            return body
        time.sleep(0.2)
    raise AssertionError(f"{execution_id} is still {body['status']}.")
