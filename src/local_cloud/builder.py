"""Builds what the local cloud runs and deploys, and nothing twice.

Pants decides what is out of date. The two environments of other programs come
as pex files and become real ones here, once for each content.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local_cloud.artifacts import Artifacts
from local_cloud.programs import Pythons

TARGETS = (
    "src/orchestration:lambda",
    "src/orchestration_stepfunctions:lambda",
    "src/execution_handler:lambda",
    "src/query_handler:lambda",
    "src/data_management_handler:lambda",
    "src/notification_formatter:lambda",
    "3rdparty/python:sdk-layer",
    "src/local_cloud/emulator:emulator",
    "src/local_cloud/emulator:lambda-runtime",
)


class BuildFailed(Exception):
    """Something could not be built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """Everything that the local cloud is made of."""

    artifacts: Artifacts
    pythons: Pythons


def build(
    checkout: Path, state_dir: Path, report: Callable[[str], None]
) -> Built:
    """Package what changed and make the environments.

    Raises:
        BuildFailed: With the end of the builder's output.
    """
    report("Building what changed.")
    _run(
        [str(checkout / "pants"), "package", *TARGETS],
        checkout,
        dict(os.environ),
    )
    return made_of(checkout / "dist", checkout / "cfn", state_dir / "envs")


def made_of(dist: Path, templates: Path, envs: Path) -> Built:
    """Take what Pants has built, and make the environments.

    Args:
        dist: Where the packages lie as Pants names them.
        templates: The directory of the main template.
        envs: Where environments are kept.
    """
    return Built(
        artifacts=Artifacts.built(dist, templates),
        pythons=Pythons(
            emulator=environment(dist / "local_cloud/emulator.pex", envs),
            runtime=environment(dist / "local_cloud/lambda-runtime.pex", envs),
        ),
    )


def environment(pex: Path, envs: Path) -> Path:
    """Make a real environment of a pex file; answer its interpreter.

    Environments of older contents of the same file are removed.
    """
    digest = hashlib.sha256(pex.read_bytes()).hexdigest()[:16]
    folder = envs.resolve() / f"{pex.stem}-{digest}"
    ready = folder / "ready"
    if not ready.exists():
        for old in envs.glob(f"{pex.stem}-*"):
            shutil.rmtree(old)
        envs.mkdir(parents=True, exist_ok=True)
        _run(
            [sys.executable, str(pex.resolve()), "venv", str(folder)],
            envs,
            {**os.environ, "PEX_TOOLS": "1"},
        )
        ready.touch()
    return folder / "bin" / "python"


def _run(command: list[str], cwd: Path, env: dict[str, str]) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except OSError as error:
        raise BuildFailed(f"{command[0]} cannot be run: {error}") from error
    if done.returncode:
        said = "\n".join(done.stdout.splitlines()[-40:])
        raise BuildFailed(f"`{' '.join(command)}` failed:\n{said}")
