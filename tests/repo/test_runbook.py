"""Alarms and runbook belong together: neither has what the other lacks."""

import re

from tests.support import templates

DOCS = templates.CFN.parent / "docs"
RUNBOOK = (DOCS / "operations.md").read_text(encoding="utf-8")
ANCHOR = re.compile(r"docs/operations\.md#([a-z-]+)")
LINK = re.compile(r"\]\(#([a-z-]+)\)")
NO_ALARMS = {
    "operations",
    "where-to-look",
    "critical-alarms",
    "warnings",
}


def anchors() -> dict[str, str]:
    """Return the text under each heading by its anchor."""
    parts = re.split(r"^#+ (.+)$", RUNBOOK, flags=re.MULTILINE)[1:]
    titles = (title.lower().replace(" ", "-") for title in parts[::2])
    return dict(zip(titles, parts[1::2], strict=True))


def alarmed() -> dict[str, str]:
    """Return the anchor that each alarm's description names."""
    alarms = templates.template("monitoring").resources("CloudWatch::Alarm")
    return {
        name: anchor
        for name, alarm in alarms.items()
        for anchor in ANCHOR.findall(alarm["Properties"]["AlarmDescription"])
    }


def test_every_alarm_has_one_part_of_the_runbook() -> None:
    every = templates.template("monitoring").resources("CloudWatch::Alarm")

    assert set(alarmed()) == set(every)
    assert set(alarmed().values()) <= set(anchors())


def test_every_part_of_the_runbook_has_an_alarm() -> None:
    assert set(anchors()) - NO_ALARMS == set(alarmed().values())


def test_every_part_says_what_it_means_and_what_to_do() -> None:
    for anchor in set(alarmed().values()):
        text = anchors()[anchor].strip()
        assert text.startswith("*"), f"{anchor} does not say what it means."
        assert "\n1. " in text, f"{anchor} does not say what to do."


def test_every_link_within_leads_somewhere() -> None:
    assert set(LINK.findall(RUNBOOK)) <= set(anchors())
