"""The quotas of DRS, read from Service Quotas and kept for an hour.

When one cannot be read, the published values hold: ``fallback`` says so, a
line of the log says why, and the answer is kept for a minute only. DRS itself
refuses what its quotas do not allow, so a wave waits rather than overruns.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any, Final

from drs.aws.calls import Calls
from drs.domain.capacity import Quotas
from shared.domain.errors import DrError

_LOG = logging.getLogger("dr.drs")

KEPT_SECONDS: Final = 3600
FALLBACK_KEPT_SECONDS: Final = 60
_SERVERS_PER_JOB: Final = "L-B827C881"
_CONCURRENT_JOBS: Final = "L-D88FAC3A"
_SERVERS_IN_JOBS: Final = "L-05AFA8C6"


class KeptQuotas:
    """The quotas of one account's Region, asked again when they age."""

    def __init__(self, calls: Calls, clock: Callable[[], float]) -> None:
        self._calls = calls
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
            return Quotas(
                servers_per_job=self._value(_SERVERS_PER_JOB),
                concurrent_jobs=self._value(_CONCURRENT_JOBS),
                servers_in_jobs=self._value(_SERVERS_IN_JOBS),
            )
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
            "assumed_servers_per_job": assumed.servers_per_job,
            "assumed_concurrent_jobs": assumed.concurrent_jobs,
            "assumed_servers_in_jobs": assumed.servers_in_jobs,
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
