"""scripts/dro builds the command line where it must, and runs it."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

LAUNCHER = Path("scripts/dro").resolve()
PANTS = """\
#!/bin/sh
echo "$@" >> pants.calls
[ -e broken ] && echo "no such target" && exit 1
mkdir -p dist/cli
echo 'import os, sys; print(os.environ["DRO_CHECKOUT"], sys.argv[1:])' \
> dist/cli/dro.pex
"""


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path) -> Path:
    checkout = tmp_path / "a checkout"
    for folder in ("scripts", "src/cli", "3rdparty/python"):
        (checkout / folder).mkdir(parents=True)
    for script in (LAUNCHER, LAUNCHER.with_name("launcher.sh")):
        shutil.copy(script, checkout / "scripts")
    (checkout / "pants").write_text(PANTS)
    (checkout / "pants").chmod(0o755)
    (checkout / "src/cli/main.py").touch()
    return checkout


def dro(checkout: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the launcher from somewhere else."""
    return subprocess.run(
        [str(checkout / "scripts" / "dro"), *arguments],
        cwd="/",
        capture_output=True,
        text=True,
        env={**os.environ, "HOME": "/nonexistent"},
        check=False,
    )


def calls(checkout: Path) -> list[str]:
    """Return how Pants was called."""
    return (checkout / "pants.calls").read_text().splitlines()


def test_it_runs_from_anywhere_and_passes_the_arguments_on(
    checkout: Path,
) -> None:
    result = dro(checkout, "plan", "validate", "my plan.yaml")

    assert result.returncode == 0, result.stderr
    wanted = f"{checkout} ['plan', 'validate', 'my plan.yaml']\n"
    assert result.stdout == wanted
    assert calls(checkout) == ["package src/cli:dro"]


def test_it_does_not_build_again_what_has_not_changed(checkout: Path) -> None:
    dro(checkout)
    again = dro(checkout)

    assert len(calls(checkout)) == 1
    assert again.stderr == ""


@pytest.mark.parametrize("change", ["write", "add", "remove"])
def test_it_builds_again_after_a_change(checkout: Path, change: str) -> None:
    dro(checkout)
    time.sleep(0.05)
    source = checkout / "src/cli/main.py"
    match change:
        case "write":
            source.write_text("changed")
        case "add":
            (source.parent / "other.py").touch()
        case "remove":
            source.unlink()

    dro(checkout)

    assert len(calls(checkout)) == 2


def test_a_failed_build_shows_why_and_runs_nothing(checkout: Path) -> None:
    (checkout / "broken").touch()

    result = dro(checkout)

    assert result.returncode == 1
    assert "no such target" in result.stderr
    assert result.stdout == ""


def test_a_failed_build_is_tried_again(checkout: Path) -> None:
    (checkout / "broken").touch()
    dro(checkout)
    (checkout / "broken").unlink()

    result = dro(checkout)

    assert result.returncode == 0
    assert len(calls(checkout)) == 2
