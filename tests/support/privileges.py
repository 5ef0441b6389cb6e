"""What roles hold, beside what they were seen to use: a report of privileges.

Decides which grants count. What AWS itself does in a role's name (delivering
logs, traces and dead letters; launching instances for DRS) never reaches an
emulator as that role's call, so it is listed apart with its reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Who uses a grant that our code never uses, by the action or its service.
BY_AWS = {
    "iam:PassRole": "DRS and EC2 take the instance's role",
    "logs": "Lambda and Step Functions write logs",
    "sqs:SendMessage": "Lambda hands over what it could not deliver",
    "xray": "Lambda and Step Functions write traces",
}
_VIA_AWS = "DRS launches and terminates in the caller's name"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Grant:
    """An action that a role holds; `by_aws` says who else uses it."""

    role: str
    action: str
    by_aws: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An action that a role asked for, and whether it was ever refused."""

    role: str
    action: str
    allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One role's actions, each in exactly one of the first three.

    Attributes:
        role: The role's name.
        used: What our code may do and was seen to do.
        unused: What it may do and was not seen to do.
        by_aws: What AWS does in the role's name.
        missing: What was refused and no grant names.
        refused: What is granted and was refused at least once all the same.
    """

    role: str
    used: frozenset[str]
    unused: frozenset[str]
    by_aws: frozenset[str]
    missing: frozenset[str]
    refused: frozenset[str]

    @property
    def share(self) -> float:
        """The part of what our code may do that it was seen to do."""
        held = len(self.used) + len(self.unused)
        return len(self.used) / held if held else 1.0


def grants(role: str, documents: Iterable[Mapping[str, Any]]) -> list[Grant]:
    """Return what the policies of a role allow."""
    return [
        Grant(role=role, action=action, by_aws=_user(action, statement))
        for document in documents
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
        for action in _many(statement["Action"])
    ]


def compare(held: Sequence[Grant], seen: Iterable[Seen]) -> list[Use]:
    """Return what each role did with what it holds.

    An action is missing where it was refused and no grant names it. One that
    is granted and was refused was asked of a resource outside the grant, or
    while somebody had taken it away.
    """
    asked = list(seen)
    found = []
    for role in sorted({grant.role for grant in held}):
        own = [grant for grant in held if grant.role == role]
        ours = {grant.action for grant in own if not grant.by_aws}
        theirs = {grant.action for grant in own if grant.by_aws} - ours
        did = {s.action for s in asked if s.role == role and s.allowed}
        refused = {s.action for s in asked if s.role == role and not s.allowed}
        found.append(
            Use(
                role=role,
                used=frozenset(ours & did),
                unused=frozenset(ours - did),
                by_aws=frozenset(theirs),
                missing=frozenset(refused - ours - theirs),
                refused=frozenset(refused & (ours | theirs)),
            )
        )
    return found


def wildcards(held: Iterable[Grant]) -> list[Grant]:
    """Return the grants that name no single action."""
    return [grant for grant in held if "*" in grant.action]


def table(uses: Sequence[Use]) -> str:
    """Return the report as text, a role a paragraph."""
    lines = []
    for use in uses:
        lines.append(
            f"{use.role}: {len(use.used)} of"
            f" {len(use.used) + len(use.unused)} used ({use.share:.0%}),"
            f" {len(use.by_aws)} more by AWS in its name"
        )
        for title, names in (
            ("unused", use.unused),
            ("held, and refused once", use.refused),
            ("MISSING", use.missing),
        ):
            if names:
                lines.append(f"  {title}: {', '.join(sorted(names))}")
    used, held = totals(uses)
    lines.append(f"{used} of {held} permissions used ({used / held:.0%})")
    return "\n".join(lines)


def totals(uses: Iterable[Use]) -> tuple[int, int]:
    """Return how many grants were used, and how many could have been."""
    counted = [(len(use.used), len(use.unused)) for use in uses]
    used = sum(one for one, _ in counted)
    return used, used + sum(other for _, other in counted)


def _user(action: str, statement: Mapping[str, Any]) -> str:
    flags = statement.get("Condition", {}).get("Bool", {})
    if flags.get("aws:ViaAWSService") == "true":
        return _VIA_AWS
    return BY_AWS.get(action) or BY_AWS.get(action.split(":")[0], "")


def _many(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
