"""Which Regions may be named: those that DRS is in."""

from collections.abc import Collection

from shared.domain.errors import BadRequest
from shared.domain.wire import shown


def check_region(region: str, known: Collection[str]) -> None:
    """Refuse a Region that DRS is not in.

    Raises:
        BadRequest: ``INVALID_FORMAT``.
    """
    if region not in known:
        raise BadRequest(
            f"{shown(region)} is no Region of DRS; use one of "
            f"{', '.join(sorted(known))}.",
            code="INVALID_FORMAT",
            field="region",
        )
