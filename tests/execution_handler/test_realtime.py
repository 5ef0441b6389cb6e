"""Executions as DRS and EC2 know them now, asked as API Gateway asks."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from drs.domain.errors import DrsRefused
from execution_handler.enrich import enrich_execution_with_server_details
from execution_handler.reads import stored_details
from execution_handler.reconcile import (
    recalculate_execution_status,
    reconcile_wave_status_with_drs,
)
from execution_handler.server_details import (
    get_recovery_instances_for_wave,
    get_server_details_map,
)
from shared.domain.status import Status
from tests.execution_handler.bench import KEY, REGION, Bench
from tests.execution_handler.test_routes import ask
from tests.support.fake_drs import hub

MINE = f"/executions/{KEY.execution_id}"
HOUR = 3_600


@pytest.fixture
def bench() -> Bench:
    """Yield an execution whose first wave's job runs."""
    bench = Bench()
    bench.has_group("db", 2)
    bench.has_group("web", 1)
    bench.runs({"protectionGroupId": "db"}, {"protectionGroupId": "web"})
    bench.start(0)
    return bench


def warned(body: dict[str, Any]) -> list[str]:
    return [one["type"] for one in body["warnings"]]


class TestRealtime:
    def test_a_job_that_nobody_polled_yet_is_seen_to_its_end(
        self, bench: Bench
    ) -> None:
        before = bench.record
        bench.clock.sleep(HOUR)

        asked = ask(bench, "GET", f"{MINE}/realtime")

        assert asked.status == 200
        assert asked.body["dataSource"] == "realtime"
        assert asked.body["hasRealtimeData"] is True
        assert asked.body["warnings"] == []
        [wave] = asked.body["waves"]
        assert wave["status"] == "COMPLETED"
        for server in wave["enrichedServers"]:
            assert server["launchStatus"] == "LAUNCHED"
            assert server["name"].startswith("db-")
            assert server["ipAddress"] and server["instanceType"]
            assert server["instanceState"] == "running"
        assert bench.record == before

    def test_a_run_between_waves_is_as_stored_and_one_with_a_wave_goes_on(
        self, bench: Bench
    ) -> None:
        moving = ask(bench, "GET", f"{MINE}/realtime").body
        bench.clock.sleep(HOUR)
        between = ask(bench, "GET", f"{MINE}/realtime").body

        assert moving["status"] == "IN_PROGRESS"
        assert between["status"] == between["storedStatus"] == "POLLING"

    def test_an_end_and_the_requests_of_people_stay_as_they_are_stored(
        self, bench: Bench
    ) -> None:
        bench.becomes(Status.CANCELLING)

        body = ask(bench, "GET", f"{MINE}/realtime").body

        assert body["status"] == "CANCELLING"

    def test_a_wave_that_has_ended_keeps_its_status_and_end(
        self, bench: Bench
    ) -> None:
        record = bench.record
        entry = replace(bench.entry(), status="TIMEOUT", end_time=4)
        bench.executions.has(replace(record, waves=(entry,)))
        bench.clock.sleep(HOUR)

        [wave] = ask(bench, "GET", f"{MINE}/realtime").body["waves"]

        assert (wave["status"], wave["endTime"]) == ("TIMEOUT", 4)
        assert wave["servers"][0]["launchStatus"] == "LAUNCHED"

    def test_a_job_that_is_gone_leaves_what_is_stored(
        self, bench: Bench
    ) -> None:
        bench.drs.forgets_job(str(bench.entry().job_id))
        bench.clock.sleep(HOUR)

        [wave] = ask(bench, "GET", f"{MINE}/realtime").body["waves"]

        assert wave["status"] == "STARTED"
        assert {one["launchStatus"] for one in wave["servers"]} == {"PENDING"}

    @pytest.mark.parametrize(
        ("operation", "named"),
        [
            ("DescribeJobs", "the jobs of wave 0"),
            ("DescribeSourceServers", "the source servers in us-east-1"),
            ("DescribeRecoveryInstances", "the recovery instances of wave 0"),
        ],
    )
    def test_what_cannot_be_read_is_named_and_the_rest_is_shown(
        self, bench: Bench, operation: str, named: str
    ) -> None:
        bench.clock.sleep(HOUR)
        bench.drs.refuses(operation, "InternalServerException")

        body = ask(bench, "GET", f"{MINE}/realtime").body

        assert any(named in one["message"] for one in body["warnings"])
        assert len(body["waves"][0]["enrichedServers"]) == 2

    def test_a_request_whose_time_is_used_up_shows_what_is_stored(
        self, bench: Bench
    ) -> None:
        ports = bench.ports(seconds=2)
        record = bench.record

        body = enrich_execution_with_server_details(
            stored_details(record, ports), REGION, hub(), live=False
        )

        assert len(body["waves"][0]["servers"]) == 2
        assert "warnings" not in body

    def test_an_instance_that_is_gone_is_not_shown_as_running(
        self, bench: Bench
    ) -> None:
        bench.clock.sleep(HOUR)
        seen = ask(bench, "GET", f"{MINE}/realtime").body["waves"][0]
        servers = tuple(
            replace(s, instance_id="i-0", launch_status="LAUNCHED")
            for s in bench.entry().server_statuses
        )
        entry = replace(bench.entry(), server_statuses=servers)
        bench.executions.has(replace(bench.record, waves=(entry,)))
        ids = [one["recoveryInstanceId"] for one in seen["servers"]]
        bench.drs(hub(), REGION).terminate_recovery_instances(ids)
        bench.clock.sleep(HOUR)

        [wave] = ask(bench, "GET", f"{MINE}/realtime").body["waves"]

        assert {s["instanceState"] for s in wave["servers"]} == {"NOT_FOUND"}

    def test_an_execution_that_is_not_there_is_not_found(
        self, bench: Bench
    ) -> None:
        for path in ("realtime", "recovery-instances", "job-logs"):
            asked = ask(bench, "GET", f"/executions/none/{path}")
            assert (asked.status, asked.code) == (404, "EXECUTION_NOT_FOUND")


