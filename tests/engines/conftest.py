"""The three engines, each for the whole session."""

from collections.abc import Iterator

import pytest

from tests.engines.engines import Engine
from tests.engines.on_moto import moto_engine
from tests.engines.on_the_driver import OnTheDriver
from tests.engines.on_the_emulator import emulator_engine
from tests.local_cloud.environments import pythons
from tests.local_cloud.world import run_emulator


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The scenario driver."""
    return OnTheDriver(tmp_path_factory.mktemp("driver"))


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Moto's interpreter; nothing else may speak to AWS meanwhile."""
    with moto_engine(tmp_path_factory.mktemp("moto")) as engine:
        yield engine


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The local cloud's engine."""
    home = tmp_path_factory.mktemp("cloud")
    with run_emulator(pythons(), home) as running:
        yield emulator_engine(running, tmp_path_factory.mktemp("scripts"))
