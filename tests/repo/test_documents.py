"""Texts and descriptions that are not as they should be are named."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.api_template import DOCUMENT, STACK, TEMPLATE, template_of
from scripts.documents import (
    DEFINITION,
    api_faults,
    definition_faults,
    main,
    text_faults,
)


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("a.json", '{"a": }\n', "a.json:1: is not JSON"),
        ("a.yaml", "a: [1\n", "a.yaml: is not YAML"),
        ("a.md", "one \ntwo\n", "a.md:1: ends in white space"),
        ("a.py", "import re", "a.py: does not end in a new line"),
        ("a.sh", "true\n\n", "a.sh: ends in an empty line"),
    ],
)
def test_a_text_that_is_not_in_form_is_named(
    tmp_path: Path, name: str, text: str, fault: str
) -> None:
    (tmp_path / name).write_text(text)

    [found] = text_faults(tmp_path / name)

    assert found.startswith(f"{tmp_path}/{fault}")


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"\xff\n")

    assert list(text_faults(tmp_path / "a.md")) == [
        f"{tmp_path}/a.md: is not UTF-8"
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "a: !Sub ${b}\nc: !GetAtt d.Arn\ne: !If [f, 1, 2]\n"),
        ("a.json", "{}\n"),
        ("empty.py", ""),
    ],
)
def test_a_text_in_form_has_no_fault(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)

    assert list(text_faults(tmp_path / name)) == []


def test_only_what_was_named_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.json").write_text("{\n")
    (tmp_path / "a.png").write_bytes(b"\xff")

    assert main(["texts", str(tmp_path / "a.png")]) == 0
    assert main(["texts", str(tmp_path / "a.json")]) == 1
    assert "is not JSON" in capsys.readouterr().out


def _definition() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DEFINITION.read_text(encoding="utf-8"))
    return found


def test_the_definition_is_in_order() -> None:
    assert definition_faults(_definition()) == []


def test_a_state_that_does_not_exist_is_named() -> None:
    definition = _definition()
    definition["StartAt"] = "Nowhere"

    assert any("Nowhere" in fault for fault in definition_faults(definition))


def test_an_api_that_is_no_description_is_named() -> None:
    stack = STACK.read_text(encoding="utf-8")
    document = "openapi: 3.0.1\npaths: {}\n"

    faults = api_faults(stack, document, template_of(stack, document))

    assert faults
    assert all("info" in fault for fault in faults)


def test_a_template_that_was_not_written_anew_is_named() -> None:
    stack = STACK.read_text(encoding="utf-8")
    document = DOCUMENT.read_text(encoding="utf-8")
    template = TEMPLATE.read_text(encoding="utf-8")

    assert api_faults(stack, document, template) == []
    [fault] = api_faults(stack, document + "x-more: 1\n", template)
    assert "cfn/api.yaml" in fault


def test_a_template_with_a_fault_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "topics.yaml"
    path.write_text(
        "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
        "    Properties: {Nonsense: 1}\n"
    )

    assert main(["templates", str(path)]) == 1
    assert "Nonsense" in capsys.readouterr().out
