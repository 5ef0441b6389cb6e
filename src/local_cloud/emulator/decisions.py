"""Keeps what each role was allowed and refused, for reports of privileges.

Whatever the emulator asks its policies, and whatever the DRS simulator asks
through SimulatePrincipalPolicy, is counted by role and action. It decides
nothing and changes no decision. A caller that is no role is not counted, nor
is what the policy of a resource says of one: most name no role, which refuses
nothing that the role's own policies allow.
"""

import threading
from collections import Counter
from contextvars import ContextVar
from typing import Any, NamedTuple

from local_cloud.emulator import engine

_counts: Counter["Decision"] = Counter()
_lock = threading.Lock()
_by_resource: ContextVar[bool] = ContextVar("by_resource", default=False)


class Decision(NamedTuple):
    """A role, an action, and whether a policy of the role allows it."""

    account: str
    role: str
    action: str
    allowed: bool


def install() -> None:
    """Count every decision from now on."""
    evaluate = engine.iam_evaluator.evaluate
    by_resource = engine.iam_evaluator.evaluate_resource_policy

    def counted(context: Any, *policies: Any) -> Any:
        result = evaluate(context, *policies)
        allowed = result.decision == "Allow"
        role = role_of(context.principal_arn)
        if role and not _by_resource.get():
            made = Decision(
                context.principal_account, role, context.action, allowed
            )
            with _lock:
                _counts[made] += 1
        return result

    def apart(*asked: Any, **more: Any) -> Any:
        token = _by_resource.set(True)
        try:
            return by_resource(*asked, **more)
        finally:
            _by_resource.reset(token)

    engine.iam_evaluator.evaluate = counted
    engine.iam_evaluator.evaluate_resource_policy = apart


def told() -> list[dict[str, object]]:
    """Answer each decision once: `account, role, action, allowed, count`."""
    with _lock:
        seen = sorted(_counts.items())
    return [{**made._asdict(), "count": count} for made, count in seen]


def role_of(principal: str) -> str:
    """Answer the name of a role, or of the role of a session."""
    resource = principal.split(":")[-1]
    match resource.split("/"):
        case ["assumed-role", role, _]:
            return role
        case ["role", *_, role]:
            return role
    return ""
