"""Plants a fault for every blocking gate and expects the deployment to stop.

The gates run for real, on a small copy of the tree, with the installation of
the `./pants` that runs the tests. `walls` and this test plant faults of their
own; that a gate passes where there is no fault is what CI shows.
"""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.domain.course import STOPPED, StageNumber
from pipeline.domain.gate import Gate, GateResult, Kind, Outcome
from pipeline.domain.options import Options
from pipeline.gates import LOGS, Report, listed, run
from pipeline.main import Stage, deploy

_FOLDERS = ("3rdparty", "cfn", "scripts")
_FILES = (
    "pants",
    "pants.toml",
    "tests/BUILD",
    "tests/__init__.py",
    "tests/conftest.py",
)
_MADE = {
    "BUILD": '__dependencies_rules__(("*", "!*"))\n',
    "src/planted/BUILD": "python_sources()\n",
    "src/planted/__init__.py": "",
    "tests/planted/BUILD": "python_tests()\n",
    "tests/planted/test_good.py": "def test_it_is() -> None:\n    pass\n",
}
_PLANT_FAULTS = frozenset({"faults", "walls"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """A fault: a file, what is written over or into it, what is told of it."""

    where: str
    text: str
    told: str
    over: str = ""


PLANTS = {
    "build-files": Plant(
        where="src/unowned/planted.py",
        text='"""Nobody\'s."""\n',
        told="src/unowned",
    ),
    "dependencies": Plant(
        where="src/planted/wall.py",
        text="import boto3\n",
        told="src/planted/wall.py",
    ),
    "black": Plant(
        where="src/planted/form.py",
        text="PLANTED = { 'a':1 }\n",
        told="src/planted/form.py",
    ),
    "flake8": Plant(
        where="src/planted/unused.py",
        text="import json\n",
        told="src/planted/unused.py:1:1: F401",
    ),
    "types": Plant(
        where="src/planted/types.py",
        text='PLANTED: int = "one"\n',
        told="src/planted/types.py:1: error",
    ),
    "texts": Plant(
        where="src/planted/notes.json",
        text='{"planted": }\n',
        told="src/planted/notes.json:1",
    ),
    "templates": Plant(
        where="cfn/topics.yaml",
        over="      DisplayName:",
        text="      Planted:",
        told="Planted",
    ),
    "state-machine": Plant(
        where="cfn/statemachine/orchestration.asl.json",
        over='"StartAt": "',
        text='"StartAt": "Planted',
        told="Planted",
    ),
    "api": Plant(
        where="cfn/api/openapi.yaml",
        over="openapi: ",
        text="x-planted: 1\nopenapi: ",
        told="cfn/api.yaml is not what it is written from",
    ),
    "tests": Plant(
        where="tests/planted/test_bad.py",
        text="def test_it_is_not() -> None:\n    assert False\n",
        told="test_it_is_not",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A small copy of the tree that gates run in."""

    root: Path

    def plant(self, plant: Plant) -> str | None:
        """Plant a fault; answer what stood there before."""
        path = self.root / plant.where
        path.parent.mkdir(exist_ok=True)
        before = path.read_text() if path.exists() else None
        if before is not None:
            assert plant.over in before
            path.write_text(before.replace(plant.over, plant.text, 1))
        else:
            path.write_text(plant.text)
        self.track()
        return before

    def mend(self, plant: Plant, before: str | None) -> None:
        """Take a fault away again."""
        path = self.root / plant.where
        if before is not None:
            path.write_text(before)
        else:
            path.unlink()

    def track(self) -> None:
        """Let git know the files that there are."""
        subprocess.run(
            ["git", "add", "--all", "--", "cfn", "src", "tests"],
            cwd=self.root,
            check=True,
        )


@pytest.fixture(name="tree", scope="module")
def _tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """Copy what the gates need."""
    if "DRO_PANTS_HOME" not in os.environ:
        pytest.skip("only ./pants tells where Pants is installed")
    root = tmp_path_factory.mktemp("faults")
    for name, text in _MADE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for name in _FILES:
        shutil.copy2(name, root / name)
    for name in _FOLDERS:
        shutil.copytree(name, root / name, ignore=_left_out)
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    yield Tree(root=root)
    for pid in root.glob(".pids/*/pantsd/pid"):
        os.kill(int(pid.read_text()), signal.SIGTERM)


def _left_out(folder: str, names: list[str]) -> set[str]:
    """Leave out what uses code that is not in the copy."""
    packages = "|".join(
        path.parent.name for path in Path("src").glob("*/BUILD")
    )
    uses = re.compile(rf"^(from|import) ({packages})\b", re.MULTILINE)
    return {
        name
        for name in names
        if name == "__pycache__"
        or (
            name.endswith(".py")
            and uses.search(Path(folder, name).read_text())
        )
    }


def _blocking(checkout: Path) -> dict[str, StageNumber]:
    stages = (StageNumber.VALIDATION, StageNumber.TESTS)
    return {
        gate.name: number
        for number in stages
        for gate in listed(checkout, number.name.lower())
        if gate.kind is Kind.BLOCKING
    }


def test_every_blocking_gate_has_a_fault_of_its_own() -> None:
    assert _blocking(Path.cwd()).keys() - _PLANT_FAULTS == PLANTS.keys()


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_fault_stops_the_deployment_before_it_publishes(
    tree: Tree, name: str
) -> None:
    stage_of = _blocking(tree.root)
    reached = []

    def stage(number: StageNumber) -> Stage:
        def stage_run(options: Options, report: Report) -> list[GateResult]:
            reached.append(number)
            if number is stage_of[name]:
                return [run(options.checkout, Gate(name=name), report)]
            return [GateResult(gate=Gate(name="other"), outcome=Outcome.OK)]

        return stage_run

    plant = PLANTS[name]
    before = tree.plant(plant)
    try:
        status = deploy(
            Options(checkout=tree.root, environment="dev"),
            {number: stage(number) for number in StageNumber},
            Console(quiet=True),
        )
    finally:
        tree.mend(plant, before)

    said = (tree.root / LOGS / f"{name}.log").read_text()
    assert plant.told in said, said
    assert status == STOPPED
    assert reached[-1] is stage_of[name]
