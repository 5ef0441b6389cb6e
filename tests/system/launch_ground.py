"""What launch configurations name in EC2 and IAM, and groups that name it.

What a group names may be gone later; EC2 and IAM are then told so, or, where
the emulator cannot be, the stored group is.
"""

import itertools
from collections.abc import Callable, Mapping
from typing import Any

from tests.system.world import System

# An address that the group's configured server has, and its neighbour's.
HELD, NEIGHBOURS = "10.0.5.5", "10.0.9.9"
_OWN = {"monitoring": True}


class LaunchGround:
    """Networks of the hub, and groups of servers that use them."""

    def __init__(
        self,
        system: System,
        done: Callable[..., Any],
        value: Callable[[str], str],
    ) -> None:
        self._ec2 = system.client("ec2")
        self._iam = system.client("iam")
        self._tables = system.client("dynamodb")
        self._table = system.endpoints.outputs["ProtectionGroupsTableName"]
        self._done = done
        self._value = value
        self._numbers = itertools.count(1)
        self.words: Mapping[str, Callable[[], str]] = {
            "spare_server": lambda: value("new_server"),
            "second_spare": lambda: value("new_server"),
            "vpc": self._vpc,
            "other_vpc": self._vpc,
            "subnet": lambda: self._subnet("vpc", "10.0.0.0/16"),
            "second_subnet": lambda: self._subnet("vpc", "10.1.0.0/16"),
            "twin_subnet": lambda: self._subnet("other_vpc", "10.0.0.0/16"),
            "ipv6_subnet": lambda: self._subnet("vpc", "2600:1f16::/64"),
            "strange_sg": lambda: self._security_group("other_vpc"),
            "taken_address": self._taken_address,
            "configured_group": self._configured,
            "neighbour": lambda: self._members("configured_group")[1],
            "group_of_lost_subnet": self._of_lost_subnet,
            "group_of_lost_sg": self._of_lost_security_group,
            "group_of_lost_profile": self._of_lost_profile,
            "group_of_lost_type": self._of_lost_type,
            "group_of_lost_address": self._of_lost_address,
            "group_of_moved_address": self._of_moved_address,
        }

    def _vpc(self) -> str:
        made = self._ec2.create_vpc(CidrBlock="10.0.0.0/8")
        return str(made["Vpc"]["VpcId"])

    def _subnet(self, vpc: str, cidr: str) -> str:
        # The emulator takes any range; AWS has IPv6-only subnets as well.
        made = self._ec2.create_subnet(VpcId=self._value(vpc), CidrBlock=cidr)
        return str(made["Subnet"]["SubnetId"])

    def _security_group(self, vpc: str) -> str:
        name = f"routes-{next(self._numbers)}"
        made = self._ec2.create_security_group(
            GroupName=name, Description=name, VpcId=self._value(vpc)
        )
        return str(made["GroupId"])

    def _taken_address(self) -> str:
        """Have an interface made; the emulator chooses its address."""
        made = self._ec2.create_network_interface(
            SubnetId=self._value("subnet")
        )
        return str(made["NetworkInterface"]["PrivateIpAddress"])

    def _members(self, group: str) -> list[str]:
        found = self._done(f"GET /protection-groups/{self._value(group)}")
        return list(found["sourceServerIds"])

    def _configured(self) -> str:
        servers = [self._value("new_server") for _ in range(2)]
        subnet = self._value("subnet")
        return self._group(
            {
                server: {"staticPrivateIp": address, "subnetId": subnet}
                for server, address in zip(
                    servers, (HELD, NEIGHBOURS), strict=True
                )
            },
            {},
        )

    def _group(
        self,
        templates: Mapping[str, Mapping[str, Any]],
        config: Mapping[str, Any],
    ) -> str:
        body = {
            "groupName": self._value("new_name"),
            "region": "us-east-1",
            "sourceServerIds": list(templates),
            "launchConfig": config,
            "servers": [
                {"sourceServerId": server, "launchTemplate": template}
                for server, template in templates.items()
            ],
        }
        return str(self._done("POST /protection-groups", body)["groupId"])

    def _group_of_one(self, **config: Any) -> str:
        return self._group({self._value("new_server"): _OWN}, config)

    def _of_lost_subnet(self) -> str:
        subnet = self._subnet("vpc", "10.2.0.0/16")
        group = self._group_of_one(subnetId=subnet)
        self._ec2.delete_subnet(SubnetId=subnet)
        return group

    def _of_lost_security_group(self) -> str:
        lost = self._security_group("vpc")
        group = self._group_of_one(securityGroupIds=[lost])
        self._ec2.delete_security_group(GroupId=lost)
        return group

    def _of_lost_profile(self) -> str:
        name = f"routes-{next(self._numbers)}"
        self._iam.create_instance_profile(InstanceProfileName=name)
        group = self._group_of_one(instanceProfileName=name)
        self._iam.delete_instance_profile(InstanceProfileName=name)
        return group

    def _of_lost_type(self) -> str:
        """Have a group whose instance type EC2 does not offer any more."""
        group = self._group_of_one(instanceType="t3.micro")
        return self._stored_with(group, instanceType="m1.lost")

    def _of_lost_address(self) -> str:
        """Have a group whose address was taken since it was stored."""
        group = self._group_of_one(
            subnetId=self._value("subnet"), staticPrivateIp="10.0.8.8"
        )
        # Its server is under an address of its own meanwhile.
        server = self._done(f"GET /protection-groups/{group}")
        [server_id] = server["sourceServerIds"]
        own = {"launchTemplate": {"staticPrivateIp": "10.0.8.9"}}
        route = f"/protection-groups/{group}/servers/{server_id}/launch-config"
        self._done(f"PUT {route}", own)
        taken = self._value("taken_address")
        return self._stored_with(group, staticPrivateIp=taken)

    def _of_moved_address(self) -> str:
        """Have one whose server has the taken address in another subnet."""
        taken = self._value("taken_address")
        server = self._value("new_server")
        own = {
            "subnetId": self._value("twin_subnet"),
            "staticPrivateIp": taken,
        }
        subnet = self._value("subnet")
        group = self._group({server: own}, {"subnetId": subnet})
        return self._stored_with(group, staticPrivateIp=taken)

    def _stored_with(self, group: str, **config: str) -> str:
        for name, value in config.items():
            self._tables.update_item(
                TableName=self._table,
                Key={"groupId": {"S": group}},
                UpdateExpression="SET launchConfig.#name = :value",
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues={":value": {"S": value}},
            )
        return group
