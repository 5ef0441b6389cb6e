"""Lets policies that name a rule of EventBridge match, which stock never do.

Stock puts the default bus into the ARN of its rules, which AWS does not, so
that a policy with a rule's real ARN always refuses. Rules of other buses,
whose ARNs do hold the bus, keep the stock answer.
"""

import json

from local_cloud.emulator.resource_arns import Asked, name_by

_RULE_IS_IN = {
    "DeleteRule": "Name",
    "DescribeRule": "Name",
    "DisableRule": "Name",
    "EnableRule": "Name",
    "ListTargetsByRule": "Rule",
    "PutRule": "Name",
    "PutTargets": "Rule",
    "RemoveTargets": "Rule",
}


def install() -> None:
    """Name the rules of calls to EventBridge."""
    name_by("events", _rule)


def _rule(asked: Asked) -> str:
    lower = {name.lower(): value for name, value in asked.headers.items()}
    action = lower.get("x-amz-target", "").rpartition(".")[2]
    field = _RULE_IS_IN.get(action)
    if field is None:
        return ""
    request = json.loads(asked.body or b"{}")
    rule = request.get(field)
    if not rule or request.get("EventBusName") not in (None, "default"):
        return ""
    return f"arn:aws:events:{asked.region}:{asked.account_id}:rule/{rule}"
