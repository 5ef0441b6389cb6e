"""Sweeps over Regions: nothing there, not to be asked, not in time."""

import threading
from collections.abc import Iterator

import pytest

from drs.domain.ports import DrsRegion
from drs.domain.regions import check_region
from drs.sweep import Swept, sweep
from shared.domain.account import AccountContext
from shared.domain.errors import (
    AccountUnreachable,
    BadRequest,
    DrsUnavailable,
    Unavailable,
)
from tests.support.fake_drs import HUB, FakeDrs, hub
from tests.support.fakes import FakeClock

TARGET = AccountContext(account_id="444455556666", is_current=False)
REGIONS = ("us-east-1", "eu-west-1", "ap-south-1")


@pytest.fixture
def drs() -> FakeDrs:
    drs = FakeDrs(FakeClock())
    drs.has_servers("us-east-1", [{"Name": "a"}, {"Name": "b"}])
    drs.has_servers("eu-west-1", [])
    drs.has_servers("eu-west-1", [{"Name": "c"}], account=TARGET.account_id)
    return drs


def count(region: DrsRegion) -> int:
    return len(region.source_servers())


def swept(drs: FakeDrs, *accounts: AccountContext) -> list[Swept[int]]:
    chosen = accounts or (hub(),)
    found = sweep(drs, chosen, REGIONS, count, seconds=10)
    return [found[account] for account in chosen]


def test_each_account_is_asked_in_each_region(drs: FakeDrs) -> None:
    ours, theirs = swept(drs, hub(), TARGET)

    assert ours.found == {"us-east-1": 2, "eu-west-1": 0}
    assert theirs.found == {"eu-west-1": 1}
    asked = {(call.account, call.region) for call in drs.calls}
    assert asked == {
        (account, region)
        for account in (HUB, TARGET.account_id)
        for region in REGIONS
    }


@pytest.mark.parametrize(
    "error", ["UninitializedAccountException", "UnrecognizedClientException"]
)
def test_a_region_that_is_not_in_use_is_no_failure(
    drs: FakeDrs, error: str
) -> None:
    drs.refuses("DescribeSourceServers", error)

    [found] = swept(drs)

    assert found.checked() == Swept()


@pytest.mark.parametrize(
    "error", ["ThrottlingException", "AccessDeniedException"]
)
def test_a_region_that_cannot_be_asked_is_named(
    drs: FakeDrs, error: str
) -> None:
    drs.simulator.inject(
        {
            "op": "DescribeSourceServers",
            "region": "us-east-1",
            "error": error,
            "times": 99,
        }
    )

    [found] = swept(drs)

    assert found.checked().found == {"eu-west-1": 0}
    assert list(found.failed) == ["us-east-1"]


def test_no_answer_at_all_is_no_empty_answer(drs: FakeDrs) -> None:
    drs.refuses("DescribeSourceServers", "InternalServerException")

    [found] = swept(drs)

    with pytest.raises(Unavailable):
        found.checked()


def test_an_account_that_lets_nobody_in_is_asked_once(drs: FakeDrs) -> None:
    entered = []

    def refuse(region: DrsRegion) -> int:
        if region.account_id == HUB:
            return count(region)
        entered.append(region.region)
        raise AccountUnreachable("wrong external id")

    names = [f"region-{number}" for number in range(200)]
    both = sweep(drs, (hub(), TARGET), names, refuse, seconds=10)

    assert len(entered) < len(names)
    assert both[hub()] == Swept()
    with pytest.raises(AccountUnreachable, match="wrong external id"):
        both[TARGET].checked()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_what_is_not_answered_in_time_is_named(
    drs: FakeDrs, gate: threading.Event
) -> None:
    def wait(region: DrsRegion) -> int:
        if region.region == "us-east-1":
            gate.wait(10)
        return count(region)

    found = sweep(drs, [hub()], REGIONS, wait, seconds=0.2)[hub()]

    assert found.found == {"eu-west-1": 0}
    error = found.failed["us-east-1"]
    assert isinstance(error, DrsUnavailable)
    assert "us-east-1" in error.message


def test_a_region_of_drs_may_be_named() -> None:
    check_region("us-east-1", REGIONS)

    with pytest.raises(BadRequest) as caught:
        check_region("us-mars-1", REGIONS)

    assert caught.value.code == "INVALID_FORMAT"
    assert caught.value.details == {"field": "region"}
