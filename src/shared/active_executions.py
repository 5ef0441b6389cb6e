"""The executions that are under way."""

from shared.aws.wiring import own_executions
from shared.domain.ports import Executions
from shared.domain.record import Record


def get_all_active_executions(
    executions: Executions | None = None,
) -> list[Record]:
    """Return the records with an active status, all pages, no locks.

    Args:
        executions: The history; this container's without it.

    Raises:
        DatabaseError: The history cannot be read.
    """
    return (executions or own_executions()).active()
