"""Executions in states that a request is refused in."""

import time
import uuid
from collections.abc import Callable

from tests.system.api import Api
from tests.system.shaped import Shaped
from tests.system.troubles import REFUSES_JOBS

RUNS = ("RUNNING", "POLLING", "IN_PROGRESS")
PATIENCE = 120
JOB = "drsjob-0000000000000000f"


class Marked:
    """Executions by the names that cases use."""

    def __init__(
        self, api: Api, value: Callable[[str], str], shaped: Shaped
    ) -> None:
        """Prepare; nothing is made before it is named."""
        self._done = api.done
        self._value = value
        self._shaped = shaped
        self.makers: dict[str, Callable[[], str]] = {
            "one_wave": lambda: self._running(self._value("one_wave_plan")),
            "last_wave": self._last_wave,
            "without_waves": lambda: self._shaped.execution(
                self._value("failed"), status="RUNNING", totalWaves=0, waves=[]
            ),
            "without_token": lambda: self._shaped.execution(
                self._value("paused"), without=("taskToken",)
            ),
            "closed_token": lambda: self._paused(str(uuid.uuid4())),
            "foreign_token": lambda: self._paused("of another house"),
            "undeletable": self._undeletable,
        }

    def failed_of(self, plan: str) -> str:
        """Return an execution of a plan that failed before its first wave."""
        return self._shaped.execution(
            self._value("failed"),
            plan,
            without=("enteredWaves", "reserved", "retriedBy"),
            waves=[],
            totalWaves=max(1, len(self._shaped.waves(plan))),
        )

    def _paused(self, token: str) -> str:
        """Return an execution in a pause that has ended elsewhere."""
        return self._shaped.execution(
            self._value("paused"),
            without=("stateMachineArn", "nextStateMachineArn"),
            taskToken=token,
        )

    def _undeletable(self) -> str:
        """Return an old execution whose termination cannot be followed."""
        self._value("refused_jobs")
        job = {
            "jobId": JOB,
            "region": REFUSES_JOBS,
            "type": "TERMINATE",
            "status": "STARTED",
            "serverCount": 1,
        }
        return self._shaped.execution(
            self._value("failed"), endTime=1, terminateJobs=[job]
        )

    def _last_wave(self) -> str:
        execution = self._running(self._value("slow_plan"))
        self._done(
            f"POST /executions/{execution}/waves/1/skip", {"reason": "late"}
        )
        return execution

    def _running(self, plan: str) -> str:
        started = self._done(
            f"POST /recovery-plans/{plan}/execute", {"executionType": "DRILL"}
        )
        execution = str(started["executionId"])
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = self._done(f"GET /executions/{execution}")
            if found["status"] in RUNS:
                return execution
            time.sleep(0.1)
        raise AssertionError(f"{execution} is {found['status']}.")
