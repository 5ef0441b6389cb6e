"""Which parameters a deployment sets and which it keeps.

What is not asked for stays as it is deployed. A parameter that is not as the
template wants it is refused before anything is changed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from deployment.domain.errors import BadParameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A parameter as the main template declares it."""

    name: str
    default: str | None = None
    pattern: str | None = None
    allowed: Sequence[str] = ()
    says: str = ""

    def refusal(self, value: str) -> str | None:
        """Say why a value cannot be; None where it can."""
        if self.allowed and value not in self.allowed:
            return f"{self.name} is {value}, not {' or '.join(self.allowed)}"
        if self.pattern and not re.fullmatch(self.pattern, value):
            return f"{self.name} is {value!r}, not {self.says or self.pattern}"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The parameters of a change set.

    Attributes:
        values: What is set.
        kept: What keeps the value that is deployed.
        changed: What is set to something else than is deployed, from what.
    """

    values: Mapping[str, str]
    kept: frozenset[str]
    changed: Mapping[str, str | None]


def plan(
    declared: Iterable[Declared],
    deployed: Mapping[str, str] | None,
    wanted: Mapping[str, str],
) -> Plan:
    """Plan the parameters of a new stack or of a change to one.

    Args:
        declared: What the template knows.
        deployed: What the stack has; None where there is no stack.
        wanted: What is asked for.

    Raises:
        BadParameter: With every parameter that is unknown, missing or not as
            the template wants it.
    """
    known = {each.name: each for each in declared}
    faults = [f"{name} is not known" for name in wanted if name not in known]
    values: dict[str, str] = {}
    kept: set[str] = set()
    changed: dict[str, str | None] = {}
    for name, each in known.items():
        if name in wanted and (refusal := each.refusal(wanted[name])):
            faults.append(refusal)
        elif deployed is not None and name in deployed:
            if wanted.get(name, deployed[name]) == deployed[name]:
                kept.add(name)
            else:
                values[name] = wanted[name]
                changed[name] = deployed[name]
        elif name in wanted:
            values[name] = wanted[name]
            changed[name] = None
        elif each.default is None:
            faults.append(f"{name} has no value and no default")
    if faults:
        raise BadParameter(
            "The main template's parameters are not as they must be: "
            f"{'; '.join(faults)}. Parameters of an environment are set in "
            "cfn/parameters/ENV.json; cfn/main.yaml describes each. Nothing "
            "was changed."
        )
    return Plan(values=values, kept=frozenset(kept), changed=changed)


def kept_by(deployed: Mapping[str, str], wanted: Mapping[str, str]) -> Plan:
    """Plan a change that uses the deployed template."""
    return plan([Declared(name=name) for name in deployed], deployed, wanted)
