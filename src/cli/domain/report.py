"""The end of a run: one object for programs, some lines for people."""

from collections.abc import Iterator
from typing import Any

from cli.domain.view import View, failures
from shared.domain.status import Status, WaveStatus

OK = 0
NOT_COMPLETED = 1
BAD_INPUT = 2


def report(seen: View, orchestrator: str) -> dict[str, Any]:
    """Return the report; a wave's ``number`` is its place, from 0."""
    return {
        "status": seen.status,
        "executionId": seen.execution_id,
        "planName": seen.plan_name,
        "isDrill": seen.is_drill,
        "waves": [
            {
                "number": row.number,
                "name": row.name,
                "status": row.status,
                "servers": row.servers,
                "launched": row.launched,
                "failed": row.failed,
                "seconds": row.seconds or 0,
            }
            for row in seen.waves
        ],
        "servers": seen.servers,
        "launched": seen.launched,
        "failed": seen.failed,
        "seconds": seen.seconds,
        "orchestrator": orchestrator,
    }


def exit_status(seen: View) -> int:
    """Return 0 only where every server of a completed run is launched."""
    complete = (
        seen.status == Status.COMPLETED
        and seen.failed == 0
        and 0 < seen.servers == seen.launched
    )
    return OK if complete else NOT_COMPLETED


def lines(seen: View, orchestrator: str) -> Iterator[str]:
    """Yield the report of a drill in the local cloud, for people."""
    first, *others = lines_of(seen)
    yield f"{first} ({orchestrator} orchestrator)"
    yield from others


def lines_of(seen: View) -> Iterator[str]:
    """Yield the report of an execution, for people."""
    kind = "Drill" if seen.is_drill else "Recovery"
    yield (
        f"{kind} of {seen.plan_name}: {seen.status} after {seen.seconds} s, "
        f"{seen.launched} of {seen.servers} servers launched"
    )
    for row in seen.waves:
        took = "" if row.seconds is None else f" in {row.seconds} s"
        failed = f", {row.failed} failed" if row.failed else ""
        yield (
            f"  Wave {row.number + 1} {row.name}: {row.status}, "
            f"{row.launched} of {row.servers} launched{failed}{took}"
        )
        told = row.status == WaveStatus.COMPLETED or row.message == seen.error
        if row.message and not told:
            yield f"    {row.message}"
    for wave, server in failures(seen):
        why = server.error or "the record names no reason"
        yield (
            f"  Failed: {server.name} ({server.server_id}) in wave "
            f"{wave.number + 1} {wave.name}: {why}"
        )
    if seen.error:
        yield f"  Reason: {seen.error}"
    machine = seen.machine
    if machine is not None and machine.status != "SUCCEEDED":
        parts = (
            f"  State machine {machine.status}",
            machine.error,
            machine.cause,
        )
        yield ": ".join(part for part in parts if part)
