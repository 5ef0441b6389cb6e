"""Laws of reference paths and payload templates."""

from typing import Any

import pytest

from tests.support.scenario_driver import choices, paths
from tests.support.scenario_driver.errors import (
    StateFailed,
    UnsupportedDefinition,
)

INPUT = {"a": {"b": [10, {"c": None}]}, "flag": True, "n": 3, "s": "x"}


def look(path: str) -> Any:
    """Look a path up in the input."""
    return paths.get(path, INPUT)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", INPUT),
        ("$.a.b", [10, {"c": None}]),
        ("$.a.b[0]", 10),
        ("$.a.b[1].c", None),
    ],
)
def test_a_path_leads_to_its_value(path: str, value: Any) -> None:
    assert paths.get(path, INPUT) == value


@pytest.mark.parametrize("path", ["$.x", "$.a.b[7]", "$.n.m", "$.a.b.c"])
def test_a_path_that_leads_nowhere_is_a_runtime_error(path: str) -> None:
    with pytest.raises(StateFailed) as failure:
        paths.get(path, INPUT)

    assert failure.value.error == "States.Runtime"


@pytest.mark.parametrize("path", ["$..a", "$.a[*]", "a.b", "$.a[?(@.b)]"])
def test_a_path_of_another_dialect_is_refused(path: str) -> None:
    with pytest.raises(UnsupportedDefinition):
        paths.get(path, INPUT)


def test_a_result_replaces_the_input_or_joins_it_or_is_dropped() -> None:
    assert paths.put("$", {"a": 1}, "r") == "r"
    assert paths.put("$.r", {"a": 1}, "r") == {"a": 1, "r": "r"}
    assert paths.put("$.x.y", {"a": 1}, 2) == {"a": 1, "x": {"y": 2}}
    assert paths.put(None, {"a": 1}, "r") == {"a": 1}


def test_a_result_never_changes_the_input_it_joins() -> None:
    before = {"a": {"b": 1}}

    paths.put("$.a.c", before, 2)

    assert before == {"a": {"b": 1}}


def test_a_result_cannot_join_what_is_no_object() -> None:
    with pytest.raises(StateFailed) as failure:
        paths.put("$.n.m", INPUT, 1)

    assert failure.value.error == "States.ResultPathMatchFailure"


def test_a_template_fills_its_paths_and_keeps_the_rest() -> None:
    template = {"fixed": 1, "deep": [{"got.$": "$.a.b[0]"}], "whole.$": "$"}

    filled = paths.expand(template, look)

    assert filled == {"fixed": 1, "deep": [{"got": 10}], "whole": INPUT}


def test_format_prints_texts_numbers_and_flags() -> None:
    text = paths.evaluate("States.Format('{}-{}-{}', $.s, $.n, $.flag)", look)

    assert text == "x-3-true"


@pytest.mark.parametrize(
    "expression",
    ["States.Format('{}')", "States.UUID()", "States.Format('{}', $.s, $.n)"],
)
def test_other_functions_and_wrong_counts_are_refused(
    expression: str,
) -> None:
    with pytest.raises(UnsupportedDefinition):
        paths.evaluate(expression, look)


def test_format_cannot_print_an_object() -> None:
    with pytest.raises(StateFailed, match="cannot print"):
        paths.evaluate("States.Format('{}', $.a)", look)


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ({"Variable": "$.s", "StringEquals": "x"}, True),
        ({"Variable": "$.s", "StringEquals": "y"}, False),
        ({"Variable": "$.n", "StringEquals": "3"}, False),
        ({"Variable": "$.flag", "BooleanEquals": True}, True),
        ({"Variable": "$.n", "BooleanEquals": True}, False),
        ({"Variable": "$.x", "IsPresent": False}, True),
        ({"Variable": "$.a.b[1].c", "IsPresent": True}, True),
        ({"Variable": "$.a.b[1].c", "IsNull": True}, True),
        ({"Variable": "$.n", "NumericGreaterThan": 2}, True),
        ({"Variable": "$.flag", "NumericEquals": 1}, False),
        ({"Not": {"Variable": "$.s", "IsString": True}}, False),
        (
            {
                "And": [
                    {"Variable": "$.s", "IsString": True},
                    {"Variable": "$.n", "IsNumeric": True},
                ]
            },
            True,
        ),
        (
            {
                "Or": [
                    {"Variable": "$.s", "IsBoolean": True},
                    {"Variable": "$.n", "NumericLessThan": 4},
                ]
            },
            True,
        ),
    ],
)
def test_a_rule_holds_for_its_type_and_value_only(
    rule: dict[str, Any], holds: bool
) -> None:
    choices.check(rule)

    assert choices.holds(rule, look) is holds


def test_a_rule_over_an_absent_variable_is_an_error() -> None:
    with pytest.raises(StateFailed):
        choices.holds({"Variable": "$.x", "StringEquals": "x"}, look)


def test_an_unknown_operator_is_refused() -> None:
    rule = {"Or": [{"Not": {"Variable": "$.s", "StringMatches": "x*"}}]}

    with pytest.raises(UnsupportedDefinition, match="StringMatches"):
        choices.check(rule)
