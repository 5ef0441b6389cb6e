"""Reading executions, from the stored items only."""

from typing import Any

import msgspec

from execution_handler.ports import Ports
from execution_handler.requests import execution_named
from shared.domain.execution import Wire
from shared.domain.record import Record

HIDDEN = ("taskToken",)


def get_execution(event: Wire, ports: Ports) -> Wire:
    """Return an execution with the servers of its waves.

    Raises:
        BadRequest: ``MISSING_FIELD``.
        NotFound: ``EXECUTION_NOT_FOUND``.
    """
    record = ports.run.executions.find(execution_named(event))
    joined = [
        ports.run.executions.entry(record, entry.wave_number) or entry
        for entry in record.waves
    ]
    body = _shown(record)
    body["waves"] = [msgspec.to_builtins(entry) for entry in joined]
    return body


def _shown(record: Record) -> dict[str, Any]:
    """Return a record as readers see it; a token is never shown."""
    body: dict[str, Any] = msgspec.to_builtins(record)
    return {key: value for key, value in body.items() if key not in HIDDEN}
