"""Notes every call of which the emulator checks the permission.

Who called what in which account, and whether it was let in: the door answers
it (``whoami``), so that a test can count the calls of an account. It changes
no verdict, and keeps the latest calls only.
"""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from local_cloud.emulator import engine

LONGEST_LOG = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: where, what, on what, by whom, with which verdict."""

    at: float
    account: str
    region: str
    action: str
    resource: str
    caller: str
    allowed: bool


_noted: deque[Call] = deque(maxlen=LONGEST_LOG)


def install() -> None:
    """Note what the emulator is asked from now on."""
    stock = engine.iam_evaluator.enforce

    def enforce(
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: Mapping[str, Any] | None = None,
    ) -> Any:
        refusal = stock(
            access_key_id,
            iam_action,
            service,
            region,
            resource_arn=resource_arn,
            service_context=service_context,
        )
        call = Call(
            at=time.time(),
            account=engine.responses.get_account_id(),
            region=region,
            action=iam_action,
            resource=resource_arn,
            caller=engine.iam_evaluator.caller_arn(),
            allowed=refusal is None,
        )
        _noted.append(call)
        return refusal

    engine.iam_evaluator.enforce = enforce


def noted() -> list[dict[str, Any]]:
    """Answer the calls, the oldest first."""
    return [asdict(call) for call in list(_noted)]


def forget() -> None:
    """Drop what was noted."""
    _noted.clear()
