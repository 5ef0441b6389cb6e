"""How a group's launch configuration reaches DRS and EC2."""

import threading
from typing import Any

import pytest

from drs.domain.launch_results import AppliedStatus
from drs.domain.ports import DrsRegion
from drs.launch_settings import (
    AT_A_TIME,
    apply_launch_settings,
    get_server_launch_configurations,
)
from shared.domain.errors import BadRequest
from tests.support.fake_drs import FakeDrs, hub
from tests.support.fakes import FakeClock

REGION = "eu-west-1"
WRITES = (
    "UpdateLaunchConfiguration",
    "CreateLaunchTemplateVersion",
    "ModifyLaunchTemplate",
)


class Scene:
    """Servers in a Region, and a group of them."""

    def __init__(self, servers: int = 1) -> None:
        self.clock = FakeClock()
        self.drs = FakeDrs(self.clock)
        self.ids = self.drs.has_servers(REGION, [{}] * servers)
        self.region: DrsRegion = self.drs(hub(), REGION)
        self.group: dict[str, Any] = {
            "groupId": "g-1",
            "groupName": "Databases",
            "region": REGION,
            "launchConfig": {
                "copyPrivateIp": True,
                "subnetId": "subnet-1",
                "securityGroupIds": ["sg-1"],
            },
            "servers": [],
        }

    def apply(self, **more: Any) -> dict[str, Any]:
        return dict(
            apply_launch_settings(
                self.region,
                self.group,
                self.ids,
                sleep=self.clock.sleep,
                **more,
            )
        )

    def writes(self) -> list[str]:
        return [
            call.operation
            for call in self.drs.calls
            if call.operation in WRITES
        ]


def test_drs_is_told_first_then_a_version_then_its_default() -> None:
    scene = Scene()

    results = scene.apply()

    assert results[scene.ids[0]].status is AppliedStatus.APPLIED
    assert len(results[scene.ids[0]].config_hash) == 64
    assert scene.writes() == list(WRITES)
    settings = scene.region.launch_settings(scene.ids[0])
    assert settings.fields["copyPrivateIp"] is True
    content = scene.drs.template_of(scene.ids[0], REGION).content
    (interface,) = content["NetworkInterfaces"]
    assert interface["SubnetId"] == "subnet-1"
    assert interface["Groups"] == ["sg-1"]
    assert content["InstanceType"]


def test_nothing_different_writes_nothing() -> None:
    scene = Scene()
    first = scene.apply()
    scene.drs.calls.clear()

    again = scene.apply()

    assert again == first
    assert scene.writes() == []


def test_a_group_without_an_ec2_part_leaves_the_template_alone() -> None:
    scene = Scene()
    scene.group["launchConfig"] = {"copyTags": True}

    scene.apply()

    assert scene.writes() == ["UpdateLaunchConfiguration"]


def test_each_server_gets_its_own_configuration() -> None:
    scene = Scene(2)
    scene.group["servers"] = [
        {
            "sourceServerId": scene.ids[1],
            "launchTemplate": {"staticPrivateIp": "10.0.0.9"},
        }
    ]

    results = scene.apply()

    first, second = (results[one] for one in scene.ids)
    assert first.config_hash != second.config_hash
    content = scene.drs.template_of(scene.ids[1], REGION).content
    assert content["NetworkInterfaces"][0]["PrivateIpAddress"] == "10.0.0.9"
    assert (
        scene.region.launch_settings(scene.ids[1]).fields["copyPrivateIp"]
        is False
    )


def test_many_servers_are_all_configured() -> None:
    scene = Scene(25)

    results = scene.apply()

    assert list(results) == scene.ids
    assert {one.status for one in results.values()} == {AppliedStatus.APPLIED}


def test_throttling_is_tried_again_with_growing_delays() -> None:
    scene = Scene()
    scene.drs.throttles_next("UpdateLaunchConfiguration", 3)

    results = scene.apply()

    assert results[scene.ids[0]].status is AppliedStatus.APPLIED
    assert scene.clock.slept == [1, 2, 4]


