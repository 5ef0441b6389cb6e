"""What may be chosen of an installation, and that its guide says so."""

import re
from pathlib import Path

from tests.support import templates

GUIDE = Path(__file__).parents[2] / "docs" / "deployment.md"
ROW = re.compile(r"^\| `(\w+)` \| `(true|false)` \| (.+) \|$", re.MULTILINE)
FEATURES = {
    "EnableConsoleHosting": "false",
    "EnableMonitoring": "true",
    "EnableNotifications": "true",
    "EnableWaf": "false",
    "UseOriginalOrchestrator": "false",
}


def rows() -> dict[str, tuple[str, str]]:
    """Return the default and the words of each feature of the guide."""
    text = GUIDE.read_text(encoding="utf-8")
    return {
        name: (default, words) for name, default, words in ROW.findall(text)
    }


def test_these_features_are_parameters_of_the_template() -> None:
    found = {
        name: each["Default"]
        for name, each in templates.template("main").parameters.items()
        if each.get("AllowedValues") == ["true", "false"]
    }

    assert found == FEATURES


def test_the_guide_has_a_row_for_each_feature_with_its_default() -> None:
    assert {name: default for name, (default, _) in rows().items()} == FEATURES


def test_the_guide_names_the_rules_of_the_firewall() -> None:
    _, words = rows()["EnableWaf"]
    groups = {
        part["ManagedRuleGroupStatement"]["Name"]
        for name in ("waf", "console")
        for part in templates.walk(templates.template(name).body)
        if isinstance(part, dict) and "ManagedRuleGroupStatement" in part
    }

    assert set(re.findall(r"AWSManaged\w+", words)) == groups
