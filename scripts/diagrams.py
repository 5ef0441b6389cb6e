"""Draws the state machine's definition into docs/architecture.md.

    python -m scripts.diagrams

The drawing is text for Mermaid; a test holds it to the definition.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

DEFINITION = Path("cfn/statemachine/orchestration.asl.json")
DOCUMENT = Path("docs/architecture.md")
_PLACE = re.compile(
    r"(<!-- state-machine: [^\n]* -->\n).*?(<!-- end of state-machine -->)",
    re.DOTALL,
)
_ENDS = ("Succeed", "Fail")


def drawn(definition: Mapping[str, Any]) -> str:
    """Return a Mermaid state diagram of a Step Functions definition."""
    edges = [("[*]", definition["StartAt"], "")]
    for name, state in definition["States"].items():
        edges.extend((name, to, label) for to, label in _ways(state))
    lines = dict.fromkeys(
        f"  {start} --> {end}{f': {label}' if label else ''}"
        for start, end, label in edges
    )
    return "\n".join(("```mermaid", "stateDiagram-v2", *lines, "```"))


def with_drawing(document: str, drawing: str) -> str:
    """Return the document with this drawing in its place.

    Raises:
        ValueError: The document has no place for it.
    """
    found, count = _PLACE.subn(
        lambda match: f"{match[1]}{drawing}\n{match[2]}", document
    )
    if count != 1:
        raise ValueError(
            f"{DOCUMENT} has {count} places for the state machine: it needs"
            " one pair of the comments 'state-machine' and 'end of'"
        )
    return found


def _ways(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for choice in state.get("Choices", ()):
        yield choice["Next"], _condition(choice)
    if "Default" in state:
        yield state["Default"], "else"
    if "Next" in state:
        yield state["Next"], ""
    for catch in state.get("Catch", ()):
        yield catch["Next"], ", ".join(catch["ErrorEquals"])
    if state["Type"] in _ENDS:
        yield "[*]", ""


def _condition(choice: Mapping[str, Any]) -> str:
    if "Or" in choice or "And" in choice:
        word = "Or" if "Or" in choice else "And"
        parts = (_condition(part) for part in choice[word])
        return f" {word.lower()} ".join(parts)
    name = str(choice["Variable"]).removeprefix("$.")
    [(test, value)] = [
        (key, value)
        for key, value in choice.items()
        if key not in ("Variable", "Next")
    ]
    match test, value:
        case "IsPresent", False:
            return f"no {name}"
        case "IsPresent" | "BooleanEquals", True:
            return name
    return f"{name} = {json.dumps(value)}"


def main() -> None:
    """Write the drawing."""
    drawing = drawn(json.loads(DEFINITION.read_text()))
    DOCUMENT.write_text(with_drawing(DOCUMENT.read_text(), drawing))


if __name__ == "__main__":
    main()
