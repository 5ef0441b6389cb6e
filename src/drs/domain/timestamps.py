"""The dates of DRS, read once: epoch seconds and one sortable ISO form."""

from datetime import UTC, datetime


def moment(text: str) -> datetime:
    """Return the moment an ISO 8601 date of DRS names; UTC unless told."""
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def epoch(text: str | None) -> int | None:
    """Return a date of DRS as integer epoch seconds, absent as None."""
    return int(moment(text).timestamp()) if text else None


def iso(text: str | None) -> str:
    """Return a date of DRS in the one form we store, absent as empty."""
    if not text:
        return ""
    utc = moment(text).astimezone(UTC)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_of_epoch(seconds: int) -> str:
    """Return epoch seconds in the form that DRS takes in a filter."""
    utc = datetime.fromtimestamp(seconds, tz=UTC)
    return utc.isoformat(timespec="seconds").replace("+00:00", "Z")
