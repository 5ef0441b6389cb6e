"""The control path: estates, faults, quotas and the log of calls.

Decides what ``/_sim/`` answers. It is no part of AWS and needs no
signature; README.md documents it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qs

from drs_simulator.domain.faults import ControlError
from drs_simulator.domain.records import Wire
from drs_simulator.domain.simulator import Simulator

ROOT = "/_sim/"

type Filters = Mapping[str, str]
type Action = Callable[[Simulator, Any, Filters], Wire]


def answer(
    simulator: Simulator, method: str, path: str, query: str, body: bytes
) -> tuple[int, bytes]:
    """Return status and body for a request of the control path."""
    action = _ACTIONS.get((method, path.removeprefix(ROOT)))
    if action is None:
        known = ", ".join(f"{verb} {ROOT}{name}" for verb, name in _ACTIONS)
        return 404, _encoded(
            {"error": f"no {method} {path} here; there is {known}"}
        )
    filters = {key: values[-1] for key, values in parse_qs(query).items()}
    try:
        document = json.loads(body) if body else None
        return 200, _encoded(action(simulator, document, filters))
    except ValueError as error:
        return 400, _encoded({"error": str(error)})


def _encoded(answer: Wire) -> bytes:
    return json.dumps(answer).encode()


def _health(simulator: Simulator, document: Any, filters: Filters) -> Wire:
    return {
        "status": "ok",
        "now": simulator.clock(),
        "scale": simulator.scale,
        "pollsToComplete": simulator.polls_to_complete,
        "calls": len(simulator.calls),
    }


def _load(simulator: Simulator, document: Any, filters: Filters) -> Wire:
    return simulator.load_estate(document)


def _estate(simulator: Simulator, document: Any, filters: Filters) -> Wire:
    return simulator.estate()


def _inject(simulator: Simulator, document: Any, filters: Filters) -> Wire:
    simulator.inject(document)
    return {"faults": simulator.injection.listed()}


def _faults(simulator: Simulator, document: Any, filters: Filters) -> Wire:
    return {"faults": simulator.injection.listed()}


def _well(simulator: Simulator, document: Any, filters: Filters) -> Wire:
    simulator.injection.clear()
    return {"faults": []}


def _quotas(simulator: Simulator, document: Any, filters: Filters) -> Wire:
    if not isinstance(document, dict):
        raise ControlError(
            "quotas are an object: names or codes with values, and perhaps"
            " accountId and region"
        )
    values = dict(document)
    account = str(values.pop("accountId", ""))
    region = str(values.pop("region", ""))
    wrong = [key for key, value in values.items() if type(value) is not int]
    if wrong:
        raise ControlError(f"quotas are whole numbers: {', '.join(wrong)}")
    return asdict(simulator.quotas.adjust(values, account, region))


def _calls(simulator: Simulator, document: Any, filters: Filters) -> Wire:
    shown = [
        call
        for call in map(asdict, simulator.calls)
        if all(call.get(key) == value for key, value in filters.items())
    ]
    return {"calls": shown}


def _forget(simulator: Simulator, document: Any, filters: Filters) -> Wire:
    simulator.calls.clear()
    return {"calls": []}


_ACTIONS: Mapping[tuple[str, str], Action] = {
    ("GET", "health"): _health,
    ("GET", "estate"): _estate,
    ("POST", "estate"): _load,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _inject,
    ("DELETE", "faults"): _well,
    ("POST", "quotas"): _quotas,
    ("GET", "calls"): _calls,
    ("DELETE", "calls"): _forget,
}
