"""The quotas of DRS, read from Service Quotas and kept for an hour.

When one cannot be read, the published values hold: ``fallback`` says so, a
line of the log says why, and the answer is kept for a minute only. DRS itself
refuses what its quotas do not allow, so a wave waits rather than overruns.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from drs.aws.calls import Calls
from drs.domain.capacity import Quotas
from shared.domain.errors import DrError

_LOG = logging.getLogger("dr.drs")

KEPT_SECONDS: Final = 3600
FALLBACK_KEPT_SECONDS: Final = 60
# What a launch has to know.
OF_JOBS: Final[Mapping[str, str]] = {
    "servers_per_job": "L-B827C881",
    "concurrent_jobs": "L-D88FAC3A",
    "servers_in_jobs": "L-05AFA8C6",
}
OF_SERVERS: Final[Mapping[str, str]] = {
    "replicating_servers": "L-C1D14A2B",
    "source_servers": "L-E28BE5E0",
}


class KeptQuotas:
    """The quotas of one account's Region, asked again when they age."""

    def __init__(
        self,
        calls: Calls,
        clock: Callable[[], float],
        codes: Mapping[str, str] = OF_JOBS,
    ) -> None:
        """Keep the way to them.

        Args:
            calls: The account's Region.
            clock: Tells the time, for their age.
            codes: The code of each quota to read, by the name of its field.
        """
        self._calls = calls
        self._codes = codes
        self._clock = clock
        self._kept: Quotas | None = None
        self._until = 0.0
        self._lock = threading.Lock()

    def get(self) -> Quotas:
        """Return the quotas as they were read at most an hour ago."""
        with self._lock:
            if self._kept is None or self._clock() >= self._until:
                self._kept = self._read()
                seconds = (
                    FALLBACK_KEPT_SECONDS
                    if self._kept.fallback
                    else KEPT_SECONDS
                )
                self._until = self._clock() + seconds
            return self._kept

    def _read(self) -> Quotas:
        try:
            values: dict[str, Any] = {
                name: self._value(code) for name, code in self._codes.items()
            }
            return Quotas(**values)
        except DrError as error:
            assumed = Quotas(fallback=True)
            _LOG.warning(
                "quotas_not_read",
                extra={"fields": self._said(assumed, error)},
            )
            return assumed

    def _said(self, assumed: Quotas, error: DrError) -> dict[str, Any]:
        return {
            "account_id": self._calls.account.account_id,
            "region": self._calls.region,
            "error_code": error.code,
            "reason": error.message,
            **{
                f"assumed_{name}": getattr(assumed, name)
                for name in self._codes
            },
            "remedy": "allow servicequotas:GetServiceQuota there",
        }

    def _value(self, code: str) -> int:
        answer = self._calls.call(
            "service-quotas",
            "get_service_quota",
            ServiceCode="drs",
            QuotaCode=code,
        )
        return int(answer["Quota"]["Value"])
