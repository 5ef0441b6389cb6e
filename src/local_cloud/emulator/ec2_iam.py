"""Lets resource-scoped EC2 policies match, which stock they never do.

The emulator checks EC2 calls against `*` and knows no EC2 tags, so a policy
that names launch templates or `aws:ResourceTag` always refuses. Here launch
templates and new instances have their ARNs and tags; instance profiles, which
are IAM's, have their ARNs. `ec2:ResourceTag` stays unknown: policies say
`aws:ResourceTag`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from local_cloud.emulator import engine

_KINDS = {
    "i-": "instance",
    "lt-": "launch-template",
    "sg-": "security-group",
    "subnet-": "subnet",
    "vol-": "volume",
}


def install() -> None:
    """Name the resources of EC2 calls and collect their tags."""
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
        match service:
            case "ec2":
                found = _ec2_resource(query_params, region, account_id)
            case "iam":
                found = _instance_profile(query_params, account_id)
            case _:
                found = None
        return found or named

    engine.iam_actions.extract_resource_arn = resource_arn
    engine.tagging._RESOURCE_TAG_COLLECTORS["ec2"] = _tagged


def _ec2_resource(
    params: Mapping[str, Any], region: str, account: str
) -> str | None:
    read = engine.iam_actions._query_param
    prefix = f"arn:aws:ec2:{region}:{account}"
    match read(params, "Action"):
        case "RunInstances":
            return f"{prefix}:instance/*"
        case "CreateLaunchTemplate":
            return f"{prefix}:launch-template/*"
    template = read(params, "LaunchTemplateId")
    return f"{prefix}:launch-template/{template}" if template else None


def _instance_profile(params: Mapping[str, Any], account: str) -> str | None:
    read = engine.iam_actions._query_param
    prefix = f"arn:aws:iam::{account}:instance-profile"
    if read(params, "Action") == "ListInstanceProfiles":
        return f"{prefix}/"
    name = read(params, "InstanceProfileName")
    return f"{prefix}/{name}" if name else None


def _tagged() -> Iterator[tuple[str, list[dict[str, str]]]]:
    region = engine.responses.get_region()
    account = engine.responses.get_account_id()
    for identity, tags in list(engine.ec2._tags.items()):
        for prefix, kind in _KINDS.items():
            if identity.startswith(prefix):
                arn = f"arn:aws:ec2:{region}:{account}:{kind}/{identity}"
                yield arn, tags
