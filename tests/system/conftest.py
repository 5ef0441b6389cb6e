"""Two local clouds of the built artifacts, one for each orchestrator."""

from collections.abc import Iterator

import pytest

from tests.system.api import Api
from tests.system.artifacts import Everything, everything
from tests.system.evidence import REPORT
from tests.system.ground import Ground
from tests.system.world import System


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Judge privileges last: every other test is evidence."""
    items.sort(key=lambda item: item.path.stem == "test_privileges")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the report of privileges, whatever became of its tests."""
    report = config.stash.get(REPORT, "")
    if report:
        terminalreporter.section("privileges used and unused")
        terminalreporter.write_line(report)


@pytest.fixture(scope="session")
def artifacts() -> Everything:
    """What Pants built."""
    return everything()


@pytest.fixture(scope="session")
def system(
    artifacts: Everything, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """A cloud with the generic orchestrator."""
    home = tmp_path_factory.mktemp("generic")
    with System(home, artifacts.built, "generic") as system:
        yield system


@pytest.fixture(scope="session")
def direct(
    artifacts: Everything, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """A cloud with the orchestrator that calls DRS itself."""
    home = tmp_path_factory.mktemp("direct")
    with System(home, artifacts.built, "direct") as system:
        yield system


@pytest.fixture(scope="session")
def api(system: System) -> Api:
    """The API of the first, its users signed in."""
    return Api(system)


@pytest.fixture(scope="session")
def ground(system: System, api: Api) -> Ground:
    """What requests stand on; its names are given once in the cloud."""
    return Ground(system, api)
