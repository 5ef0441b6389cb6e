"""Which functions called DRS, EC2 and Service Quotas, and in which account.

What DRS itself does, such as launching instances, it does as the account's
root here; that is no call of ours and left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.system.asking import asked
from tests.system.world import System

COUNTED = ("drs", "ec2", "servicequotas", "iam")


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """One call: the account that it landed in, the operation, who made it."""

    account: str
    operation: str
    caller: str


def forget(system: System) -> None:
    """Count from now on."""
    for address in _addresses(system):
        asked(address, "DELETE")


def called(system: System) -> Sequence[Called]:
    """Answer the calls of functions since then, refused ones too."""
    drs, emulator = _addresses(system)
    calls = [
        *_simulated(asked(drs)["calls"]),
        *_emulated(asked(emulator)["calls"]),
    ]
    return [call for call in calls if not call.caller.endswith(":root")]


def accounts(calls: Iterable[Called]) -> set[str]:
    """Answer the accounts in which calls landed."""
    return {call.account for call in calls}


def operations(calls: Iterable[Called]) -> set[str]:
    """Answer what was called."""
    return {call.operation for call in calls}


def _simulated(calls: Iterable[Mapping[str, Any]]) -> Iterable[Called]:
    for call in calls:
        yield Called(
            account=call["account"],
            operation=call["operation"],
            caller=call["caller"],
        )


def _emulated(calls: Iterable[Mapping[str, Any]]) -> Iterable[Called]:
    for call in calls:
        service, _, operation = call["action"].partition(":")
        if service in COUNTED:
            yield Called(
                account=call["account"],
                operation=operation,
                caller=call["caller"],
            )


def _addresses(system: System) -> tuple[str, str]:
    known = system.endpoints
    door = known.events_url.rpartition("/")[0]
    return f"{known.drs_url}/_sim/calls", f"{door}/calls"
