"""What a plan file wants of an installation, and what differs from it.

Both sides are brought into one form, without what the installation adds of
its own, so that a file that was applied differs in nothing. Groups that the
file does not name are left alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cli.domain.plan_file import PlanFile
from cli.domain.seeding import group_item, plan_item
from cli.domain.selection import selections

type Item = dict[str, Any]

_TEXTS = ("description", "owner")
_PLAN_TEXTS = ("description", "rpo", "rto")
_SELECTIONS = ("serverSelectionTags", "sourceServerIds")
_WAVE_DEFAULTS: Mapping[str, Any] = {
    "waveDescription": "",
    "serverIds": [],
    "pauseBeforeWave": False,
    "dependsOnWaves": [],
    "onFailure": "stop",
    "maxWaitSeconds": None,
    "failureToleranceCount": None,
    "failureTolerancePercentage": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happens to one object; without differences, nothing.

    Attributes:
        kind: What it is, in words.
        name: What people call it.
        object_id: Its id, empty where it does not exist yet.
        version: The version that was read.
        differences: Each field that differs: as it is, as it shall be.
        body: What is sent to make it so.
    """

    kind: str
    name: str
    object_id: str
    version: int
    differences: Mapping[str, tuple[Any, Any]]
    body: Item

    @property
    def is_new(self) -> bool:
        """Tell whether the object does not exist yet."""
        return not self.object_id

    @property
    def changes(self) -> bool:
        """Tell whether there is anything to do."""
        return self.is_new or bool(self.differences)

    def lines(self) -> Iterator[str]:
        """Yield the difference for people, a line a field."""
        mark = "+" if self.is_new else "~" if self.changes else "="
        yield f"{mark} {self.kind} {self.name}"
        for field, (before, after) in sorted(self.differences.items()):
            was = "" if self.is_new else f"{_shown(before)} -> "
            yield f"    {field}: {was}{_shown(after)}"


def group_steps(
    plan: PlanFile,
    account_id: str,
    server_ids: Mapping[str, str],
    existing: Iterable[Mapping[str, Any]],
) -> list[Step]:
    """Return what happens to each group of the file.

    Args:
        plan: A checked plan file.
        account_id: The target account of its groups; empty leaves those
            that exist where they are, and makes others in the hub.
        server_ids: The id of each server that the file names.
        existing: The installation's groups.
    """
    known = {_folded(one["groupName"]): one for one in existing}
    chosen = selections(plan)
    steps = []
    for group in plan.protection_groups:
        item = group_item(plan, group, chosen[group.group_name], server_ids)
        found = known.get(_folded(group.group_name))
        account = account_id or (found or {}).get("accountId")
        wanted = _group_form({**item, "accountId": account})
        steps.append(_step("group", group.group_name, wanted, found))
    return steps


def plan_step(
    plan: PlanFile,
    group_ids: Mapping[str, str],
    found: Mapping[str, Any] | None,
    names: Mapping[str, str],
) -> Step:
    """Return what happens to the plan.

    Args:
        plan: A checked plan file.
        group_ids: The ids of its groups by name; those that do not exist
            yet may be named by anything.
        found: The installation's plan of that name.
        names: What people call groups, by their ids.
    """
    name = plan.recovery_plan.plan_name
    wanted = _plan_form(plan_item(plan, group_ids))
    step = _step("plan", name, wanted, found, form=_plan_form)
    if "waves" not in step.differences:
        return step
    before, after = step.differences["waves"]
    others = {k: v for k, v in step.differences.items() if k != "waves"}
    waves = _wave_differences(before or (), after, names)
    return replace(step, differences={**others, **waves})


def _wave_differences(
    before: Sequence[Item], after: Sequence[Item], names: Mapping[str, str]
) -> dict[str, tuple[Any, Any]]:
    """Return what differs wave by wave, groups by their names."""
    found: dict[str, tuple[Any, Any]] = {}
    for number in range(max(len(before), len(after))):
        old = _called(before[number], names) if number < len(before) else {}
        new = _called(after[number], names) if number < len(after) else {}
        if not old or not new:
            found[f"wave {number + 1}"] = (old, new)
            continue
        for field in sorted(old.keys() | new.keys()):
            if old.get(field) != new.get(field):
                pair = (old.get(field), new.get(field))
                found[f"wave {number + 1} {field}"] = pair
    return found


