"""A package whose artifact changed and that does not say so is found."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.versions import Package, main, modules_of, untold

PATHS = [
    "src/one/handler.py",
    "src/one/domain/wave.py",
    "src/one/README.md",
    "src/one/VERSION",
    "src/one/changes/waves.fix.md",
    "src/other/http.py",
    "src/other/unused.py",
]
USED = frozenset({"src/one/handler.py", "src/other/http.py"})
# What makes src/one's artifact another one.
OF_THE_ARTIFACT = {
    "src/one/handler.py",
    "src/one/domain/wave.py",
    "src/other/http.py",
}


def a_package(changed: set[str], *fragments: str) -> Package:
    """Return src/one, which uses a module of src/other."""
    return Package(
        name="one",
        since="one-v1.0.0",
        changed=frozenset(changed),
        used=USED,
        fragments=frozenset(fragments),
    )


@given(st.sets(st.sampled_from(PATHS)))
def test_a_changed_artifact_without_a_fragment_is_told(
    changed: set[str],
) -> None:
    assert bool(untold([a_package(changed)])) is bool(
        changed & OF_THE_ARTIFACT
    )


@given(st.sets(st.sampled_from(PATHS)))
def test_a_fragment_tells_it(changed: set[str]) -> None:
    assert untold([a_package(changed, "waves.fix.md")]) == []


def test_the_package_the_release_and_the_files_are_named() -> None:
    [line] = untold([a_package(set(PATHS))])

    for part in ("src/one:", "one-v1.0.0", "src/other/http.py", "changes/"):
        assert part in line


class Checkout:
    """A checkout of one function that uses a library."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "--quiet")
        for package in ("one", "library"):
            self.write(f"src/{package}/VERSION", "1.0.0\n")
            self.write(f"src/{package}/changes/README.md", "Fragments.\n")
        self.write("src/one/handler.py", "from library import http\n")
        self.write("src/library/http.py", "import json\n")
        self.write("src/library/unused.py", "import json\n")
        self.commit()

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def commit(self) -> None:
        """Commit all there is."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Change it")

    def git(self, *words: str) -> None:
        """Run git as somebody."""
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *who, *words], cwd=self.root, check=True)


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    monkeypatch.chdir(tmp_path)
    return Checkout(tmp_path)


def test_what_was_released_is_told(checkout: Checkout) -> None:
    assert main() == 0


@pytest.mark.parametrize("committed", [True, False])
def test_a_changed_library_is_told_by_whoever_ships_it(
    checkout: Checkout, committed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.write("src/library/http.py", "import re\n")
    checkout.write("src/library/changes/http.fix.md", "Faster.\n")
    if committed:
        checkout.commit()

    assert main() == 1
    assert capsys.readouterr().out.startswith("src/one: 1 files")

    checkout.write("src/one/changes/http.fix.md", "Faster.\n")
    assert main() == 0


def test_a_module_that_a_function_does_not_reach_is_not_its_change(
    checkout: Checkout,
) -> None:
    checkout.write("src/library/unused.py", "import re\n")
    checkout.write("src/library/changes/unused.fix.md", "Faster.\n")

    assert main() == 0


def test_a_new_module_is_a_change(checkout: Checkout) -> None:
    checkout.write("src/one/added.py", "import re\n")

    assert main() == 1


def test_the_tag_of_a_release_is_where_it_counts_from(
    checkout: Checkout,
) -> None:
    checkout.write("src/one/handler.py", "import json\n")
    checkout.commit()
    assert main() == 1

    checkout.git("tag", "one-v1.0.0")
    assert main() == 0


def test_a_shallow_clone_was_not_asked(
    checkout: Checkout,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    checkout.write("src/one/handler.py", "import json\n")
    checkout.commit()
    there = tmp_path.as_uri()
    checkout.git("clone", "--quiet", "--depth=1", there, "shallow")
    monkeypatch.chdir(tmp_path / "shallow")

    assert main() == 3
    assert capsys.readouterr().out.startswith("NOT RUN: this clone is shallow")


def test_what_is_no_checkout_was_not_asked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    assert main() == 3
    assert capsys.readouterr().out.startswith("NOT RUN: git cannot be asked")


def test_a_function_is_what_its_handler_reaches(checkout: Checkout) -> None:
    assert modules_of(Path("src/one/handler.py")) == {
        "src/one/handler.py",
        "src/library/http.py",
    }
