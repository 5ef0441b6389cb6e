"""What may cross the wire: JSON that every part of us can carry on.

Decides which JSON a function reads at all, before anybody looks at its
meaning: no text that has no UTF-8 form, no number that other readers of
JSON would change, no value nested deeper than any of ours. Every refusal
says where the value stands.
"""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Annotated, Any, NamedTuple

import msgspec

from shared.domain.errors import BadRequest

MAX_DEPTH = 100
MAX_ID_CHARACTERS = 256
_LARGEST = 2**63 - 1
_SHOWN_CHARACTERS = 80
_SHOWN_STEPS = 20

# A number of things, of seconds, or an epoch second.
type Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
# Part of a key of the tables.
type Id = Annotated[
    str, msgspec.Meta(min_length=1, max_length=MAX_ID_CHARACTERS)
]


class _Place(NamedTuple):
    """A value, and the way to it from the whole."""

    value: object
    key: str | int
    above: "_Place | None"
    depth: int


def checked_event(event: object) -> dict[str, Any]:
    """Return the event, known to be an object that can be carried on.

    Raises:
        BadRequest: It is no JSON object, or a value within cannot be
            carried on; the message names its path.
    """
    if not isinstance(event, dict):
        raise BadRequest(
            f"The event must be a JSON object, not {type(event).__name__}."
        )
    places = [_Place(event, "$", None, 0)]
    while places:
        place = places.pop()
        wrong = _wrong(place)
        if wrong:
            raise BadRequest(
                f"The event cannot be read: {wrong} - at `{_path(place)}`."
            )
        places.extend(_inside(place))
    return event


def object_in(event: Mapping[str, Any], field: str) -> dict[str, Any]:
    """Return the object of a field; an absent one and null are empty.

    Raises:
        BadRequest: The field is no object.
    """
    value = event.get(field)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong_type(field, "an object", value)
    return value


def text_in(
    event: Mapping[str, Any], field: str, limit: int = MAX_ID_CHARACTERS
) -> str:
    """Return the text of a field; an absent one and null are empty.

    Raises:
        BadRequest: The field is no text, or a longer one.
    """
    value = event.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise wrong_type(field, "a text", value)
    if len(value) > limit:
        raise BadRequest(
            f"'{field}' has {len(value)} characters; {limit} are allowed.",
            code="INVALID_FORMAT",
            field=field,
        )
    return value


def id_in(event: Mapping[str, Any], field: str) -> str:
    """Return the id that a field has to name, trimmed.

    Raises:
        BadRequest: There is none, or the field is no text.
    """
    value = text_in(event, field).strip()
    if not value:
        raise missing(field)
    return value


def missing(field: str) -> BadRequest:
    """Return the error of a field that is needed and absent."""
    return BadRequest(
        f"'{field}' is needed.", code="MISSING_FIELD", field=field
    )


def wrong_type(field: str, wanted: str, value: object) -> BadRequest:
    """Return the error of a field that has another type."""
    return BadRequest(
        f"'{field}' must be {wanted}, not {type(value).__name__}.",
        code="INVALID_TYPE",
        field=field,
    )


def shown(value: object) -> str:
    """Return a value of the caller's, fit for a message."""
    text = ascii(value)
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    return f"{text[:_SHOWN_CHARACTERS]}…"


def json_object(text: str | bytes) -> dict[str, Any]:
    """Return the JSON object in a text, empty where it holds none."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _inside(place: _Place) -> Iterator[_Place]:
    value, depth = place.value, place.depth + 1
    if isinstance(value, dict):
        for key, inner in value.items():
            yield _Place(inner, key, place, depth)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield _Place(inner, number, place, depth)


def _wrong(place: _Place) -> str:
    """Say what is wrong with a value itself, or nothing."""
    if isinstance(place.key, str) and not _has_bytes(place.key):
        return "a key has no UTF-8 form"
    match place.value:
        case str() as text if not _has_bytes(text):
            return "the text has no UTF-8 form"
        case bool() | str() | None:
            return ""
        case int() as number if abs(number) > _LARGEST:
            return "the number is larger than 64 bits"
        case float() as number if not isfinite(number):
            return "the number is not finite"
        case dict() | list() if place.depth >= MAX_DEPTH:
            return f"it is nested deeper than {MAX_DEPTH} levels"
        case int() | float() | dict() | list():
            return ""
        case other:
            return f"{type(other).__name__} is no JSON"


def _has_bytes(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _path(place: _Place) -> str:
    """Return where a value stands, as msgspec writes it."""
    steps = []
    at: _Place | None = place
    while at is not None and at.above is not None:
        key = at.key
        steps.append(
            f"[{key}]" if isinstance(key, int) else f".{shown(key)[1:-1]}"
        )
        at = at.above
    if len(steps) > _SHOWN_STEPS:
        steps = ["…", *steps[-_SHOWN_STEPS:]]
    return "$" + "".join(reversed(steps))
