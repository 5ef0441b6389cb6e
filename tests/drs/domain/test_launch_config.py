"""What a server is to be launched with."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drs.domain.launch_config import (
    DRS_FIELDS,
    GROUP_EC2_FIELDS,
    SERVER_FIELDS,
    LaunchSettings,
    config_hash,
    drs_changes,
    drs_part,
    ec2_part,
    get_custom_fields,
    get_effective_launch_config,
    get_servers_with_custom_config,
    get_servers_with_default_config,
    has_launch_settings,
)
from shared.domain.errors import BadRequest

VALUES = st.one_of(st.none(), st.booleans(), st.text("ab1.", min_size=1))
GROUP_CONFIG = st.dictionaries(
    st.sampled_from(sorted(DRS_FIELDS | GROUP_EC2_FIELDS)), VALUES
)
OWN_CONFIG = st.dictionaries(st.sampled_from(sorted(SERVER_FIELDS)), VALUES)


def a_group(
    launch_config: dict[str, Any] | None = None,
    servers: list[dict[str, Any]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    return {
        "groupId": "g-1",
        "groupName": "Databases",
        "region": "eu-west-1",
        "launchConfig": launch_config or {},
        "servers": servers or [],
        **more,
    }


def an_entry(
    server_id: str = "s-1",
    *,
    defaults: bool | None = None,
    **template: Any,
) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "sourceServerId": server_id,
        "launchTemplate": template,
    }
    if defaults is not None:
        entry["useGroupDefaults"] = defaults
    return entry


def test_a_server_without_an_entry_gets_the_groups_configuration() -> None:
    group = a_group({"copyTags": True, "subnetId": "subnet-1"})

    assert get_effective_launch_config(group, "s-9") == {
        "copyTags": True,
        "subnetId": "subnet-1",
    }


def test_an_entry_overrides_the_group_key_by_key() -> None:
    group = a_group(
        {"instanceType": "m5.large", "subnetId": "subnet-1"},
        [an_entry(instanceType="m5.xlarge", subnetId=None)],
    )

    assert get_effective_launch_config(group, "s-1") == {
        "instanceType": "m5.xlarge",
        "subnetId": "subnet-1",
    }


def test_without_group_defaults_only_the_drs_part_is_the_groups() -> None:
    group = a_group(
        {"copyTags": True, "instanceType": "m5.large"},
        [an_entry(defaults=False, subnetId="subnet-2")],
    )

    assert get_effective_launch_config(group, "s-1") == {
        "copyTags": True,
        "subnetId": "subnet-2",
    }


def test_a_static_address_forces_copy_private_ip_off() -> None:
    group = a_group(
        {"copyPrivateIp": True}, [an_entry(staticPrivateIp="10.0.0.9")]
    )

    config = get_effective_launch_config(group, "s-1")

    assert config["copyPrivateIp"] is False
    assert get_effective_launch_config(group, "s-2")["copyPrivateIp"] is True


def test_what_drs_does_not_have_is_dropped() -> None:
    group = a_group({"bootMode": "UEFI", "copyTags": True})

    assert get_effective_launch_config(group, "s-1") == {"copyTags": True}


def test_a_servers_entry_cannot_change_the_drs_part() -> None:
    group = a_group({"copyTags": True}, [an_entry(copyTags=False)])

    assert get_effective_launch_config(group, "s-1") == {"copyTags": True}


@pytest.mark.parametrize("missing", ["groupId", "groupName", "region"])
def test_a_part_of_a_group_is_refused(missing: str) -> None:
    group = a_group({"copyTags": True})
    del group[missing]

    with pytest.raises(BadRequest, match=missing):
        get_effective_launch_config(group, "s-1")


def test_servers_are_told_apart_by_whether_they_depart() -> None:
    group = a_group(
        {"copyTags": True},
        [
            an_entry("s-4", instanceType="t3.micro"),
            an_entry("s-3", instanceType=None),
            an_entry("s-2", defaults=False),
            {"instanceName": "no id"},
        ],
        sourceServerIds=["s-1", "s-4"],
    )

    assert get_servers_with_custom_config(group) == ["s-2", "s-4"]
    assert get_servers_with_default_config(group) == ["s-1", "s-3"]
    assert get_custom_fields(group, "s-4") == {"instanceType": "t3.micro"}
    assert get_custom_fields(group, "s-1") == {}


def test_a_group_has_settings_by_itself_or_by_a_server() -> None:
    assert not has_launch_settings(a_group())
    assert not has_launch_settings(a_group(None, [an_entry()]))
    assert has_launch_settings(a_group({"copyTags": True}))
    assert has_launch_settings(a_group(None, [an_entry(monitoring=True)]))


def test_drs_is_told_only_what_differs() -> None:
    settings = LaunchSettings(
        source_server_id="s-1",
        fields={"copyTags": True, "copyPrivateIp": True},
    )

    assert drs_changes(
        {"copyTags": True, "copyPrivateIp": False, "subnetId": "subnet-1"},
        settings,
    ) == {"copyPrivateIp": False}


@given(GROUP_CONFIG, OWN_CONFIG, st.booleans())
def test_the_parts_of_a_configuration_are_the_whole(
    shared: dict[str, Any], own: dict[str, Any], defaults: bool
) -> None:
    group = a_group(shared, [an_entry(defaults=defaults, **own)])

    config = get_effective_launch_config(group, "s-1")

    assert {**drs_part(config), **ec2_part(config)} == config
    assert not drs_part(config).keys() & ec2_part(config).keys()
    assert None not in config.values()


@given(GROUP_CONFIG, OWN_CONFIG, st.booleans())
def test_every_own_setting_wins(
    shared: dict[str, Any], own: dict[str, Any], defaults: bool
) -> None:
    group = a_group(shared, [an_entry(defaults=defaults, **own)])

    config = get_effective_launch_config(group, "s-1")

    given_keys = {k: v for k, v in own.items() if v is not None}
    assert given_keys.items() <= config.items()


@given(GROUP_CONFIG, OWN_CONFIG)
def test_one_servers_entry_changes_no_other_server(
    shared: dict[str, Any], own: dict[str, Any]
) -> None:
    alone = get_effective_launch_config(a_group(shared), "s-2")

    together = get_effective_launch_config(
        a_group(shared, [an_entry("s-1", defaults=False, **own)]), "s-2"
    )

    assert together == alone


@given(GROUP_CONFIG, st.randoms())
def test_the_hash_does_not_depend_on_order(
    config: dict[str, Any], random: Any
) -> None:
    items = list(config.items())
    random.shuffle(items)

    assert config_hash(dict(items)) == config_hash(config)
    assert config_hash({**config, "more": 1}) != config_hash(config)


def test_the_hash_is_that_of_the_compact_form_of_json() -> None:
    compact = b'{"a":1,"b":[2,3]}'

    assert config_hash({"b": [2, 3], "a": 1}) == (
        hashlib.sha256(compact).hexdigest()
    )


def test_a_part_of_a_group_is_refused_with_what_is_missing() -> None:
    with pytest.raises(BadRequest) as refused:
        get_effective_launch_config({"groupId": "g-1"}, "s-1")

    assert refused.value.code == "INVALID_LAUNCH_CONFIG"
    assert refused.value.message == (
        "Launch configuration needs the whole stored protection group; "
        "groupName, region is missing. Read the group's item and pass it "
        "unchanged."
    )
