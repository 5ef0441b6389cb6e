"""The BUILD files say the walls in the four words of the macros file."""

import re
from pathlib import Path

import pytest

from deployment.domain.names import PACKAGES, source_of

# Run in an environment of its own, with pins of its own.
APART = {"src/local_cloud/emulator/BUILD"}

BUILDS = sorted(Path("src").rglob("BUILD"))
_FUNCTION = re.compile(r'^lambda_function\(\s*name="([a-z-]+)"', re.MULTILINE)


def _kind(build: Path) -> str:
    return build.parent.name


def _words(build: Path) -> set[str]:
    return set(re.findall(r"^([a-z_]+)\(", build.read_text(), re.MULTILINE))


@pytest.fixture(params=BUILDS, ids=lambda path: path.parent.as_posix())
def build(request: pytest.FixtureRequest) -> Path:
    """Each BUILD file under src in turn."""
    path: Path = request.param
    return path


def test_a_domain_directory_is_pure(build: Path) -> None:
    assert ("pure" in _words(build)) == (_kind(build) == "domain")


def test_only_an_aws_directory_has_adapters(build: Path) -> None:
    assert ("adapters" in _words(build)) == (_kind(build) == "aws")


def test_every_directory_of_code_has_a_build_file() -> None:
    open_ = {
        path.parent.as_posix()
        for path in Path("src").rglob("*.py")
        if not (path.parent / "BUILD").exists()
    }

    assert not open_


def test_what_is_deployed_is_what_build_files_make_functions() -> None:
    declared = {
        (build.parent.name, name)
        for build in BUILDS
        for name in _FUNCTION.findall(build.read_text())
    }

    assert declared == {(source_of(name), name) for name in PACKAGES}


def test_no_build_file_writes_rules_of_its_own(build: Path) -> None:
    writes = "_rules__" in build.read_text()

    assert writes == (build.as_posix() in APART)