class TestRecoveryInstances:
    def test_only_what_the_executions_own_jobs_launched_is_listed(
        self, bench: Bench
    ) -> None:
        bench.clock.sleep(HOUR)
        ids = bench.entry().server_ids
        bench.drs.foreign_job(ids[:1], REGION)
        bench.clock.sleep(HOUR)

        body = ask(bench, "GET", f"{MINE}/recovery-instances").body

        [row] = body["instances"]
        assert body["totalInstances"] == 1
        assert row["sourceServerId"] == ids[1]
        assert row["serverName"] == "db-1"
        assert row["jobId"] == bench.entry().job_id
        assert row["instanceId"] == row["recoveryInstanceId"]
        assert row["status"] == "running"
        assert (row["waveNumber"], row["region"]) == (0, REGION)

    def test_none_are_listed_before_any_exist(self, bench: Bench) -> None:
        body = ask(bench, "GET", f"{MINE}/recovery-instances").body

        assert body == {"instances": [], "totalInstances": 0}

    def test_a_list_that_cannot_be_read_is_no_empty_list(
        self, bench: Bench
    ) -> None:
        bench.drs.refuses(
            "DescribeRecoveryInstances", "InternalServerException"
        )

        asked = ask(bench, "GET", f"{MINE}/recovery-instances")

        assert asked.status == 503


class TestJobLogs:
    def test_every_line_is_there_the_newest_first(self, bench: Bench) -> None:
        bench.drs.will_fail(bench.entry().server_ids[1], "no capacity")
        bench.clock.sleep(HOUR)

        [log] = ask(bench, "GET", f"{MINE}/job-logs").body["jobLogs"]

        assert log["waveNumber"] == 0
        assert log["jobId"] == bench.entry().job_id
        times = [one["logDateTime"] for one in log["events"]]
        assert times == sorted(times, reverse=True)
        assert log["events"][-1]["event"] == "JOB_START"
        named = [o for o in log["events"] if o["event"] == "LAUNCH_START"]
        assert named[0]["sourceServerId"] == (
            named[0]["eventData"]["sourceServerID"]
        )

    def test_one_job_may_be_asked_for_and_a_foreign_one_is_not_found(
        self, bench: Bench
    ) -> None:
        job = str(bench.entry().job_id)

        mine = ask(bench, "GET", f"{MINE}/job-logs", query={"jobId": job})
        other = ask(bench, "GET", f"{MINE}/job-logs", query={"jobId": "j"})
        long = ask(
            bench, "GET", f"{MINE}/job-logs", query={"jobId": "j" * 300}
        )

        assert [one["jobId"] for one in mine.body["jobLogs"]] == [job]
        assert (other.status, other.code) == (404, "NOT_FOUND")
        assert (long.status, long.code) == (400, "INVALID_FORMAT")

    def test_a_log_that_cannot_be_read_says_so(self, bench: Bench) -> None:
        bench.drs.refuses("DescribeJobLogItems", "InternalServerException")

        [log] = ask(bench, "GET", f"{MINE}/job-logs").body["jobLogs"]

        assert log["events"] == []
        assert "drs:DescribeJobLogItems" in log["error"]


