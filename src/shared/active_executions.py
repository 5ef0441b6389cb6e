"""The executions that are under way."""

from shared.domain.ports import Executions
from shared.domain.record import Record


def get_all_active_executions(executions: Executions) -> list[Record]:
    """Return the records with an active status, all pages, no locks.

    Args:
        executions: The history.

    Raises:
        DatabaseError: The history cannot be read.
    """
    return executions.active()
