"""Lets policies that name a rule of EventBridge match, which stock never do.

Stock puts the default bus into the ARN of its rules, which AWS does not, so
that a policy with a rule's real ARN always refuses. Rules of other buses,
whose ARNs do hold the bus, keep the stock answer.
"""

import json
from collections.abc import Mapping
from typing import Any

from local_cloud.emulator import engine

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
    stock = engine.iam_actions.extract_resource_arn

    def resource_arn(
        service: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query_params: Mapping[str, Any],
        region: str,
        account_id: str,
    ) -> str:
        rule = _rule(headers, body) if service == "events" else ""
        if rule:
            return f"arn:aws:events:{region}:{account_id}:rule/{rule}"
        named: str = stock(
            service,
            method,
            path,
            headers,
            body,
            query_params,
            region,
            account_id,
        )
        return named

    engine.iam_actions.extract_resource_arn = resource_arn


def _rule(headers: Mapping[str, str], body: bytes) -> str:
    lower = {name.lower(): value for name, value in headers.items()}
    action = lower.get("x-amz-target", "").rpartition(".")[2]
    field = _RULE_IS_IN.get(action)
    if field is None:
        return ""
    request = json.loads(body or b"{}")
    if request.get("EventBusName") not in (None, "default"):
        return ""
    return str(request.get(field) or "")
