"""EC2 as the place where recovery instances and launch templates exist.

Decides which calls of EC2 a launch order becomes. An instance is started
from the members of the template's default version, given one by one, since
emulators of EC2 do not all read a template on their own.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from drs_simulator.domain.ports import (
    Launched,
    LaunchOrder,
    MachineRefused,
    Place,
)

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

_COPIED = ("IamInstanceProfile", "EbsOptimized", "DisableApiTermination")
_GONE = ("InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed")


def clients_at(endpoint: str) -> "Callable[[Place], EC2Client]":
    """Return a factory of clients that act as the root of an account."""

    def client(place: Place) -> "EC2Client":
        return boto3.client(
            "ec2",
            endpoint_url=endpoint,
            region_name=place.region,
            aws_access_key_id=place.account,
            aws_secret_access_key="simulator",  # nosec B106 # no secret
            config=Config(
                connect_timeout=5,
                read_timeout=30,
                retries={"total_max_attempts": 2},
            ),
        )

    return client


class Ec2Machines:
    """Launch templates and instances in EC2.

    Args:
        client: makes the client for an account and Region.
    """

    def __init__(self, client: "Callable[[Place], EC2Client]") -> None:
        self._client = client
        self._clients: dict[Place, EC2Client] = {}

    def create_template(
        self, place: Place, name: str, content: Mapping[str, Any]
    ) -> str:
        """Create a launch template and return its id.

        A template of this name that is there already is taken over.
        """
        ec2 = self._at(place)
        try:
            answer = ec2.create_launch_template(
                LaunchTemplateName=name,
                LaunchTemplateData=cast(Any, dict(content)),
            )
            return answer["LaunchTemplate"]["LaunchTemplateId"]
        except ClientError as error:
            if not _code(error).endswith("AlreadyExistsException"):
                raise _refused(error) from error
            found = ec2.describe_launch_templates(LaunchTemplateNames=[name])
            return found["LaunchTemplates"][0]["LaunchTemplateId"]
        except BotoCoreError as error:
            raise _refused(error) from error

    def update_template(
        self, place: Place, template_id: str, changes: Mapping[str, Any]
    ) -> None:
        """Create a version with these changes and make it the default."""
        ec2 = self._at(place)
        try:
            content = {**self._content(place, template_id), **changes}
            version = ec2.create_launch_template_version(
                LaunchTemplateId=template_id,
                VersionDescription="Elastic Disaster Recovery",
                LaunchTemplateData=cast(Any, content),
            )["LaunchTemplateVersion"]["VersionNumber"]
            ec2.modify_launch_template(
                LaunchTemplateId=template_id, DefaultVersion=str(version)
            )
        except (BotoCoreError, ClientError) as error:
            raise _refused(error) from error

    def launch(self, order: LaunchOrder) -> Launched:
        """Start an instance from the default version of a template."""
        ec2 = self._at(order.place)
        try:
            content = self._content(order.place, order.template_id)
            instance = ec2.run_instances(
                **cast(Any, run_arguments(order, content))
            )["Instances"][0]
            if order.stopped:
                ec2.stop_instances(InstanceIds=[instance["InstanceId"]])
        except (BotoCoreError, ClientError) as error:
            raise _refused(error) from error
        return Launched(
            instance_id=instance["InstanceId"],
            private_ip=instance.get("PrivateIpAddress") or "",
            instance_type=str(
                instance.get("InstanceType") or order.fallback_type
            ),
        )

    def terminate(self, place: Place, instance_ids: Sequence[str]) -> None:
        """Terminate instances; one that is gone already is no error."""
        try:
            self._at(place).terminate_instances(InstanceIds=list(instance_ids))
        except ClientError as error:
            if _code(error) not in _GONE:
                raise _refused(error) from error
        except BotoCoreError as error:
            raise _refused(error) from error

    def _content(self, place: Place, template_id: str) -> dict[str, Any]:
        answer = self._at(place).describe_launch_template_versions(
            LaunchTemplateId=template_id, Versions=["$Default"]
        )
        versions = answer["LaunchTemplateVersions"]
        return dict(versions[0]["LaunchTemplateData"]) if versions else {}

    def _at(self, place: Place) -> "EC2Client":
        if place not in self._clients:
            self._clients[place] = self._client(place)
        return self._clients[place]


def run_arguments(
    order: LaunchOrder, content: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the members of RunInstances for an order and a template."""
    networks = content.get("NetworkInterfaces") or [{}]
    network: Mapping[str, Any] = networks[0]
    image = sha256(order.server_id.encode()).hexdigest()[:17]
    arguments: dict[str, Any] = {
        "ImageId": f"ami-{image}",
        "InstanceType": order.instance_type
        or content.get("InstanceType")
        or order.fallback_type,
        "MinCount": 1,
        "MaxCount": 1,
        "SubnetId": network.get("SubnetId"),
        "SecurityGroupIds": network.get("Groups")
        or content.get("SecurityGroupIds"),
        "PrivateIpAddress": order.private_ip
        or network.get("PrivateIpAddress"),
        "TagSpecifications": _tag_specifications(order, content),
        **{name: content.get(name) for name in _COPIED},
    }
    monitoring = content.get("Monitoring")
    if monitoring:
        arguments["Monitoring"] = {"Enabled": bool(monitoring.get("Enabled"))}
    return {key: value for key, value in arguments.items() if value}


def _tag_specifications(
    order: LaunchOrder, content: Mapping[str, Any]
) -> list[dict[str, Any]]:
    tags = dict(order.tags)
    for specification in content.get("TagSpecifications") or []:
        if specification.get("ResourceType") == "instance":
            tags |= {t["Key"]: t["Value"] for t in specification["Tags"]}
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    return [{"ResourceType": "instance", "Tags": listed}]


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _refused(error: BotoCoreError | ClientError) -> MachineRefused:
    return MachineRefused(str(error))
