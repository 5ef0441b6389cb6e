"""Make calls to one account's Region, errors translated, pages flattened.

Expired keys are renewed once, whatever the call: AWS refused it before it
did anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any, Final

from botocore.exceptions import ClientError

from drs.aws.errors import SDK_ERRORS, Call, is_expired, translated
from drs.aws.session import Clients, create_drs_client, create_ec2_client
from shared import metrics
from shared.domain.account import AccountContext
from shared.domain.metrics import Metric

IDS_IN_A_FILTER: Final = 200
_PREFIX: Final = {"service-quotas": "servicequotas"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """The way to the services of one account in one Region."""

    clients: Clients
    account: AccountContext
    region: str

    def call(
        self, service: str, method: str, *, once: bool = False, **request: Any
    ) -> dict[str, Any]:
        """Make one call.

        Args:
            service: A name of boto3.
            method: The client's method.
            once: Whether the call must not be made twice.
            request: The call's parameters.

        Raises:
            DrError: One of ``drs.domain.errors``.
        """
        try:
            return self._made(service, method, once, request)
        except SDK_ERRORS as error:
            if not is_expired(error):
                raise self._translated(error, service, method) from error
        self.clients.forget(self.account)
        try:
            return self._made(service, method, once, request)
        except SDK_ERRORS as error:
            raise self._translated(error, service, method) from error

    def items(
        self,
        service: str,
        method: str,
        *,
        key: str = "items",
        token: str = "nextToken",
        **request: Any,
    ) -> Iterator[dict[str, Any]]:
        """Make a call for every page and yield the items of all."""
        page = self.call(service, method, **request)
        yield from page.get(key, ())
        while page.get(token):
            page = self.call(
                service, method, **request, **{token: page[token]}
            )
            yield from page.get(key, ())

    def _made(
        self, service: str, method: str, once: bool, request: dict[str, Any]
    ) -> dict[str, Any]:
        client = self._client(service, once)
        try:
            answer: dict[str, Any] = getattr(client, method)(**request)
        except ClientError as error:
            _count_retries(service, error.response)
            raise
        _count_retries(service, answer)
        return answer

    def _client(self, service: str, once: bool) -> Any:
        region, account, clients = self.region, self.account, self.clients
        match service:
            case "drs":
                return create_drs_client(
                    region, account, clients=clients, once=once
                )
            case "ec2":
                return create_ec2_client(
                    region, account, clients=clients, once=once
                )
            case _:
                return clients.client(service, region, account, once=once)

    def _translated(self, error: Any, service: str, method: str) -> Exception:
        words = method.split("_")
        name = "".join(word.capitalize() for word in words)
        action = f"{_PREFIX.get(service, service)}:{name}"
        return translated(
            error,
            Call(account=self.account, region=self.region, action=action),
        )


def _count_retries(service: str, answer: Mapping[str, Any]) -> None:
    """Record how often the SDK itself made a call of DRS again."""
    tries = answer.get("ResponseMetadata", {}).get("RetryAttempts", 0)
    if service == "drs" and tries:
        metrics.record(Metric.DRS_RETRIES, tries)


def chunks(ids: Sequence[str], size: int = IDS_IN_A_FILTER) -> list[list[str]]:
    """Return the ids, without repeats, in lists a filter takes."""
    return [list(chunk) for chunk in batched(dict.fromkeys(ids), size)]
