"""Faults that somebody asked for, and which call they meet.

Decides what goes wrong. Everything here comes from the control path; without
it the service is well.
"""

from typing import Any

import msgspec

from drs_simulator.domain.faults import ControlError, ServiceFault
from drs_simulator.domain.records import Outcome


class Fault(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One fault, in the spelling of the control path.

    ``op`` narrows it to an operation, ``account`` and ``region`` to a place.
    ``times`` is how often it strikes; None is always.
    """

    op: str | None = None
    account: str | None = None
    region: str | None = None
    times: int | None = None
    error: str | None = None
    afterwards: bool = False
    message: str | None = None
    status: int | None = None
    delay: float | None = None
    loseReply: bool = False
    listedAfter: float | None = None
    vanishJobs: int | None = None
    server: str | None = None
    launch: Outcome | None = None
    launchSeconds: float | None = None
    reason: str = ""
    job: str | None = None
    vanish: bool = False
    emptied: bool = False
    instancesLost: bool = False

    def meets(self, account: str, region: str, operation: str) -> bool:
        """Tell whether this fault is meant for such a call."""
        return (
            self.op in (None, operation)
            and self.account in (None, account)
            and self.region in (None, region)
        )


_CALL_KINDS = ("error", "delay", "loseReply", "listedAfter", "vanishJobs")
_JOB_KINDS = ("vanish", "emptied", "instancesLost")


def parsed(documents: Any) -> list[Fault]:
    """Return the faults of a control document, one object or a list.

    Raises:
        ControlError: an unknown key, a wrong type or nothing to do.
    """
    listed = documents if isinstance(documents, list) else [documents]
    try:
        faults = msgspec.convert(listed, list[Fault])
    except msgspec.ValidationError as error:
        raise ControlError(f"fault not understood: {error}") from error
    for fault in faults:
        _check(fault)
    return faults


def _check(fault: Fault) -> None:
    kinds = [kind for kind in _CALL_KINDS if getattr(fault, kind)]
    if fault.server:
        if fault.launch is None and fault.launchSeconds is None:
            raise ControlError(
                f"fault for server {fault.server} needs launch (one of"
                " LAUNCHED, FAILED, NEVER, UNFINISHED, SKIPPED) or"
                " launchSeconds"
            )
    elif fault.job:
        if not any(getattr(fault, kind) for kind in _JOB_KINDS):
            raise ControlError(
                f"fault for job {fault.job} needs one of {_JOB_KINDS}"
            )
    elif not kinds:
        raise ControlError(f"fault needs server, job, or one of {_CALL_KINDS}")
    if fault.error and fault.times is None:
        fault.times = 1
    if fault.loseReply and fault.times is None:
        fault.times = 1


class Injection:
    """The faults in force."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        # The same, by what they are about: a large estate may have thousands.
        self._of_calls: list[Fault] = []
        self._of_jobs: list[Fault] = []
        self._of_servers: dict[str, list[Fault]] = {}

    def add(self, faults: list[Fault]) -> None:
        """Put further faults in force."""
        self.faults.extend(faults)
        for fault in faults:
            self._alike(fault).append(fault)

    def clear(self) -> None:
        """Let the service be well again."""
        self.faults.clear()
        self._of_calls.clear()
        self._of_jobs.clear()
        self._of_servers.clear()

    def listed(self) -> list[dict[str, Any]]:
        """Return the faults in force in the spelling of the control path."""
        found = msgspec.to_builtins(self.faults)
        assert isinstance(found, list)  # nosec B101 # msgspec keeps lists
        return found

    def delay(self, account: str, region: str, operation: str) -> float:
        """Return how long this call is held up, and use that up."""
        fault = self._next("delay", account, region, operation)
        return fault.delay or 0.0 if fault else 0.0

    def error(
        self,
        account: str,
        region: str,
        operation: str,
        *,
        afterwards: bool = False,
    ) -> None:
        """Raise the error this call is to meet, and use that up.

        Args:
            account: the caller's account.
            region: the Region of the call.
            operation: the operation called.
            afterwards: ask for the errors that come after the work is done.

        Raises:
            ServiceFault: a fault says so.
        """
        fault = self._next("error", account, region, operation, afterwards)
        if fault is None or fault.error is None:
            return
        raise ServiceFault(
            fault.error,
            fault.message or f"{fault.error} injected into {operation}.",
            fault.status or 0,
        )

    def loses_reply(self, account: str, region: str, operation: str) -> bool:
        """Tell whether this answer gets lost, and use that up."""
        return self._next("loseReply", account, region, operation) is not None

    def listed_after(self, account: str, region: str) -> float:
        """Return the age at which a job is first seen by DescribeJobs."""
        fault = self._next("listedAfter", account, region, "DescribeJobs")
        return fault.listedAfter or 0.0 if fault else 0.0

    def jobs_to_vanish(self, account: str, region: str) -> int:
        """Return how many of the next jobs shown are to vanish; once."""
        fault = self._next("vanishJobs", account, region, "DescribeJobs")
        if fault is None:
            return 0
        self._remove(fault)
        return fault.vanishJobs or 0

    def launch_of(self, server_id: str, hostname: str) -> Fault | None:
        """Return the fault for the launch of a server, by id or hostname."""
        found = [
            fault
            for name in {server_id, hostname}
            for fault in self._of_servers.get(name, ())
        ]
        if not found:
            return None
        if len(found) > 1:
            found.sort(key=self.faults.index)
        self._use(found[0])
        return found[0]

    def job_faults(self, job_id: str) -> set[str]:
        """Return what is wrong with a job: vanish, emptied, instancesLost."""
        return {
            kind
            for fault in self._of_jobs
            if fault.job == job_id
            for kind in _JOB_KINDS
            if getattr(fault, kind)
        }

    def _next(
        self,
        kind: str,
        account: str,
        region: str,
        operation: str,
        afterwards: bool = False,
    ) -> Fault | None:
        for fault in self._of_calls:
            if (
                getattr(fault, kind)
                and fault.afterwards == afterwards
                and fault.meets(account, region, operation)
            ):
                self._use(fault)
                return fault
        return None

    def _use(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times <= 0:
            self._remove(fault)

    def _remove(self, fault: Fault) -> None:
        for among in (self.faults, self._alike(fault)):
            among[:] = [one for one in among if one is not fault]

    def _alike(self, fault: Fault) -> list[Fault]:
        if fault.server:
            return self._of_servers.setdefault(fault.server, [])
        return self._of_jobs if fault.job else self._of_calls
