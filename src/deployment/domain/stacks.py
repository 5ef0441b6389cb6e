"""What a stack's state allows, and what has to come first."""

from enum import StrEnum
from typing import assert_never


class Step(StrEnum):
    """What is to be done with a stack next."""

    CREATE = "create"
    UPDATE = "update"
    WAIT = "wait"
    CONTINUE_ROLLBACK = "continue its rollback"
    DELETE = "delete what its first creation left"
    REFUSE = "refuse"


_NEVER_WORKED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED")
_GOOD = (
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
)


def next_step(status: str | None) -> Step:
    """Answer what a stack's status asks for; None is a stack's absence."""
    if status is None or status in ("DELETE_COMPLETE", "REVIEW_IN_PROGRESS"):
        return Step.CREATE
    if status.endswith("_IN_PROGRESS"):
        return Step.WAIT
    if status in _GOOD:
        return Step.UPDATE
    if status == "UPDATE_ROLLBACK_FAILED":
        return Step.CONTINUE_ROLLBACK
    if status in _NEVER_WORKED:
        return Step.DELETE
    return Step.REFUSE


def explanation(stack: str, status: str, step: Step) -> str:
    """Say to people what the state of a stack means for a deployment."""
    match step:
        case Step.CREATE:
            return f"Stack {stack} was begun and never made; it is made now."
        case Step.UPDATE:
            return f"Stack {stack} is {status} and can be changed."
        case Step.WAIT:
            return (
                f"Stack {stack} is {status}: something else is changing it. "
                "Waiting for its end."
            )
        case Step.CONTINUE_ROLLBACK:
            return (
                f"Stack {stack} is {status}: an earlier change was undone in "
                "part. The rest of it is undone first."
            )
        case Step.DELETE:
            return (
                f"Stack {stack} is {status}: it never worked and cannot be "
                "changed. What is left of it is deleted, and it is made anew."
            )
        case Step.REFUSE:
            return (
                f"Stack {stack} is {status}, from which nothing safe leads "
                "on. Look at its events in CloudFormation, bring it to a "
                "state that ends in _COMPLETE, and deploy again. Nothing was "
                "changed."
            )
        case never:
            assert_never(never)
