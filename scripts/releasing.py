"""What a release of a package says: its next version and its changelog.

Decides on texts alone; scripts/release reads and writes the files and tags.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

KINDS = ("breaking", "feature", "fix", "internal")
_TITLES = {
    "breaking": "Breaking",
    "feature": "Added",
    "fix": "Fixed",
    "internal": "Internal",
}
_FRAGMENT = re.compile(r"(?P<slug>[a-z0-9-]+)\.(?P<kind>[a-z]+)\.md")
_HEADING = re.compile(r"^## ", re.MULTILINE)


class NothingToRelease(ValueError):
    """A package without change fragments; write one first."""


class UnknownFragment(ValueError):
    """A file in `changes/` whose name is not `<slug>.<kind>.md`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A version, and the changelog that announces it."""

    version: str
    changelog: str


def kind_of(name: str) -> str:
    """Answer the kind of a fragment.

    Raises:
        UnknownFragment: The name does not tell a kind.
    """
    found = _FRAGMENT.fullmatch(name)
    if not found or found["kind"] not in KINDS:
        raise UnknownFragment(
            f"changes/{name} does not tell its kind: name it"
            f" <slug>.<kind>.md with a kind of {', '.join(KINDS)}"
        )
    return found["kind"]


def next_version(version: str, kinds: set[str]) -> str:
    """Answer the version after `version` for changes of these kinds."""
    major, minor, patch = (int(part) for part in version.split("."))
    if "breaking" in kinds:
        return f"{major + 1}.0.0"
    if "feature" in kinds:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def release(
    version: str, changelog: str, fragments: Mapping[str, str], today: str
) -> Release:
    """Compile the fragments under a heading of the next version.

    Args:
        version: What VERSION says now.
        changelog: What CHANGELOG.md says now.
        fragments: The texts of the change fragments by file name.
        today: The date of the release, as 2026-01-31.

    Raises:
        NothingToRelease: There is no fragment.
        UnknownFragment: A fragment's name does not tell its kind.
    """
    if not fragments:
        raise NothingToRelease(
            "changes/ holds no fragment; write what changed, for someone who"
            " operates the system, in changes/<slug>.<kind>.md"
        )
    kinds = {name: kind_of(name) for name in sorted(fragments)}
    newest = next_version(version, set(kinds.values()))
    section = [f"## {newest} ({today})"]
    for kind in KINDS:
        texts = [
            fragments[name].strip() for name in kinds if kinds[name] == kind
        ]
        if texts:
            section.append(f"### {_TITLES[kind]}")
            section.append("\n".join(_item(text) for text in texts))
    return Release(
        version=newest,
        changelog=_insert("\n\n".join(section) + "\n\n", changelog),
    )


def _item(text: str) -> str:
    return "- " + "\n  ".join(text.splitlines())


def _insert(section: str, changelog: str) -> str:
    heading = _HEADING.search(changelog)
    at = heading.start() if heading else len(changelog)
    return (changelog[:at] + section + changelog[at:]).rstrip() + "\n"
