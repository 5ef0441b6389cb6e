"""A job's log as readers see it."""

from collections.abc import Iterable
from typing import Any

from drs.domain.job import LogItem, in_order


def events(items: Iterable[LogItem]) -> list[dict[str, Any]]:
    """Return the lines of a log, the newest first."""
    return [_event(item) for item in reversed(in_order(items))]


def _event(item: LogItem) -> dict[str, Any]:
    about = {
        "sourceServerId": item.source_server_id,
        "error": item.error,
        "conversionServerId": item.conversion_server_id,
    }
    return {
        "event": item.event,
        "eventData": dict(item.data),
        "logDateTime": item.logged_at,
        **{name: value for name, value in about.items() if value},
    }
