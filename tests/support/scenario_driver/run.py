"""One execution of the state machine, as anyone may look at it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

RUNNING = "RUNNING"
SUCCEEDED = "SUCCEEDED"
FAILED = "FAILED"
ABORTED = "ABORTED"
TIMED_OUT = "TIMED_OUT"


@dataclass(slots=True, kw_only=True, eq=False)
class Run:
    """An execution: its status, its end, and the way it took.

    Attributes:
        entered: The states entered, in order, the present one last.
        events: The types of its history events, as AWS names them.
        retries: How often a task was tried again, over the whole run.
        token: The task token it waits on, None when it waits on none.
    """

    arn: str
    name: str
    machine_arn: str
    input: Any
    started: float
    status: str = RUNNING
    stopped: float | None = None
    output: Any = None
    error: str | None = None
    cause: str | None = None
    entered: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    retries: int = 0
    token: str | None = None

    @property
    def state(self) -> str:
        """Return the state it stands in, or ended in."""
        return self.entered[-1] if self.entered else ""

    @property
    def running(self) -> bool:
        """Tell whether it has not ended."""
        return self.status == RUNNING


def iso(moment: float) -> str:
    """Return a moment as Step Functions prints it."""
    text = datetime.fromtimestamp(moment, UTC).isoformat(
        timespec="milliseconds"
    )
    return text.replace("+00:00", "Z")


def status_event(run: Run) -> dict[str, Any]:
    """Return the EventBridge event that tells of a run's present status."""
    stopped = None if run.stopped is None else round(run.stopped * 1000)
    return {
        "version": "0",
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "resources": [run.arn],
        "detail": {
            "executionArn": run.arn,
            "stateMachineArn": run.machine_arn,
            "name": run.name,
            "status": run.status,
            "startDate": round(run.started * 1000),
            "stopDate": stopped,
            "error": run.error,
            "cause": run.cause,
        },
    }
