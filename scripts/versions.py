"""Finds packages whose artifact changed without a fragment that says so.

Asks git what changed since a package's last release: its tag, else the commit
that wrote its VERSION. What goes into a function is what its handler imports,
of libraries too. Exit status: 0 all is told, 1 something is not, 3 git does
not know the releases here.
"""

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deployment.artifacts import fragments_in

SOURCE: Final = Path("src")
_TOLD: Final = 0
_UNTOLD: Final = 1
_NOT_RUN: Final = 3
_SHOWN: Final = 3
# Of a package, but not of its artifact; VERSION is what a release writes.
_BESIDE: Final = frozenset({"BUILD", "CHANGELOG.md", "README.md", "VERSION"})


class UnknownHistory(Exception):
    """Git cannot tell what was released."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What is known of a package since its last release."""

    name: str
    since: str
    changed: frozenset[str]
    used: frozenset[str]
    fragments: frozenset[str]


def untold(packages: Iterable[Package]) -> list[str]:
    """Return a line for each package whose change is not told.

    Its own files count, and those of others that go into its artifact.
    """
    lines = []
    for package in packages:
        touched = sorted(
            path
            for path in package.changed
            if path in package.used or _is_part(path, package.name)
        )
        if touched and not package.fragments:
            shown = ", ".join(touched[:_SHOWN])
            more = len(touched) - _SHOWN
            lines.append(
                f"src/{package.name}: {len(touched)} files of its artifact"
                f" changed since {package.since} ({shown}"
                f"{f' and {more} more' if more > 0 else ''}), and its changes/"
                " holds no fragment: say what changed in"
                f" src/{package.name}/changes/<slug>.<kind>.md"
            )
    return lines


def _is_part(path: str, package: str) -> bool:
    parts = Path(path).parts
    return (
        parts[:2] == (SOURCE.name, package)
        and parts[2] != "changes"
        and parts[-1] not in _BESIDE
    )


def modules_of(entry: Path) -> frozenset[str]:
    """Return the modules under src that a module reaches by its imports."""
    found: set[str] = set()
    waiting = [entry]
    while waiting:
        path = waiting.pop()
        if str(path) in found:
            continue
        found.add(str(path))
        waiting.extend(_imported(path))
    return frozenset(found)


def _imported(path: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                modules = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), names=names):
                modules = [module] + [f"{module}.{one.name}" for one in names]
            case _:
                continue
        for module in modules:
            target = SOURCE.joinpath(*module.split("."))
            if target.with_suffix(".py").is_file():
                yield target.with_suffix(".py")


def packages() -> list[Package]:
    """Read every package, and ask git what changed in it.

    Raises:
        UnknownHistory: There is no history here, or a part of it only.
    """
    if _git("rev-parse", "--is-shallow-repository") != "false":
        raise UnknownHistory(
            "this clone is shallow, so git does not know what was released;"
            " `git fetch --unshallow --tags` fetches it"
        )
    return [_package(path.parent) for path in sorted(SOURCE.glob("*/VERSION"))]


def _package(folder: Path) -> Package:
    name = folder.name
    version = (folder / "VERSION").read_text(encoding="utf-8").strip()
    tag = f"{name}-v{version}"
    base = (
        tag
        if _git("tag", "--list", tag)
        else _git("log", "-1", "--format=%h", "--", str(folder / "VERSION"))
    )
    unknown = _git("ls-files", "--others", "--exclude-standard", "--", "src")
    changed = (
        _git("diff", "--name-only", base, "--", "src")
        if base
        else _git("ls-files", "--", str(folder))
    )
    handler = folder / "handler.py"
    return Package(
        name=name,
        since=base or "its beginning",
        changed=frozenset((changed + "\n" + unknown).split()),
        used=modules_of(handler) if handler.is_file() else frozenset(),
        fragments=frozenset(path.name for path in fragments_in(folder)),
    )


def _git(*words: str) -> str:
    try:
        return subprocess.run(
            ["git", *words], capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise UnknownHistory(f"git cannot be asked: {said.strip()}") from error


def main(arguments: Sequence[str] = ()) -> int:
    """Print what is not told; answer the exit status."""
    try:
        lines = untold(packages())
    except UnknownHistory as error:
        sys.stdout.write(f"NOT RUN: {error}\n")
        return _NOT_RUN
    for line in lines:
        sys.stdout.write(f"{line}\n")
    return _UNTOLD if lines else _TOLD


if __name__ == "__main__":
    sys.exit(main())
