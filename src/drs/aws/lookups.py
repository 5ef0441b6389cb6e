"""What EC2 and IAM have that a launch configuration may name, by boto3.

Everything is asked by filter: asking by id fails for all where one is gone.
What was not asked for is left out, since EC2s that are not AWS's know few
filters.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from drs.aws.calls import Calls, chunks
from drs.aws.session import Clients, default_sessions
from drs.domain.errors import DrsNotFound
from drs.domain.lookups import (
    InstanceProfile,
    InstanceType,
    Interface,
    SecurityGroup,
    Subnet,
)
from shared.domain.account import AccountContext


class BotoLookups:
    """The port ``Lookups`` on the AWS SDK."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    @property
    def account_id(self) -> str:
        """Return the account's twelve digits."""
        return self._calls.account.account_id

    @property
    def region(self) -> str:
        """Return the Region's name."""
        return self._calls.region

    def subnets(self, ids: Collection[str] | None = None) -> list[Subnet]:
        """Return those of the ids that exist, by id; without ids, all."""
        items = self._described("subnets", "Subnets", {"subnet-id": ids})
        found = {one.subnet_id: one for one in map(_subnet, items)}
        return [found[i] for i in sorted(found) if ids is None or i in ids]

    def security_groups(
        self, ids: Collection[str] | None = None, *, vpc_id: str = ""
    ) -> list[SecurityGroup]:
        """Return those of the ids, or of a VPC, by id; without both, all."""
        items = self._described(
            "security_groups",
            "SecurityGroups",
            {"group-id": ids},
            {"vpc-id": vpc_id} if vpc_id else {},
        )
        found = {one.group_id: one for one in map(_security_group, items)}
        return [
            found[group_id]
            for group_id in sorted(found)
            if (ids is None or group_id in ids)
            and vpc_id in ("", found[group_id].vpc_id)
        ]

    def instance_profiles(self) -> list[InstanceProfile]:
        """Return every instance profile of the account, by name."""
        items = self._calls.items(
            "iam",
            "list_instance_profiles",
            key="InstanceProfiles",
            token="Marker",
        )
        found = [
            InstanceProfile(name=item["InstanceProfileName"], arn=item["Arn"])
            for item in items
        ]
        return sorted(found, key=lambda one: one.name)

    def has_instance_profile(self, name: str) -> bool:
        """Tell whether the account has an instance profile of that name."""
        try:
            self._calls.call(
                "iam", "get_instance_profile", InstanceProfileName=name
            )
        except DrsNotFound:
            return False
        return True

    def instance_types(self) -> list[InstanceType]:
        """Return every instance type that the Region has, by name."""
        items = self._described("instance_types", "InstanceTypes", {})
        return sorted(map(_instance_type, items), key=lambda one: one.name)

    def offered(self, instance_types: Collection[str]) -> set[str]:
        """Return those of the instance types that the Region offers."""
        items = self._described(
            "instance_types",
            "InstanceTypes",
            {"instance-type": instance_types},
        )
        # EC2 describes those types only that the Region has.
        return {str(item["InstanceType"]) for item in items} & {
            *instance_types
        }

    def holders(
        self, subnet_id: str, addresses: Sequence[str]
    ) -> list[Interface]:
        """Return the interfaces of a subnet that hold one of them, by id."""
        items = self._described(
            "network_interfaces",
            "NetworkInterfaces",
            {"addresses.private-ip-address": addresses},
            {"subnet-id": subnet_id},
        )
        found = {
            one.interface_id: one
            for one in map(_interface, items)
            if one.subnet_id == subnet_id
            and not set(addresses).isdisjoint(one.addresses)
        }
        return [found[interface_id] for interface_id in sorted(found)]

    def _described(
        self,
        what: str,
        key: str,
        one_of: Mapping[str, Collection[str] | None],
        exactly: Mapping[str, str] | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield all that a describe call has for each list of filters."""
        for filters in _filters(one_of, exactly or {}):
            asked = {"Filters": filters} if filters else {}
            yield from self._calls.items(
                "ec2",
                f"describe_{what}",
                key=key,
                token="NextToken",
                **asked,
            )


class BotoLookupsAt:
    """The port ``LookupsAt``."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def __call__(self, account: AccountContext, region: str) -> BotoLookups:
        """Return EC2 and IAM of an account in a Region."""
        return BotoLookups(
            Calls(clients=self._clients, account=account, region=region)
        )


@cache
def default_lookups() -> BotoLookupsAt:
    """Return the look-ups of this container."""
    return BotoLookupsAt(default_sessions())


def _filters(
    one_of: Mapping[str, Collection[str] | None], exactly: Mapping[str, str]
) -> Iterator[list[dict[str, Any]]]:
    """Yield filters that together ask for all values of a list.

    Nothing is yielded, and so nothing asked, for a list without values.
    """
    fixed = [{"Name": n, "Values": [value]} for n, value in exactly.items()]
    listed = {n: values for n, values in one_of.items() if values is not None}
    if not listed:
        yield fixed
    for name, values in listed.items():
        for chunk in chunks(list(values)):
            yield [*fixed, {"Name": name, "Values": chunk}]


def _subnet(item: Mapping[str, Any]) -> Subnet:
    tags = {tag["Key"]: tag.get("Value", "") for tag in item.get("Tags", ())}
    return Subnet(
        subnet_id=item["SubnetId"],
        vpc_id=item["VpcId"],
        zone=item.get("AvailabilityZone", ""),
        cidr=item.get("CidrBlock", ""),
        name=tags.get("Name", ""),
    )


def _security_group(item: Mapping[str, Any]) -> SecurityGroup:
    return SecurityGroup(
        group_id=item["GroupId"],
        name=item.get("GroupName", ""),
        vpc_id=item.get("VpcId", ""),
        description=item.get("Description", ""),
    )


def _instance_type(item: Mapping[str, Any]) -> InstanceType:
    return InstanceType(
        name=item["InstanceType"],
        vcpus=int(item.get("VCpuInfo", {}).get("DefaultVCpus", 0)),
        memory_mib=int(item.get("MemoryInfo", {}).get("SizeInMiB", 0)),
    )


def _interface(item: Mapping[str, Any]) -> Interface:
    return Interface(
        interface_id=item["NetworkInterfaceId"],
        subnet_id=item.get("SubnetId", ""),
        addresses=tuple(
            address["PrivateIpAddress"]
            for address in item.get("PrivateIpAddresses", ())
        ),
        instance_id=(item.get("Attachment") or {}).get("InstanceId", ""),
        description=item.get("Description", ""),
    )
