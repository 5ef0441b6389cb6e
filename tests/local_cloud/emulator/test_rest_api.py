"""An imported API does what its description says, as API Gateway would."""

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

import pytest

from local_cloud.programs import ACCOUNT_ID, REGION
from tests.local_cloud.conftest import Start
from tests.local_cloud.world import Emulator, a_name

PASSWORD = "A-password-1"  # nosec B105  # of a user made here
ANSWERS = """
import json

def handler(event, context):
    asked = event["queryStringParameters"] or {}
    if asked["what"] == "fail":
        raise RuntimeError("a secret")
    claims = event["requestContext"]["authorizer"]["claims"]
    return {"statusCode": 200, "body": json.dumps(claims)}
"""
CORS = {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}


def a_gateway_response(error: str) -> dict[str, Any]:
    return {
        "responseParameters": CORS,
        "responseTemplates": {
            "application/json": '{"error": "%s", '
            '"message": $context.error.messageString}' % error
        },
    }


def a_mock(status: int, template: str = "") -> dict[str, Any]:
    answer: dict[str, Any] = {
        "statusCode": str(status),
        "responseParameters": {"method.response.header.X-Of": "'the mock'"},
    }
    if template:
        answer["responseTemplates"] = {"application/json": template}
    return {
        "responses": {str(status): {"description": "so"}},
        "security": [],
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": {
                "application/json": json.dumps({"statusCode": status})
            },
            "responses": {"default": answer},
        },
    }


def a_description(function: str, pool: str, health: str) -> dict[str, Any]:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{function}"
    asked = {
        "x-amazon-apigateway-integration": {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "uri": f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31"
            f"/functions/{arn}/invocations",
        },
        "parameters": [{"$ref": "#/components/parameters/What"}],
        "responses": {"200": {"description": "so"}},
    }
    return {
        "openapi": "3.0.1",
        "info": {"title": a_name("api"), "version": "1"},
        "security": [{"users": []}],
        "x-amazon-apigateway-request-validators": {
            "parameters": {"validateRequestParameters": True}
        },
        "x-amazon-apigateway-request-validator": "parameters",
        "x-amazon-apigateway-gateway-responses": {
            "UNAUTHORIZED": a_gateway_response("WHO"),
            "BAD_REQUEST_PARAMETERS": a_gateway_response("WHAT"),
            "THROTTLED": a_gateway_response("SLOWLY"),
            "DEFAULT_4XX": a_gateway_response("YOURS"),
            "DEFAULT_5XX": a_gateway_response("OURS"),
        },
        "paths": {
            "/asked/{id}": {"get": asked, "options": a_mock(204)},
            "/health": {"get": a_mock(200, health)},
        },
        "components": {
            "parameters": {
                "What": {
                    "name": "what",
                    "in": "query",
                    "required": True,
                    "schema": {"type": "string"},
                }
            },
            "securitySchemes": {
                "users": {
                    "type": "apiKey",
                    "name": "Authorization",
                    "in": "header",
                    "x-amazon-apigateway-authtype": "cognito_user_pools",
                    "x-amazon-apigateway-authorizer": {
                        "type": "cognito_user_pools",
                        "providerARNs": [
                            f"arn:aws:cognito-idp:{REGION}:{ACCOUNT_ID}"
                            f":userpool/{pool}"
                        ],
                    },
                }
            },
        },
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """A deployed API and the pool of its users."""

    emulator: Emulator
    api_id: str
    pool: str

    def ask(
        self, path: str, token: str = "", method: str = "GET"
    ) -> tuple[int, dict[str, str], Any]:
        """Make a request; answer status, headers and JSON."""
        request = urllib.request.Request(
            f"{self.emulator.ports.aws_url}/restapis/{self.api_id}"
            f"/live/_user_request_{path}",
            headers={"Authorization": token} if token else {},
            method=method,
        )
        try:
            answer = urllib.request.urlopen(  # nosec B310  # loopback
                request, timeout=10
            )
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            body = answer.read()
            headers = {k.lower(): v for k, v in answer.headers.items()}
            return answer.status, headers, json.loads(body or "null")

    def a_token(self, seconds: int = 300) -> str:
        """Sign a new user in; the token is good for so long."""
        pools = self.emulator.client("cognito-idp")
        client = pools.create_user_pool_client(
            UserPoolId=self.pool,
            ClientName=a_name("client"),
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
            IdTokenValidity=seconds,
            TokenValidityUnits={"IdToken": "seconds"},
        )["UserPoolClient"]["ClientId"]
        user = a_name("user")
        pools.admin_create_user(
            UserPoolId=self.pool, Username=user, MessageAction="SUPPRESS"
        )
        pools.admin_set_user_password(
            UserPoolId=self.pool,
            Username=user,
            Password=PASSWORD,
            Permanent=True,
        )
        reply = pools.initiate_auth(
            ClientId=client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user, "PASSWORD": PASSWORD},
        )
        return str(reply["AuthenticationResult"]["IdToken"])


