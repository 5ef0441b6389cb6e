"""The two fronts of the simulator, each behind the same few words."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from moto import mock_aws

from drs_simulator.aws import moto_backend
from drs_simulator.aws.server import DrsServer, Settings
from drs_simulator.domain.simulator import Simulator
from tests.drs_simulator.builders import ACCOUNT, REGION, START, Clock

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient

ONCE = Config(
    retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=10
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wired:
    """A service that boto3 reaches, on a virtual clock."""

    simulator: Simulator
    clock: Clock
    endpoint: str | None
    clients: "dict[tuple[str, str], DrsClient]" = field(default_factory=dict)

    def client(
        self, account: str = ACCOUNT, region: str = REGION
    ) -> "DrsClient":
        """Return the client of an account and Region."""
        key = (account, region)
        if key not in self.clients:
            self.clients[key] = self._connected(account, region)
        return self.clients[key]

    def _connected(self, account: str, region: str) -> "DrsClient":
        client = boto3.client(
            "drs",
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=account,
            aws_secret_access_key="test",
            config=ONCE,
        )

        def named(params: dict[str, Any], **_: Any) -> None:
            params["headers"]["x-moto-account-id"] = account

        client.meta.events.register("before-call.drs.*", named)
        return client


@contextmanager
def http(**settings: Any) -> Iterator[Wired]:
    """Serve on a free port for a while."""
    server = DrsServer(Settings(**settings))
    clock = Clock(START)
    server.front.simulator.clock = clock
    server.start()
    try:
        yield Wired(
            simulator=server.front.simulator, clock=clock, endpoint=server.url
        )
    finally:
        server.stop()


@contextmanager
def moto() -> Iterator[Wired]:
    """Let moto answer for a while."""
    moto_backend.register()
    with mock_aws():
        simulator = moto_backend.simulator()
        clock = Clock(START)
        simulator.clock = clock
        simulator.rng = Random(0)
        yield Wired(simulator=simulator, clock=clock, endpoint=None)


FRONTS = {"http": http, "moto": moto}
