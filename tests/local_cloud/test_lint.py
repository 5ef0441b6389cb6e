"""Templates with faults are refused before anything is deployed."""

from pathlib import Path

import pytest

from local_cloud.lint import BadTemplates, lint

pytest.importorskip("cfnlint")

GOOD = """
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Queue:
    Type: AWS::SQS::Queue
"""


def quiet(_: str) -> None:
    return None


def test_a_property_that_does_not_exist_is_refused_by_name(
    tmp_path: Path,
) -> None:
    (tmp_path / "main.yaml").write_text(
        GOOD + "    Properties: {QueueNam: short}\n"
    )

    with pytest.raises(BadTemplates, match="QueueNam"):
        lint(tmp_path, tmp_path / "passed", quiet)

    assert not (tmp_path / "passed").exists()


def test_templates_that_passed_are_not_linted_again(tmp_path: Path) -> None:
    (tmp_path / "main.yaml").write_text(GOOD)
    passed = tmp_path / "passed"

    lint(tmp_path, passed, quiet)

    [mark] = passed.iterdir()
    lint(tmp_path, passed, quiet)
    assert list(passed.iterdir()) == [mark]
