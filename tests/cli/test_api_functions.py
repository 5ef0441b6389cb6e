"""The functions of an installation, over what its API answers."""

import json

import pytest

from cli.api_functions import ApiFunctions
from cli.domain.ports import CommandFailed, Refused
from cli.domain.target import DATA, EXECUTION, QUERY, Target
from cli.installation import TOKEN, functions_of
from data_management_handler.routes import ROUTES as DATA_ROUTES
from query_handler.routes import ROUTES as QUERY_ROUTES
from shared.http import answer as answered
from tests.cli.installation import Office
from tests.cli.web import Answer, Sent, served
from tests.support.requests import a_front, a_request


class Api:
    """An API that gives its answers in turn; ``sent`` are the requests."""

    def __init__(self, *answers: Answer) -> None:
        self.sent: list[Sent] = []
        self._answers = list(answers)

    def __call__(self, sent: Sent) -> Answer:
        self.sent.append(sent)
        return self._answers.pop(0)

    def asked(
        self, operation: str = "list_executions", **fields: int
    ) -> object:
        """Ask it for an operation."""
        with served(self) as url:
            functions = ApiFunctions(f"{url}/", "a-token")
            return functions.call(EXECUTION, operation, **fields)

    def refuses(self) -> CommandFailed:
        """Ask it for what it refuses; return the refusal."""
        with pytest.raises(CommandFailed) as error:
            self.asked()
        return error.value


def test_an_operation_is_sent_to_its_route_with_the_token() -> None:
    api = Api(Answer(status=200, body={"items": []}))

    assert api.asked(limit=5) == {"items": []}
    assert api.sent == [
        Sent(
            method="GET",
            path="/executions?limit=5",
            token="a-token",
            body=None,
        )
    ]


def test_an_error_of_the_product_keeps_its_code() -> None:
    body = {"error": "EXECUTION_NOT_FOUND", "message": "no such execution"}

    refusal = Api(Answer(status=404, body=body)).refuses()

    assert isinstance(refusal, Refused)
    assert refusal.code == "EXECUTION_NOT_FOUND"
    assert "no such execution" in str(refusal)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Answer(status=401, body={"error": "UNAUTHENTICATED"}), "dro login"),
        (Answer(status=504, body={"error": "TIMEOUT"}), "may go on"),
        (Answer(status=403, body={"message": "Forbidden"}), "403: Forbidden"),
        (Answer(status=200, body="<html>"), "Check --api"),
        (
            Answer(status=302, body={}, headers={"Location": "http://else"}),
            "leads elsewhere",
        ),
    ],
)
def test_what_stands_before_the_product_is_told_apart(
    reply: Answer, said: str
) -> None:
    refusal = Api(reply).refuses()

    assert not isinstance(refusal, Refused)
    assert said in str(refusal)


def test_a_request_is_sent_again_where_its_function_broke() -> None:
    broke = Answer(status=502, body={"error": "INTERNAL_ERROR"})
    api = Api(broke, broke, Answer(status=200, body={"items": []}))

    assert api.asked() == {"items": []}
    assert len(api.sent) == 3


def test_a_function_that_always_breaks_is_an_error() -> None:
    broke = Answer(
        status=502, body={"error": "INTERNAL_ERROR", "message": "broke"}
    )

    refusal = Api(*[broke] * 5).refuses()

    assert "broke" in str(refusal)


def test_an_api_that_is_not_there_is_an_error() -> None:
    functions = ApiFunctions("http://127.0.0.1:9", "a-token")

    with pytest.raises(CommandFailed, match="cannot be asked to"):
        functions.call(EXECUTION, "list_executions")


@pytest.mark.parametrize(
    "url", ["http://example.com", "ftp://example.com", "example.com", "https:"]
)
def test_a_token_is_not_sent_in_the_clear(url: str) -> None:
    with pytest.raises(CommandFailed, match="begins with https"):
        ApiFunctions(url, "a-token")


def test_an_api_is_asked_with_the_token_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    api = Api(Answer(status=200, body=[]))
    monkeypatch.setenv(TOKEN, "mine")

    with served(api) as url:
        functions = functions_of(Target(api_url=url))
        assert functions.call(DATA, "list_target_accounts") == []

    assert api.sent[0].token == "mine"
    monkeypatch.delenv(TOKEN)
    with pytest.raises(CommandFailed, match="DRO_TOKEN is not set"):
        functions_of(Target(api_url=url))


class Deployed(Office):
    """The office's functions behind their routes, as API Gateway asks."""

    def __call__(self, sent: Sent) -> Answer:
        path, _, query = sent.path.partition("?")
        pairs = [part.split("=") for part in query.split("&") if part]
        event = a_request(
            sent.method,
            path,
            query=dict((name, value) for name, value in pairs),
            body=sent.body,
        )
        front = a_front()
        found = answered(event, self.desk.ports(), DATA_ROUTES, front)
        if "There is no path" in found["body"]:
            found = answered(event, self._lookups(), QUERY_ROUTES, front)
        return Answer(
            status=found["statusCode"], body=json.loads(found["body"])
        )


@pytest.mark.parametrize(
    ("function", "operation", "fields"),
    [
        (DATA, "list_protection_groups", {}),
        (DATA, "list_recovery_plans", {"queryParams": {"name": "sh"}}),
        (DATA, "list_target_accounts", {}),
        (QUERY, "get_current_account_id", {}),
        (QUERY, "get_drs_account_capacity", {}),
        (
            QUERY,
            "get_drs_source_servers",
            {"queryParams": {"region": "us-east-1"}},
        ),
    ],
)
def test_the_api_answers_what_the_function_answers(
    function: str, operation: str, fields: dict[str, object]
) -> None:
    office = Deployed()
    office.has_servers({"web-1": "web", "db-1": "db"})

    with served(office) as url:
        over_http = ApiFunctions(url, "t").call(function, operation, **fields)

    assert over_http == office.call(function, operation, **fields)
