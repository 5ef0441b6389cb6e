"""The direct orchestrator's peers, reached as their Lambdas would be."""

from collections.abc import Mapping
from typing import Any

import pytest

from drs.domain.errors import DrsThrottled
from orchestration.actions import ACTIONS as GENERIC
from orchestration_stepfunctions.composition import ACTIONS, InProcessHandler
from shared.domain.errors import HandlerFailed, HandlerUnavailable, NotFound


def test_it_answers_the_generic_actions_and_one_alias() -> None:
    assert set(ACTIONS) - set(GENERIC) == {"update_wave_status"}
    assert ACTIONS["update_wave_status"] is GENERIC["poll_wave_status"]


def test_what_crosses_is_what_json_carries() -> None:
    seen: list[Mapping[str, Any]] = []

    def answer(event: Mapping[str, Any]) -> Mapping[str, Any]:
        seen.append(event)
        return {"list": (1, 2)}

    reply = InProcessHandler("peer", answer).call("act", {"at": (1,)})

    assert seen == [{"action": "act", "at": [1]}]
    assert reply == {"list": [1, 2]}


def test_a_typed_error_arrives_as_itself() -> None:
    def answer(_: Mapping[str, Any]) -> Mapping[str, Any]:
        raise NotFound("No group.", code="GROUP", groupId="db")

    with pytest.raises(NotFound) as raised:
        InProcessHandler("peer", answer).call("act", {})

    assert raised.value.body() == {
        "error": "GROUP",
        "message": "No group.",
        "groupId": "db",
    }


def test_a_peer_that_is_throttled_is_unavailable() -> None:
    def answer(_: Mapping[str, Any]) -> Mapping[str, Any]:
        raise DrsThrottled("slowly")

    with pytest.raises(HandlerUnavailable, match="peer"):
        InProcessHandler("peer", answer).call("act", {})


def test_a_peer_that_breaks_the_contract_has_failed() -> None:
    def answer(_: Mapping[str, Any]) -> Mapping[str, Any]:
        raise HandlerFailed("nonsense")

    with pytest.raises(HandlerFailed):
        InProcessHandler("peer", answer).call("act", {})
