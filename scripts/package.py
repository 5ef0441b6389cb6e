"""Lays the built zips out for publication, with a manifest beside them.

A published version never changes its bytes, so a zip goes to
`<name>/<version>.zip` and one that differs from what lies there is refused.
"""

import json
import shutil
import sys
from pathlib import Path

from deployment.artifacts import inspect


class AlreadyReleased(ValueError):
    """Other bytes already lie under this version; release a new one."""


def publish(built: Path, folder: Path, commit: str) -> Path:
    """Copy a zip to its place and write its manifest.

    Raises:
        AlreadyReleased: The place holds other bytes.
    """
    package = inspect(built)
    target = folder / package.name / f"{package.version}.zip"
    if target.exists() and target.read_bytes() != built.read_bytes():
        raise AlreadyReleased(
            f"{target} holds other bytes than {built}: a published"
            f" version never changes; release a new one of {package.name}"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(built, target)
    manifest = package.manifest(package.version, commit)
    text = json.dumps(manifest, indent=2) + "\n"
    target.with_suffix(".json").write_text(text)
    return target


def main(argv: list[str]) -> int:
    """Publish every zip of dist/lambda; answer the exit status."""
    dist, commit = Path(argv[0]), argv[1]
    for path in sorted((dist / "lambda").glob("*.zip")):
        try:
            target = publish(path, dist / "release", commit)
        except AlreadyReleased as error:
            sys.stderr.write(f"{error}\n")
            return 1
        sys.stdout.write(f"{target}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
