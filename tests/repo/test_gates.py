"""The one list of gates is well formed, and everything takes it from there."""

import re
import subprocess
from pathlib import Path

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
