"""Broken JSON: values of any kind, and valid inputs with something changed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from shared.domain.errors import BadRequest
from shared.domain.wire import checked_event

type Path = tuple[str | int, ...]

TOKEN = "AQCEAAAAKgAAAAMAAAAAAAAAAS-a-task-token-that-nobody-may-see"


def nested(levels: int) -> Any:
    """Return a value that is so deep."""
    value: Any = []
    for _ in range(levels):
        value = {"deeper": value}
    return value


NUMBERS = [0, -1, 1, 3, 10**30, -(10**30), 2**63, 2**53 + 1, 1.5, -0.0, 1e308]
TEXTS = ["", " ", "x", "x" * 100_000, "\0", "\u202e", "-1", "1e9", "NaN"]
# Valid JSON may spell all of these, as 1e999 and as "\ud800".
UNCARRIED = [float("inf"), float("-inf"), "\ud800", {"\udfff": 1}, nested(150)]
HOLDERS = [[], {}, [[]], [None], [0, 0], {"": {}}, {"a": []}, nested(40)]
NAMES = ["RUNNING", "running", "COMPLETED", "paused", "arn:aws:x", "12-01"]

ODD: list[Any] = [
    *(None, True, False),
    *NUMBERS,
    *TEXTS,
    *UNCARRIED,
    *HOLDERS,
    *NAMES,
]

ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(ODD)
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.text(max_size=12), ANYTHING, max_size=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A valid input with one thing changed: where, and what was there."""

    value: Any
    path: Path
    how: str
    was: Any


def _is_carried(value: Any) -> bool:
    try:
        checked_event({"value": value})
    except BadRequest:
        return False
    return True


# What a table can hold.
STORABLE = ANYTHING.filter(_is_carried)


def mutants(
    valid: Any, anything: st.SearchStrategy[Any] = ANYTHING
) -> st.SearchStrategy[Mutant]:
    """Draw inputs that differ from a valid one in one place."""
    places = [path for path in _paths(valid) if path]
    changes: dict[str, Callable[[Any, Any], Any]] = {
        "replaced": lambda _, odd: odd,
        "doubled": lambda old, _: [*old, *old] if _is_list(old) else [old],
        "wrapped": lambda old, _: {"value": old},
        "as text": lambda old, _: str(old),
    }

    def mutated(path: Path, how: str, odd: Any) -> Mutant:
        was = _at(valid, path)
        if how == "dropped":
            value = _without(valid, path)
        else:
            change = changes[how]
            value = _changed(valid, path, lambda old: change(old, odd))
        return Mutant(value=value, path=path, how=how, was=was)

    return st.builds(
        mutated,
        st.sampled_from(places),
        st.sampled_from([*["replaced"] * 6, "dropped", *changes]),
        anything,
    )


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _paths(value: Any, above: Path = ()) -> Iterator[Path]:
    yield above
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*above, key))
    if isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _paths(inner, (*above, at))


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _changed(value: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    """Return a copy with the value at a path changed."""
    if not path:
        return change(value)
    first, rest = path[0], path[1:]
    copy = value.copy()
    copy[first] = _changed(value[first], rest, change)
    return copy


def _without(value: Any, path: Path) -> Any:
    """Return a copy without the key or element at a path."""

    def drop(holder: Any) -> Any:
        copy = holder.copy()
        del copy[path[-1]]
        return copy

    return _changed(value, path[:-1], drop)
