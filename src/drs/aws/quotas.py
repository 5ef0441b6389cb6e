"""The quotas of DRS, read from Service Quotas and kept for an hour.

When one cannot be read, the published value holds and ``fallback`` says
so; that answer is kept for a minute only.
"""

import threading
from collections.abc import Callable
from typing import Final

from drs.aws.calls import Calls
from drs.domain.capacity import Quotas
from shared.domain.errors import DrError

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
        except DrError:
            return Quotas(fallback=True)

    def _value(self, code: str) -> int:
        answer = self._calls.call(
            "service-quotas",
            "get_service_quota",
            ServiceCode="drs",
            QuotaCode=code,
        )
        return int(answer["Quota"]["Value"])
