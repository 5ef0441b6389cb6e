"""Asks one handler for its operations, over the API of any installation.

Which operations a handler has, and what each takes, is read from the API's
description. The token is that of `DRO_TOKEN`, or of a user of the local cloud
that is up in this checkout. Exit status: 0 where every answer is a success, 1
where one is not, 2 where nothing was asked.
"""

import argparse
import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

DOCUMENT: Final = Path("cfn/api/openapi.yaml")
ENDPOINTS: Final = Path(".local-cloud/run/endpoints.json")
LOCAL_URL: Final = "http://127.0.0.1:8080"
HANDLERS: Final[Mapping[str, str]] = {
    "data-management-handler": "DataManagementHandlerAliasArn",
    "execution-handler": "ExecutionHandlerAliasArn",
    "query-handler": "QueryHandlerAliasArn",
}
_SIGN_IN: Final = "AWSCognitoIdentityProviderService.InitiateAuth"
_PATIENCE: Final = 60


class NotAsked(Exception):
    """What is wanted cannot be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of a handler, as the description has it."""

    name: str
    method: str
    path: str
    summary: str
    query: frozenset[str]

    @property
    def places(self) -> list[str]:
        """What the path has to be given."""
        return re.findall(r"{(\w+)}", self.path)


def operations(document: Mapping[str, Any], handler: str) -> list[Operation]:
    """List the operations of a handler, as the description orders them."""
    return [
        Operation(
            name=found["operationId"],
            method=method.upper(),
            path=path,
            summary=found["summary"],
            query=frozenset(
                each["name"]
                for each in found.get("parameters", ())
                if each["in"] == "query"
            ),
        )
        for path, item in document["paths"].items()
        for method, found in item.items()
        if HANDLERS[handler]
        in json.dumps(found["x-amazon-apigateway-integration"])
    ]


def ask(
    operation: Operation,
    given: Mapping[str, str],
    *,
    url: str,
    token: str,
    body: str = "",
) -> tuple[int, str]:
    """Make a request; answer its status and text.

    Raises:
        NotAsked: The path needs something that is not given, or nobody
            answers at the address.
    """
    missing = [place for place in operation.places if place not in given]
    if missing:
        raise NotAsked(
            f"{operation.name} needs {', '.join(missing)}; give it with "
            f"--set {missing[0]}=..."
        )
    path = re.sub(
        r"{(\w+)}",
        lambda place: urllib.parse.quote(given[place[1]], safe=""),
        operation.path,
    )
    query = {k: v for k, v in given.items() if k in operation.query}
    asked = f"?{urllib.parse.urlencode(query)}" if query else ""
    request = urllib.request.Request(
        url.rstrip("/") + path + asked,
        method=operation.method,
        data=body.encode() if body else None,
        headers={"Authorization": token, "Content-Type": "application/json"},
    )
    return _sent(request)


def sign_in(endpoints: Mapping[str, Any], user: str, password: str) -> str:
    """Answer the id token of a user of a local cloud.

    Raises:
        NotAsked: The user is not let in.
    """
    request = urllib.request.Request(
        endpoints["aws_url"],
        data=json.dumps(
            {
                "ClientId": endpoints["outputs"]["UserPoolClientId"],
                "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": {"USERNAME": user, "PASSWORD": password},
            }
        ).encode(),
        headers={
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": _SIGN_IN,
        },
    )
    status, text = _sent(request)
    if status != 200:
        raise NotAsked(f"{user} is not let in: {text}")
    return str(json.loads(text)["AuthenticationResult"]["IdToken"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; answer the exit status."""
    options = _parser().parse_args(arguments)
    document = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    known = operations(document, options.handler)
    if not options.operation and not options.read_only:
        for each in known:
            _say(f"{each.name}  {each.method} {each.path}  {each.summary}")
        return 0
    try:
        return _run(_wanted(known, options), options)
    except NotAsked as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _wanted(
    known: Sequence[Operation], options: argparse.Namespace
) -> list[Operation]:
    if options.read_only:
        return [each for each in known if each.method == "GET"]
    named = [each for each in known if each.name == options.operation]
    if not named:
        raise NotAsked(
            f"{options.handler} has no operation {options.operation}; "
            f"`scripts/try {options.handler}` lists what it has."
        )
    return named


def _run(wanted: Sequence[Operation], options: argparse.Namespace) -> int:
    given = dict(each.partition("=")[::2] for each in options.set)
    url, token = _installation(options)
    statuses = []
    for each in wanted:
        if options.read_only and set(each.places) - set(given):
            _say(f"{each.name}: skipped, needs {', '.join(each.places)}")
            continue
        status, text = ask(
            each, given, url=url, token=token, body=options.body
        )
        _say(f"{each.name}: {status}\n{_laid_out(text)}")
        statuses.append(status)
    return int(not statuses or max(statuses) >= 400)


def _installation(options: argparse.Namespace) -> tuple[str, str]:
    """Answer the API's address and a token for it."""
    token = os.environ.get("DRO_TOKEN", "")
    if token:
        return options.url or LOCAL_URL, token
    try:
        local = json.loads(ENDPOINTS.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotAsked(
            "There is no token and no local cloud to get one from. Put the "
            "id token of a user into DRO_TOKEN, or run `dro local up`."
        ) from error
    token = sign_in(local, options.user, options.password)
    return options.url or str(local["api_url"]), token


def _sent(request: urllib.request.Request) -> tuple[int, str]:
    if not request.full_url.startswith(("http://", "https://")):
        raise NotAsked(f"{request.full_url} is no address of an API.")
    try:
        answer = urllib.request.urlopen(  # nosec B310  # checked above
            request, timeout=_PATIENCE
        )
    except urllib.error.HTTPError as error:
        answer = error
    except OSError as error:
        raise NotAsked(
            f"{request.full_url} does not answer: {error}"
        ) from error
    with answer:
        return answer.status, answer.read().decode(errors="replace")


def _laid_out(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2)
    except ValueError:
        return text


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/try", description=__doc__)
    parser.add_argument("handler", choices=sorted(HANDLERS))
    parser.add_argument("operation", nargs="?", default="")
    parser.add_argument(
        "--read-only", action="store_true", help="every operation that reads"
    )
    parser.add_argument("--body", default="", help="a JSON object")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a place of the path or a parameter of the query",
    )
    parser.add_argument("--url", default="", help=f"default: {LOCAL_URL}")
    parser.add_argument("--user", default="admin@example.com")
    parser.add_argument(
        "--password",
        default="Local-cloud-1",  # nosec B105: of users of a local cloud
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
