"""Choice rules: which of them holds for an input."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from tests.support.scenario_driver import paths
from tests.support.scenario_driver.errors import UnsupportedDefinition
from tests.support.scenario_driver.paths import Lookup

type Rule = Mapping[str, Any]

type Comparison = Callable[[Any, Any], bool]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _among_numbers(compare: Comparison) -> Comparison:
    return lambda value, other: _is_number(value) and compare(value, other)


_COMPARISONS: Mapping[str, Comparison] = {
    "StringEquals": lambda value, other: (
        isinstance(value, str) and value == other
    ),
    "BooleanEquals": lambda value, other: value is other,
    "IsNull": lambda value, other: (value is None) is other,
    "IsString": lambda value, other: isinstance(value, str) is other,
    "IsBoolean": lambda value, other: isinstance(value, bool) is other,
    "IsNumeric": lambda value, other: _is_number(value) is other,
    "NumericEquals": _among_numbers(operator.eq),
    "NumericLessThan": _among_numbers(operator.lt),
    "NumericLessThanEquals": _among_numbers(operator.le),
    "NumericGreaterThan": _among_numbers(operator.gt),
    "NumericGreaterThanEquals": _among_numbers(operator.ge),
}


def check(rule: Rule) -> None:
    """Refuse a rule whose operator the driver does not know."""
    for name in ("And", "Or"):
        for part in rule.get(name, ()):
            check(part)
    if "Not" in rule:
        check(rule["Not"])
    unknown = (
        set(rule)
        - {"Variable", "Next", "Comment", "And", "Or", "Not", "IsPresent"}
        - set(_COMPARISONS)
    )
    if unknown:
        raise UnsupportedDefinition(
            f"the driver does not know the choice operator {sorted(unknown)}"
        )


def holds(rule: Rule, lookup: Lookup) -> bool:
    """Tell whether a rule holds.

    Raises:
        StateFailed: ``States.Runtime``, where its variable is absent and
            the rule is not about that.
    """
    if "And" in rule:
        return all(holds(part, lookup) for part in rule["And"])
    if "Or" in rule:
        return any(holds(part, lookup) for part in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], lookup)
    variable = rule["Variable"]
    if "IsPresent" in rule:
        return paths.present(variable, lookup) is rule["IsPresent"]
    value = lookup(variable)
    return all(
        compare(value, rule[name])
        for name, compare in _COMPARISONS.items()
        if name in rule
    )
