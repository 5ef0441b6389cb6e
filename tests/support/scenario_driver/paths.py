"""Reference paths, payload templates and the one intrinsic function we use.

The subset that our definition needs: ``$``, ``$.a.b``, ``$.a[0]``, the
context object behind ``$$`` and ``States.Format``. Anything else is refused,
so that the driver never guesses what AWS would have done.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from tests.support.scenario_driver.errors import (
    StateFailed,
    UnsupportedDefinition,
)

_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]")
_FORMAT = re.compile(r"States\.Format\('((?:[^'\\]|\\.)*)'((?:,[^,]+)*)\)")
_MISSING = object()

type Lookup = Callable[[str], Any]
"""From a path, ``$…`` or ``$$…``, to the value it names."""


@cache
def steps(path: str) -> tuple[str | int, ...]:
    """Return the keys and indexes of a path, its ``$`` or ``$$`` left out."""
    rest = path.removeprefix("$").removeprefix("$")
    found: list[str | int] = []
    position = 0
    while position < len(rest):
        match = _STEP.match(rest, position)
        if match is None:
            raise UnsupportedDefinition(
                f"the path {path!r} is not a plain reference path; the driver"
                " knows $, $.name, $.list[0] and the same behind $$"
            )
        name, index = match.groups()
        found.append(name if index is None else int(index))
        position = match.end()
    if not path.startswith("$"):
        raise UnsupportedDefinition(f"the path {path!r} does not begin at $")
    return tuple(found)


def _walk(document: Any, path: str) -> Any:
    for step in steps(path):
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return _MISSING
    return document


def present(path: str, lookup: Lookup) -> bool:
    """Tell whether the path leads to a value, null included."""
    try:
        lookup(path)
    except StateFailed:
        return False
    return True


def get(path: str, document: Any) -> Any:
    """Return the value a path leads to.

    Raises:
        StateFailed: ``States.Runtime``, where it leads nowhere.
    """
    value = _walk(document, path)
    if value is _MISSING:
        raise StateFailed(
            "States.Runtime", f"the path {path!r} leads nowhere in the input"
        )
    return value


def put(path: str | None, document: Any, value: Any) -> Any:
    """Return the document with the value at a path; None drops the value."""
    if path is None:
        return document
    keys = steps(path)
    if not keys:
        return value
    return _placed(keys, document, value, path)


def _placed(
    keys: tuple[str | int, ...], document: Any, value: Any, path: str
) -> Any:
    if not keys:
        return value
    key, *rest = keys
    if not isinstance(document, dict) or not isinstance(key, str):
        raise StateFailed(
            "States.ResultPathMatchFailure",
            f"the result path {path!r} does not fit the input",
        )
    inner = document.get(key, {}) if rest else None
    return document | {key: _placed(tuple(rest), inner, value, path)}


def expand(template: Any, lookup: Lookup) -> Any:
    """Fill a payload template: every ``name.$`` becomes a ``name``."""
    if isinstance(template, Mapping):
        return {
            key.removesuffix(".$"): (
                evaluate(value, lookup)
                if key.endswith(".$")
                else expand(value, lookup)
            )
            for key, value in template.items()
        }
    if isinstance(template, list):
        return [expand(item, lookup) for item in template]
    return template


def evaluate(expression: str, lookup: Lookup) -> Any:
    """Return the value of a path or of a ``States.Format`` call."""
    if expression.startswith("$"):
        return lookup(expression)
    match = _FORMAT.fullmatch(expression)
    if match is None:
        raise UnsupportedDefinition(
            f"{expression!r} is neither a path nor a States.Format call"
        )
    pattern, arguments = match.groups()
    paths = [part.strip() for part in arguments.split(",")[1:]]
    pieces = pattern.split("{}")
    if len(pieces) != len(paths) + 1:
        raise UnsupportedDefinition(
            f"{expression!r} has {len(pieces) - 1} places and {len(paths)}"
            " arguments"
        )
    texts = [_text(lookup(path)) for path in paths]
    return pieces[0] + "".join(
        text + piece for text, piece in zip(texts, pieces[1:], strict=True)
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, str | int | float):
        return str(value)
    raise StateFailed(
        "States.IntrinsicFailure", f"States.Format cannot print {value!r}"
    )
