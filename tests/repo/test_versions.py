"""Every package that ships says its version once, and says what changed."""

import re
from pathlib import Path

import pytest

from deployment.artifacts import fragments_in

PACKAGES = sorted(path.parent for path in Path("src").glob("*/VERSION"))
_FRAGMENT = re.compile(r"[a-z0-9-]+\.(breaking|feature|fix|internal)\.md")
_HEADING = re.compile(r"^## (\d+\.\d+\.\d+)\b", re.MULTILINE)


@pytest.fixture(params=PACKAGES, ids=lambda path: path.name)
def package(request: pytest.FixtureRequest) -> Path:
    """Each package that ships in turn."""
    path: Path = request.param
    return path


def test_every_package_ships() -> None:
    packages = {path.parent for path in Path("src").glob("*/__init__.py")}

    assert packages == set(PACKAGES)


def test_the_version_is_the_newest_heading(package: Path) -> None:
    version = (package / "VERSION").read_text().strip()
    headings = _HEADING.findall((package / "CHANGELOG.md").read_text())

    assert headings[0] == version


def test_the_changelog_goes_back_in_time(package: Path) -> None:
    headings = _HEADING.findall((package / "CHANGELOG.md").read_text())
    versions = [tuple(map(int, found.split("."))) for found in headings]

    assert versions == sorted(versions, reverse=True)


def test_a_fragment_says_its_kind_in_its_name(package: Path) -> None:
    strange = [
        path.name
        for path in fragments_in(package)
        if not _FRAGMENT.fullmatch(path.name)
    ]

    assert not strange


def test_a_package_says_what_it_is_for(package: Path) -> None:
    first = (package / "README.md").read_text().splitlines()[0]

    assert first.startswith("# ")
