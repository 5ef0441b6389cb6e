"""Plans whose start is refused, each for one reason.

Where the API lets it be, the trouble is made over it; else in the simulator,
whose Regions are each ill in one way; else in the tables, by hand.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local_cloud import cloud
from tests.system.api import Api
from tests.system.outside import has_servers
from tests.system.shaped import GROUPS, PLANS, Shaped
from tests.system.world import System

HUB = "123456789012"
HOME = "us-east-1"
# Where there is no room, for want of what, and what is usual there.
QUOTAS = (
    ("eu-west-1", "concurrent_jobs", 20),
    ("eu-west-2", "servers_in_jobs", 500),
)
NOT_ENABLED = "ca-central-1"
NOT_INITIALIZED = "ap-northeast-2"
REFUSES_JOBS = "sa-east-1"
UNREADABLE = "eu-central-1"
CROWDED = "us-west-1"
OF_ALL = 10**9
# Fifty tags as long as a tag may be, so that few servers fill an answer.
FAT = {f"{n:0>128}": "x" * 256 for n in range(49)}
CROWD = 160
NOBODY = "000000000001"
UNKNOWN_GROUP = "5e1ec7ed-0000-4000-8000-000000000001"


class Troubles:
    """What is wrong with plans and Regions, by the names that cases use."""

    def __init__(
        self,
        system: System,
        api: Api,
        value: Callable[[str], str],
        shaped: Shaped,
    ) -> None:
        """Prepare; nothing is made before it is named."""
        self._system = system
        self._done = api.done
        self._value = value
        self._shaped = shaped
        self.makers: dict[str, Callable[[], str]] = {
            "no_waves": lambda: self._changed(waves=[]),
            "too_many_waves": lambda: self._many(201),
            "circle": lambda: self._depending([1], [0]),
            "unknown_wave": lambda: self._depending([9], []),
            "unknown_group": lambda: self._naming(UNKNOWN_GROUP),
            "huge_wave": lambda: self._of(
                sourceServerIds=[f"s-{n:017x}" for n in range(4_001)]
            ),
            "blank_tags": self._blank_tags,
            "two_accounts": self._two_accounts,
            "stranger": lambda: self._of(accountId=NOBODY),
            "unreachable": lambda: self._of(accountId=self._value("account")),
            "nothing_matches": self._nothing_matches,
            "unhealthy": lambda: self.plan_in(
                HOME, replicationState="INITIAL_SYNC"
            ),
            "busy_servers": lambda: self._plan(self._value("running_group")),
            "not_initialized": self._not_initialized,
            "not_enabled": self._not_enabled,
            "no_room_for_jobs": lambda: self._full(*QUOTAS[0]),
            "no_room_for_servers": lambda: self._full(*QUOTAS[1]),
            "refused_jobs": self._refused_jobs,
            "stranger_group": lambda: self._first(self._value("stranger")),
            "not_initialized_group": lambda: self._first(
                self._value("not_initialized")
            ),
            "not_enabled_group": lambda: self._first(
                self._value("not_enabled")
            ),
            "not_initialized_region": lambda: NOT_INITIALIZED,
            "not_enabled_region": self._not_enabled_region,
            "crowded_region": self._crowd,
            "crowded_group": self._crowded_group,
        }

    def plan_in(self, region: str, **server: Any) -> str:
        """Return a new plan of one server, such a one, in a Region."""
        name = self._value("new_name")
        loaded = self._load(region, [{"hostname": name, **server}])
        return self._plan(self._group(region, {"sourceServerIds": loaded}))

    def end(self) -> None:
        """Let all be well again, and answers small."""
        self._shaped.undo()
        self._system.control("DELETE", "faults")
        for region, quota, usual in QUOTAS:
            self._set(region, quota, usual)
        self._load(CROWDED, [{"hostname": f"crowd-{n}"} for n in range(CROWD)])

    def _changed(self, **attributes: Any) -> str:
        return self._shaped.change(
            PLANS, self._value("new_plan"), **attributes
        )

    def _many(self, count: int) -> str:
        [first, *_] = self._shaped.waves(self._value("plan"))
        return self._changed(
            waves=[{**first, "waveNumber": n} for n in range(count)]
        )

    def _depending(self, *dependencies: list[int]) -> str:
        plan = self._value("new_plan")
        waves = [
            {**wave, "dependsOnWaves": numbers}
            for wave, numbers in zip(
                self._shaped.waves(plan), dependencies, strict=True
            )
        ]
        return self._shaped.change(PLANS, plan, waves=waves)

    def _naming(self, group: str) -> str:
        plan = self._value("new_plan")
        [first, *rest] = self._shaped.waves(plan)
        named = {"protectionGroupId": group, "protectionGroupIds": [group]}
        return self._shaped.change(PLANS, plan, waves=[{**first, **named}])

    def _of(self, **attributes: Any) -> str:
        """Return a plan whose one group has such attributes."""
        group = self._value("new_group")
        plan = self._plan(group)
        self._shaped.change(GROUPS, group, **attributes)
        return plan

    def _blank_tags(self) -> str:
        """Return a plan with a group that nobody in its Region can read."""
        plan = self.plan_in(UNREADABLE)
        blank = {"sourceServerIds": [], "serverSelectionTags": {" ": "x"}}
        self._shaped.change(GROUPS, self._first(plan), **blank)
        return plan

    def _two_accounts(self) -> str:
        plan = self._value("new_plan")
        self._shaped.change(GROUPS, self._first(plan), accountId=NOBODY)
        return plan

    def _nothing_matches(self) -> str:
        tags = {"serverSelectionTags": {"kind": self._value("new_name")}}
        return self._plan(self._group(HOME, tags))

    def _not_initialized(self) -> str:
        plan = self.plan_in(NOT_INITIALIZED)
        self._load(NOT_INITIALIZED, [], initialized=False)
        return plan

    def _not_enabled(self) -> str:
        plan = self.plan_in(NOT_ENABLED)
        self._ill(NOT_ENABLED, error="UnrecognizedClientException")
        return plan

    def _not_enabled_region(self) -> str:
        # Nothing can be made there afterwards.
        self._value("not_enabled")
        return NOT_ENABLED

    def _refused_jobs(self) -> str:
        plan = self.plan_in(REFUSES_JOBS)
        self._ill(
            REFUSES_JOBS, op="DescribeJobs", error="AccessDeniedException"
        )
        return plan

    def _full(self, region: str, quota: str, _: int) -> str:
        plan = self.plan_in(region)
        self._set(region, quota, 0)
        return plan

    def _set(self, region: str, quota: str, value: int) -> None:
        place = {"accountId": HUB, "region": region}
        self._system.control("POST", "quotas", {**place, quota: value})

    def _crowd(self) -> str:
        servers = [
            {"hostname": f"crowd-{n}", "tags": {**FAT, "kind": "crowd"}}
            for n in range(CROWD)
        ]
        self._load(CROWDED, servers)
        return CROWDED

    def _crowded_group(self) -> str:
        region = self._value("crowded_region")
        return self._group(region, {"serverSelectionTags": {"kind": "crowd"}})

    def _load(
        self, region: str, servers: list[Any], *, initialized: bool = True
    ) -> Sequence[str]:
        return has_servers(
            self._system, HUB, servers, region=region, initialized=initialized
        )

    def _ill(self, region: str, **fault: Any) -> None:
        place = {"account": HUB, "region": region, "times": OF_ALL}
        cloud.faults(self._system.endpoints, [{**place, **fault}])

    def _group(self, region: str, selection: Mapping[str, Any]) -> str:
        body = {
            "groupName": self._value("new_name"),
            "region": region,
            **selection,
        }
        return str(self._done("POST /protection-groups", body)["groupId"])

    def _plan(self, group: str) -> str:
        waves = [{"protectionGroupId": group}]
        body = {"name": self._value("new_name"), "waves": waves}
        return str(self._done("POST /recovery-plans", body)["planId"])

    def _first(self, plan: str) -> str:
        """Return the group of a plan's first wave."""
        return str(self._shaped.waves(plan)[0]["protectionGroupId"])
