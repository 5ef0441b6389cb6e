"""Finds what the system is made of: the artifacts that Pants built.

Under Pants they lie in the sandbox; elsewhere Pants is asked to build them.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from local_cloud.builder import TARGETS, Built, made_of

_AWS = "tests/system:aws"
_ROOT = Path.cwd()


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """What is deployed, and the AWS command line as a pex file."""

    built: Built
    aws: Path


def everything() -> Everything:
    """Answer every artifact, the environments made."""
    envs = _ROOT / ".local-cloud" / "envs"
    dist = _ROOT
    if not (dist / "lambda").is_dir():
        build = [str(_ROOT / "pants"), "package", *TARGETS, _AWS]
        subprocess.run(build, check=True)
        dist = _ROOT / "dist"
    return Everything(
        built=made_of(dist, _ROOT / "cfn", envs),
        aws=dist / "system" / "aws.pex",
    )