def _called(wave: Item, names: Mapping[str, str]) -> Item:
    form = dict(wave)
    ids = form.pop("protectionGroupIds")
    return {**form, "protectionGroups": [names.get(one, one) for one in ids]}


def _step(
    kind: str,
    name: str,
    wanted: Item,
    found: Mapping[str, Any] | None,
    form: Any = None,
) -> Step:
    in_form = form or _group_form
    is_new = found is None
    before = {} if found is None else in_form(found)
    differs = {
        field: (before.get(field), value)
        for field, value in wanted.items()
        if (value not in ("", [], {}) if is_new else before[field] != value)
    }
    body = {field: wanted[field] for field in differs}
    for field, other in (_SELECTIONS, _SELECTIONS[::-1]):
        # Setting the one clears the other.
        if not wanted.get(field) and other in wanted:
            body.pop(field, None)
            differs = {k: v for k, v in differs.items() if k != field or v[0]}
    named = {"group": "groupName", "plan": "name"}[kind]
    id_field = {"group": "groupId", "plan": "planId"}[kind]
    return Step(
        kind=kind,
        name=name,
        object_id="" if found is None else str(found[id_field]),
        version=0 if found is None else int(found.get("version") or 0),
        differences=differs,
        body={named: name, **body} if is_new else body,
    )


def _group_form(item: Mapping[str, Any]) -> Item:
    """Return what a file can say of a group."""
    return {
        **{name: item.get(name) or "" for name in _TEXTS},
        "region": item.get("region") or "",
        "accountId": item.get("accountId") or "",
        "criticality": item.get("criticality") or "critical",
        "serverSelectionTags": dict(item.get("serverSelectionTags") or {}),
        "sourceServerIds": sorted(item.get("sourceServerIds") or ()),
        "launchConfig": dict(item.get("launchConfig") or {}),
        "servers": override_forms(item.get("servers") or ()),
    }


def override_forms(servers: Iterable[Mapping[str, Any]]) -> list[Item]:
    """Return what is said of single servers, those without a word left out."""
    forms = [_override_form(one) for one in servers]
    said = [one for one in forms if len(one) > 1]
    return sorted(said, key=lambda one: str(one["sourceServerId"]))


def _override_form(server: Mapping[str, Any]) -> Item:
    form: Item = {"sourceServerId": server["sourceServerId"]}
    if not server.get("useGroupDefaults", True):
        form["useGroupDefaults"] = False
    for name in ("launchTemplate", "criticality"):
        if server.get(name):
            form[name] = server[name]
    return form


def _plan_form(item: Mapping[str, Any]) -> Item:
    """Return what a file can say of a plan."""
    return {
        **{name: item.get(name) or "" for name in _PLAN_TEXTS},
        "waves": [
            wave_form(number, wave)
            for number, wave in enumerate(item.get("waves") or ())
        ],
    }


def wave_form(number: int, wave: Mapping[str, Any]) -> Item:
    """Return what a file can say of a wave, defaults left out."""
    groups = list(wave.get("protectionGroupIds") or ())
    first = wave.get("protectionGroupId")
    if first and first not in groups:
        groups.insert(0, first)
    said = {
        name: wave[name]
        for name, default in _WAVE_DEFAULTS.items()
        if wave.get(name) is not None and wave[name] != default
    }
    return {
        "waveName": wave.get("waveName") or f"Wave {number + 1}",
        "protectionGroupIds": groups,
        **said,
    }


def _folded(name: Any) -> str:
    return str(name).strip().casefold()


def _shown(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "nothing"
    match value:
        case str():
            return value
        case dict():
            inner = ", ".join(f"{k}: {_shown(v)}" for k, v in value.items())
            return f"{{{inner}}}"
        case list():
            return f"[{', '.join(_shown(one) for one in value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)
