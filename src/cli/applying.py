"""Bringing a plan file into an installation: look, compare, change.

What differs is decided by ``domain/desired.py``. Groups come before the
plan, which names them by their ids.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import UNSET

from cli.domain.desired import Step, group_steps, plan_step
from cli.domain.plan_file import PlanFile
from cli.domain.ports import CommandFailed
from cli.domain.selection import group_region, members
from cli.domain.target import DATA, QUERY
from cli.frame import Wiring

_OPERATIONS = {
    "group": ("create_protection_group", "update_protection_group"),
    "plan": ("create_recovery_plan", "update_recovery_plan"),
}
_IDS = {"group": "groupId", "plan": "planId"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What was to be done, and what the installation warned of."""

    steps: Sequence[Step]
    warnings: Sequence[str] = ()

    def body(self, *, dry_run: bool) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "dryRun": dry_run,
            "changed": sum(step.changes for step in self.steps),
            "steps": [
                {
                    "kind": step.kind,
                    "name": step.name,
                    "action": _action(step),
                    "fields": sorted(step.differences),
                }
                for step in self.steps
            ],
            "warnings": list(self.warnings),
        }


def _action(step: Step) -> str:
    if step.is_new:
        return "create"
    return "update" if step.changes else "none"


def stored_account(account_id: str, wiring: Wiring) -> str:
    """Return how groups name an account; the hub has no name."""
    if not account_id:
        return ""
    hub = wiring.ask(QUERY, "get_current_account_id")["accountId"]
    return "" if account_id == hub else account_id


def steps_of(plan: PlanFile, account_id: str, wiring: Wiring) -> list[Step]:
    """Return what the file would change.

    Raises:
        CommandFailed: A server that it names is not in the account.
    """
    existing = wiring.ask(DATA, "list_protection_groups")["groups"]
    ids = _server_ids(plan, account_id, wiring)
    groups = group_steps(plan, account_id, ids, existing)
    named = {step.name: step.object_id or step.name for step in groups}
    names = {str(one["groupId"]): str(one["groupName"]) for one in existing}
    found = _existing_plan(plan, wiring)
    return [*groups, plan_step(plan, named, found, names)]


def apply_steps(
    plan: PlanFile, steps: Sequence[Step], account_id: str, wiring: Wiring
) -> Applied:
    """Make the changes, and return them with the warnings.

    Raises:
        Refused: The installation refuses one; those before it are made.
    """
    ids: dict[str, str] = {}
    warnings: list[str] = []
    for step in steps:
        if step.kind == "plan":
            # New groups have ids by now.
            step = plan_step(plan, ids, _existing_plan(plan, wiring), {})
        reply = _do(step, account_id, wiring) if step.changes else {}
        if step.kind == "group":
            ids[step.name] = step.object_id or str(reply["groupId"])
        warnings += [
            f"{step.kind} {step.name}: {_words(one)}"
            for one in reply.get("warnings") or ()
        ]
    return Applied(steps=steps, warnings=warnings)


def _do(step: Step, account_id: str, wiring: Wiring) -> Mapping[str, Any]:
    create, update = _OPERATIONS[step.kind]
    if step.is_new:
        body = step.body
        if step.kind == "group" and account_id:
            body = {**body, "accountId": account_id}
        return dict(wiring.ask(DATA, create, body=body))
    return dict(
        wiring.ask(
            DATA,
            update,
            pathParameters={"id": step.object_id},
            body={**step.body, "version": step.version},
        )
    )


def _existing_plan(plan: PlanFile, wiring: Wiring) -> Any:
    found = wiring.ask(
        DATA,
        "list_recovery_plans",
        queryParams={"nameExact": plan.recovery_plan.plan_name},
    )["recoveryPlans"]
    if not found:
        return None
    return wiring.ask(
        DATA,
        "get_recovery_plan",
        pathParameters={"id": found[0]["planId"]},
    )


def _server_ids(
    plan: PlanFile, account_id: str, wiring: Wiring
) -> dict[str, str]:
    """Return the id of each server that a group names, by host name.

    The file may give it; else the account's servers are asked for.
    """
    named = {
        (group_region(plan, group), name)
        for group in plan.protection_groups
        for name in (
            *(
                ()
                if group.source_server_ids is UNSET
                else group.source_server_ids
            ),
            *(one.source_server_id for one in group.servers),
        )
    }
    ids: dict[str, str] = {}
    sought: dict[str, list[str]] = {}
    for member in members(plan):
        host, given = member.server.hostname, member.server.source_server_id
        if given is not UNSET:
            ids[host] = given
        elif any((member.region, name) in named for name in member.names):
            sought.setdefault(member.region, []).append(host)
    for region, hosts in sought.items():
        ids |= _looked_up(region, hosts, account_id, wiring)
    # The others are chosen by tags, and nothing names them.
    return {m.server.hostname: "" for m in members(plan)} | ids


def _looked_up(
    region: str, hosts: Sequence[str], account_id: str, wiring: Wiring
) -> dict[str, str]:
    query = {"region": region}
    if account_id:
        query["accountId"] = account_id
    servers = wiring.ask(QUERY, "get_drs_source_servers", queryParams=query)
    known: dict[str, set[str]] = {}
    for one in servers["servers"]:
        for name in {one.get("hostname"), one.get("nameTag")} - {"", None}:
            known.setdefault(str(name), set()).add(str(one["sourceServerID"]))
    missing = [host for host in hosts if len(known.get(host, ())) != 1]
    if missing:
        host = missing[0]
        count = len(known.get(host, ()))
        raise CommandFailed(
            f"{count or 'No'} source servers of {region} are called {host!r}"
            + (f", and {len(missing) - 1} more" if len(missing) > 1 else "")
            + "; give their ids as `sourceServerId` in the file's estate."
        )
    return {host: next(iter(known[host])) for host in hosts}


def _words(warning: Any) -> str:
    if isinstance(warning, Mapping):
        return f"{warning.get('code')}: {warning.get('message')}"
    return str(warning)
