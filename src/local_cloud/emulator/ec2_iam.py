"""Lets resource-scoped EC2 policies match, which stock they never do.

The emulator checks EC2 calls against `*` and knows no EC2 tags, so a policy
that names launch templates or `aws:ResourceTag` always refuses. Here launch
templates and new instances have their ARNs and tags; instance profiles, which
are IAM's, have their ARNs. `ec2:ResourceTag` stays unknown: policies say
`aws:ResourceTag`.
"""

from collections.abc import Iterator

from local_cloud.emulator import engine
from local_cloud.emulator.resource_arns import Asked, name_by

_KINDS = {
    "i-": "instance",
    "lt-": "launch-template",
    "sg-": "security-group",
    "subnet-": "subnet",
    "vol-": "volume",
}


def install() -> None:
    """Name the resources of EC2 calls and collect their tags."""
    name_by("ec2", _ec2_resource)
    name_by("iam", _instance_profile)
    engine.tagging._RESOURCE_TAG_COLLECTORS["ec2"] = _tagged


def _ec2_resource(asked: Asked) -> str:
    prefix = f"arn:aws:ec2:{asked.region}:{asked.account_id}"
    match asked.parameter("Action"):
        case "RunInstances":
            return f"{prefix}:instance/*"
        case "CreateLaunchTemplate":
            return f"{prefix}:launch-template/*"
    template = asked.parameter("LaunchTemplateId")
    return f"{prefix}:launch-template/{template}" if template else ""


def _instance_profile(asked: Asked) -> str:
    prefix = f"arn:aws:iam::{asked.account_id}:instance-profile"
    if asked.parameter("Action") == "ListInstanceProfiles":
        return f"{prefix}/"
    name = asked.parameter("InstanceProfileName")
    return f"{prefix}/{name}" if name else ""


def _tagged() -> Iterator[tuple[str, list[dict[str, str]]]]:
    region = engine.responses.get_region()
    account = engine.responses.get_account_id()
    for identity, tags in list(engine.ec2._tags.items()):
        for prefix, kind in _KINDS.items():
            if identity.startswith(prefix):
                arn = f"arn:aws:ec2:{region}:{account}:{kind}/{identity}"
                yield arn, tags
