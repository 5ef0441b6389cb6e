"""Quotas read at run time."""

import pytest

from drs.domain.capacity import Quotas
from tests.support.fake_drs import FakeDrs, hub
from tests.support.fakes import FakeClock


def test_quotas_are_asked_once_an_hour() -> None:
    clock = FakeClock()
    drs = FakeDrs(clock)
    region = drs(hub(), "eu-west-1")
    region.quotas()
    drs.has_quotas(concurrent_jobs=3)

    clock.sleep(3599)
    kept = region.quotas()
    clock.sleep(1)
    asked = region.quotas()

    assert kept.concurrent_jobs == 20
    assert asked.concurrent_jobs == 3
    assert len(drs.calls_of("GetServiceQuota")) == 6


def test_the_published_quotas_hold_where_none_can_be_read() -> None:
    clock = FakeClock()
    drs = FakeDrs(clock)
    drs.has_quotas(concurrent_jobs=3)
    drs.refuses("GetServiceQuota", "AccessDeniedException", 2)
    region = drs(hub(), "eu-west-1")

    assert region.quotas() == Quotas(fallback=True)
    clock.sleep(59)
    assert region.quotas().fallback
    clock.sleep(1)
    assert region.quotas().fallback
    clock.sleep(60)
    assert region.quotas().concurrent_jobs == 3


def test_each_account_and_region_has_its_own() -> None:
    drs = FakeDrs(FakeClock())
    drs(hub(), "eu-west-1").quotas()

    drs.simulator.quotas.adjust({"servers_per_job": 5}, "111122223333")

    assert drs(hub(), "eu-west-1").quotas().servers_per_job == 100
    assert drs(hub(), "us-east-1").quotas().servers_per_job == 5
    assert drs(hub(), "us-east-1") is drs(hub(), "us-east-1")


def test_quotas_that_could_not_be_read_are_told_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    drs = FakeDrs(FakeClock())
    drs.refuses("GetServiceQuota", "AccessDeniedException", 1)

    drs(hub(), "eu-west-1").quotas()

    (line,) = [r for r in caplog.records if r.message == "quotas_not_read"]
    said = vars(line)["fields"]
    assert line.levelname == "WARNING"
    assert (said["region"], said["assumed_concurrent_jobs"]) == (
        "eu-west-1",
        20,
    )
    assert "servicequotas:GetServiceQuota" in said["reason"] + said["remedy"]
