"""The ways to a Region of DRS that keep the same contract.

``fake``: the simulator's model in process. ``moto``: boto3, through the
role of another account, to the same model behind moto and to moto's EC2.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from drs.aws.region import BotoDrsRegions
from drs.aws.session import Sessions
from drs.domain.ports import DrsRegion
from drs_simulator.aws import moto_backend
from shared.domain.account import AccountContext
from tests.support.fake_drs import HUB, FakeDrs, hub
from tests.support.fakes import FakeClock

REGION = "eu-west-1"
TARGET = AccountContext(
    account_id=HUB,
    role_arn=f"arn:aws:iam::{HUB}:role/DRSOrchestrationRole",
    external_id="drs-orchestration-cross-account",
    is_current=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A Region, the verbs that shape it, and its time."""

    region: DrsRegion
    drs: FakeDrs
    clock: FakeClock


class MotoSessions(Sessions):
    """Sessions whose Service Quotas, which moto lacks, are the fake's."""

    def __init__(self, drs: FakeDrs) -> None:
        super().__init__(hub=boto3.Session(region_name=REGION))
        self._drs = drs

    def client(
        self,
        service: str,
        region: str,
        account: AccountContext | None = None,
        *,
        once: bool = False,
    ) -> Any:
        """Return the fake's client for quotas, a real one for the rest."""
        if service == "service-quotas":
            return self._drs.client(service, region, account, once=once)
        return super().client(service, region, account, once=once)


@contextmanager
def _fake() -> Iterator[World]:
    clock = FakeClock()
    drs = FakeDrs(clock)
    yield World(region=drs(hub(), REGION), drs=drs, clock=clock)


@contextmanager
def _moto() -> Iterator[World]:
    moto_backend.register()
    clock = FakeClock()
    drs = FakeDrs(clock)
    with mock_aws():
        drs.simulator = moto_backend.simulator()
        drs.simulator.clock = clock.now
        regions = BotoDrsRegions(MotoSessions(drs), clock.now)
        yield World(region=regions(TARGET, REGION), drs=drs, clock=clock)


@pytest.fixture(params=[_fake, _moto], ids=["fake", "moto"])
def world(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """Yield a Region without servers."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with request.param() as made:
        yield made
