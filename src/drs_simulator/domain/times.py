"""Times and durations in the spelling of the service.

Decides nothing about when something happens.
"""

from datetime import UTC, datetime

from drs_simulator.domain.faults import invalid


def stamp(at: float) -> str:
    """Return an epoch time as the service writes it."""
    moment = datetime.fromtimestamp(at, UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="milliseconds") + "Z"


def parse(text: str) -> float:
    """Return the epoch time of a stamp in a request.

    Raises:
        ServiceFault: the text is no ISO 8601 time in UTC.
    """
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError as error:
        raise invalid(
            f"{text} is no ISO 8601 date and time, such as"
            " 2026-01-31T09:30:00Z."
        ) from error


def duration(seconds: float) -> str:
    """Return a length of time as an ISO 8601 duration."""
    total = max(0, int(seconds))
    days, rest = divmod(total, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, secs = divmod(rest, 60)
    date = f"{days}D" if days else ""
    time = "".join(
        f"{value}{unit}"
        for value, unit in ((hours, "H"), (minutes, "M"), (secs, "S"))
        if value
    )
    if not date and not time:
        return "PT0S"
    return f"P{date}" + (f"T{time}" if time else "")
