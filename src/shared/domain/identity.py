"""Who asks: the claims of a token that API Gateway has validated.

Decides how claims are read and by which name a person is recorded. Whether
the token is genuine is API Gateway's matter, and what the person may do is
``rbac``'s.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.errors import Unauthenticated
from shared.domain.wire import text_in

_DIRECT = "system:direct"
_MAX_CLAIM = 2_048
_BETWEEN = re.compile(r"[\s,\[\]\"']+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A person, as the token names them."""

    user_id: str
    email: str = ""
    username: str = ""
    groups: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the name that records and the audit trail note."""
        return self.email or self.username or self.user_id

    def to_wire(self) -> dict[str, Any]:
        """Return the ``user`` object of the API."""
        return {
            "email": self.email,
            "userId": self.user_id,
            "username": self.username,
            "groups": list(self.groups),
        }


def identity_of(claims: object) -> Identity:
    """Return who the claims name.

    An access token calls the user name ``username``, an id token
    ``cognito:username``.

    Raises:
        Unauthenticated: There are no claims, or they name nobody.
    """
    given = claims if isinstance(claims, Mapping) else {}
    identity = Identity(
        user_id=_text(given.get("sub")),
        email=_text(given.get("email")),
        username=_text(given.get("cognito:username"))
        or _text(given.get("username")),
        groups=groups_in(given.get("cognito:groups")),
    )
    if not identity.name:
        raise Unauthenticated(
            "The request names nobody; sign in and send the token in the "
            "Authorization header."
        )
    return identity


def direct_caller(event: Mapping[str, Any]) -> str:
    """Return who asks by direct invocation, as records and the trail note it.

    Raises:
        BadRequest: ``initiatedBy`` is no text, or too long a one.
    """
    return text_in(event, "initiatedBy", _MAX_CLAIM).strip() or _DIRECT


def groups_in(value: object) -> tuple[str, ...]:
    """Return the groups of a list, or of text with commas or blanks."""
    if isinstance(value, list | tuple):
        found = [_text(group) for group in value]
    else:
        found = _BETWEEN.split(_text(value))
    return tuple(dict.fromkeys(group for group in found if group))


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _MAX_CLAIM:
        return ""
    return value.strip()
