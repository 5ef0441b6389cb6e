"""Where an engine is known to differ from the driver, and why.

Each gap says exactly what differs. A gap that closes fails its test, so that
it is taken out here and, if it is the local cloud's, in its README too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile, zip_longest
from typing import Any

from tests.engines.engines import Ended, Played

MOTO = "moto"
EMULATOR = "emulator"
ABSENT = "absent"

type Differences = dict[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What differs, by its path: the driver's value and the engine's."""

    reason: str
    differs: Differences


def differences(driver: Played, other: Played) -> Differences:
    """Answer by path what the two do not have in common."""
    found = [
        *_numbered("run", driver.executions, other.executions, _of_runs),
        *_numbered("call", driver.calls, other.calls, _of_calls),
    ]
    return {path: values for path, values in found if values[0] != values[1]}


def _numbered(
    kind: str, one: Sequence[Any], two: Sequence[Any], compare: Any
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for number, (left, right) in enumerate(zip_longest(one, two)):
        path = f"{kind} {number}"
        if left is None or right is None:
            yield path, (_named(left), _named(right))
        else:
            yield from compare(path, left, right)


def _named(one: Ended | Mapping[str, Any] | None) -> str:
    if one is None:
        return ABSENT
    return one.name if isinstance(one, Ended) else str(one["action"])


def _of_runs(
    path: str, one: Ended, two: Ended
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    pairs = zip(one.entered, two.entered)
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    yield f"{path} entered", (one.entered[common:], two.entered[common:])
    for name in ("name", "status", "error", "cause"):
        yield f"{path} {name}", (getattr(one, name), getattr(two, name))


def _of_calls(
    path: str, one: Mapping[str, Any], two: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    if one["action"] != two["action"]:
        yield path, (one["action"], two["action"])
        return
    left, right = dict(_leaves(path, one)), dict(_leaves(path, two))
    for name in {**left, **right}:
        yield name, (left.get(name, ABSENT), right.get(name, ABSENT))


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict):
        yield path, value
        return
    for key, part in value.items():
        yield from _leaves(f"{path} {key}", part)


def _told(call: int, one: Any, two: Any) -> Differences:
    """Answer what differs where the cause of a failure is handed on."""
    return {
        f"call {call} application failure Cause": (one, two),
        f"call {call} failure Cause": (one, two),
    }


_LATE = "A limit that passes leaves no cause in the driver, as AWS may; "
_EMPTY = _LATE + "moto leaves an empty one."
_WORDY = _LATE + "MiniStack leaves a sentence."
_PAUSED = "Task timed out waiting for callback"
_POLLED = "Task timed out after 3 seconds"
_SILENT = "A task ended without telling why, as one does that takes too long"
_LOST = Gap(
    reason="moto drops the cause that SendTaskFailure is given.",
    differs={
        "run 0 cause": ("cancelled by anna", None),
        **_told(2, "cancelled by anna", None),
    },
)
_NO_CHILD = "moto does not spell StateMachineArn as its client takes it."
_NOT_HANDED_OVER: Differences = {
    "run 0 entered": (
        ["PlanContinued"],
        ["RecordFailure", "DetermineCause", "PlanBroken"],
    ),
    "run 0 status": ("SUCCEEDED", "FAILED"),
    "run 0 error": (None, "PlanExecutionFailed"),
    "run 0 cause": (None, "'StateMachineArn'"),
}

GAPS: Mapping[tuple[str, str], Gap] = {
    (MOTO, "pause-cancelled"): _LOST,
    (MOTO, "pause-cancelled-and-no-record"): _LOST,
    (MOTO, "pause-refused"): _LOST,
    **{
        (engine, f"pause-never-ended{record}"): Gap(
            reason=reason, differs=_told(2, ABSENT, cause)
        )
        for engine, reason, cause in (
            (MOTO, _EMPTY, ""),
            (EMULATOR, _WORDY, _PAUSED),
        )
        for record in ("", "-and-no-record")
    },
    (MOTO, "poll-is-late"): Gap(reason=_EMPTY, differs=_told(2, ABSENT, "")),
    (EMULATOR, "poll-is-late"): Gap(
        reason=_WORDY,
        differs={
            "run 0 entered": (["PlanBrokenSilently"], ["PlanBroken"]),
            "run 0 cause": (_SILENT, _POLLED),
            **_told(2, ABSENT, _POLLED),
        },
    ),
    (MOTO, "handed-over"): Gap(
        reason=_NO_CHILD,
        differs={
            **_NOT_HANDED_OVER,
            "run 1": ("handed-over-cont-440", ABSENT),
            "call 3": ("poll_wave_status", "record_outcome"),
            "call 4": ("poll_wave_status", ABSENT),
        },
    ),
    (MOTO, "handed-over-already"): Gap(
        reason=_NO_CHILD,
        differs={**_NOT_HANDED_OVER, "call 2": (ABSENT, "record_outcome")},
    ),
}
