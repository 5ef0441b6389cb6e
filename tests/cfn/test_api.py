"""API Gateway and the pool of its users: limits, logs, who may call."""

import json
import re
from typing import Any

import pytest

from shared.domain.http_replies import (
    ALLOWED_HEADERS,
    ALLOWED_METHODS,
    EXPOSED_HEADERS,
)
from shared.domain.rbac import Role
from tests.support import templates

API = templates.template("api")
POOL = templates.template("cognito")
BODY: dict[str, Any] = API.properties("Api")["Body"]
HANDLERS = ("ExecutionHandler", "QueryHandler", "DataManagementHandler")


def test_the_api_is_regional_and_its_stage_is_traced_and_throttled() -> None:
    stage = API.properties("Stage")
    settings = {one["ResourcePath"]: one for one in stage["MethodSettings"]}

    assert API.properties("Api")["EndpointConfiguration"] == {
        "Types": ["REGIONAL"]
    }
    assert stage["TracingEnabled"] is True
    for path, rate, burst in (("/*", 1000, 2000), ("/health", 2000, 5000)):
        assert settings[path]["ThrottlingRateLimit"] == rate
        assert settings[path]["ThrottlingBurstLimit"] == burst
        assert settings[path]["DataTraceEnabled"] is False
        assert settings[path]["LoggingLevel"] == "OFF"


def test_an_access_log_line_is_json_without_body_or_token() -> None:
    line = API.properties("Stage")["AccessLogSetting"]["Format"]

    fields = json.loads(line).values()
    assert "$context.authorizer.claims.sub" in fields
    claims = [field for field in fields if "authorizer" in field]
    assert claims == ["$context.authorizer.claims.sub"]
    assert not re.search(r"body|header|Authorization|token", line, re.I)


def test_the_log_group_keeps_its_lines_as_long_as_all() -> None:
    [logs] = API.resources("Logs::LogGroup").values()

    assert logs["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize("handler", HANDLERS)
def test_the_api_alone_may_call_a_handlers_alias(handler: str) -> None:
    permission = API.properties(f"{handler}Permission")

    assert permission["FunctionName"] == {"Ref": f"{handler}AliasArn"}
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert templates.text(permission["SourceArn"]).endswith(":${Api}/*/*")


def test_the_gateways_own_answers_carry_the_cors_headers_too() -> None:
    answers = BODY["x-amazon-apigateway-gateway-responses"]

    assert {"DEFAULT_4XX", "DEFAULT_5XX", "UNAUTHORIZED"} <= set(answers)
    for answer in answers.values():
        headers = {
            name.rpartition(".")[2]: value
            for name, value in answer["responseParameters"].items()
        }
        assert headers["Access-Control-Allow-Origin"] == {
            "Fn::Sub": "'${ConsoleOrigin}'"
        }
        assert headers["Access-Control-Allow-Headers"] == (
            f"'{ALLOWED_HEADERS}'"
        )
        assert headers["Access-Control-Allow-Methods"] == (
            f"'{ALLOWED_METHODS}'"
        )
        assert headers["Access-Control-Expose-Headers"] == (
            f"'{EXPOSED_HEADERS}'"
        )
        body = answer["responseTemplates"]["application/json"]
        assert '"error": "' in body
        assert "authorizer" not in body


def test_users_of_the_pool_are_the_only_ones_let_in() -> None:
    scheme = BODY["components"]["securitySchemes"]["users"]
    authorizer = scheme["x-amazon-apigateway-authorizer"]

    assert BODY["security"] == [{"users": []}]
    assert authorizer["type"] == "cognito_user_pools"
    assert authorizer["providerARNs"] == [{"Ref": "UserPoolArn"}]


def test_there_is_a_group_for_each_role() -> None:
    groups = POOL.resources("Cognito::UserPoolGroup").values()

    names = [group["Properties"]["GroupName"] for group in groups]
    assert names == [str(role) for role in Role]


def test_people_sign_in_by_e_mail_with_a_strong_password() -> None:
    pool = POOL.properties("UserPool")
    policy = pool["Policies"]["PasswordPolicy"]

    assert pool["UsernameAttributes"] == ["email"]
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert policy["MinimumLength"] >= 8
    for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols"):
        assert policy[f"Require{kind}"] is True


def test_tokens_live_45_minutes_and_no_administrator_signs_people_in() -> None:
    client = POOL.properties("UserPoolClient")

    assert client["AccessTokenValidity"] == client["IdTokenValidity"] == 45
    assert client["RefreshTokenValidity"] == 30
    assert client["TokenValidityUnits"] == {
        "AccessToken": "minutes",
        "IdToken": "minutes",
        "RefreshToken": "days",
    }
    assert client["GenerateSecret"] is False
    assert not [f for f in client["ExplicitAuthFlows"] if "ADMIN" in f]


def test_people_outlive_the_stack() -> None:
    pool = POOL.body["Resources"]["UserPool"]

    assert pool["DeletionPolicy"] == pool["UpdateReplacePolicy"] == "Retain"
