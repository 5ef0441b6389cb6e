"""What the execution handler is asked, by the names the wire uses."""

from execution_handler.audit import audited
from execution_handler.clean_up import clean_up_by_age, clean_up_by_ids
from execution_handler.control import cancel_execution, pause, resume
from execution_handler.hurry import server_launched
from execution_handler.job_logs import get_job_logs
from execution_handler.reads import get_execution, list_executions
from execution_handler.realtime import (
    get_execution_details,
    get_recovery_instances,
)
from execution_handler.retry_failed import retry_failed
from execution_handler.skip_wave import skip_wave
from execution_handler.start_execution import start_execution
from execution_handler.start_wave import start_wave_recovery
from execution_handler.sweep import finalize, find, machine_ended, poll
from execution_handler.terminate import terminate_instances
from execution_handler.termination import get_termination_status

ACTIONS = {"start_wave_recovery": start_wave_recovery}

_PAUSE = audited("pause_execution", pause)
_RESUME = audited("resume_execution", resume)

OPERATIONS = {
    "find": find,
    "poll": poll,
    "finalize": finalize,
    "pause": _PAUSE,
    "pause_execution": _PAUSE,
    "resume": _RESUME,
    "resume_execution": _RESUME,
    "cancel_execution": audited("cancel_execution", cancel_execution),
    "start_execution": audited("start_execution", start_execution),
    "retry_failed": audited("retry_failed", retry_failed),
    "skip_wave": audited("skip_wave", skip_wave),
    "terminate_instances": audited("terminate_instances", terminate_instances),
    "delete_completed_executions": audited(
        "delete_completed_executions", clean_up_by_age
    ),
    "delete_executions_by_ids": audited(
        "delete_executions_by_ids", clean_up_by_ids
    ),
    "get_termination_status": get_termination_status,
    "get_execution": get_execution,
    "get_execution_details": get_execution_details,
    "get_recovery_instances": get_recovery_instances,
    "get_job_logs": get_job_logs,
    "list_executions": list_executions,
}

# By detail type.
EVENTS = {
    "Step Functions Execution Status Change": machine_ended,
    "DRS Source Server Launch Result": server_launched,
}
