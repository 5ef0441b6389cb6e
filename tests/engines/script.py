"""The scripted orchestrator: one table of answers, the same in all engines.

It uses nothing but the standard library, because the local cloud runs this
very file as a Lambda function. Scripts and calls lie in a folder, so that a
process that is killed in the middle of an answer forgets nothing.
"""

import json
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

REPLY = "reply"
"""An answer that is the function's reply."""
RAISES = "raises"
"""An answer that is an exception: its class's name and its message."""
LATE = "late"
"""An answer that comes after so many seconds, which is too late."""
KILLED = "killed"
"""An answer that never comes, because the process is killed."""

FOLDER = "SCRIPTS"


def write(folder: Path, run: str, answers: Mapping[str, Any]) -> None:
    """Keep the answers of each action for one execution."""
    (folder / f"{run}.json").write_text(json.dumps(answers))
    _calls(folder, run).write_text("")


def calls(folder: Path, run: str) -> list[dict[str, Any]]:
    """Read what the function was called with, in order."""
    lines = _calls(folder, run).read_text().splitlines()
    return [json.loads(line) for line in lines]


def tokens(folder: Path, run: str) -> list[str]:
    """Read the task tokens that the function took and was content with."""
    taken = [c["taskToken"] for c in calls(folder, run) if "taskToken" in c]
    return [
        token
        for made, token in enumerate(taken)
        if REPLY in _answer(folder, run, "store_task_token", made)
    ]


def answer(folder: Path, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Note a call and find its answer; the last one is given for ever."""
    run, action = _run(payload), payload["action"]
    made = sum(call["action"] == action for call in calls(folder, run))
    with _calls(folder, run).open("a") as noted:
        noted.write(json.dumps(payload) + "\n")
    return _answer(folder, run, action, made)


def handler(event: Mapping[str, Any], context: object) -> Any:
    """Answer as a Lambda function does."""
    found = answer(Path(os.environ[FOLDER]), event)
    if KILLED in found:
        os.kill(os.getpid(), signal.SIGKILL)
    if RAISES in found:
        name, message = found[RAISES]
        raise type(name, (Exception,), {})(message)
    time.sleep(found.get(LATE, 0))
    return found.get(REPLY)


def _answer(folder: Path, run: str, action: str, made: int) -> dict[str, Any]:
    script = json.loads((folder / f"{run}.json").read_text())
    answers = script.get(action) or [{REPLY: {}}]
    found: dict[str, Any] = answers[min(made, len(answers) - 1)]
    return found


def _calls(folder: Path, run: str) -> Path:
    return folder / f"{run}.calls"


def _run(payload: Mapping[str, Any]) -> str:
    if "execution" in payload:
        return str(payload["execution"])
    state = payload["application"]
    return str(state.get("execution_id") or state["Execution"]["Id"])
