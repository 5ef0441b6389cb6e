"""What happens in each scenario: the orchestrator's answers by action.

A scenario says nothing of engines. Together the scenarios take every way
that the definition has; a test sees to that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.engines import script

type Answers = Mapping[str, Sequence[Mapping[str, Any]]]

LIMIT_SECONDS = 3
"""A limit that is to pass; every other answer comes well within it."""
LATE_SECONDS = 5
"""When the answer comes that is too late."""
LONG_SECONDS = 25
"""A limit that is not to pass, and in which a test need not wait for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """A person ends the pause."""

    output: Mapping[str, Any] = field(
        default_factory=lambda: {"resumedBy": "anna"}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The pause is ended by an error."""

    error: str = "ExecutionCancelled"
    cause: str = "cancelled by anna"


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """An execution that has the successor's name already."""

    name: str
    answers: Answers
    input: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One plan's way through the state machine.

    Attributes:
        answers: The orchestrator's answers by action, the last for ever.
        pauses: How each pause ends; one that is not listed never ends.
        limit: The tasks' time limit in seconds, where 390 is too long.
        pause_limit: The pause's, where a year is too long.
        data: What the input has beside the plan.
        successor: A name that another execution has taken already.
    """

    name: str
    answers: Answers
    pauses: Sequence[Resumed | Refused] = ()
    limit: int | None = None
    pause_limit: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    successor: str = ""

    @property
    def input(self) -> dict[str, Any]:
        """The input of the execution."""
        return {
            "Execution": {"Id": self.name},
            "Plan": {"planId": "p-1", "planName": "plan", "waves": []},
            "isDrill": True,
            "resumeFromWave": None,
            "accountContext": {"accountId": "123456789012"},
            **self.data,
        }


def a_state(name: str, **fields: Any) -> dict[str, Any]:
    """Answer the fields of a state that the definition reads."""
    return {
        "execution_id": name,
        "status": "running",
        "status_reason": None,
        "error": None,
        "wave_completed": False,
        "all_waves_completed": False,
        "continue_as_new": False,
        "current_wave_update_time": 2,
        "poll_count": 0,
        "accountContext": {"accountId": "123456789012"},
        "waves": [{"wave": 0, "servers": ["s-1"], "note": None}],
    } | fields


def raises(name: str, message: str = "it is said why") -> dict[str, Any]:
    """Answer an exception of the function."""
    return {script.RAISES: [name, message]}


KILLED = {script.KILLED: True}
LATE = {script.LATE: LATE_SECONDS}
BROKEN = raises("HandlerFailed")
BUSY = raises("HandlerUnavailable")
ENDS: Mapping[str, Mapping[str, Any]] = {
    "completed": {"status": "completed", "all_waves_completed": True},
    "failed": {"status": "failed", "error": "s-1 did not launch"},
    "timed out": {"status": "timeout", "status_reason": "wave 1 is too long"},
    "cancelled": {
        "status": "cancelled",
        "status_reason": "by anna",
        "all_waves_completed": True,
    },
}


def _scenario(
    name: str,
    begin: object = None,
    poll: object = None,
    *,
    resume: object = None,
    others: Answers | None = None,
    **settings: Any,
) -> Scenario:
    """Write a scenario down.

    A group of fields stands for a state that has them; an answer that is
    none, or a list of either, stands for itself.
    """
    run = name.replace(" ", "-")
    given = {"begin": begin, "poll_wave_status": poll, "resume_wave": resume}
    answers = {
        action: [
            _answer(run, one)
            for one in (value if isinstance(value, list) else [value])
        ]
        for action, value in given.items()
    }
    return Scenario(
        name=run, answers={**answers, **(others or {})}, **settings
    )


def _answer(run: str, given: Any) -> Mapping[str, Any]:
    fields: Mapping[str, Any] = given or {}
    if {script.RAISES, script.LATE, script.KILLED} & set(fields):
        return fields
    return {script.REPLY: a_state(run, **fields)}


RUNNING: Mapping[str, Any] = {}
PAUSED = {"status": "paused", "wave_completed": True}
FULL = {"continue_as_new": True, "poll_count": 440}
DONE = ENDS["completed"]

SCENARIOS = (
    *(_scenario(f"{n} at once", e) for n, e in ENDS.items()),
    *(_scenario(f"{n} by a poll", RUNNING, e) for n, e in ENDS.items()),
    *(
        _scenario(f"{n} after a wave", RUNNING, [{"wave_completed": True}, e])
        for n, e in ENDS.items()
    ),
    _scenario("several polls", RUNNING, [RUNNING, RUNNING, RUNNING, DONE]),
    _scenario("paused and resumed", PAUSED, resume=DONE, pauses=[Resumed()]),
    _scenario(
        "paused after a wave and twice",
        RUNNING,
        [PAUSED, DONE],
        resume=[PAUSED, RUNNING],
        pauses=[Resumed(), Resumed(output={"resumedBy": "ben"})],
    ),
    _scenario("pause cancelled", PAUSED, pauses=[Refused()]),
    _scenario(
        "pause cancelled and no record",
        PAUSED,
        pauses=[Refused()],
        others={"record_outcome": [BROKEN]},
    ),
    _scenario("pause refused", PAUSED, pauses=[Refused(error="Other")]),
    _scenario("pause never ended", PAUSED, pause_limit=LIMIT_SECONDS),
    _scenario(
        "pause never ended and no record",
        PAUSED,
        pause_limit=LIMIT_SECONDS,
        others={"record_outcome": [BROKEN]},
    ),
    _scenario(
        "token not kept",
        PAUSED,
        pause_limit=LONG_SECONDS,
        others={"store_task_token": [BROKEN]},
    ),
    _scenario(
        "token kept at last",
        PAUSED,
        resume=DONE,
        pauses=[Resumed()],
        pause_limit=LONG_SECONDS,
        others={"store_task_token": [BUSY, {script.REPLY: {}}]},
    ),
    _scenario("begin breaks", BROKEN),
    _scenario("poll breaks", RUNNING, BROKEN),
    _scenario("resume breaks", PAUSED, resume=BROKEN, pauses=[Resumed()]),
    _scenario(
        "poll and record break",
        RUNNING,
        BROKEN,
        others={"record_outcome": [BROKEN]},
    ),
    _scenario("poll is busy", RUNNING, [BUSY, BUSY, DONE]),
    _scenario("poll stays busy", RUNNING, BUSY),
    _scenario("begin is killed", [KILLED, DONE]),
    _scenario("poll is killed", RUNNING, [KILLED, RUNNING, KILLED, DONE]),
    _scenario("poll is always killed", RUNNING, KILLED),
    _scenario("poll is late", RUNNING, LATE, limit=LIMIT_SECONDS),
    _scenario("handed over", RUNNING, [RUNNING, FULL, RUNNING, DONE]),
    _scenario(
        "handed over already",
        RUNNING,
        [FULL, DONE],
        successor="handed-over-already-cont-440",
    ),
)

ELSEWHERE = Elsewhere(
    name="elsewhere",
    answers={"poll_wave_status": [_answer("elsewhere", DONE)]},
    input={"continuation": a_state("elsewhere")},
)
