"""The dates of DRS, read once: epoch seconds and one sortable ISO form."""

from datetime import UTC, datetime


def moment(text: str) -> datetime:
    """Return the moment an ISO 8601 date of DRS names; UTC unless told."""
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def epoch(text: str | None) -> int | None:
    """Return a date of DRS as integer epoch seconds, absent as None.

    A date of a form we do not know is as good as none.
    """
    if not text:
        return None
    try:
        return int(moment(text).timestamp())
    except (ValueError, OverflowError):
        return None


def iso(text: str | None) -> str:
    """Return a date of DRS in the one form we store, absent as empty.

    A date of a form we do not know is carried as it is.
    """
    if not text:
        return ""
    try:
        utc = moment(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return text
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_of_epoch(seconds: int) -> str:
    """Return epoch seconds in the form that DRS takes in a filter."""
    utc = datetime.fromtimestamp(seconds, tz=UTC)
    return utc.isoformat(timespec="seconds").replace("+00:00", "Z")
