"""What can go wrong: in a task, in a state, in a call, in the definition."""


class TaskFailed(Exception):
    """A task's error, raised by the code that plays its Lambda function.

    Attributes:
        error: The name that Retry and Catch match on; for an exception of
            a function that is its class's name.
        cause: What Step Functions shows beside it; None for no cause.
    """

    def __init__(self, error: str, cause: str | None = "") -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


class StateFailed(TaskFailed):
    """A state cannot be carried out, whatever its task would answer."""


class UnsupportedDefinition(Exception):
    """The definition uses what the driver does not know."""


class CallRefused(Exception):
    """A call to the service is refused, with the name AWS gives it."""


class ExecutionAlreadyExists(CallRefused):
    """An execution of that name runs with another input, or has ended."""


class ExecutionDoesNotExist(CallRefused):
    """No execution has that ARN."""


class InvalidExecutionInput(CallRefused):
    """The input of an execution is too large."""


class InvalidOutput(CallRefused):
    """The output given for a task is too large."""


class TaskDoesNotExist(CallRefused):
    """No task ever had that token."""


class TaskTimedOut(CallRefused):
    """The task of that token is over."""
