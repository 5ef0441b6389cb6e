"""Keeps what an imported API description says beside its functions.

Stock takes an operation's integration and security and drops the rest, though
it can do all of it: mock answers, required parameters, the gateway's own
answers. Here they are put in after the import. A function that fails is
answered as AWS does, without the function's error. Templates may hold the
variables below and no VTL; a description with more is refused.
"""

import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from local_cloud.emulator import engine

_GATEWAY = "x-amazon-apigateway"
_VARIABLE = re.compile(r"\$context\.(\w+)")
_VARIABLES: Mapping[str, Callable[[], str]] = {
    "requestId": lambda: str(uuid.uuid4()),
    "requestTime": lambda: time.strftime(
        "%d/%b/%Y:%H:%M:%S +0000", time.gmtime()
    ),
}
_PLACES = {"path": "path", "query": "querystring", "header": "header"}
_BAD_GATEWAY = 502


class _Failed(Exception):
    """A function behind the API did not answer as one."""


def install() -> None:
    """Complete every import, and hide a function's error, from now on."""
    api = engine.apigateway_v1
    import_rest_api = api._import_rest_api

    def import_whole(spec: Mapping[str, Any], data: Any = None) -> str:
        api_id = str(import_rest_api(spec, data))
        _gateway_responses(api_id, spec)
        validators = _validators(api_id, spec)
        for method, operation in _operations(api_id, spec):
            _parameters(method, operation, spec)
            usual = spec.get(f"{_GATEWAY}-request-validator")
            chosen = operation.get(f"{_GATEWAY}-request-validator", usual)
            if chosen is not None:
                method["requestValidatorId"] = validators[chosen]
            _mock(method, operation.get(f"{_GATEWAY}-integration", {}))
        return api_id

    api._import_rest_api = import_whole
    api._invoke_mock_v1 = _filled(api._invoke_mock_v1)
    _hide_errors(api)


def _operations(
    api_id: str, spec: Mapping[str, Any]
) -> Iterator[tuple[dict[str, Any], Mapping[str, Any]]]:
    """Pair each imported method with its operation."""
    resources = engine.apigateway_v1._resources[api_id].values()
    methods = {each["path"]: each["resourceMethods"] for each in resources}
    for path, item in spec["paths"].items():
        for verb, operation in item.items():
            if method := methods[path].get(verb.upper()):
                shared = item.get("parameters", [])
                own = operation.get("parameters", [])
                yield method, {**operation, "parameters": [*shared, *own]}


def _gateway_responses(api_id: str, spec: Mapping[str, Any]) -> None:
    answers = spec.get(f"{_GATEWAY}-gateway-responses", {})
    for kind, answer in answers.items():
        put = engine.apigateway_v1._put_gateway_response(api_id, kind, answer)
        if put[0] >= 400:
            raise ValueError(f"Gateway response {kind}: {put[2]!r}")


def _validators(api_id: str, spec: Mapping[str, Any]) -> dict[str, str]:
    api = engine.apigateway_v1
    known: dict[str, str] = {}
    wanted = spec.get(f"{_GATEWAY}-request-validators", {})
    for name, checks in wanted.items():
        if checks.get("validateRequestBody"):
            raise ValueError(
                f"Request validator {name}: bodies are not validated here."
            )
        api._create_request_validator(api_id, {"name": name, **checks})
        [known[name]] = [
            key
            for key, each in api._request_validators[api_id].items()
            if each["name"] == name
        ]
    return known


def _parameters(
    method: dict[str, Any],
    operation: Mapping[str, Any],
    spec: Mapping[str, Any],
) -> None:
    for each in operation["parameters"]:
        found = each
        if "$ref" in each:
            found = spec
            for step in each["$ref"].removeprefix("#/").split("/"):
                found = found[step]
        if place := _PLACES.get(found["in"]):
            name = f"method.request.{place}.{found['name']}"
            required = bool(found.get("required"))
            method.setdefault("requestParameters", {})[name] = required


def _mock(method: dict[str, Any], integration: Mapping[str, Any]) -> None:
    if integration.get("type") != "mock":
        return
    made = method["methodIntegration"]
    made["requestTemplates"] = dict(integration.get("requestTemplates", {}))
    for pattern, answer in integration["responses"].items():
        for template in answer.get("responseTemplates", {}).values():
            _require_plain(template)
        made["integrationResponses"][answer["statusCode"]] = {
            "statusCode": answer["statusCode"],
            "selectionPattern": "" if pattern == "default" else pattern,
            "responseParameters": dict(answer.get("responseParameters", {})),
            "responseTemplates": dict(answer.get("responseTemplates", {})),
        }


def _require_plain(template: str) -> None:
    left = _VARIABLE.sub(
        lambda found: "" if found[1] in _VARIABLES else found[0], template
    )
    if "$" in left or "#" in left:
        raise ValueError(
            f"Template {template!r}: only $context.requestId and "
            "$context.requestTime are known here."
        )


def _filled(invoke_mock: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def invoke(integration: Any) -> Any:
        status, headers, body = invoke_mock(integration)
        answers = integration["integrationResponses"].values()
        if not any(each["responseTemplates"] for each in answers):
            # Without a template there is no body; stock makes one up.
            return status, headers, b""
        text = _VARIABLE.sub(
            lambda found: _VARIABLES[found[1]](), body.decode()
        )
        return status, headers, text.encode()

    return invoke


def _hide_errors(api: Any) -> None:
    invoke_lambda = api._invoke_lambda_proxy_v1
    shape = api._lambda_proxy_response
    render = api._gateway_error_response

    def answer_of(result: Any) -> Any:
        answer, error = shape(result)
        if error:
            raise _Failed(error)
        return answer, None

    async def invoke(*arguments: Any, **named: Any) -> Any:
        try:
            return await invoke_lambda(*arguments, **named)
        except _Failed:
            return api._GatewayError(_MALFORMED, "Internal server error")

    def rendered(error: Any, request: Any) -> Any:
        if error.response_type != _MALFORMED:
            return render(error, request)
        known = api._GatewayError("DEFAULT_5XX", error.message)
        _, headers, body = render(known, request)
        return _BAD_GATEWAY, headers, body

    api._invoke_lambda_proxy_v1 = invoke
    api._lambda_proxy_response = answer_of
    api._gateway_error_response = rendered


# Not one of AWS's types: it is answered as DEFAULT_5XX with status 502.
_MALFORMED = "MALFORMED_PROXY_RESPONSE"
