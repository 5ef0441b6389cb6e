"""What Lambda gives a handler, and the tables it finds, on moto."""

import pytest

from tests.contracts.tables import REGION, a_history_table, a_simple_table

ACCOUNT = "111122223333"
TABLES = {
    "RECOVERY_PLANS_TABLE": "planId",
    "PROTECTION_GROUPS_TABLE": "groupId",
    "TARGET_ACCOUNTS_TABLE": "accountId",
}


def arn_of(function: str) -> str:
    """Return a function's ARN."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"


class Context:
    """The part of Lambda's context that handlers use."""

    def __init__(self, function: str) -> None:
        self.invoked_function_arn = arn_of(function)
        self.aws_request_id = "request-1"
        self.function_name = function

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


def has_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the variables of every function, and create the tables."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("EXECUTION_HISTORY_TABLE", "history")
    a_history_table("history")
    for variable, key in TABLES.items():
        monkeypatch.setenv(variable, variable.lower())
        a_simple_table(variable.lower(), key)
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:dr"
    monkeypatch.setenv("STATE_MACHINE_ARN", machine)
    monkeypatch.setenv("EXECUTION_HANDLER_ARN", arn_of("dr-execution"))
    monkeypatch.setenv("QUERY_HANDLER_ARN", arn_of("dr-query"))
    monkeypatch.setenv("CORS_ALLOWED_ORIGIN", "https://console.example")
    monkeypatch.setenv("PROJECT_NAME", "dr")
    monkeypatch.setenv("ENVIRONMENT", "test")
