"""What a group's item says of how far its configuration is applied."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_management_handler.domain.launch_status import (
    FIELD,
    achieved,
    expected,
    expected_of,
)
from drs.domain.launch_config import config_hash, get_effective_launch_config
from drs.domain.launch_results import AppliedStatus, ServerApplied
from shared.domain.items import MAX_ITEM_BYTES, item_bytes

STATUSES = st.sampled_from([*AppliedStatus, None])


def a_group(**more: Any) -> dict[str, Any]:
    return {
        "groupId": "g-1",
        "groupName": "Databases",
        "region": "eu-west-1",
        "launchConfig": {"copyTags": True},
        "servers": [],
        **more,
    }


def result(status: AppliedStatus, digest: str = "x") -> ServerApplied:
    return ServerApplied(status=status, config_hash=digest, reason="because")


@given(st.lists(STATUSES, min_size=1, max_size=6))
def test_the_group_is_ready_only_where_every_server_is(
    statuses: list[AppliedStatus | None],
) -> None:
    ids = [f"s-{n}" for n in range(len(statuses))]
    before = expected(a_group(), ids, None)
    results = {
        one: result(status)
        for one, status in zip(ids, statuses, strict=True)
        if status is not None
    }

    after = achieved(before, results, by="ann", at="now")[FIELD]

    done = set(statuses)
    ready = done == {AppliedStatus.APPLIED}
    failed = AppliedStatus.FAILED in done
    assert (after["status"] == "ready") is ready
    assert (after["status"] in ("failed", "partial")) is failed
    assert (after["status"] == "failed") is (done == {AppliedStatus.FAILED})
    assert set(after["serverConfigs"]) == set(ids)
    assert bool(after["errors"]) is failed


@given(st.permutations(["copyTags", "copyPrivateIp", "instanceType"]))
def test_the_same_configuration_keeps_its_entry_in_any_order(
    names: list[str],
) -> None:
    values = {"copyTags": True, "copyPrivateIp": False, "instanceType": "m5"}
    first = expected(a_group(launchConfig=values), ["s-1"], None)
    digest = first[FIELD]["serverConfigs"]["s-1"]["configHash"]
    ready = achieved(
        first,
        {"s-1": result(AppliedStatus.APPLIED, digest)},
        by="ann",
        at="now",
    )

    again = expected(
        {**ready, "launchConfig": {name: values[name] for name in names}},
        ["s-1"],
        ready,
    )

    assert again[FIELD] == ready[FIELD]


def test_a_changed_configuration_is_pending_under_its_own_hash() -> None:
    before = achieved(
        expected(a_group(), ["s-1", "s-2"], None),
        {
            one: result(
                AppliedStatus.APPLIED,
                config_hash(get_effective_launch_config(a_group(), one)),
            )
            for one in ("s-1", "s-2")
        },
        by="ann",
        at="now",
    )
    entry = {"sourceServerId": "s-1", "launchTemplate": {"monitoring": True}}

    after = expected_of({**before, "servers": [entry]}, ["s-1"])

    configs = after[FIELD]["serverConfigs"]
    assert configs["s-1"]["status"] == "pending"
    assert configs["s-1"]["configHash"] == config_hash(
        get_effective_launch_config(after, "s-1")
    )
    assert configs["s-2"] == before[FIELD]["serverConfigs"]["s-2"]
    assert after[FIELD]["status"] == "pending"
    assert after[FIELD]["appliedBy"] == "ann"


@pytest.mark.parametrize("count", [4_000])
def test_a_very_large_group_stays_storable_and_says_what_is_left_out(
    count: int,
) -> None:
    ids = [f"s-{n:017}" for n in range(count)]
    before = expected(a_group(), ids, None)
    results = {one: result(AppliedStatus.APPLIED, "x" * 64) for one in ids}
    results[ids[-1]] = result(AppliedStatus.FAILED, "x" * 64)

    after = achieved(before, results, by="ann", at="now")

    status = after[FIELD]
    assert item_bytes(after) <= MAX_ITEM_BYTES
    assert status["serverConfigs"][ids[-1]]["status"] == "failed"
    assert status["status"] == "partial"
    assert "are not listed" in status["errors"][-1]
