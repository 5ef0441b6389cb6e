"""Print how the two orchestrators compare in the local cloud, as tables.

Run it at the root: ``PYTHONPATH=src:. python -m tests.system.figures``. What
a poll costs is the difference between a long and a short run of one plan, so
that neither start nor end counts; the sweep of each minute does not call in
an orchestrator's name and is not counted.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.system.artifacts import everything
from tests.system.evidence import calls
from tests.system.plans import two_waves
from tests.system.world import Item, System

FUNCTIONS = {
    "generic": ("dr-orch-sf", "query-handler", "execution-handler"),
    "direct": ("orch-sf",),
}
# In whose name a poll reads and writes.
ROLES = {
    "generic": ("OrchestrationRole", "QueryHandlerRole"),
    "direct": ("OriginalOrchestrationRole",),
}
WRITES = ("PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem")
POLL = "poll_wave_status"
SHORT, LONG, TURNS = 300, 3000, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One drill: wall time, what its functions logged, what it asked for."""

    seconds: float
    answers: Mapping[str, Sequence[Item]]
    table_calls: Counter[str]

    @property
    def polls(self) -> int:
        """How often the state machine asked for the state."""
        first = next(iter(self.answers.values()))
        return sum(line.get("action") == POLL for line in first)


def drilled(system: System, kind: str, plan: Path) -> Run:
    """Run a plan and gather what it used."""
    before = table_calls(system, kind)
    begun = time.monotonic()
    drill = system.drill(plan=plan)
    seconds = time.monotonic() - begun
    assert drill.report["status"] == "COMPLETED", drill.screen
    return Run(
        seconds=seconds,
        answers={
            function: invocations(
                line
                for line in system.log_lines(function, "answered")
                if line.get("execution_id") == drill.execution_id
                and "action" in line
            )
            for function in FUNCTIONS[kind]
        },
        table_calls=table_calls(system, kind) - before,
    )


def invocations(lines: Iterable[Item]) -> list[Item]:
    """Return the last line of each invocation.

    Within it the direct orchestrator answers itself for its peers.
    """
    return list({line["xray_trace_id"]: line for line in lines}.values())


def table_calls(system: System, kind: str) -> Counter[str]:
    """Count the reads and writes of tables so far."""
    counted: Counter[str] = Counter()
    for (role, action), count in calls(system.endpoints).items():
        service, _, name = action.partition(":")
        if role in ROLES[kind] and service == "dynamodb":
            counted["writes" if name in WRITES else "reads"] += count
    return counted


def rows(
    kind: str, short: Sequence[Run], long: Sequence[Run]
) -> Iterator[str]:
    """Yield a line for each thing compared."""
    more = sum(run.polls for run in long) - sum(run.polls for run in short)
    yield f"| {kind} | seconds of a drill | {median_of(short):.1f} |"
    for function in FUNCTIONS[kind]:
        lines = [line for run in short for line in run.answers[function]]
        times = sorted(int(line["duration_ms"]) for line in lines)
        yield (
            f"| {kind} | `{function}`: invocations a drill, median ms,"
            f" longest ms | {len(lines) / len(short):.1f},"
            f" {median(times):.0f}, {times[-1]} |"
        )
    for name in ("reads", "writes"):
        extra = total(long, name) - total(short, name)
        yield f"| {kind} | table {name} a poll | {extra / more:.2f} |"


def median_of(runs: Sequence[Run]) -> float:
    """Return the median wall time."""
    return median(run.seconds for run in runs)


def total(runs: Sequence[Run], name: str) -> int:
    """Return the reads or the writes of several runs."""
    return sum(run.table_calls[name] for run in runs)


def slower(plan: Path) -> Path:
    """Write the same plan with servers that take longer to launch."""
    path = plan.with_stem(f"{plan.stem}-long")
    path.write_text(plan.read_text().replace(f": {SHORT}\n", f": {LONG}\n"))
    return path


def measured(folder: Path, kind: str) -> tuple[list[Run], list[Run]]:
    """Make the short and the long runs of one orchestrator."""
    home = folder / kind
    home.mkdir()
    plan = two_waves(folder, kind)
    with System(home, everything().built, kind) as system:
        drilled(system, kind, plan)
        short = [drilled(system, kind, plan) for _ in range(TURNS)]
        long = [drilled(system, kind, slower(plan)) for _ in range(TURNS)]
    return short, long


def main() -> None:
    """Make every run and print the tables."""
    sys.stdout.write("| orchestrator | what | figure |\n|---|---|--:|\n")
    with TemporaryDirectory() as folder:
        for kind in FUNCTIONS:
            short, long = measured(Path(folder), kind)
            for row in rows(kind, short, long):
                sys.stdout.write(f"{row}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
