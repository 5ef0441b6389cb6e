"""Instances and launch templates, in EC2's words and in ours."""

from collections.abc import Mapping, Sequence
from typing import Any

from drs.aws.calls import Calls, chunks
from drs.domain.errors import DrsNotFound
from drs.domain.launch_config import TemplateVersion
from drs.domain.servers import Instance


def instances(calls: Calls, ids: Sequence[str]) -> dict[str, Instance]:
    """Return what EC2 knows of the instances, by id.

    Asked by filter, since asking by id fails for all when one is gone.
    """
    found = [
        instance(item)
        for chunk in chunks(ids)
        for reservation in calls.items(
            "ec2",
            "describe_instances",
            key="Reservations",
            token="NextToken",
            Filters=[{"Name": "instance-id", "Values": chunk}],
        )
        for item in reservation["Instances"]
    ]
    return {one.instance_id: one for one in found}


def instance(item: Mapping[str, Any]) -> Instance:
    """Return EC2's instance in our words."""
    tags = {tag["Key"]: tag.get("Value", "") for tag in item.get("Tags", ())}
    launched = item.get("LaunchTime")
    return Instance(
        instance_id=item["InstanceId"],
        instance_type=item.get("InstanceType", ""),
        private_ip=item.get("PrivateIpAddress", ""),
        public_ip=item.get("PublicIpAddress", ""),
        state=item.get("State", {}).get("Name", ""),
        name=tags.get("Name", ""),
        launched_at=int(launched.timestamp()) if launched else 0,
        tags=tags,
    )


def default_template_version(
    calls: Calls, template_id: str
) -> TemplateVersion:
    """Return the version of a launch template that is its default now."""
    answer = calls.call(
        "ec2",
        "describe_launch_template_versions",
        LaunchTemplateId=template_id,
        Versions=["$Default"],
    )
    versions = answer["LaunchTemplateVersions"]
    if not versions:
        raise DrsNotFound(
            f"EC2 has no launch template {template_id} in account "
            f"{calls.account.account_id}, {calls.region}.",
        )
    return TemplateVersion(
        template_id=template_id,
        number=int(versions[0]["VersionNumber"]),
        content=settable(versions[0].get("LaunchTemplateData", {})),
    )


def create_template_version(
    calls: Calls,
    template_id: str,
    *,
    source: int,
    changes: Mapping[str, Any],
    description: str,
) -> int:
    """Add a version made of ``source`` and the changes; return its number."""
    answer = calls.call(
        "ec2",
        "create_launch_template_version",
        LaunchTemplateId=template_id,
        SourceVersion=str(source),
        VersionDescription=description,
        LaunchTemplateData=dict(changes),
    )
    return int(answer["LaunchTemplateVersion"]["VersionNumber"])


def set_default_template_version(
    calls: Calls, template_id: str, number: int
) -> None:
    """Make the numbered version the default one."""
    calls.call(
        "ec2",
        "modify_launch_template",
        LaunchTemplateId=template_id,
        DefaultVersion=str(number),
    )


def settable(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a version's content without what EC2 tells but does not take."""
    told_only = "IsPrimaryIpv6"
    interfaces = [
        (
            {
                **interface,
                "Ipv6Addresses": [
                    {k: v for k, v in address.items() if k != told_only}
                    for address in interface["Ipv6Addresses"]
                ],
            }
            if interface.get("Ipv6Addresses")
            else interface
        )
        for interface in content.get("NetworkInterfaces", ())
    ]
    if not interfaces:
        return dict(content)
    return {**content, "NetworkInterfaces": interfaces}
