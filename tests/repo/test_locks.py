"""The locks: hashes for everything, addresses for nothing, one boto3."""

import re
from pathlib import Path

import pytest

FOLDER = Path("3rdparty/python")
REQUIREMENTS = sorted(FOLDER.glob("*.txt"))
_PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)


@pytest.fixture(params=REQUIREMENTS, ids=lambda path: path.stem)
def requirements(request: pytest.FixtureRequest) -> Path:
    """Each file of direct requirements in turn."""
    path: Path = request.param
    return path


def _pins(name: str) -> dict[str, str]:
    return dict(_PIN.findall((FOLDER / f"{name}.lock").read_text()))


def test_every_file_is_locked(requirements: Path) -> None:
    assert _pins(requirements.stem)


def test_a_lock_holds_hashes_and_no_addresses(requirements: Path) -> None:
    lock = (FOLDER / f"{requirements.stem}.lock").read_text()
    entries = re.split(r"\n(?=[a-z0-9])", lock)

    assert "://" not in lock
    assert all("--hash=sha256:" in entry for entry in entries[1:])


def test_a_file_says_why(requirements: Path) -> None:
    assert requirements.read_text().startswith("# ")


@pytest.mark.parametrize("beside", ["sdk-layer", "pytest", "mutation"])
def test_what_stands_beside_the_code_has_its_versions(beside: str) -> None:
    ours = _pins("default")
    shared = {name: pin for name, pin in _pins(beside).items() if name in ours}

    assert shared
    assert shared == {name: ours[name] for name in shared}


def test_the_layer_holds_nothing_the_tests_did_not_run_on() -> None:
    assert _pins("sdk-layer").keys() <= _pins("default").keys()
