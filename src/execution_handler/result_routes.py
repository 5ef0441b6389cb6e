"""The routes of what executions leave: servers, logs, instances, items."""

from typing import Final

from execution_handler.clean_up import (
    DEFAULT_AGE_DAYS,
    MAX_AGE_DAYS,
    clean_up_by_age,
    clean_up_by_ids,
)
from execution_handler.job_logs import get_job_logs
from execution_handler.ports import Ports
from execution_handler.realtime import (
    get_execution_details,
    get_recovery_instances,
)
from execution_handler.requests import about
from execution_handler.terminate import terminate_instances
from execution_handler.termination import get_termination_status
from shared.domain.audit import EXECUTION
from shared.domain.execution import Wire
from shared.domain.rbac import Permission
from shared.domain.routes import Body, Request, Route, number_in, word_in


def show_now(request: Request, ports: Ports) -> Wire:
    """Show one execution as DRS knows it now."""
    return get_execution_details(about(request), ports)


def list_instances(request: Request, ports: Ports) -> Wire:
    """List the instances that an execution launched."""
    return get_recovery_instances(about(request), ports)


def show_logs(request: Request, ports: Ports) -> Wire:
    """Show the logs of an execution's jobs."""
    asked = {**about(request), "jobId": word_in(request.query, "jobId")}
    return get_job_logs(asked, ports)


def terminate(request: Request, ports: Ports) -> Wire:
    """End the instances that an execution launched."""
    return terminate_instances(about(request), ports)


def show_termination(request: Request, ports: Ports) -> Wire:
    """Show how far the ending of an execution's instances is."""
    query = request.query
    asked = {
        name: query[name] for name in ("jobIds", "region") if name in query
    }
    return get_termination_status({**about(request), **asked}, ports)


def clear(request: Request, ports: Ports) -> Wire:
    """Delete the named executions, or all that are over."""
    named = request.query.get("ids")
    if named is not None:
        ids = [one for one in named.split(",") if one.strip()]
        return clean_up_by_ids({"ids": ids}, ports)
    reply = clean_up_by_age({"maxAgeDays": _days(request, 0)}, ports)
    failed = len(reply["failedDeletions"])
    return {
        **reply,
        "totalRequested": reply["deletedCount"] + failed,
        "notFound": 0,
        "failed": failed,
    }


def delete_named(request: Request, ports: Ports) -> Wire:
    """Delete the executions that the body names."""
    asked = {name: request.body.get(name) for name in ("executionIds", "ids")}
    return clean_up_by_ids(asked, ports)


def delete_old(request: Request, ports: Ports) -> Wire:
    """Delete the executions that ended long enough ago."""
    days = _days(request, DEFAULT_AGE_DAYS)
    return clean_up_by_age({"maxAgeDays": days}, ports)


def _days(request: Request, default: int) -> int:
    return number_in(
        request.query, "maxAgeDays", default=default, low=0, high=MAX_AGE_DAYS
    )


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
    Route(
        method="DELETE",
        path="/executions",
        permission=Permission.TERMINATE_INSTANCES,
        answer=clear,
        resource=EXECUTION,
        noted=("deletedCount", "activeSkipped"),
    ),
    Route(
        method="POST",
        path="/executions/delete",
        permission=Permission.TERMINATE_INSTANCES,
        answer=delete_named,
        resource=EXECUTION,
        body=Body.REQUIRED,
        noted=("deletedCount", "activeSkipped"),
    ),
    Route(
        method="DELETE",
        path="/executions/completed",
        permission=Permission.TERMINATE_INSTANCES,
        answer=delete_old,
        resource=EXECUTION,
        noted=("deletedCount", "activeSkipped"),
    ),
)
