"""Plans and groups by what people call them: a name or an id."""

from typing import Any
from uuid import UUID

from cli.domain.naming import hint
from cli.domain.ports import CommandFailed
from cli.domain.target import DATA
from cli.frame import Wiring

type Item = dict[str, Any]


def find_plan(wiring: Wiring, called: str) -> Item:
    """Return the plan of that name or id.

    Raises:
        CommandFailed: There is none.
    """
    if not _is_id(called):
        found = wiring.ask(
            DATA, "list_recovery_plans", queryParams={"nameExact": called}
        )["recoveryPlans"]
        if not found:
            raise CommandFailed(
                f"There is no recovery plan {called!r}; `dro plans list` "
                "names those there are."
            )
        called = str(found[0]["planId"])
    return dict(
        wiring.ask(DATA, "get_recovery_plan", pathParameters={"id": called})
    )


def find_group(wiring: Wiring, called: str) -> Item:
    """Return the protection group of that name or id.

    Raises:
        CommandFailed: There is none.
    """
    groups: list[Item] = wiring.ask(DATA, "list_protection_groups")["groups"]
    for group in groups:
        if called == group["groupId"] or _same(called, group["groupName"]):
            return group
    names = [str(group["groupName"]) for group in groups]
    raise CommandFailed(
        f"There is no protection group {called!r}; "
        f"{hint(called, names, 'protection groups')}."
    )


def _same(one: str, other: Any) -> bool:
    return one.strip().casefold() == str(other).strip().casefold()


def _is_id(called: str) -> bool:
    try:
        UUID(called)
    except ValueError:
        return False
    return True
