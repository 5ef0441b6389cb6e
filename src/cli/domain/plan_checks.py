"""What the parts of a plan file mean together.

References, claims and limits are decided here, on a file whose shape is
right; the waves have a module of their own.
"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import UNSET

from cli.domain.naming import hint, repeated
from cli.domain.plan_file import (
    COUNTER,
    MAX_SERVERS,
    PlanFile,
    ProtectionGroup,
)
from cli.domain.problems import Path, Problem
from cli.domain.selection import (
    Member,
    group_region,
    members,
    selected,
    selections,
)
from cli.domain.wave_checks import wave_problems

_SERVERS: Path = ("estate", "servers")
_GROUPS: Path = ("protectionGroups",)


def meaning_problems(plan: PlanFile) -> Iterator[Problem]:
    """Yield everything that is wrong with a file of the right shape."""
    yield from _estate_problems(plan)
    for index, group in enumerate(plan.protection_groups):
        yield from _group_problems(plan, group, (*_GROUPS, index))
    yield from repeated(
        [group.group_name for group in plan.protection_groups],
        [
            (*_GROUPS, index, "groupName")
            for index in range(len(plan.protection_groups))
        ],
        "protection group",
    )
    yield from _claim_problems(plan)
    yield from wave_problems(plan)


def _estate_problems(plan: PlanFile) -> Iterator[Problem]:
    for index, entry in enumerate(plan.estate.servers):
        path = (*_SERVERS, index)
        counted = entry.count is not UNSET
        if counted != (COUNTER in entry.hostname):
            yield Problem(
                path=(*path, "hostname"),
                wrong=f"`{entry.hostname}` "
                + ("lacks {n}" if counted else "has {n} but no `count`"),
                right="use {n} and `count` together, or neither",
            )
        elif set(entry.hostname.replace(COUNTER, "")) & set("{}"):
            yield Problem(
                path=(*path, "hostname"),
                wrong=f"`{entry.hostname}` has braces other than {{n}}",
                right="use letters, digits, dots, hyphens and {n}",
            )
        if counted and entry.source_server_id is not UNSET:
            yield Problem(
                path=(*path, "sourceServerId"),
                wrong="`sourceServerId` stands beside `count`",
                right="one id names one server; remove one of the two",
            )
        yield from _folding_problems(entry.tags, (*path, "tags"))
    everyone = members(plan)
    names = [(name, m.entry) for m in everyone for name in m.names]
    yield from repeated(
        [name for name, _ in names],
        [(*_SERVERS, entry, "hostname") for _, entry in names],
        "server",
    )


def _group_problems(
    plan: PlanFile, group: ProtectionGroup, path: Path
) -> Iterator[Problem]:
    tags, named = group.server_selection_tags, group.source_server_ids
    if (tags is UNSET) == (named is UNSET):
        how = "neither" if tags is UNSET else "both"
        yield Problem(
            path=path,
            wrong=f"group `{group.group_name}` has {how} of "
            "`serverSelectionTags` and `sourceServerIds`",
            right="give exactly one of them",
        )
        return
    everyone = members(plan)
    mine = selected(group, group_region(plan, group), everyone)
    if tags is not UNSET:
        yield from _selection_problems(plan, group, path, mine)
    if named is not UNSET:
        yield from _list_problems(plan, group, path, named, everyone)
    if len(mine) > MAX_SERVERS:
        yield Problem(
            path=path,
            wrong=f"group `{group.group_name}` has {len(mine)} servers",
            right=f"at most {MAX_SERVERS} are allowed; make more groups",
        )
    yield from _override_problems(group, path, mine, everyone)


def _selection_problems(
    plan: PlanFile,
    group: ProtectionGroup,
    path: Path,
    mine: Sequence[Member],
) -> Iterator[Problem]:
    tags = group.server_selection_tags
    where = (*path, "serverSelectionTags")
    if tags is UNSET:
        return
    yield from _folding_problems(tags, where)
    if not mine:
        told = ", ".join(f"{key}={value}" for key, value in tags.items())
        yield Problem(
            path=where,
            wrong=f"group `{group.group_name}` selects no server",
            right=f"tag a server of {group_region(plan, group)} in the "
            f"estate with {told}, or change the tags here",
        )


def _list_problems(
    plan: PlanFile,
    group: ProtectionGroup,
    path: Path,
    named: Sequence[str],
    everyone: Sequence[Member],
) -> Iterator[Problem]:
    region = group_region(plan, group)
    regions = {name: m.region for m in everyone for name in m.names}
    where = (*path, "sourceServerIds")
    for index, name in enumerate(named):
        if name not in regions:
            yield Problem(
                path=(*where, index),
                wrong=f"the estate has no server `{name}`",
                right=hint(name, list(regions), "servers of the estate"),
            )
        elif regions[name] != region:
            yield Problem(
                path=(*where, index),
                wrong=f"server `{name}` is in {regions[name]}",
                right=f"this group protects servers of {region}",
            )
    yield from repeated(
        list(named),
        [(*where, index) for index in range(len(named))],
        "server",
        fold=False,
    )


def _override_problems(
    group: ProtectionGroup,
    path: Path,
    mine: Sequence[Member],
    everyone: Sequence[Member],
) -> Iterator[Problem]:
    names = {name for m in mine for name in m.names}
    known = {name for m in everyone for name in m.names}
    for index, override in enumerate(group.servers):
        if override.source_server_id in names:
            continue
        name = override.source_server_id
        if name in known:
            wrong = f"server `{name}` is not in this group"
            right = f"move it to the group of `{name}`, or remove it"
        else:
            wrong = f"server `{name}` is not in the estate"
            right = hint(name, sorted(names), "the servers of the group")
        yield Problem(
            path=(*path, "servers", index, "sourceServerId"),
            wrong=wrong,
            right=right,
        )
    yield from repeated(
        [override.source_server_id for override in group.servers],
        [
            (*path, "servers", index, "sourceServerId")
            for index in range(len(group.servers))
        ],
        "server",
    )
    if group.launch_config.static_private_ip is not UNSET and len(mine) > 1:
        yield Problem(
            path=(*path, "launchConfig", "staticPrivateIp"),
            wrong=f"one address for the {len(mine)} servers of the group",
            right="give it per server, under `servers`",
        )


def _claim_problems(plan: PlanFile) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    chosen = selections(plan)
    for index, group in enumerate(plan.protection_groups):
        taken = [
            m.server.hostname
            for m in chosen[group.group_name]
            if owners.setdefault(m.server.hostname, group.group_name)
            != group.group_name
        ]
        if taken:
            more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
            yield Problem(
                path=(*_GROUPS, index, _way(group)),
                wrong=f"group `{group.group_name}` claims `{taken[0]}`{more},"
                f" which group `{owners[taken[0]]}` has",
                right="a server belongs to one group; narrow one of the two",
            )


def _way(group: ProtectionGroup) -> str:
    by_tags = group.server_selection_tags is not UNSET
    return "serverSelectionTags" if by_tags else "sourceServerIds"


def _folding_problems(
    tags: Mapping[str, str], path: Path
) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for key in tags:
        first = seen.setdefault(key.strip().casefold(), key)
        if first != key:
            yield Problem(
                path=(*path, key),
                at_key=True,
                wrong=f"the tag `{key}` is the tag `{first}` in other letters",
                right="tags are compared without regard to case; keep one",
            )
