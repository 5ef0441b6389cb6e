"""Lays the built zips out for publication, with a manifest beside them.

A published version never changes its bytes, so a zip goes to
`<name>/<version>.zip` and one that differs from what lies there is refused.
"""

import hashlib
import json
import shutil
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class AlreadyReleased(ValueError):
    """Other bytes already lie under this version; release a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A built zip and what its VERSION files say."""

    name: str
    path: Path
    version: str
    libraries: Mapping[str, str]
    sha256: str


def inspect(path: Path) -> Artifact:
    """Read a function's zip: its package is the one with the handler."""
    with zipfile.ZipFile(path) as opened:
        names = opened.namelist()
        versions = {
            name.split("/")[0]: opened.read(name).decode().strip()
            for name in names
            if name.count("/") == 1 and name.endswith("/VERSION")
        }
        entry = opened.read("lambda_function.py").decode()
    package = entry.split()[1].split(".")[0]
    return Artifact(
        name=path.stem,
        path=path,
        version=versions.pop(package),
        libraries=dict(sorted(versions.items())),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def publish(artifact: Artifact, folder: Path, commit: str) -> Path:
    """Copy a zip to its place and write its manifest.

    Raises:
        AlreadyReleased: The place holds other bytes.
    """
    target = folder / artifact.name / f"{artifact.version}.zip"
    bytes_ = artifact.path.read_bytes()
    if target.exists() and target.read_bytes() != bytes_:
        raise AlreadyReleased(
            f"{target} holds other bytes than {artifact.path}: a published"
            f" version never changes; release a new one of {artifact.name}"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(artifact.path, target)
    manifest = {
        "name": artifact.name,
        "version": artifact.version,
        "libraries": artifact.libraries,
        "sha256": artifact.sha256,
        "commit": commit,
    }
    text = json.dumps(manifest, indent=2) + "\n"
    target.with_suffix(".json").write_text(text)
    return target


def main(argv: list[str]) -> int:
    """Publish every zip of dist/lambda; answer the exit status."""
    dist, commit = Path(argv[0]), argv[1]
    for path in sorted((dist / "lambda").glob("*.zip")):
        try:
            target = publish(inspect(path), dist / "release", commit)
        except AlreadyReleased as error:
            sys.stderr.write(f"{error}\n")
            return 1
        sys.stdout.write(f"{target}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
