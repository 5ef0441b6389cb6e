"""Builds what the local cloud runs and deploys, and nothing twice.

Pants decides what is out of date. The two environments of other programs come
as pex files and become real ones here, once for each content.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deployment import building
from deployment.artifacts import Artifacts
from local_cloud.programs import Pythons

TARGETS = (
    *building.TARGETS,
    "src/local_cloud/emulator:emulator",
    "src/local_cloud/emulator:lambda-runtime",
)


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
    building.package(checkout, TARGETS)
    return made_of(
        checkout / "dist",
        checkout / "cfn",
        state_dir / "envs",
        checkout / "src",
    )


def made_of(
    dist: Path, templates: Path, envs: Path, sources: Path | None = None
) -> Built:
    """Take what Pants has built, and make the environments.

    Args:
        dist: Where the packages lie as Pants names them.
        templates: The directory of the main template.
        envs: Where environments are kept.
        sources: The folder src, which tells what is released.
    """
    return Built(
        artifacts=Artifacts.built(dist, templates, sources),
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
        building.run(
            [sys.executable, str(pex.resolve()), "venv", str(folder)],
            envs,
            {**os.environ, "PEX_TOOLS": "1"},
        )
        ready.touch()
    return folder / "bin" / "python"


def drop_other_layers(layer: Path, unpacked: Path) -> None:
    """Remove what was unpacked of other layers; names are hashes."""
    kept = hashlib.sha256(layer.read_bytes()).hexdigest()
    for folder in unpacked.glob("*"):
        if folder.name != kept:
            shutil.rmtree(folder)