def test_a_server_that_stays_throttled_is_failed_with_the_reason() -> None:
    scene = Scene(2)
    scene.drs.throttles_next("GetLaunchConfiguration", 10)

    results = scene.apply()

    assert scene.clock.slept == [1, 2, 4, 8]
    assert {one.status for one in results.values()} == {AppliedStatus.FAILED}
    assert {one.code for one in results.values()} == {"THROTTLED"}
    assert "GetLaunchConfiguration" in results[scene.ids[0]].reason


def test_a_refusal_is_not_tried_again() -> None:
    scene = Scene()
    scene.drs.refuses("UpdateLaunchConfiguration", "AccessDeniedException")

    results = scene.apply()

    assert scene.clock.slept == []
    assert results[scene.ids[0]].code == "ACCESS_DENIED"
    assert "drs:UpdateLaunchConfiguration" in results[scene.ids[0]].reason


def test_one_failed_server_does_not_keep_the_others() -> None:
    scene = Scene(2)
    scene.ids.append("s-99999999999999999")

    results = scene.apply()

    assert [one.status for one in results.values()] == [
        AppliedStatus.APPLIED,
        AppliedStatus.APPLIED,
        AppliedStatus.FAILED,
    ]


def test_a_server_without_a_template_is_skipped() -> None:
    class NoTemplate(FakeDrs):
        """DRS before it has made a launch template."""

        def answer(self, *call: Any) -> Any:
            answer = dict(super().answer(*call))
            answer.pop("ec2LaunchTemplateID", None)
            return answer

    scene = Scene()
    drs = NoTemplate(scene.clock)
    drs.has_servers(REGION, [{}])
    scene.region = drs(hub(), REGION)

    results = scene.apply()

    assert results[scene.ids[0]].status is AppliedStatus.SKIPPED
    assert "template" in results[scene.ids[0]].reason


def test_no_servers_need_no_calls() -> None:
    scene = Scene()
    scene.ids = []

    assert scene.apply() == {}
    assert scene.drs.calls == []


def test_a_partial_group_is_refused_before_anything_is_asked() -> None:
    scene = Scene()
    del scene.group["groupName"]

    with pytest.raises(BadRequest):
        scene.apply()

    assert scene.drs.calls == []


def test_what_drs_has_for_servers_is_told_by_server() -> None:
    scene = Scene(2)
    scene.apply()

    found = get_server_launch_configurations(
        [*scene.ids, scene.ids[0]], REGION, hub(), regions=scene.drs
    )

    assert list(found) == scene.ids
    assert found[scene.ids[0]]["settings"]["copyPrivateIp"] is True
    template_id = scene.region.launch_settings(scene.ids[0]).template_id
    assert found[scene.ids[0]]["launchTemplateId"] == template_id


def test_a_server_that_cannot_be_asked_about_has_an_error_alone() -> None:
    scene = Scene()
    unknown = "s-99999999999999999"

    found = get_server_launch_configurations(
        [scene.ids[0], unknown], REGION, hub(), regions=scene.drs
    )

    assert "error" not in found[scene.ids[0]]
    assert unknown in found[unknown]["error"]
    assert found[unknown]["mayPass"] is False
    assert not {"settings", "launchTemplateId"} & found[unknown].keys()


def test_a_throttled_look_may_pass() -> None:
    scene = Scene()
    scene.drs.throttles_next("GetLaunchConfiguration", 1)

    found = get_server_launch_configurations(
        scene.ids, REGION, hub(), regions=scene.drs
    )

    assert found[scene.ids[0]]["errorCode"] == "THROTTLED"
    assert found[scene.ids[0]]["mayPass"] is True


def test_at_most_ten_servers_are_asked_about_at_a_time() -> None:
    class Counting(FakeDrs):
        """Counts the calls that are under way together."""

        most = 0
        now = 0
        lock = threading.Lock()

        def answer(self, *call: Any) -> Any:
            with self.lock:
                self.now += 1
                self.most = max(self.most, self.now)
            try:
                threading.Event().wait(0.01)
                return super().answer(*call)
            finally:
                with self.lock:
                    self.now -= 1

    drs = Counting(FakeClock())
    ids = drs.has_servers(REGION, [{}] * 25)

    found = get_server_launch_configurations(ids, REGION, hub(), regions=drs)

    assert list(found) == ids
    assert drs.most == AT_A_TIME
