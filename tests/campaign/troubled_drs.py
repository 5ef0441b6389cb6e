"""DRS as the campaign needs it: small pages, and calls that go wrong.

Trouble is made where botocore would meet it, so that what the code sees of
it is what our real adapter makes of it.
"""

from collections import deque
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from drs_simulator.domain.ports import Place
from tests.campaign.faults import Kind
from tests.support.fake_drs import FakeDrs, HasTime

_CODES = {
    Kind.EXPIRED: ("ExpiredTokenException", 400),
    Kind.REFUSED: ("InternalServerException", 500),
}
_THROTTLED = {
    "drs": "ThrottlingException",
    "ec2": "RequestLimitExceeded",
    "service-quotas": "TooManyRequestsException",
}


class TroubledDrs(FakeDrs):
    """DRS, EC2 and Service Quotas with faults in their calls."""

    def __init__(self, clock: HasTime, seed: int, page_size: int) -> None:
        super().__init__(clock, seed)
        self._page_size = page_size
        self._trouble: deque[Kind] = deque()

    def trouble(self, kind: Kind, times: int) -> None:
        """Let the next calls go wrong."""
        self._trouble.extend([kind] * times)

    def answer(
        self, service: str, place: Place, method: str, request: dict[str, Any]
    ) -> Any:
        """Answer one call of a client, or spoil it."""
        if service == "drs" and method.startswith("describe_"):
            request = {"maxResults": self._page_size, **request}
        if not self._trouble:
            return super().answer(service, place, method, request)
        kind = self._trouble.popleft()
        if kind is Kind.LOST_ANSWER:
            super().answer(service, place, method, request)
            raise ReadTimeoutError(endpoint_url=service)
        raise _refusal(kind, service, method)


def _refusal(kind: Kind, service: str, method: str) -> ClientError:
    code, status = _CODES.get(kind, (_THROTTLED[service], 400))
    answer: Any = {
        "Error": {"Code": code, "Message": f"{kind}, for the campaign"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "".join(map(str.capitalize, method.split("_"))))
