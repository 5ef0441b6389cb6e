"""Seeds over the real adapters: DynamoDB, EC2 and DRS as moto plays them."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from drs_simulator.aws import moto_backend
from tests.campaign.campaign import played
from tests.campaign.draw import draw
from tests.campaign.moto_world import MotoCampaign, forget_clients

BATCH = 10


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Play AWS."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    moto_backend.register()
    forget_clients()
    with mock_aws():
        yield


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("first", range(5000, 5100, BATCH))
def test_nothing_that_goes_wrong_on_moto_breaks_what_must_hold(
    first: int,
) -> None:
    results = []
    for seed in range(first, first + BATCH):
        moto_backend.simulator().state.regions.clear()
        results.append(played(MotoCampaign(draw(seed, small=True))))

    assert [r for r in results if r.broken] == []
