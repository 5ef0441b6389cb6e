"""What is wrong with a document, as far as it and the names stored tell.

Finds everything at once and writes nothing. Whether servers exist is asked
where DRS can be reached.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.domain.catalogue import folded
from shared.domain.configuration import GROUPS, PLANS, version_problem
from shared.domain.errors import BadRequest
from shared.domain.items import Item
from shared.domain.plan import groups_named, has_circular_dependencies
from shared.domain.wire import shown

MISSING_REQUIRED_FIELD: Final = "MISSING_REQUIRED_FIELD"
_INVALID_TYPE: Final = "INVALID_TYPE"

type Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, and where."""

    path: str
    code: str
    message: str

    def to_wire(self) -> Item:
        """Return the problem as the API shows it."""
        return {"path": self.path, "code": self.code, "message": self.message}


def problems(document: Entry, known_groups: Collection[str]) -> list[Problem]:
    """Return what is wrong with a document.

    Args:
        document: The document.
        known_groups: The folded names of the groups that exist.
    """
    groups, plans = entries(document, GROUPS), entries(document, PLANS)
    named = {folded(_text(group, "groupName")) for _, group in groups}
    return [
        *_of_version(document),
        *_of_lists(document),
        *(one for at, group in groups for one in _of_group(at, group)),
        *_of_addresses(groups),
        *(
            one
            for at, plan in plans
            for one in _of_plan(at, plan, {*named, *known_groups})
        ),
    ]


def repeated(
    document: Entry,
    known_groups: Collection[str],
    known_plans: Collection[str],
) -> list[Problem]:
    """Return the entries that an import would skip."""
    found = []
    for field, name, known in (
        (GROUPS, "groupName", set(known_groups)),
        (PLANS, "planName", set(known_plans)),
    ):
        for at, entry in entries(document, field):
            said = folded(_text(entry, name))
            if said and said in known:
                found.append(
                    Problem(
                        path=f"{at}.{name}",
                        code="ALREADY_EXISTS",
                        message=f"{entry[name]!r} exists and is skipped.",
                    )
                )
            known.add(said)
    return found


def entries(document: Entry, field: str) -> list[tuple[str, Entry]]:
    """Return the entries that are objects, and where they stand."""
    return list(_objects(document, field, field))


def summary(document: Entry) -> Item:
    """Return how much a document holds."""
    groups, plans = entries(document, GROUPS), entries(document, PLANS)
    return {
        "protectionGroups": len(groups),
        "recoveryPlans": len(plans),
        "waves": sum(len(_list(plan, "waves")) for _, plan in plans),
        "servers": len(
            {
                str(one)
                for _, group in groups
                for one in _list(group, "sourceServerIds")
            }
        ),
    }


def _of_version(document: Entry) -> Iterator[Problem]:
    error = version_problem(document)
    if error is not None:
        yield Problem(
            path="metadata.schemaVersion",
            code=error.code,
            message=error.message,
        )


def _of_lists(document: Entry) -> Iterator[Problem]:
    for field in (GROUPS, PLANS):
        value = document.get(field)
        if value is not None and not isinstance(value, list):
            yield _wrong_type(field, "a list")
            continue
        for at, entry in enumerate(value or ()):
            if not isinstance(entry, dict):
                yield _wrong_type(f"{field}[{at}]", "an object")


def _of_group(at: str, group: Entry) -> Iterator[Problem]:
    for name in ("groupName", "region"):
        yield from _needed(at, group, name)
    if not (
        group.get("serverSelectionTags")
        or group.get("sourceServerIds")
        or group.get("serverIds")
    ):
        yield Problem(
            path=at,
            code="NO_SELECTION_METHOD",
            message="The group selects no servers, by tags or by ids.",
        )
    for where, entry in _objects(group, "servers", f"{at}.servers"):
        if not _text(entry, "sourceServerId"):
            yield Problem(
                path=f"{where}.sourceServerId",
                code="MISSING_SERVER_IDENTIFICATION",
                message="The entry does not say which server it is for.",
            )


