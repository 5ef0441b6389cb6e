"""Fails a callback task when its function fails, which stock does not do.

A function behind a `waitForTaskToken` task that raises, or whose process
ends, may have kept no token: nobody will ever answer. AWS fails the task at
once; stock waits for the task's time limit, which in a pause is a year. The
error is carried past the stock code that drops it, and the token is
forgotten. An answer that came before the error counts.

A token of another form than the emulator gives never was one, which AWS
tells apart from one that is worth nothing any more.
"""

import uuid
from contextvars import ContextVar
from typing import Any

from local_cloud.emulator import engine

_token: ContextVar[str] = ContextVar("callback_token", default="")


class _Failed(Exception):
    """Carries a task's error through code that would drop it."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def install() -> None:
    """Let every callback task fail with its function from now on."""
    machine = engine.stepfunctions
    call = machine._call_lambda
    invoke_with_callback = machine._invoke_with_callback

    def call_lambda(function: Any, event: Any) -> Any:
        try:
            return call(function, event)
        except machine._ExecutionError as error:
            task = machine._task_tokens.get(_token.get())
            if task is None or task["event"].is_set():
                raise
            raise _Failed(error) from error

    def invoke_callback(
        resource: str, payload: Any, token: str, state: Any
    ) -> Any:
        reset = _token.set(token)
        try:
            return invoke_with_callback(resource, payload, token, state)
        except _Failed as failed:
            machine._task_tokens.pop(token, None)
            raise failed.error from failed
        finally:
            _token.reset(reset)

    for name in ("_send_task_success", "_send_task_failure"):
        setattr(machine, name, _of_a_token(getattr(machine, name)))
    machine._call_lambda = call_lambda
    machine._invoke_with_callback = invoke_callback


def _of_a_token(answer: Any) -> Any:
    """Refuse what cannot be a token before it is looked for."""

    def answered(data: Any) -> Any:
        try:
            uuid.UUID(str(data.get("taskToken")))
        except ValueError:
            return engine.stepfunctions.error_response_json(
                "InvalidToken", "Invalid Token: 'Invalid token'", 400
            )
        return answer(data)

    return answered
