"""The routes of what executions have left: servers, logs, instances."""

from typing import Final

from execution_handler.job_logs import get_job_logs
from execution_handler.ports import Ports
from execution_handler.realtime import (
    get_execution_details,
    get_recovery_instances,
)
from execution_handler.terminate import terminate_instances
from execution_handler.termination import get_termination_status
from shared.domain.audit import EXECUTION
from shared.domain.execution import Wire
from shared.domain.rbac import Permission
from shared.domain.routes import Request, Route, word_in


def show_now(request: Request, ports: Ports) -> Wire:
    """Show one execution as DRS knows it now."""
    return get_execution_details(_about(request), ports)


def list_instances(request: Request, ports: Ports) -> Wire:
    """List the instances that an execution launched."""
    return get_recovery_instances(_about(request), ports)


def show_logs(request: Request, ports: Ports) -> Wire:
    """Show the logs of an execution's jobs."""
    asked = {**_about(request), "jobId": word_in(request.query, "jobId")}
    return get_job_logs(asked, ports)


def terminate(request: Request, ports: Ports) -> Wire:
    """End the instances that an execution launched."""
    return terminate_instances(_about(request), ports)


def show_termination(request: Request, ports: Ports) -> Wire:
    """Show how far the ending of an execution's instances is."""
    query = request.query
    asked = {
        name: query[name] for name in ("jobIds", "region") if name in query
    }
    return get_termination_status({**_about(request), **asked}, ports)


def _about(request: Request) -> Wire:
    return {
        "executionId": request.path["id"],
        "initiatedBy": request.identity.name,
    }


RESULT_ROUTES: Final = (
    Route(
        method="GET",
        path="/executions/{id}/realtime",
        permission=Permission.VIEW_EXECUTIONS,
        answer=show_now,
        resource=EXECUTION,
    ),
    Route(
        method="GET",
        path="/executions/{id}/recovery-instances",
        permission=Permission.VIEW_EXECUTIONS,
        answer=list_instances,
        resource=EXECUTION,
    ),
    Route(
        method="GET",
        path="/executions/{id}/job-logs",
        permission=Permission.VIEW_EXECUTIONS,
        answer=show_logs,
        resource=EXECUTION,
    ),
    Route(
        method="POST",
        path="/executions/{id}/terminate-instances",
        permission=Permission.TERMINATE_INSTANCES,
        answer=terminate,
        resource=EXECUTION,
        noted=("totalFound", "totalTerminated", "totalFailed"),
    ),
    Route(
        method="GET",
        path="/executions/{id}/termination-status",
        permission=Permission.VIEW_EXECUTIONS,
        answer=show_termination,
        resource=EXECUTION,
    ),
)