def _of_addresses(groups: Iterable[tuple[str, Entry]]) -> Iterator[Problem]:
    first: dict[tuple[str, str, str], str] = {}
    for at, group in groups:
        here = (_text(group, "accountId"), _text(group, "region"))
        for path, address in _addresses(at, group):
            taken = first.setdefault((*here, address), path)
            if taken != path:
                yield Problem(
                    path=path,
                    code="DUPLICATE_IP_IN_MANIFEST",
                    message=f"{address} is asked for by {taken} already.",
                )


def _addresses(at: str, group: Entry) -> Iterator[tuple[str, str]]:
    config = group.get("launchConfig")
    if isinstance(config, dict) and _text(config, "staticPrivateIp"):
        path = f"{at}.launchConfig.staticPrivateIp"
        yield path, _text(config, "staticPrivateIp")
    for where, entry in _objects(group, "servers", f"{at}.servers"):
        template = entry.get("launchTemplate")
        if isinstance(template, dict) and _text(template, "staticPrivateIp"):
            path = f"{where}.launchTemplate.staticPrivateIp"
            yield path, _text(template, "staticPrivateIp")


def _of_plan(at: str, plan: Entry, groups: set[str]) -> Iterator[Problem]:
    yield from _needed(at, plan, "planName")
    if not _list(plan, "waves"):
        yield Problem(
            path=f"{at}.waves",
            code="EMPTY_WAVES",
            message="The plan has no waves; it needs at least one.",
        )
    for where, wave in _objects(plan, "waves", f"{at}.waves"):
        yield from _of_wave(where, wave, groups)
    yield from _of_order(f"{at}.waves", _list(plan, "waves"))


def _of_order(at: str, waves: Sequence[Any]) -> Iterator[Problem]:
    for number, wave in enumerate(waves):
        named = wave.get("dependsOnWaves") if isinstance(wave, dict) else ()
        for one in named if isinstance(named, list) else ():
            if one not in range(len(waves)):
                yield Problem(
                    path=f"{at}[{number}].dependsOnWaves",
                    code="INVALID_WAVE_DATA",
                    message=f"The plan has no wave {shown(one)}.",
                )
    try:
        circular = has_circular_dependencies(waves)
    except BadRequest as error:
        yield Problem(path=at, code=error.code, message=error.message)
        return
    if circular:
        yield Problem(
            path=at,
            code="CIRCULAR_DEPENDENCY",
            message="Waves wait for each other, or one for itself; remove "
            "one of their dependsOnWaves.",
        )


def _of_wave(at: str, wave: Entry, groups: set[str]) -> Iterator[Problem]:
    several = _list(wave, "protectionGroupNames")
    names = groups_named(
        _text(wave, "protectionGroupName"),
        [one for one in several if isinstance(one, str)],
    )
    path = f"{at}.protectionGroupNames"
    if not names:
        yield Problem(
            path=path,
            code=MISSING_REQUIRED_FIELD,
            message="The wave names no protection group.",
        )
    for name in names:
        if folded(name) not in groups:
            yield Problem(
                path=path,
                code="PROTECTION_GROUP_NOT_FOUND",
                message=f"There is no protection group {name!r}, neither in "
                "the document nor stored.",
            )


def _needed(at: str, entry: Entry, name: str) -> Iterator[Problem]:
    if not _text(entry, name):
        yield Problem(
            path=f"{at}.{name}",
            code=MISSING_REQUIRED_FIELD,
            message=f"'{name}' is needed, as a text.",
        )


def _objects(
    holder: Entry, field: str, path: str
) -> Iterator[tuple[str, Entry]]:
    for at, one in enumerate(_list(holder, field)):
        if isinstance(one, dict):
            yield f"{path}[{at}]", one


def _list(holder: Entry, field: str) -> Sequence[Any]:
    value = holder.get(field)
    return value if isinstance(value, list) else ()


def _text(holder: Entry, field: str) -> str:
    value = holder.get(field)
    return value.strip() if isinstance(value, str) else ""


def _wrong_type(path: str, wanted: str) -> Problem:
    return Problem(
        path=path, code=_INVALID_TYPE, message=f"It must be {wanted}."
    )