class TestFunctions:
    def test_details_have_exactly_the_asked_ids(self, bench: Bench) -> None:
        [known, *_] = bench.entry().server_ids

        found = get_server_details_map(
            [known, "s-x", known], REGION, hub(), regions=bench.drs
        )

        assert list(found) == [known, "s-x"]
        assert found[known]["found"] and found[known]["nameTag"] == "db-0"
        assert found["s-x"]["found"] is False
        assert found["s-x"]["name"] == "s-x"
        assert get_server_details_map([], REGION, hub()) == {}

    def test_instances_that_cannot_be_asked_for_are_an_error(
        self, bench: Bench
    ) -> None:
        bench.drs.is_not_initialised(REGION)
        wave = {"jobId": "j", "serverIds": list(bench.entry().server_ids)}

        with pytest.raises(DrsRefused):
            get_recovery_instances_for_wave(
                wave, REGION, hub(), regions=bench.drs
            )

    def test_a_wave_without_a_job_is_as_it_was(self, bench: Bench) -> None:
        wave = {
            "waveNumber": 0,
            "waveName": "w",
            "status": "STARTED",
            "startTime": 1,
            "region": REGION,
            "kept": True,
        }

        assert reconcile_wave_status_with_drs(wave, REGION) == wave

    @pytest.mark.parametrize(
        ("status", "waves", "expected"),
        [
            ("PAUSED", ["COMPLETED"], "PAUSED"),
            ("POLLING", ["COMPLETED", "IN_PROGRESS"], "IN_PROGRESS"),
            ("POLLING", ["COMPLETED", "COMPLETED"], "COMPLETED"),
            ("POLLING", ["COMPLETED", "TIMEOUT"], "TIMEOUT"),
            ("POLLING", ["COMPLETED", "FAILED"], "PARTIAL"),
            ("POLLING", ["FAILED"], "FAILED"),
            ("CANCELLING", ["COMPLETED"], "CANCELLED"),
        ],
    )
    def test_a_status_follows_the_waves(
        self, status: str, waves: Sequence[str], expected: str
    ) -> None:
        execution = {
            "executionId": "e",
            "planId": "p",
            "status": status,
            "totalWaves": 2,
            "waves": [
                {
                    "waveNumber": number,
                    "waveName": "w",
                    "status": wave,
                    "startTime": 1,
                    "region": REGION,
                    "launchedCount": int(wave == "COMPLETED"),
                }
                for number, wave in enumerate(waves)
            ],
        }

        assert recalculate_execution_status(execution) == expected


@settings(max_examples=100, deadline=None)
@given(
    servers=st.lists(
        st.fixed_dictionaries(
            {
                "named": st.booleans(),
                "outcome": st.sampled_from(["LAUNCHED", "FAILED", "NEVER"]),
                "address": st.ip_addresses(v=4).map(str),
            }
        ),
        min_size=1,
        max_size=6,
    ),
    hours=st.integers(min_value=0, max_value=2),
)
def test_property_3_details_carry_whatever_drs_and_ec2_have(
    servers: list[dict[str, Any]], hours: int
) -> None:
    """Feature: control plane; property 3, enrichment completeness."""
    bench = Bench()
    ids = []
    for number, server in enumerate(servers):
        tags = {"Name": f"n-{number}"} if server["named"] else {}
        ids += bench.drs.has_servers(REGION, [tags], ips=[server["address"]])
    bench.groups.put(
        {
            "groupId": "all",
            "groupName": "all",
            "region": REGION,
            "accountId": "",
            "serverSelectionTags": {},
            "sourceServerIds": ids,
            "launchConfig": {},
            "servers": [],
        }
    )
    bench.runs({"protectionGroupId": "all"})
    for one, server in zip(ids, servers, strict=True):
        if server["outcome"] == "FAILED":
            bench.drs.will_fail(one)
        elif server["outcome"] == "NEVER":
            bench.drs.will_never_finish(one)
    bench.start(0)
    bench.clock.sleep(hours * HOUR)

    body = ask(bench, "GET", f"{MINE}/realtime").body

    rows = {
        r["sourceServerId"]: r for r in body["waves"][0]["enrichedServers"]
    }
    region = bench.drs(hub(), REGION)
    launched = {i.source_server_id: i for i in region.recovery_instances()}
    machines = region.instances([i.ec2_instance_id for i in launched.values()])
    assert set(rows) == set(ids)
    for known in region.source_servers(ids):
        row = rows[known.source_server_id]
        assert row["name"] == known.name
        assert row["hostname"] == known.hostname
        assert row["sourceIp"] == known.source_ip
        assert row["replicationState"] == known.replication_state
    for one, instance in launched.items():
        machine = machines[instance.ec2_instance_id]
        assert rows[one]["recoveryInstanceId"] == instance.recovery_instance_id
        assert rows[one]["instanceId"] == machine.instance_id
        assert rows[one]["privateIp"] == machine.private_ip
        assert rows[one]["ipAddress"] == machine.private_ip
        assert rows[one]["instanceType"] == machine.instance_type
        assert rows[one]["instanceState"] == machine.state
    assert body["warnings"] == []
