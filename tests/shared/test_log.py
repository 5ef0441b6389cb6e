"""The form of a line, and what never gets into one."""

import json
import logging
from typing import Any

import pytest

from shared import log


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_has_the_fields_of_the_contract(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.start("query-handler", {"shared": "0.1.0"})

    log.event("wave_started", execution_id="e-1", wave=0, name="x")

    (line,) = lines(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "INFO",
        "handler": "query-handler",
        "function": "test_a_line_has_the_fields_of_the_contract",
        "message": "wave_started",
        "execution_id": "e-1",
        "wave": 0,
        "name": "x",
        "versions": {"shared": "0.1.0"},
    }


def test_levels_are_spelled_as_the_contract_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.event("a")
    log.warning("b")
    log.error("c")
    logging.getLogger("dr").critical("d")

    levels = [line["level"] for line in lines(capsys)]
    assert levels == ["INFO", "WARN", "ERROR", "ERROR"]


@pytest.mark.parametrize(
    "name", ["token", "task_token", "payload", "state", "event", "claims"]
)
def test_payloads_and_tokens_are_withheld(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    log.event("a", **{name: "secret-value"})

    assert "secret-value" not in capsys.readouterr().out


def test_bound_fields_are_on_every_line_within(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with log.bound(execution_id="e-1", wave=2):
        log.event("a")
        logging.getLogger("dr.peers").info("b", extra={"function": "peer"})
    log.event("c")

    first, second, third = lines(capsys)
    assert (first["execution_id"], first["wave"]) == ("e-1", 2)
    assert (second["execution_id"], second["function"]) == ("e-1", "peer")
    assert "execution_id" not in third


def test_an_exception_comes_with_its_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    try:
        raise LookupError("no wave")
    except LookupError:
        log.exception("odd", execution_id="e-1")

    (line,) = lines(capsys)
    assert (line["level"], line["execution_id"]) == ("ERROR", "e-1")
    assert "LookupError: no wave" in line["exception"]
