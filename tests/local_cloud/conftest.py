"""A running emulator for the tests; its clients act as the account's root."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from local_cloud.programs import Pythons
from tests.local_cloud.environments import pythons as find_pythons
from tests.local_cloud.world import Emulator, run_emulator

Start = Callable[..., Emulator]


@pytest.fixture(scope="session")
def pythons() -> Pythons:
    """The two environments that are not ours."""
    return find_pythons()


@pytest.fixture(scope="session")
def start_emulator(
    pythons: Pythons, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Start]:
    """Start emulators that end with the session, each kind once."""
    started: dict[tuple[str, ...], Emulator] = {}
    with ExitStack() as stack:

        def start(*without: str) -> Emulator:
            if without not in started:
                home: Path = tmp_path_factory.mktemp("cloud")
                started[without] = stack.enter_context(
                    run_emulator(pythons, home, without)
                )
            return started[without]

        yield start


@pytest.fixture(scope="session")
def emulator(start_emulator: Start) -> Emulator:
    """The emulator with the whole overlay."""
    return start_emulator()