def a_stack(emulator: Emulator, description: Any, **stage: Any) -> str:
    """Deploy an API; answer its id, or nothing where it was refused."""
    name = a_name("stack")
    resources = {
        "Api": {
            "Type": "AWS::ApiGateway::RestApi",
            "Properties": {"Body": description},
        },
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "Properties": {"RestApiId": {"Ref": "Api"}},
        },
        "Stage": {
            "Type": "AWS::ApiGateway::Stage",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "DeploymentId": {"Ref": "Deployment"},
                "StageName": "live",
                **stage,
            },
        },
    }
    ended = emulator.a_stack(
        {
            "Resources": resources,
            "Outputs": {"Api": {"Value": {"Ref": "Api"}}},
        },
        name,
    )
    if ended != "CREATE_COMPLETE":
        return ""
    stacks = emulator.client("cloudformation")
    [found] = stacks.describe_stacks(StackName=name)["Stacks"]
    return str(found["Outputs"][0]["OutputValue"])


def an_api(
    emulator: Emulator,
    health: str = '{"at": "$context.requestTime"}',
    **stage: Any,
) -> Api:
    pools = emulator.client("cognito-idp")
    pool = pools.create_user_pool(PoolName=a_name("pool"))["UserPool"]["Id"]
    function = emulator.a_function(ANSWERS)
    description = a_description(function, pool, health)
    return Api(
        emulator=emulator,
        api_id=a_stack(emulator, description, **stage),
        pool=pool,
    )


@pytest.fixture(scope="module")
def api(emulator: Emulator) -> Api:
    return an_api(emulator)


def test_a_mock_answers_with_its_template_and_headers(api: Api) -> None:
    status, headers, body = api.ask("/health")

    assert status == 200
    assert headers["x-of"] == "the mock"
    time.strptime(body["at"], "%d/%b/%Y:%H:%M:%S +0000")


def test_a_mock_without_a_template_has_no_body(api: Api) -> None:
    status, headers, body = api.ask("/asked/1", method="OPTIONS")

    assert (status, headers["x-of"], body) == (204, "the mock", None)


def test_a_required_parameter_that_is_missing_is_named(api: Api) -> None:
    status, headers, body = api.ask("/asked/1", api.a_token())

    assert status == 400
    assert headers["access-control-allow-origin"] == "*"
    assert body["error"] == "WHAT"
    assert body["message"].endswith("parameters: [what]")


def test_a_token_is_good_until_its_end(api: Api) -> None:
    token = api.a_token(seconds=1)
    before = api.ask("/asked/1?what=claims", token)[0]
    time.sleep(1.1)
    status, headers, body = api.ask("/asked/1?what=claims", token)

    assert before == 200
    assert status == 401
    assert headers["access-control-allow-origin"] == "*"
    assert body == {"error": "WHO", "message": "Unauthorized"}


def test_who_asks_is_checked_before_what_is_asked(api: Api) -> None:
    assert api.ask("/asked/1")[0] == 401


def test_what_is_not_there_is_answered_as_the_description_says(
    api: Api,
) -> None:
    status, headers, body = api.ask("/nowhere")

    assert (status, body["error"]) == (403, "YOURS")
    assert headers["access-control-allow-origin"] == "*"


def test_a_function_that_fails_tells_nobody_why(api: Api) -> None:
    status, headers, body = api.ask("/asked/1?what=fail", api.a_token())

    assert (status, body["error"]) == (502, "OURS")
    assert headers["access-control-allow-origin"] == "*"
    assert "secret" not in json.dumps(body)


def test_a_method_is_throttled_as_its_stage_says(emulator: Emulator) -> None:
    api = an_api(
        emulator,
        MethodSettings=[
            {
                "HttpMethod": "*",
                "ResourcePath": "/*",
                "ThrottlingRateLimit": 1,
                "ThrottlingBurstLimit": 1,
            }
        ],
    )

    answers = [api.ask("/health") for _ in range(4)]

    status, _, body = answers[-1]
    assert (status, body["error"]) == (429, "SLOWLY")


def test_a_template_with_more_than_plain_variables_is_refused(
    emulator: Emulator,
) -> None:
    assert an_api(emulator, health="#set($a = 1){}").api_id == ""
    assert an_api(emulator, health='{"ip": "$input.body"}').api_id == ""


def test_the_emulator_still_drops_what_stands_beside_functions(
    start_emulator: Start,
) -> None:
    api = an_api(start_emulator("rest-api"))

    assert api.ask("/health")[2] == {}
    assert "x-of" not in api.ask("/asked/1", method="OPTIONS")[1]
    assert api.ask("/asked/1")[2] == {"message": "Unauthorized"}
    unasked = api.ask("/asked/1", api.a_token())
    assert unasked[0] == 502
    assert "KeyError" in json.dumps(unasked[2])
