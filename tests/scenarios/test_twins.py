"""Two deliveries of the same action at once launch every server once."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.execution_handler.bench import Bench
from tests.support.fakes import FakeGroups


class Meanwhile(FakeGroups):
    """Groups whose next reading takes long enough for something else."""

    happens: list[Callable[[], object]]

    def __init__(self) -> None:
        super().__init__()
        self.happens = []

    def group(self, group_id: str) -> dict[str, Any]:
        """Let something happen, then return the group."""
        if self.happens:
            self.happens.pop()()
        return super().group(group_id)


def nothing() -> None:
    """Let this reading pass."""


@pytest.fixture
def bench() -> Bench:
    made = Bench()
    made.groups = Meanwhile()
    return made


@pytest.mark.parametrize("reading", [1, 2])
def test_servers_that_a_twin_intends_meanwhile_are_not_intended_again(
    bench: Bench, reading: int
) -> None:
    bench.has_group("db", 4)
    bench.drs.has_quotas(servers_per_job=2, concurrent_jobs=1)
    bench.runs({"protectionGroupId": "db"})
    assert isinstance(bench.groups, Meanwhile)
    bench.groups.happens = [bench.start, *[nothing] * (reading - 1)]

    bench.start()

    intended = [s for intent in bench.intents for s in intent.server_ids]
    assert len(intended) == len(set(intended))
