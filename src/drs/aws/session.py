"""Credentials and clients for any account, made once and kept.

Another account is reached by assuming its role with the external id; the
keys are kept until shortly before they expire and never logged. Clients
that may repeat a call and clients that must not are two kinds.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Protocol

import boto3
from botocore.config import Config

from drs.aws.errors import SDK_ERRORS, unreachable
from shared import metrics
from shared.domain.account import AccountContext, account_context
from shared.domain.metrics import Metric

CONNECT_SECONDS: Final = 10
READ_SECONDS: Final = 60
ROLE_SECONDS: Final = 3600
SPARE_SECONDS: Final = 300
SESSION_NAME_LIMIT: Final = 64

REPEATABLE: Final = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    retries={"mode": "standard", "total_max_attempts": 5},
)
ONE_ATTEMPT: Final = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    retries={"mode": "standard", "total_max_attempts": 1},
)


class Clients(Protocol):
    """Where clients come from; ``Sessions`` in a running system."""

    def client(
        self,
        service: str,
        region: str,
        account: AccountContext | None = None,
        *,
        once: bool = False,
    ) -> Any:
        """Return a client of a service in an account's Region."""

    def forget(self, account: AccountContext | None) -> None:
        """Drop the keys of an account and the clients made with them."""


@dataclass(slots=True, kw_only=True)
class _Entry:
    """The keys of one role and the clients made with them."""

    keys: Mapping[str, str]
    expires_at: float
    clients: dict[tuple[str, str, bool], Any] = field(default_factory=dict)


class Sessions:
    """The clients of one container, in the hub and in other accounts."""

    def __init__(
        self,
        *,
        hub: boto3.Session | None = None,
        clock: Callable[[], float] = time.time,
        label: Callable[[], str] | None = None,
    ) -> None:
        """Keep what clients are made from.

        Args:
            hub: The session of the account we run in.
            clock: Tells the time, for the expiry of keys.
            label: Names the execution in the role's session name; the
                time stands for it otherwise.
        """
        self._hub = hub or boto3.Session()
        self._clock = clock
        self._label = label or (lambda: str(int(clock())))
        self._entries: dict[tuple[str, str], _Entry] = {}
        self._hub_account_id = ""
        self._lock = threading.RLock()

    def client(
        self,
        service: str,
        region: str,
        account: AccountContext | None = None,
        *,
        once: bool = False,
    ) -> Any:
        """Return a client of a service in an account's Region.

        Args:
            service: A name of boto3.
            region: The Region's name.
            account: Whose; the hub's without one.
            once: Whether a call must not be made twice.

        Raises:
            AccountUnreachable: The account's role could not be assumed.
        """
        with self._lock:
            entry = self._entry(account)
            key = (service, region, once)
            if key not in entry.clients:
                entry.clients[key] = self._made(service, region, once, entry)
            return entry.clients[key]

    def forget(self, account: AccountContext | None) -> None:
        """Drop the keys of an account and the clients made with them."""
        with self._lock:
            self._entries.pop(_key(account), None)

    def account(
        self, context: AccountContext | Mapping[str, Any] | None
    ) -> AccountContext:
        """Return an account context, normalised against the hub's id."""
        if isinstance(context, AccountContext):
            return context
        return account_context(context, hub_account_id=self.hub_account_id())

    def hub_account_id(self) -> str:
        """Return the id of the account we run in."""
        with self._lock:
            if not self._hub_account_id:
                identity = self._sts().get_caller_identity()
                self._hub_account_id = identity["Account"]
            return self._hub_account_id

    def _entry(self, account: AccountContext | None) -> _Entry:
        key = _key(account)
        entry = self._entries.get(key)
        if entry is None or entry.expires_at - SPARE_SECONDS <= self._clock():
            entry = self._assumed(account) if account and key[0] else _hub()
            self._entries[key] = entry
        return entry

    def _assumed(self, account: AccountContext) -> _Entry:
        name = f"drs-orchestration-{self._label()}"[:SESSION_NAME_LIMIT]
        try:
            answer = self._sts().assume_role(
                RoleArn=account.role_arn,
                ExternalId=account.external_id,
                RoleSessionName=name,
                DurationSeconds=ROLE_SECONDS,
            )
        except SDK_ERRORS as error:
            metrics.record(Metric.CROSS_ACCOUNT_SUCCESS, 0)
            raise unreachable(error, account) from error
        metrics.record(Metric.CROSS_ACCOUNT_SUCCESS)
        keys = answer["Credentials"]
        return _Entry(
            keys={
                "aws_access_key_id": keys["AccessKeyId"],
                "aws_secret_access_key": keys["SecretAccessKey"],
                "aws_session_token": keys["SessionToken"],
            },
            expires_at=keys["Expiration"].timestamp(),
        )

    def _sts(self) -> Any:
        return self._hub.client("sts", config=REPEATABLE)

    def _made(
        self, service: str, region: str, once: bool, entry: _Entry
    ) -> Any:
        make: Callable[..., Any] = self._hub.client
        return make(
            service,
            region_name=region,
            config=ONE_ATTEMPT if once else REPEATABLE,
            **entry.keys,
        )


def _hub() -> _Entry:
    return _Entry(keys={}, expires_at=float("inf"))


def _key(account: AccountContext | None) -> tuple[str, str]:
    if account is None or account.is_current:
        return ("", "")
    return (account.role_arn, account.external_id)


@cache
def default_sessions() -> Sessions:
    """Return the sessions of this container."""
    return Sessions()


def create_drs_client(
    region: str,
    account_context: AccountContext | Mapping[str, Any] | None = None,
    *,
    clients: Clients | None = None,
    once: bool = False,
) -> Any:
    """Return a DRS client for an account's Region.

    Args:
        region: The Region's name.
        account_context: Whose; the hub's without one.
        clients: Where clients come from; this container's without them.
        once: Whether a call must not be made twice.

    Raises:
        AccountUnreachable: The account's role could not be assumed.
    """
    made, account = _way(account_context, clients)
    return made.client("drs", region, account, once=once)


def create_ec2_client(
    region: str,
    account_context: AccountContext | Mapping[str, Any] | None = None,
    *,
    clients: Clients | None = None,
    once: bool = False,
) -> Any:
    """Return an EC2 client for an account's Region, as one of DRS."""
    made, account = _way(account_context, clients)
    return made.client("ec2", region, account, once=once)


def _way(
    context: AccountContext | Mapping[str, Any] | None, clients: Clients | None
) -> tuple[Clients, AccountContext | None]:
    if context is None or isinstance(context, AccountContext):
        return clients or default_sessions(), context
    return clients or default_sessions(), default_sessions().account(context)
