"""Peers that answer with anything, and groups that hold anything."""

import json
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.aws.handlers import LambdaHandler
from shared.domain.errors import DrError, HandlerFailed
from shared.domain.execution import Wire
from shared.domain.replies import error_body, retryable_error
from tests.fuzz.ground import Function, Ground
from tests.fuzz.mutations import (
    ANYTHING,
    STORABLE,
    TOKEN,
    Mutant,
    mutants,
)

ACCEPTED = Ground("accepted")
POLLING = Ground("polling")
PAUSED = Ground("paused")
POLL = {
    "action": "poll_wave_status",
    "application": POLLING.state,
    **POLLING.task,
}
RESUME = {
    "action": "resume_wave",
    "application": {**PAUSED.state, "resume": {}},
    **PAUSED.task,
}
ERRORS = st.sampled_from(
    [
        "BadRequest",
        "HandlerUnavailable",
        "DrError",
        "Sandbox.Timedout",
        "KeyError",
        "",
    ]
)


class Says:
    """A peer that replies the same to everything."""

    def __init__(self, reply: Any) -> None:
        self.reply = reply

    def call(self, action: str, payload: Mapping[str, Any]) -> Wire:
        """Return the reply, whatever it is."""
        reply: Wire = self.reply
        return reply


@given(mutants(POLLING.state))
@settings(max_examples=100)
def test_a_reply_that_is_no_state_of_ours_breaks_the_contract(
    mutant: Mutant,
) -> None:
    answer = POLLING.ask("generic", POLL, peer=Says(mutant.value))

    if isinstance(answer, DrError):
        assert isinstance(answer, HandlerFailed)
    else:
        assert answer["execution_id"] == POLLING.execution_id


@given(ANYTHING)
@settings(max_examples=100)
def test_a_reply_of_any_form_breaks_the_contract(reply: Any) -> None:
    for ground, event in ((POLLING, POLL), (PAUSED, RESUME)):
        answer = ground.ask("generic", event, peer=Says(reply))

        assert isinstance(answer, HandlerFailed)


class Invoked:
    """Lambda, which answers every call with these bytes."""

    def __init__(self, payload: bytes, *, failed: bool) -> None:
        self.answer: dict[str, Any] = {"Payload": BytesIO(payload)}
        if failed:
            self.answer["FunctionError"] = "Unhandled"

    def invoke(self, **_: object) -> dict[str, Any]:
        """Return the answer."""
        return self.answer


def called(payload: bytes, *, failed: bool) -> Wire | DrError:
    """Return what a peer's answer is for its caller, proved to be told."""
    client: Any = Invoked(payload, failed=failed)
    try:
        return LambdaHandler(client, "arn").call("act", {})
    except DrError as error:
        shown = retryable_error(error)
        assert json.loads(error_body(shown))["message"]
        assert "Traceback" not in shown.message
        return error


ODD_BYTES = st.sampled_from(
    [b"", b"null", b"\xff\xfe", b"[" * 100_000, b'{"a":1e999}', b"{"]
)


@given(st.binary(max_size=40) | ODD_BYTES, st.booleans())
@settings(max_examples=100)
def test_bytes_of_any_kind_are_an_object_or_an_error_of_ours(
    payload: bytes, failed: bool
) -> None:
    answer = called(payload, failed=failed)

    assert isinstance(answer, DrError | dict)
    assert not failed or isinstance(answer, DrError)


@given(
    st.fixed_dictionaries(
        {"errorType": ERRORS | ANYTHING, "errorMessage": ANYTHING},
        optional={"stackTrace": st.just(["Traceback (most recent call)"])},
    )
)
@settings(max_examples=100)
def test_a_failure_of_any_kind_is_an_error_of_ours(failure: Any) -> None:
    payload = json.dumps(failure).encode()

    assert isinstance(called(payload, failed=True), DrError)


@given(
    ERRORS, st.dictionaries(st.text(max_size=8) | st.just("self"), STORABLE)
)
@settings(max_examples=100)
def test_a_body_with_any_details_is_carried_on(
    kind: str, body: dict[str, Any]
) -> None:
    failure = {"errorType": kind, "errorMessage": json.dumps(body)}

    answer = called(json.dumps(failure).encode(), failed=True)

    assert isinstance(answer, DrError)
    assert TOKEN not in answer.message


GROUP = {
    **ACCEPTED.world.groups.group("db"),
    "sourceServerIds": ["s-00000000000000001"],
    "launchConfig": {
        "copyTags": True,
        "subnetId": "subnet-1",
        "securityGroupIds": ["sg-1"],
        "instanceType": "m5.large",
        "staticPrivateIp": "10.0.0.9",
        "licensing": {"osByol": True},
    },
    "servers": [
        {
            "sourceServerId": "s-00000000000000001",
            "useGroupDefaults": False,
            "launchTemplate": {"tags": {"a": "b"}, "monitoring": True},
        }
    ],
}
IDS = {k: GROUP[k] for k in ("groupId",)}
BEGIN = ACCEPTED.begin()
FUNCTIONS: list[Function] = ["generic", "direct"]


@pytest.mark.parametrize("function", FUNCTIONS)
@given(
    mutant=mutants({k: v for k, v in GROUP.items() if k not in IDS}, STORABLE)
)
@settings(max_examples=80)
def test_whatever_a_group_holds_the_answer_is_ours(
    function: Function, mutant: Mutant
) -> None:
    ACCEPTED.ask(function, BEGIN, group={**mutant.value, **IDS})
