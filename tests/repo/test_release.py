"""A release bumps by the largest change and says what changed."""

from pathlib import Path

import pytest

from scripts.release import release_package
from scripts.releasing import (
    NothingToRelease,
    UnknownFragment,
    next_version,
    release,
)

CHANGELOG = "# Changelog\n\n## 0.1.0 (2026-01-01)\n\nThe first version.\n"


@pytest.mark.parametrize(
    ("kinds", "version"),
    [
        ({"breaking", "fix"}, "2.0.0"),
        ({"feature", "fix", "internal"}, "1.5.0"),
        ({"fix"}, "1.4.3"),
        ({"internal"}, "1.4.3"),
    ],
)
def test_the_largest_kind_decides_the_version(
    kinds: set[str], version: str
) -> None:
    assert next_version("1.4.2", kinds) == version


def test_the_changelog_groups_changes_under_a_dated_heading() -> None:
    made = release(
        "0.1.0",
        CHANGELOG,
        {
            "slow.fix.md": "Polls no longer\nwait.\n",
            "tags.feature.md": "Groups select by tag.\n",
        },
        "2026-02-03",
    )

    assert made.version == "0.2.0"
    assert made.changelog == (
        "# Changelog\n\n"
        "## 0.2.0 (2026-02-03)\n\n"
        "### Added\n\n- Groups select by tag.\n\n"
        "### Fixed\n\n- Polls no longer\n  wait.\n\n"
        "## 0.1.0 (2026-01-01)\n\nThe first version.\n"
    )


def test_nothing_changed_is_no_release() -> None:
    with pytest.raises(NothingToRelease, match="holds no fragment"):
        release("0.1.0", CHANGELOG, {}, "2026-02-03")


@pytest.mark.parametrize("name", ["notes.md", "a.bug.md", "A_b.fix.md"])
def test_a_fragment_of_no_kind_is_refused_by_name(name: str) -> None:
    with pytest.raises(UnknownFragment, match=name):
        release("0.1.0", CHANGELOG, {name: "What?"}, "2026-02-03")


def test_releasing_uses_the_fragments_up(tmp_path: Path) -> None:
    package = tmp_path / "query_handler"
    (package / "changes").mkdir(parents=True)
    (package / "VERSION").write_text("0.1.0\n")
    (package / "CHANGELOG.md").write_text(CHANGELOG)
    (package / "changes/README.md").write_text("How to write one.\n")
    (package / "changes/slow.fix.md").write_text("Polls do not wait.\n")

    tag = release_package(package, "2026-02-03")

    assert tag == "query_handler-v0.1.1"
    assert (package / "VERSION").read_text() == "0.1.1\n"
    assert "## 0.1.1 (2026-02-03)" in (package / "CHANGELOG.md").read_text()
    assert [path.name for path in (package / "changes").iterdir()] == [
        "README.md"
    ]
