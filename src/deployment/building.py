"""Asks Pants for what is deployed; Pants decides what is out of date."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from deployment.domain.errors import DeploymentError
from deployment.domain.names import PACKAGES, source_of

TARGETS: Final = (
    *(f"src/{source_of(package)}:lambda" for package in PACKAGES),
    "3rdparty/python:sdk-layer",
)
_LAST_LINES = 40


class BuildFailed(DeploymentError):
    """Something could not be built."""


def package(checkout: Path, targets: Sequence[str]) -> None:
    """Build targets into the checkout's dist.

    Raises:
        BuildFailed: With the end of the builder's output.
    """
    run(
        [str(checkout / "pants"), "package", *targets],
        checkout,
        dict(os.environ),
    )


def run(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
    """Run a program that builds something.

    Raises:
        BuildFailed: With the end of its output.
    """
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
        said = "\n".join(done.stdout.splitlines()[-_LAST_LINES:])
        raise BuildFailed(f"`{' '.join(command)}` failed:\n{said}")
