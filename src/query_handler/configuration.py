"""Exporting groups and plans as one document."""

from query_handler.ports import Lookups
from shared.domain.configuration import exported
from shared.domain.execution import Wire
from shared.domain.wire import text_in

_NOBODY = "system:direct"


def export_configuration(event: Wire, ports: Lookups) -> Wire:
    """Return the document of everything that is configured."""
    return exported(
        ports.groups.all(),
        ports.plans.all(),
        now=ports.clock.now(),
        region=ports.hub_region,
        user=text_in(event, "initiatedBy").strip() or _NOBODY,
    )
