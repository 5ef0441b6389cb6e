"""Answering people who they are here and what they may do."""

from query_handler.params import params_of
from query_handler.ports import Lookups
from shared.domain.execution import Wire
from shared.domain.identity import Identity, groups_in
from shared.domain.rbac import Role, permissions_of, roles_of


def profile(identity: Identity, roles: tuple[Role, ...]) -> Wire:
    """Return everything about a person in one object."""
    return {**identity.to_wire(), **_rights(roles)}


def permissions(identity: Identity, roles: tuple[Role, ...]) -> Wire:
    """Return a person, and what their roles allow."""
    return {"user": identity.to_wire(), **_rights(roles)}


def get_user_permissions(event: Wire, ports: Lookups) -> Wire:
    """Return what somebody in the named groups may do."""
    groups = groups_in(params_of(event).get("groups"))
    identity = Identity(user_id="", groups=groups)
    return permissions(identity, roles_of(groups, ports.aliases))


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
