"""The configuration as a document: groups and plans, by their names.

Decides what a document says of what is stored, which documents can be read,
and which groups a wave of one means. Whether an entry may be imported is
decided by whoever imports it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.domain.catalogue import folded
from shared.domain.errors import BadRequest
from shared.domain.items import Item
from shared.domain.plan import groups_named
from shared.domain.updates import iso
from shared.domain.wire import shown, wrong_type

SCHEMA_VERSION: Final = "1.1"
READABLE: Final = ("1.0", SCHEMA_VERSION)
MISSING_SCHEMA_VERSION: Final = "MISSING_SCHEMA_VERSION"
UNSUPPORTED_SCHEMA_VERSION: Final = "UNSUPPORTED_SCHEMA_VERSION"
GROUPS: Final = "protectionGroups"
PLANS: Final = "recoveryPlans"
_GROUP: Final[Mapping[str, Any]] = {
    "groupName": "",
    "description": "",
    "region": "",
    "accountId": "",
    "assumeRoleName": "",
    "owner": "",
    "serverSelectionTags": {},
    "sourceServerIds": [],
    "launchConfig": {},
    "servers": [],
}
_PLAN: Final[Mapping[str, Any]] = {
    "planName": "",
    "description": "",
    "rpo": "",
    "rto": "",
}
_BY_ID: Final = frozenset({"protectionGroupId", "protectionGroupIds"})

type Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that can be read, its entries as they are written."""

    groups: Sequence[Object]
    plans: Sequence[Object]


def exported(
    groups: Sequence[Object],
    plans: Sequence[Object],
    *,
    now: int,
    region: str,
    user: str,
) -> Item:
    """Return the document of everything that is stored.

    Ids, versions and dates are left out, and groups are referred to by name.
    A group that is gone keeps its id in the waves that name it.

    Args:
        groups: Every stored group.
        plans: Every stored plan.
        now: Epoch seconds.
        region: The Region that we run in.
        user: Who exports.
    """
    names = {group["groupId"]: str(group["groupName"]) for group in groups}
    used = [
        one for plan in plans for wave in _waves(plan) for one in _ids(wave)
    ]
    return {
        "metadata": {
            "schemaVersion": SCHEMA_VERSION,
            "exportedAt": iso(now),
            "sourceRegion": region,
            "exportedBy": user,
            "protectionGroupCount": len(groups),
            "recoveryPlanCount": len(plans),
            "serverCount": len(_servers(groups)),
            "orphanedReferences": sum(one not in names for one in used),
        },
        GROUPS: [_group(group) for group in groups],
        PLANS: [_plan(plan, names) for plan in plans],
    }


def document_in(value: Object) -> Document:
    """Read a document.

    Raises:
        BadRequest: ``MISSING_SCHEMA_VERSION``,
            ``UNSUPPORTED_SCHEMA_VERSION``, ``INVALID_TYPE``.
    """
    problem = version_problem(value)
    if problem is not None:
        raise problem
    return Document(
        groups=_entries(value, GROUPS), plans=_entries(value, PLANS)
    )


def version_problem(value: Object) -> BadRequest | None:
    """Return why a document's version cannot be read, if it cannot."""
    metadata = value.get("metadata")
    given = metadata if isinstance(metadata, Mapping) else {}
    version = given.get("schemaVersion")
    readable = " or ".join(READABLE)
    if version is None or version == "":
        return BadRequest(
            f"The document does not say its version; set "
            f"'metadata.schemaVersion' to {readable}.",
            code=MISSING_SCHEMA_VERSION,
            field="metadata.schemaVersion",
        )
    if version not in READABLE:
        return BadRequest(
            f"'metadata.schemaVersion' is {shown(version)}; {readable} can be "
            "read.",
            code=UNSUPPORTED_SCHEMA_VERSION,
            field="metadata.schemaVersion",
        )
    return None


def groups_of(wave: Object, at: str) -> tuple[str, ...]:
    """Return the names of the groups that a document's wave means.

    Args:
        wave: The wave.
        at: Where it stands, for messages.

    Raises:
        BadRequest: ``INVALID_TYPE``.
    """
    single = wave.get("protectionGroupName")
    several = wave.get("protectionGroupNames")
    if single is not None and not isinstance(single, str):
        raise wrong_type(f"{at}.protectionGroupName", "a text", single)
    if several is not None and not isinstance(several, list):
        raise wrong_type(f"{at}.protectionGroupNames", "a list", several)
    for one in several or ():
        if not isinstance(one, str):
            raise wrong_type(f"{at}.protectionGroupNames", "a text", one)
    return groups_named(single or "", several or ())


def with_ids(wave: Object, at: str, ids: Mapping[str, str]) -> Item:
    """Return a document's wave as a request for a plan has it.

    Args:
        wave: The wave.
        at: Where it stands, for messages.
        ids: The id of every group that the plan names, by folded name.
    """
    found = [ids[folded(name)] for name in groups_of(wave, at)]
    kept = {
        name: value
        for name, value in wave.items()
        if name not in _BY_ID
        and name not in ("protectionGroupName", "protectionGroupNames")
    }
    return {**kept, "protectionGroupIds": found}


def _group(group: Object) -> Item:
    entry = {name: group.get(name) or none for name, none in _GROUP.items()}
    if group.get("criticality"):
        entry["criticality"] = group["criticality"]
    return entry


def _plan(plan: Object, names: Mapping[str, str]) -> Item:
    entry = {name: plan.get(name) or none for name, none in _PLAN.items()}
    return {**entry, "waves": [_wave(wave, names) for wave in _waves(plan)]}


def _wave(wave: Object, names: Mapping[str, str]) -> Item:
    groups = [names.get(one, one) for one in _ids(wave)]
    kept = {n: value for n, value in wave.items() if n not in _BY_ID}
    return {
        **kept,
        "protectionGroupName": groups[0] if groups else "",
        "protectionGroupNames": groups,
    }


def _waves(plan: Object) -> Sequence[Object]:
    return plan.get("waves") or ()


def _ids(wave: Object) -> tuple[str, ...]:
    return groups_named(
        wave.get("protectionGroupId") or "",
        wave.get("protectionGroupIds") or (),
    )


def _servers(groups: Iterable[Object]) -> set[str]:
    """Return the servers that groups name, by id or in an entry."""
    return {
        str(one)
        for group in groups
        for one in (
            *(group.get("sourceServerIds") or ()),
            *(entry["sourceServerId"] for entry in group.get("servers") or ()),
        )
    }


def _entries(value: Object, field: str) -> list[Object]:
    entries = value.get(field)
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise wrong_type(field, "a list", entries)
    for at, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise wrong_type(f"{field}[{at}]", "an object", entry)
    return entries
