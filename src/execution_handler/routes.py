"""The routes of executions: what each asks, and which operation answers."""

from typing import Final

from execution_handler import requests
from execution_handler.control import cancel_execution, pause, resume
from execution_handler.ports import Ports
from execution_handler.reads import get_execution, list_executions
from execution_handler.requests import MAX_REASON, about
from execution_handler.result_routes import RESULT_ROUTES
from execution_handler.retry_failed import retry_failed
from execution_handler.skip_wave import skip_wave
from execution_handler.start_execution import start_execution
from shared.domain.audit import EXECUTION, RECOVERY_PLAN
from shared.domain.errors import NotFound
from shared.domain.execution import Wire
from shared.domain.rbac import Permission
from shared.domain.routes import Body, Request, Route
from shared.domain.wire import object_in, shown, text_in

ACCOUNT_CONTEXT_IGNORED: Final = "ACCOUNT_CONTEXT_IGNORED"


def start(request: Request, ports: Ports) -> Wire:
    """Start the plan that the body names."""
    return _started(request.body, request, ports)


def start_plan(request: Request, ports: Ports) -> Wire:
    """Start the plan of the path; ``isDrill`` may stand for the type."""
    body = {**request.body, "planId": request.path["id"]}
    if body.get("executionType") is None and body.get("isDrill") is not None:
        drill = requests.flag(body, "isDrill")
        body["executionType"] = "DRILL" if drill else "RECOVERY"
    return _started(body, request, ports)


def _started(body: Wire, request: Request, ports: Ports) -> Wire:
    asked = {
        "planId": text_in(body, "planId"),
        "executionType": body.get("executionType"),
        "initiatedBy": request.identity.name,
        "clientToken": body.get("clientToken"),
    }
    wanted = text_in(object_in(body, "accountContext"), "accountId")
    reply = start_execution(asked, ports)
    if not wanted:
        return reply
    warnings = [*reply["warnings"], *_other_account(reply, wanted, ports)]
    return {**reply, "warnings": warnings}


def _other_account(reply: Wire, wanted: str, ports: Ports) -> list[Wire]:
    """Return a warning where the plan's groups decided otherwise."""
    record = ports.run.executions.find(str(reply["executionId"]))
    decided = str(record.account_context.get("accountId") or "")
    if wanted == decided:
        return []
    return [
        {
            "type": ACCOUNT_CONTEXT_IGNORED,
            "severity": "warning",
            "message": (
                f"The plan's groups are in account {decided}; the account "
                f"{shown(wanted)} of the request was not used."
            ),
            "recommendation": "Leave accountContext out.",
            "canExecuteNow": True,
        }
    ]


def list_all(request: Request, ports: Ports) -> Wire:
    """List executions."""
    return list_executions(dict(request.query), ports)


def show(request: Request, ports: Ports) -> Wire:
    """Show one execution."""
    return get_execution(about(request), ports)


def cancel(request: Request, ports: Ports) -> Wire:
    """Cancel an execution."""
    return cancel_execution(about(request), ports)


def pause_next(request: Request, ports: Ports) -> Wire:
    """Pause an execution before its next wave."""
    reason = text_in(request.body, "reason", MAX_REASON).strip()
    return pause({**about(request), "reason": reason}, ports)


def release(request: Request, ports: Ports) -> Wire:
    """Let a paused execution go on."""
    return resume(about(request), ports)


def retry(request: Request, ports: Ports) -> Wire:
    """Start an execution of what did not launch in another one."""
    asked = {
        **about(request),
        "includeSkipped": request.body.get("includeSkipped"),
        "clientToken": request.body.get("clientToken"),
    }
    return retry_failed(asked, ports)


def skip(request: Request, ports: Ports) -> Wire:
    """Skip a wave that has not started."""
    number = request.path["n"]
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise NotFound(
            f"There is no waveNumber {shown(number)}; it is a whole number.",
            code="WAVE_NOT_FOUND",
        )
    return skip_wave(
        {
            **about(request),
            "waveNumber": int(number),
            "reason": request.body.get("reason"),
            "satisfied": request.body.get("satisfied"),
        },
        ports,
    )


ROUTES: Final = (
    Route(
        method="POST",
        path="/executions",
        permission=Permission.START_RECOVERY,
        answer=start,
        resource=EXECUTION,
        status=202,
        body=Body.REQUIRED,
        names="executionId",
        noted=("planId", "executionType"),
    ),
    Route(
        method="POST",
        path="/recovery-plans/{id}/execute",
        permission=Permission.START_RECOVERY,
        answer=start_plan,
        resource=RECOVERY_PLAN,
        status=202,
        body=Body.REQUIRED,
        noted=("executionId", "executionType", "isDrill"),
    ),
    Route(
        method="GET",
        path="/executions",
        permission=Permission.VIEW_EXECUTIONS,
        answer=list_all,
        resource=EXECUTION,
    ),
    Route(
        method="GET",
        path="/executions/{id}",
        permission=Permission.VIEW_EXECUTIONS,
        answer=show,
        resource=EXECUTION,
    ),
    Route(
        method="POST",
        path="/executions/{id}/cancel",
        permission=Permission.STOP_RECOVERY,
        answer=cancel,
        resource=EXECUTION,
        noted=("status",),
    ),
    Route(
        method="POST",
        path="/executions/{id}/pause",
        permission=Permission.STOP_RECOVERY,
        answer=pause_next,
        resource=EXECUTION,
        body=Body.OPTIONAL,
        noted=("status", "reason"),
    ),
    Route(
        method="POST",
        path="/executions/{id}/resume",
        permission=Permission.START_RECOVERY,
        answer=release,
        resource=EXECUTION,
        noted=("status",),
    ),
    Route(
        method="POST",
        path="/executions/{id}/retry-failed",
        permission=Permission.START_RECOVERY,
        answer=retry,
        resource=EXECUTION,
        status=202,
        body=Body.OPTIONAL,
        noted=("executionId", "includeSkipped"),
    ),
    Route(
        method="POST",
        path="/executions/{id}/waves/{n}/skip",
        permission=Permission.STOP_RECOVERY,
        answer=skip,
        resource=EXECUTION,
        body=Body.REQUIRED,
        noted=("waveNumber", "waveStatus", "satisfied", "reason"),
    ),
    *RESULT_ROUTES,
)
