"""Our own metrics: their names, units and dimensions.

One place for the code that records them and for the alarms and the
dashboard that read them. A rate is the average of ones and zeros. CloudWatch
bills each name with each set of values, so a metric has the installation
and at most one dimension more, of few values.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

NAMESPACE: Final = "DRSOrchestration"
INSTALLATION: Final = "Installation"
HANDLER: Final = "Handler"
OUTCOME: Final = "Outcome"


class Metric(StrEnum):
    """What is measured."""

    ENRICHMENT_SUCCESS = "EnrichmentSuccess"
    CROSS_ACCOUNT_SUCCESS = "CrossAccountSuccess"
    CONFLICT_CHECKS = "ConflictChecks"
    CONFLICTS_FOUND = "ConflictsFound"
    WAVE_SUCCESS = "WaveSuccess"
    DRS_RETRIES = "DrsRetries"
    LAUNCHES_RECONCILED = "LaunchesReconciled"
    NOTIFICATIONS_FAILED = "NotificationsFailed"
    REQUEST_DURATION = "RequestDuration"
    EXECUTIONS_ENDED = "ExecutionsEnded"
    DRAINS_GIVEN_UP = "DrainsGivenUp"
    EXECUTIONS_UNPOLLED = "ExecutionsUnpolled"
    SWEEPS = "Sweeps"


_UNITS: Final[Mapping[Metric, str]] = MappingProxyType(
    {Metric.REQUEST_DURATION: "Milliseconds"}
)
_MORE: Final[Mapping[Metric, str]] = MappingProxyType(
    {Metric.REQUEST_DURATION: HANDLER, Metric.EXECUTIONS_ENDED: OUTCOME}
)


def unit_of(metric: Metric) -> str:
    """Return CloudWatch's name of the unit."""
    return _UNITS.get(metric, "Count")


def dimensions_of(metric: Metric) -> tuple[str, ...]:
    """Return the names of the dimensions, in order."""
    more = _MORE.get(metric)
    return (INSTALLATION,) if more is None else (INSTALLATION, more)
