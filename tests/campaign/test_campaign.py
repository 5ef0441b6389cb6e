"""Whatever goes wrong, what must hold does: seeds over the fakes."""

import pytest

from tests.campaign.campaign import run

BATCH = 25
FIRST, LAST = 0, 500


@pytest.mark.parametrize("first", range(FIRST, LAST, BATCH))
def test_nothing_that_goes_wrong_breaks_what_must_hold(first: int) -> None:
    results = [run(seed) for seed in range(first, first + BATCH)]

    assert [r for r in results if r.broken] == []
