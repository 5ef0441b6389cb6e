"""The table of routes of one function, and what a request says.

Decides which route a method and a path mean, and reads parameters, query
and body into checked values. Who may use a route is ``rbac``'s; what a
route does is its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

import msgspec

from shared.domain.errors import BadRequest, MethodNotAllowed, NotFound
from shared.domain.execution import Wire
from shared.domain.identity import Identity
from shared.domain.rbac import Role
from shared.domain.wire import MAX_ID_CHARACTERS, checked_event, shown


class Body(StrEnum):
    """Whether a route reads a body."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, checked, of somebody who may make it.

    Attributes:
        action: The route's name, as the audit trail has it.
        path: The path's parameters.
        query: The query's parameters, the last value of each.
        body: The JSON object; empty where the route reads none.
    """

    identity: Identity
    roles: tuple[Role, ...] = ()
    action: str = ""
    source_ip: str = ""
    correlation_id: str = ""
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Wire = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route[P]:
    """One method of one path.

    Attributes:
        permission: What the caller needs; one that is empty lets nobody in.
        answer: What the route does.
        status: The status of a success.
        resource: What kind of thing it is about, for the audit trail.
        noted: Fields of the request and the answer that the trail keeps.
        code_twice: Whether errors carry their code as ``code`` too.
        names: The field of a success that holds the thing's id where the
            path does not.
        looks_only: Whether it changes nothing, though it is no GET.
        about: A template of the thing's id in the path, where that is not
            ``id`` alone.
        keeps_trail: Whether it puts what it changes into the trail itself,
            together with the change.
    """

    method: str
    path: str
    permission: str
    answer: Callable[[Request, P], Any]
    resource: str
    status: int = 200
    body: Body = Body.NONE
    code_twice: bool = False
    names: str = ""
    noted: tuple[str, ...] = ()
    looks_only: bool = False
    about: str = "{id}"
    keeps_trail: bool = False

    @property
    def name(self) -> str:
        """Return the method and the path's template."""
        return f"{self.method} {self.path}"

    @property
    def changes_something(self) -> bool:
        """Tell whether the audit trail holds its successes too."""
        return self.method != "GET" and not self.looks_only


@dataclass(frozen=True, slots=True, kw_only=True)
class GoesOn:
    """The answer of work that goes on after it: 202, whatever the route."""

    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match[P]:
    """A route and the values of its path's parameters."""

    route: Route[P]
    path: Mapping[str, str]

    @property
    def about(self) -> str:
        """Return the id of the thing that the path names; it may name none."""
        if "id" not in self.path:
            return ""
        return self.route.about.format_map(self.path)


def match[P](method: str, path: str, routes: Sequence[Route[P]]) -> Match[P]:
    """Return the route of a method and a path.

    A literal segment wins over a parameter, from left to right.

    Raises:
        NotFound: No route has this path.
        MethodNotAllowed: Routes with this path have other methods.
        BadRequest: A parameter is longer than any id.
    """
    segments = [unquote(part) for part in path.strip("/").split("/")]
    fitting = [
        (route, values)
        for route in routes
        if (values := _values(route.path, segments)) is not None
    ]
    if not fitting:
        raise NotFound(f"There is no path {shown(path)}.")
    least = min(_parameters(route.path) for route, _ in fitting)
    same_path = [
        (route, values)
        for route, values in fitting
        if _parameters(route.path) == least
    ]
    for route, values in same_path:
        if route.method == method:
            _check_lengths(values)
            return Match(route=route, path=values)
    known = ", ".join(sorted(route.method for route, _ in same_path))
    raise MethodNotAllowed(
        f"{shown(method)} is not allowed on this path; {known} is."
    )


def _values(template: str, segments: Sequence[str]) -> dict[str, str] | None:
    """Return the parameters' values where the segments fit."""
    parts = template.strip("/").split("/")
    if len(parts) != len(segments):
        return None
    values: dict[str, str] = {}
    for part, segment in zip(parts, segments, strict=True):
        if part.startswith("{"):
            values[part[1:-1]] = segment.strip()
        elif part != segment:
            return None
    return values if all(values.values()) else None


def _parameters(template: str) -> tuple[bool, ...]:
    return tuple(p.startswith("{") for p in template.strip("/").split("/"))


def _check_lengths(values: Mapping[str, str]) -> None:
    for name, value in values.items():
        if len(value.encode(errors="replace")) > MAX_ID_CHARACTERS:
            raise BadRequest(
                f"'{name}' of the path has {len(value)} characters; "
                f"{MAX_ID_CHARACTERS} are allowed.",
                code="INVALID_FORMAT",
                field=name,
            )


def json_body(text: bytes, wanted: Body) -> Wire:
    """Return the JSON object of a body; empty where it may be absent.

    Raises:
        BadRequest: ``INVALID_JSON``, ``MISSING_BODY``.
    """
    if wanted is Body.NONE:
        return {}
    if not text.strip():
        if wanted is Body.OPTIONAL:
            return {}
        raise BadRequest(
            "The request needs a body: a JSON object.", code="MISSING_BODY"
        )
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadRequest(
            f"The body is not JSON: {shown(str(error))}.", code="INVALID_JSON"
        ) from error
    if not isinstance(value, dict):
        raise BadRequest(
            f"The body must be a JSON object, not {type(value).__name__}.",
            code="INVALID_JSON",
        )
    try:
        return checked_event(value)
    except BadRequest as error:
        raise BadRequest(
            error.message.replace("The event", "The body"),
            code="INVALID_JSON",
        ) from error


def number_in(
    query: Mapping[str, str], name: str, *, default: int, low: int, high: int
) -> int:
    """Return a whole number of the query; the default only where absent.

    Raises:
        BadRequest: ``INVALID_FORMAT``.
    """
    if name not in query:
        return default
    text = query[name].strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise _no_number(name, text, low, high)
    value = int(text)
    if not low <= value <= high:
        raise _no_number(name, text, low, high)
    return value


def _no_number(name: str, text: str, low: int, high: int) -> BadRequest:
    return BadRequest(
        f"'{name}' is {shown(text)}; it must be a whole number from {low} "
        f"to {high}.",
        code="INVALID_FORMAT",
        field=name,
    )


def word_in(query: Mapping[str, str], name: str) -> str:
    """Return an id or a name of the query, trimmed; empty where absent.

    Raises:
        BadRequest: ``INVALID_FORMAT``: it is longer than any.
    """
    value = query.get(name, "").strip()
    if len(value) > MAX_ID_CHARACTERS:
        raise BadRequest(
            f"'{name}' has {len(value)} characters; {MAX_ID_CHARACTERS} are "
            "allowed.",
            code="INVALID_FORMAT",
            field=name,
        )
    return value
