"""The one list of gates is well formed, and everything takes it from there."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

CHECK = Path("scripts/check")
STAGES = {"validation", "security", "tests", "artifacts"}
KINDS = {"blocking", "reported"}


def _listed() -> list[list[str]]:
    done = subprocess.run(
        [CHECK, "--list"], capture_output=True, text=True, check=True
    )
    return [line.split() for line in done.stdout.splitlines()]


def test_every_gate_has_a_name_a_stage_and_a_kind() -> None:
    for _, stage, kind in _listed():
        assert stage in STAGES
        assert kind in KINDS


def test_every_gate_of_the_list_can_be_asked_and_no_other() -> None:
    asked = re.findall(
        r"^gate_([a-z0-9-]+)\(\)", CHECK.read_text(), re.MULTILINE
    )

    assert sorted(asked) == sorted(name for name, *_ in _listed())


def test_what_is_no_gate_is_refused_before_anything_runs() -> None:
    done = subprocess.run(
        [CHECK, "black", "nothing"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert "no gate is named nothing" in done.stderr


def test_a_hook_before_a_commit_asks_a_gate_of_the_list() -> None:
    config = yaml.safe_load(Path(".pre-commit-config.yaml").read_text())
    names = {name for name, *_ in _listed()}

    for repo in config["repos"]:
        assert repo["repo"] == "local"
        for hook in repo["hooks"]:
            program, *words = hook["entry"].split()
            assert program == str(CHECK)
            assert words[-1] in names
            takes_files = hook.get("pass_filenames", True)
            assert ("--files" in words) is takes_files


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path) -> Path:
    """Make a checkout with one lock, whose tool says what a file holds."""
    tool = tmp_path / "dist/tools/pip-audit"
    for folder in ("scripts", "3rdparty/python", "dist/tools/pip-audit/bin"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(CHECK, tmp_path / CHECK)
    for lock in (
        tmp_path / "3rdparty/python/pip-audit.lock",
        tool / "installed.lock",
    ):
        lock.write_text("one==1\n")
    _program(tool / "bin/pip-audit", "cat said; exit 1")
    _program(tmp_path / "scripts/python", "exit 1")
    return tmp_path


def _program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def _audited(checkout: Path) -> int:
    return subprocess.run(
        ["scripts/check", "audit"],
        cwd=checkout,
        capture_output=True,
        check=False,
    ).returncode


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("No known vulnerabilities found", 0),
        ("Found 2 known vulnerabilities in 1 package", 1),
        ("ERROR: could not connect", 3),
        ("", 3),
        ("No known vulnerabilities found\none could not be audited", 3),
    ],
)
def test_what_the_index_did_not_tell_is_no_pass(
    checkout: Path, said: str, status: int
) -> None:
    (checkout / "said").write_text(said)

    assert _audited(checkout) == status


def test_a_tool_that_cannot_be_installed_is_no_pass(checkout: Path) -> None:
    (checkout / "said").write_text("No known vulnerabilities found")
    (checkout / "dist/tools/pip-audit/installed.lock").unlink()

    assert _audited(checkout) == 3


def test_a_blocking_gate_that_could_not_run_fails(checkout: Path) -> None:
    listing = (checkout / CHECK).read_text()
    asked = "audit          security    "
    assert asked in listing
    (checkout / CHECK).write_text(
        listing.replace(f"{asked}reported", f"{asked}blocking")
    )

    assert _audited(checkout) == 1
