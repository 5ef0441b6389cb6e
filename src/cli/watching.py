"""Watching an execution of any installation to its end.

What is seen is the stored execution, asked for again and again; the view
and the screen are those of a drill in the local cloud.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from cli.domain.ports import Clock, CommandFailed, Refused, Screen
from cli.domain.seeding import PlannedWave
from cli.domain.target import DATA, EXECUTION
from cli.domain.view import View, view
from cli.frame import Wiring
from shared.domain.record import Record

POLL_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The end of a watch: what people saw and what programs get."""

    view: View
    body: dict[str, Any]


def execution(wiring: Wiring, execution_id: str) -> dict[str, Any]:
    """Return an execution with the servers of its waves."""
    return dict(
        wiring.ask(EXECUTION, "get_execution", executionId=execution_id)
    )


def watch_execution(wiring: Wiring, execution_id: str, screen: Screen) -> Seen:
    """Show the execution until it has a final status.

    Raises:
        Refused: There is no such execution.
    """
    planned: Sequence[PlannedWave] | None = None
    told_of: int | None = None
    while True:
        body = execution(wiring, execution_id)
        record = _record(body)
        planned = planned or _planned(wiring, record)
        seen = _view(record, planned, wiring.clock)
        screen.show(seen)
        if seen.ended:
            return Seen(view=seen, body=body)
        if seen.paused_before is not None and seen.paused_before != told_of:
            resume = wiring.target.command("resume", execution_id)
            screen.say(f"Resume it with: {resume}")
        told_of = seen.paused_before
        wiring.clock.sleep(POLL_SECONDS)


def watch_termination(
    wiring: Wiring, execution_id: str, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Tell how far the ending of instances is, until nothing moves."""
    last = ""
    while True:
        body: dict[str, Any] = wiring.ask(
            EXECUTION, "get_termination_status", executionId=execution_id
        )
        line = (
            f"{body['completedServers']} of {body['totalServers']} instances "
            f"are gone ({body['progressPercent']} %)"
        )
        if line != last:
            tell(line)
        last = line
        jobs_over = all(job["status"] == "COMPLETED" for job in body["jobs"])
        if body["allCompleted"] or (body["anyFailed"] and jobs_over):
            return body
        wiring.clock.sleep(POLL_SECONDS)


def _view(
    record: Record, planned: Sequence[PlannedWave], clock: Clock
) -> View:
    return view(record, planned, None, int(clock.now()))


def _record(body: dict[str, Any]) -> Record:
    try:
        return msgspec.convert(body, Record, strict=False)
    except msgspec.ValidationError as error:
        raise CommandFailed(
            f"The execution {body.get('executionId')} cannot be read: "
            f"{error}. Is this dro older than the installation?"
        ) from error


def _planned(wiring: Wiring, record: Record) -> Sequence[PlannedWave]:
    """Return the waves to come; a plan that is gone leaves them nameless."""
    names: dict[int, str] = {}
    try:
        plan = wiring.ask(
            DATA, "get_recovery_plan", pathParameters={"id": record.plan_id}
        )
    except Refused as error:
        if error.code != "RECOVERY_PLAN_NOT_FOUND":
            raise
    else:
        for number, wave in enumerate(plan.get("waves") or ()):
            names[number] = str(wave.get("waveName") or "")
    count = max(record.total_waves, len(record.waves))
    return [
        PlannedWave(
            number=number,
            name=names.get(number) or f"Wave {number + 1}",
            servers=0,
        )
        for number in range(count)
    ]
