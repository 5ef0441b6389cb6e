"""Launch configurations, checked and applied by the deployed function."""

from typing import Any

import pytest

from tests.system import outside
from tests.system.test_configuration import (
    HANDLER,
    Refused,
    a_group,
    ask,
    has_servers,
)
from tests.system.world import System


def a_place(system: System) -> dict[str, Any]:
    """Return a configuration whose subnet, group and profile exist."""
    ec2 = system.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(CidrBlock="10.9.1.0/24", VpcId=vpc)
    group = ec2.create_security_group(
        GroupName="recovered", Description="Recovered", VpcId=vpc
    )
    profiles = system.client("iam")
    profiles.create_instance_profile(InstanceProfileName="recovered")
    return {
        "subnetId": subnet["Subnet"]["SubnetId"],
        "securityGroupIds": [group["GroupId"]],
        "instanceProfileName": "recovered",
        "instanceType": "m5.large",
    }


def test_what_exists_is_stored_and_applied_and_nothing_else(
    system: System,
) -> None:
    has_servers(system, "placed", 1)
    config = a_place(system)
    group = ask(
        system,
        HANDLER,
        "create_protection_group",
        body=a_group(system, "placed", launchConfig=config),
    )
    [server] = group["launchConfigStatus"]["serverConfigs"]
    here = {
        "pathParameters": {"id": group["groupId"], "serverId": server},
    }
    with pytest.raises(Refused) as reserved:
        ask(
            system,
            HANDLER,
            "update_server_launch_config",
            body={"launchTemplate": {"staticPrivateIp": "10.9.1.2"}},
            **here,
        )
    with pytest.raises(Refused) as unknown:
        ask(
            system,
            HANDLER,
            "update_server_launch_config",
            body={"launchTemplate": {"instanceProfileName": "other"}},
            **here,
        )
    placed = ask(
        system,
        HANDLER,
        "update_server_launch_config",
        body={"launchTemplate": {"staticPrivateIp": "10.9.1.77"}},
        **here,
    )
    log = ask(system, HANDLER, "get_server_audit_log", **here)

    assert group["launchConfigApplyResults"]["applied"] == 1
    assert group["launchConfigStatus"]["status"] == "ready"
    assert reserved.value.code == "IP_RESERVED"
    assert unknown.value.code == "IAM_PROFILE_NOT_FOUND"
    assert placed["applyResult"]["applied"] == 1
    assert placed["version"] == 2
    assert [row["result"] for row in log["auditLog"]].count("allowed") == 1
    assert log["count"] == 3


def test_many_profiles_are_found_in_the_list_of_all(system: System) -> None:
    """More names than a few are not asked for one by one."""
    names = [f"profiled-{number}" for number in range(6)]
    profiles = system.client("iam")
    for name in names[1:]:
        profiles.create_instance_profile(InstanceProfileName=name)
    servers = outside.has_servers(
        system,
        system.endpoints.account_id,
        [{"hostname": name} for name in names],
    )
    body = {
        "groupName": "profiled",
        "region": system.endpoints.region,
        "sourceServerIds": servers,
    }
    group = ask(system, HANDLER, "create_protection_group", body=body)
    entries = [
        {
            "sourceServerId": server,
            "launchTemplate": {"instanceProfileName": name},
        }
        for server, name in zip(servers, names, strict=True)
    ]
    asked = {
        "pathParameters": {"id": group["groupId"]},
        "body": {"servers": entries},
    }
    bulk = "bulk_update_server_launch_config"
    with pytest.raises(Refused) as unknown:
        ask(system, HANDLER, bulk, **asked)
    profiles.create_instance_profile(InstanceProfileName=names[0])
    stored = ask(system, HANDLER, bulk, **asked)

    assert unknown.value.code == "IAM_PROFILE_NOT_FOUND"
    assert names[0] in unknown.value.body["message"]
    assert stored["applied"] == 6
