"""Leans on every wall: plants a forbidden import and expects Pants' refusal.

Pants runs for real, on a copy of the tree, with the installation of the
`./pants` that runs the tests. What the walls are is said in the BUILD files.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

_FOLDERS = ("3rdparty", "scripts", "src")
_FILES = (
    ".pre-commit-config.yaml",
    "BUILD",
    "pants",
    "pants.toml",
    "tests/BUILD",
    "tests/__init__.py",
    "tests/conftest.py",
)

_BOTO3 = "python_requirements 3rdparty/python:reqs#boto3"
_POWERTOOLS = "python_requirements 3rdparty/python:reqs#aws-lambda-powertools"
_DRS_JOB = "python_sources src/drs/domain/job.py"
_QUERY_HANDLER = "python_sources src/query_handler/__init__.py"
_SHARED_DOMAIN = "python_sources src/shared/domain/__init__.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """An import where it may not stand, and the use Pants must name."""

    where: str
    text: str
    use: str


PLANTS = {
    "the_orchestrator_uses_drs": Plant(
        where="src/orchestration",
        text="import drs.domain.job",
        use=_DRS_JOB,
    ),
    "the_orchestrator_uses_drs_for_types": Plant(
        where="src/orchestration",
        text="from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from drs.domain import job",
        use=_DRS_JOB,
    ),
    "the_orchestrator_uses_drs_by_name": Plant(
        where="src/orchestration",
        text="import importlib\n"
        "JOB = importlib.import_module('drs.domain.job')",
        use=_DRS_JOB,
    ),
    "the_orchestrator_uses_boto3": Plant(
        where="src/orchestration",
        text="import boto3",
        use=_BOTO3,
    ),
    "shared_uses_drs": Plant(
        where="src/shared",
        text="import drs.domain.job",
        use=_DRS_JOB,
    ),
    "shared_domain_uses_boto3": Plant(
        where="src/shared/domain",
        text="import boto3",
        use=_BOTO3,
    ),
    "shared_domain_uses_adapters": Plant(
        where="src/shared/domain",
        text="import shared.aws",
        use="python_sources src/shared/aws/__init__.py",
    ),
    "drs_domain_uses_botocore": Plant(
        where="src/drs/domain",
        text="from botocore.exceptions import ClientError",
        use=_BOTO3,
    ),
    "drs_domain_logs": Plant(
        where="src/drs/domain",
        text="import aws_lambda_powertools",
        use=_POWERTOOLS,
    ),
    "drs_uses_boto3_outside_aws": Plant(
        where="src/drs",
        text="import boto3",
        use=_BOTO3,
    ),
    "a_lambda_uses_boto3_outside_aws": Plant(
        where="src/execution_handler",
        text="import boto3",
        use=_BOTO3,
    ),
    "the_orchestrator_uses_another_lambda": Plant(
        where="src/orchestration",
        text="import query_handler",
        use=_QUERY_HANDLER,
    ),
    "a_lambda_uses_another": Plant(
        where="src/execution_handler",
        text="import query_handler",
        use=_QUERY_HANDLER,
    ),
    "a_lambda_uses_the_orchestrator": Plant(
        where="src/query_handler",
        text="import orchestration",
        use="python_sources src/orchestration/__init__.py",
    ),
    "the_local_cloud_uses_a_lambda": Plant(
        where="src/local_cloud",
        text="import query_handler",
        use=_QUERY_HANDLER,
    ),
    "the_command_line_uses_drs": Plant(
        where="src/cli",
        text="import drs.domain.job",
        use=_DRS_JOB,
    ),
    "the_simulator_uses_our_code": Plant(
        where="src/drs_simulator",
        text="import shared.domain",
        use=_SHARED_DOMAIN,
    ),
    "code_uses_tests": Plant(
        where="src/query_handler",
        text="import tests",
        use="python_sources tests/__init__.py",
    ),
    "a_new_directory_uses_anything": Plant(
        where="src/newcomer",
        text="import shared.domain",
        use=_SHARED_DOMAIN,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A copy of the tree that Pants runs in."""

    root: Path

    def dependencies(self, *of: str) -> subprocess.CompletedProcess[str]:
        """Run `./pants dependencies` and answer what became of it."""
        return subprocess.run(
            ["./pants", "--no-dynamic-ui", "dependencies", *of],
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """Copy the tree; `./pants` there runs the Pants installed here."""
    if "DRO_PANTS_HOME" not in os.environ:
        pytest.skip("only ./pants tells where Pants is installed")
    root = tmp_path_factory.mktemp("walls")
    (root / "tests").mkdir()
    for name in _FILES:
        shutil.copy2(name, root / name)
    for name in _FOLDERS:
        shutil.copytree(
            name, root / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    (root / "src/newcomer").mkdir()
    (root / "src/newcomer/BUILD").write_text("python_sources()\n")
    (root / "src/newcomer/__init__.py").touch()
    yield Tree(root=root)
    for pid in root.glob(".pids/*/pantsd/pid"):
        os.kill(int(pid.read_text()), signal.SIGTERM)


@pytest.mark.parametrize("wall", PLANTS)
def test_a_planted_import_is_refused_by_name(tree: Tree, wall: str) -> None:
    plant = PLANTS[wall]
    planted = f"{plant.where}/planted.py"
    (tree.root / planted).write_text(plant.text + "\n")

    refusal = tree.dependencies(planted)
    (tree.root / planted).unlink()

    assert refusal.returncode != 0
    assert f"{planted} -> {plant.use}" in refusal.stderr


@pytest.mark.parametrize("where", ["src/orchestration", "src/shared"])
def test_a_run_over_everything_names_the_forbidden_edge(
    tree: Tree, where: str
) -> None:
    planted = f"{where}/planted.py"
    (tree.root / planted).write_text("import drs.domain.job\n")

    refusal = tree.dependencies("::")
    (tree.root / planted).unlink()

    assert refusal.returncode != 0
    assert f"{planted} -> {_DRS_JOB}" in refusal.stderr
