"""Runs a gate of scripts/check as a program, and tells how it ended.

What the gates are and what they ask is said there; which results stop a
deployment is decided in the domain.
"""

import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pipeline.domain.gate import (
    BadGateList,
    Gate,
    GateResult,
    Outcome,
    gates_of,
)

type Report = Callable[[str], None]

CHECK: Final = "scripts/check"
LOGS: Final = "dist/pipeline/logs"
_SHOWN_LINES: Final = 40
_REASON: Final = re.compile(r"^NOT RUN: (.+)$", re.MULTILINE)


def listed(checkout: Path, stage: str) -> list[Gate]:
    """Return the gates of a stage.

    Raises:
        BadGateList: scripts/check does not list any.
    """
    done = subprocess.run(
        [str(checkout / CHECK), "--list"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BadGateList(
            f"`{CHECK} --list` ended with {done.returncode}: {done.stderr}"
        )
    return gates_of(done.stdout, stage)


def run(checkout: Path, gate: Gate, report: Report) -> GateResult:
    """Run a gate; its output goes to a log, of which a failure's is shown."""
    log = checkout / LOGS / f"{gate.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    report(f"  {gate.name} ...")
    started = time.monotonic()
    with log.open("w", encoding="utf-8") as output:
        status = subprocess.run(
            [str(checkout / CHECK), gate.name],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    said = log.read_text(encoding="utf-8", errors="replace")
    outcome, reason = _end(status, said, log.relative_to(checkout))
    if outcome is Outcome.FAILED:
        for line in said.splitlines()[-_SHOWN_LINES:]:
            report(f"    {line}")
    return GateResult(
        gate=gate,
        outcome=outcome,
        reason=reason,
        seconds=time.monotonic() - started,
    )


def _end(status: int, said: str, log: Path) -> tuple[Outcome, str]:
    """Return what a gate's exit status means."""
    match status:
        case 0:
            return Outcome.OK, ""
        case 1:
            return Outcome.FAILED, f"see {log}"
        case 3:
            found = _REASON.findall(said)
            return Outcome.NOT_RUN, found[-1] if found else f"see {log}"
        case _:
            return Outcome.NOT_RUN, f"it ended with status {status}; see {log}"
