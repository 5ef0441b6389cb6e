"""Answering people who they are here and what they may do."""

from shared.domain.execution import Wire
from shared.domain.identity import Identity
from shared.domain.rbac import Role, permissions_of


def profile(identity: Identity, roles: tuple[Role, ...]) -> Wire:
    """Return everything about a person in one object."""
    return {**identity.to_wire(), **_rights(roles)}


def permissions(identity: Identity, roles: tuple[Role, ...]) -> Wire:
    """Return a person, and what their roles allow."""
    return {"user": identity.to_wire(), **_rights(roles)}


def role_table(identity: Identity, roles: tuple[Role, ...]) -> Wire:
    """Return a person's roles, and what each of them allows."""
    return {
        "user": identity.to_wire(),
        "roles": [str(role) for role in roles],
        "rolePermissions": {
            str(role): [str(p) for p in permissions_of([role])]
            for role in roles
        },
    }


def _rights(roles: tuple[Role, ...]) -> Wire:
    return {
        "roles": [str(role) for role in roles],
        "permissions": [str(p) for p in permissions_of(roles)],
    }
