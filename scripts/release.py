"""Releases a package: bumps VERSION, compiles CHANGELOG.md, commits, tags."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from deployment.artifacts import fragments_in
from scripts.releasing import release


def main(argv: list[str]) -> int:
    """Release the package that is named; answer the exit status."""
    if len(argv) != 1:
        return _refuse("usage: scripts/release PACKAGE (a folder under src)")
    package = Path("src") / argv[0]
    if not (package / "VERSION").exists():
        return _refuse(f"{package} is no package: it has no VERSION")
    try:
        tag = release_package(package, datetime.now(UTC).date().isoformat())
    except ValueError as error:
        return _refuse(f"{package}: {error}")
    message = f"Release {tag}"
    _git("add", "--", str(package))
    _git("commit", "--quiet", "--message", message, "--", str(package))
    _git("tag", "--annotate", "--message", message, tag)
    sys.stdout.write(f"{tag}\n")
    return 0


def release_package(package: Path, today: str) -> str:
    """Write the files of a package's next release; answer its tag."""
    fragments = fragments_in(package)
    made = release(
        (package / "VERSION").read_text().strip(),
        (package / "CHANGELOG.md").read_text(),
        {path.name: path.read_text() for path in fragments},
        today,
    )
    (package / "VERSION").write_text(made.version + "\n")
    (package / "CHANGELOG.md").write_text(made.changelog)
    for path in fragments:
        path.unlink()
    return f"{package.name}-v{made.version}"


def _git(*words: str) -> None:
    subprocess.run(["git", *words], check=True)


def _refuse(why: str) -> int:
    sys.stderr.write(why + "\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
