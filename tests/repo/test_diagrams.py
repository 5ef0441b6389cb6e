"""The drawing of the state machine is the definition's."""

import json

import pytest

from scripts.diagrams import DEFINITION, DOCUMENT, drawn, with_drawing

LOOP = {
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Next": "Done?",
            "Catch": [{"ErrorEquals": ["Lost"], "Next": "Broken"}],
        },
        "Done?": {
            "Type": "Choice",
            "Choices": [
                {
                    "Variable": "$.done",
                    "BooleanEquals": True,
                    "Next": "End",
                },
                {"Variable": "$.at", "IsPresent": False, "Next": "Broken"},
            ],
            "Default": "Ask",
        },
        "End": {"Type": "Succeed"},
        "Broken": {"Type": "Fail"},
    },
}


def test_the_document_shows_the_definition_as_it_is() -> None:
    drawing = drawn(json.loads(DEFINITION.read_text()))

    document = DOCUMENT.read_text()

    assert with_drawing(document, drawing) == document, (
        "docs/architecture.md shows another state machine: run"
        " python -m scripts.diagrams"
    )


def test_every_way_is_an_arrow_and_says_when_it_is_taken() -> None:
    lines = drawn(LOOP).splitlines()

    assert lines[2:-1] == [
        "  [*] --> Ask",
        "  Ask --> Done?",
        "  Ask --> Broken: Lost",
        "  Done? --> End: done",
        "  Done? --> Broken: no at",
        "  Done? --> Ask: else",
        "  End --> [*]",
        "  Broken --> [*]",
    ]


def test_a_document_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="0 places"):
        with_drawing("# Architecture\n", "")
