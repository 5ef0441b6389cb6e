"""The EC2 part as launch template content."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from drs.domain.launch_template import template_changes, version_description

TEXT = st.text("ab1-", min_size=1, max_size=8)
CONFIG: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "instanceType": TEXT,
        "subnetId": TEXT,
        "securityGroupIds": st.lists(TEXT, max_size=3),
        "staticPrivateIp": TEXT,
        "instanceProfileName": TEXT,
        "associatePublicIp": st.booleans(),
        "monitoring": st.booleans(),
        "ebsOptimized": st.booleans(),
        "disableApiTermination": st.booleans(),
        "tags": st.dictionaries(TEXT, TEXT, max_size=3),
        "creditSpecification": st.sampled_from(["standard", "unlimited"]),
    },
)
CONTENT: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "InstanceType": TEXT,
        "NetworkInterfaces": st.lists(
            st.fixed_dictionaries(
                {"DeviceIndex": st.just(0)},
                optional={
                    "SubnetId": TEXT,
                    "PrivateIpAddress": TEXT,
                    "DeleteOnTermination": st.booleans(),
                },
            ),
            max_size=2,
        ),
        "TagSpecifications": st.just(
            [{"ResourceType": "volume", "Tags": [{"Key": "a", "Value": "b"}]}]
        ),
    },
)


def test_every_field_has_its_place_in_the_template() -> None:
    config = {
        "instanceType": "m5.large",
        "subnetId": "subnet-1",
        "securityGroupIds": ["sg-1"],
        "staticPrivateIp": "10.0.0.9",
        "associatePublicIp": False,
        "instanceProfileName": "app",
        "monitoring": True,
        "ebsOptimized": True,
        "disableApiTermination": True,
        "tags": {"Tier": "db"},
        "creditSpecification": {"cpuCredits": "unlimited"},
    }

    assert template_changes(config, {}) == {
        "InstanceType": "m5.large",
        "IamInstanceProfile": {"Name": "app"},
        "Monitoring": {"Enabled": True},
        "EbsOptimized": True,
        "DisableApiTermination": True,
        "CreditSpecification": {"CpuCredits": "unlimited"},
        "NetworkInterfaces": [
            {
                "DeviceIndex": 0,
                "SubnetId": "subnet-1",
                "Groups": ["sg-1"],
                "PrivateIpAddress": "10.0.0.9",
                "AssociatePublicIpAddress": False,
            }
        ],
        "TagSpecifications": [
            {
                "ResourceType": "instance",
                "Tags": [{"Key": "Tier", "Value": "db"}],
            }
        ],
    }


def test_the_first_interface_is_merged_and_the_others_stay() -> None:
    content = {
        "NetworkInterfaces": [
            {"DeviceIndex": 0, "SubnetId": "subnet-1", "Groups": ["sg-1"]},
            {"DeviceIndex": 1, "SubnetId": "subnet-9"},
        ]
    }

    changes = template_changes({"securityGroupIds": ["sg-2"]}, content)

    assert changes["NetworkInterfaces"] == [
        {"DeviceIndex": 0, "SubnetId": "subnet-1", "Groups": ["sg-2"]},
        {"DeviceIndex": 1, "SubnetId": "subnet-9"},
    ]


def test_a_moved_interface_leaves_its_old_address_behind() -> None:
    content = {
        "NetworkInterfaces": [
            {
                "DeviceIndex": 0,
                "SubnetId": "subnet-1",
                "PrivateIpAddress": "10.0.0.9",
                "PrivateIpAddresses": [
                    {"Primary": True, "PrivateIpAddress": "10.0.0.9"}
                ],
            }
        ]
    }

    changes = template_changes({"subnetId": "subnet-2"}, content)

    assert changes["NetworkInterfaces"] == [
        {"DeviceIndex": 0, "SubnetId": "subnet-2"}
    ]


def test_a_static_address_replaces_the_primary_one_only() -> None:
    secondary = {"Primary": False, "PrivateIpAddress": "10.0.0.8"}
    primary = {"Primary": True, "PrivateIpAddress": "10.0.0.9"}
    content = {
        "NetworkInterfaces": [
            {"DeviceIndex": 0, "PrivateIpAddresses": [primary, secondary]}
        ]
    }

    changes = template_changes({"staticPrivateIp": "10.0.0.7"}, content)

    assert changes["NetworkInterfaces"] == [
        {
            "DeviceIndex": 0,
            "PrivateIpAddress": "10.0.0.7",
            "PrivateIpAddresses": [secondary],
        }
    ]


def test_tags_are_added_to_those_the_template_has() -> None:
    volume = {
        "ResourceType": "volume",
        "Tags": [{"Key": "managed", "Value": "drs"}],
    }
    instance = {
        "ResourceType": "instance",
        "Tags": [{"Key": "managed", "Value": "drs"}],
    }

    changes = template_changes(
        {"tags": {"Tier": "db"}},
        {"TagSpecifications": [instance, volume]},
    )

    assert changes["TagSpecifications"] == [
        {
            "ResourceType": "instance",
            "Tags": [
                {"Key": "managed", "Value": "drs"},
                {"Key": "Tier", "Value": "db"},
            ],
        },
        volume,
    ]


def test_tags_of_other_things_stay_before_ours() -> None:
    volume = {
        "ResourceType": "volume",
        "Tags": [{"Key": "disk", "Value": "1"}],
    }
    network = {"ResourceType": "network-interface", "Tags": []}

    changes = template_changes(
        {"tags": {"Tier": "db"}}, {"TagSpecifications": [volume, network]}
    )

    assert changes["TagSpecifications"] == [
        volume,
        network,
        {
            "ResourceType": "instance",
            "Tags": [{"Key": "Tier", "Value": "db"}],
        },
    ]


def test_an_interface_that_stays_keeps_its_address() -> None:
    interface = {
        "DeviceIndex": 0,
        "SubnetId": "subnet-1",
        "PrivateIpAddress": "10.0.0.9",
    }
    config = {"subnetId": "subnet-1", "securityGroupIds": ["sg-2"]}

    changes = template_changes(config, {"NetworkInterfaces": [interface]})

    assert changes["NetworkInterfaces"] == [{**interface, "Groups": ["sg-2"]}]


def test_both_spellings_of_credits_are_written() -> None:
    for spelled in ("standard", {"CpuCredits": "standard"}):
        assert template_changes({"creditSpecification": spelled}, {}) == {
            "CreditSpecification": {"CpuCredits": "standard"}
        }


def test_empty_values_change_nothing() -> None:
    assert template_changes({"subnetId": "", "securityGroupIds": []}, {}) == {}


def test_a_description_fits_where_ec2_keeps_it() -> None:
    assert version_description("Databases", "s-1") == (
        "DRS Orchestration: s-1 of protection group Databases"
    )
    assert len(version_description("x" * 400, "s-1")) == 255


@given(CONFIG, CONTENT)
def test_applied_twice_nothing_is_left_to_change(
    config: dict[str, Any], content: dict[str, Any]
) -> None:
    changes = template_changes(config, content)

    assert template_changes(config, {**content, **changes}) == {}


@given(CONFIG, CONTENT)
def test_nothing_that_was_not_asked_for_is_lost(
    config: dict[str, Any], content: dict[str, Any]
) -> None:
    after = {**content, **template_changes(config, content)}

    assert content.keys() <= after.keys()
    assert (
        after.get("NetworkInterfaces", [])[1:]
        == (content.get("NetworkInterfaces", []))[1:]
    )
    for spec in content.get("TagSpecifications", []):
        assert spec in after["TagSpecifications"]
