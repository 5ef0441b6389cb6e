"""Both orchestrators do the same, whatever goes wrong."""

import pytest

from tests.campaign.differential import compared

BATCH = 10


@pytest.mark.parametrize("first", range(0, 20, BATCH))
def test_both_orchestrators_leave_the_same_when_all_goes_well(
    first: int,
) -> None:
    for seed in range(first, first + BATCH):
        for result in compared(seed, plain=True):
            assert not result.broken, result


@pytest.mark.parametrize("first", range(100, 140, BATCH))
def test_both_orchestrators_leave_the_same_struck_by_the_same_faults(
    first: int,
) -> None:
    for seed in range(first, first + BATCH):
        for result in compared(seed):
            assert not result.broken, result
