"""What a request of an operation says, and the reading of its fields.

Decides types and sizes of single fields. What a combination of them means
is decided by the rules of each object.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.domain.errors import BadRequest
from shared.domain.identity import direct_caller
from shared.domain.wire import (
    missing,
    object_in,
    shown,
    text_in,
    wrong_type,
)

NAME_CHARACTERS: Final = 64
TEXT_CHARACTERS: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What the API knows of somebody who asks, for the audit trail."""

    action: str = ""
    roles: tuple[str, ...] = ()
    source_ip: str = ""
    correlation_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asks for which operation, and with what."""

    operation: str
    user: str
    body: Mapping[str, Any]
    query: Mapping[str, Any]
    path: Mapping[str, Any]

    @property
    def object_id(self) -> str:
        """Return the id in the path.

        Raises:
            BadRequest: ``MISSING_FIELD``.
        """
        found = text_in(self.path, "id").strip()
        if not found:
            raise missing("pathParameters.id")
        return found

    def needed_body(self) -> Mapping[str, Any]:
        """Return the body.

        Raises:
            BadRequest: ``MISSING_BODY``.
        """
        if not self.body:
            raise BadRequest(
                f"{self.operation} needs a body; send a JSON object.",
                code="MISSING_BODY",
            )
        return self.body


def request_of(event: Mapping[str, Any]) -> Request:
    """Read an operation's event.

    Raises:
        BadRequest: ``INVALID_TYPE``.
    """
    return Request(
        operation=str(event.get("operation")),
        user=direct_caller(event),
        body=object_in(event, "body"),
        query=object_in(event, "queryParams"),
        path=object_in(event, "pathParameters"),
    )


def text(body: Mapping[str, Any], field: str) -> str:
    """Return a text, trimmed; an absent one is empty.

    Raises:
        BadRequest: ``INVALID_TYPE``, ``INVALID_FORMAT``.
    """
    return text_in(body, field, TEXT_CHARACTERS).strip()


def needed_text(body: Mapping[str, Any], field: str) -> str:
    """Return a text that must not be empty, trimmed.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``INVALID_TYPE``, ``INVALID_FORMAT``.
    """
    found = text(body, field)
    if not found:
        raise missing(field)
    return found


def name_in(body: Mapping[str, Any], field: str) -> str:
    """Return a name, trimmed.

    Raises:
        BadRequest: ``INVALID_TYPE``, or ``INVALID_NAME``: it is empty or
            too long.
    """
    value = body.get(field)
    if not isinstance(value, str):
        raise wrong_type(field, "a text", value)
    name = value.strip()
    if not 1 <= len(name) <= NAME_CHARACTERS:
        raise BadRequest(
            f"'{field}' has {len(name)} characters; a name has 1 to "
            f"{NAME_CHARACTERS}.",
            code="INVALID_NAME",
            field=field,
        )
    return name


def version_in(body: Mapping[str, Any]) -> int | None:
    """Return the version that the caller has seen, if it says one.

    Raises:
        BadRequest: ``INVALID_TYPE``.
    """
    value = body.get("version")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type("version", "a whole number", value)
    return value


def wish(body: Mapping[str, Any], field: str) -> bool:
    """Return a yes or no of a body, no where it is absent.

    Raises:
        BadRequest: ``INVALID_TYPE``.
    """
    value = body.get(field)
    if value is not None and not isinstance(value, bool):
        raise wrong_type(field, "true or false", value)
    return bool(value)


def version_in_query(query: Mapping[str, Any]) -> int | None:
    """Return the version that the caller has seen, if the query says one.

    Raises:
        BadRequest: ``INVALID_TYPE``.
    """
    value = query.get("version")
    if isinstance(value, str):
        value = value.strip()
        if value.isascii() and value.isdigit() and len(value) < 16:
            return int(value)
    return version_in({"version": value})


def flag(query: Mapping[str, Any], field: str) -> bool | None:
    """Return a yes or no of a query, None where it is absent.

    Raises:
        BadRequest: ``INVALID_TYPE``.
    """
    value = query.get(field)
    if value is None or isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise BadRequest(
        f"'{field}' is {shown(value)}; it must be true or false.",
        code="INVALID_TYPE",
        field=field,
    )
