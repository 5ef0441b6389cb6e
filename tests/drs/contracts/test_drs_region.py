"""What DRS and EC2 of one Region promise, on every way to reach them."""

import pytest

from drs.domain.capacity import awaited, room
from drs.domain.errors import (
    DrsAnswerLost,
    DrsConflict,
    DrsNotFound,
    DrsQuotaExceeded,
    DrsRefused,
    DrsThrottled,
)
from drs.domain.intent_tags import carries, intent_tags
from drs.domain.job import JobStatus, holds, launch_errors
from shared.domain.status import LaunchStatus
from tests.drs.contracts.conftest import REGION, World

TAGS = intent_tags("execution-1", "plan-1", 0, 0)


def started(world: World, ids: list[str]) -> str:
    return world.region.start_recovery(ids, is_drill=True, tags=TAGS)


def test_a_region_knows_where_it_is(world: World) -> None:
    assert world.region.account_id == "111122223333"
    assert world.region.region == REGION


def test_every_server_of_every_page_is_found(world: World) -> None:
    ids = world.drs.has_servers(REGION, [{"Tier": "db"}] * 450)

    found = world.region.source_servers()

    assert sorted(one.source_server_id for one in found) == ids


def test_servers_are_found_by_id_in_any_number(world: World) -> None:
    ids = world.drs.has_servers(REGION, [{}] * 450)
    asked = [*ids[:420], ids[0], "s-99999999999999999"]

    found = world.region.source_servers(asked)

    assert sorted(one.source_server_id for one in found) == ids[:420]


def test_a_server_keeps_its_name_tags_and_addresses(world: World) -> None:
    world.drs.has_servers(
        REGION,
        [{"Name": "db-1", "Tier": "Database"}],
        ips=["10.1.2.3"],
        lagSeconds=90,
        originAccountId="444455556666",
        originRegion="eu-west-1",
        instanceId="i-0abc1234def567890",
    )

    (server,) = world.region.source_servers()

    assert server.name == "db-1"
    assert server.tags == {"Name": "db-1", "Tier": "Database"}
    assert server.source_ip == "10.1.2.3"
    assert server.hostname == "db-1"
    assert server.replication_state == "CONTINUOUS"
    assert server.lag_duration == "PT1M30S"
    assert server.source_account_id == "444455556666"
    assert server.source_region == "eu-west-1"
    assert server.source_instance_id == "i-0abc1234def567890"
    assert server.arn.endswith(server.source_server_id)
    assert server.last_seen.endswith("Z")


def test_a_server_names_its_last_launch(world: World) -> None:
    launched, other = world.drs.has_servers(REGION, [{}, {}])

    job_id = started(world, [launched])

    now, idle = world.region.source_servers([launched, other])
    assert now.last_launch_job_id == job_id
    assert now.last_launch_at == world.clock.now()
    assert (idle.last_launch_job_id, idle.last_launch_at) == ("", 0)


def test_a_started_job_carries_the_tags_of_its_intent(world: World) -> None:
    ids = world.drs.has_servers(REGION, [{}, {}])

    job_id = started(world, ids)

    (job,) = world.region.jobs_since(world.clock.now() - 60)
    assert job.job_id == job_id
    assert carries(job, TAGS)
    assert job.server_ids == set(ids)
    assert job.created_at == world.clock.now()
    assert job.initiated_by == "START_DRILL"


def test_jobs_from_before_are_not_listed(world: World) -> None:
    ids = world.drs.has_servers(REGION, [{}])
    started(world, ids)
    world.clock.sleep(3600)

    assert world.region.jobs_since(world.clock.now() - 60) == []


def test_a_lost_answer_leaves_a_job_that_the_tags_find(world: World) -> None:
    ids = world.drs.has_servers(REGION, [{}])
    world.drs.loses_next_start_reply()

    with pytest.raises(DrsAnswerLost, match="drs:StartRecovery"):
        started(world, ids)

    (job,) = world.region.jobs_since(world.clock.now() - 60)
    assert carries(job, TAGS)
    assert len(world.drs.jobs_started) == 1


def test_a_start_is_attempted_exactly_once(world: World) -> None:
    ids = world.drs.has_servers(REGION, [{}])
    world.drs.throttles_next("StartRecovery", 1)

    with pytest.raises(DrsThrottled):
        started(world, ids)

    assert world.drs.jobs_started == []


def test_a_busy_server_is_a_conflict(world: World) -> None:
    ids = world.drs.has_servers(REGION, [{}, {}])
    foreign = world.drs.foreign_job(ids[:1], REGION)

    with pytest.raises(DrsConflict) as refused:
        started(world, ids)

    (job,) = world.region.active_jobs()
    assert job.job_id == foreign
    assert holds(job, ids[0]) and not holds(job, ids[1])
    assert refused.value.details["action"] == "drs:StartRecovery"


def test_a_full_region_refuses_by_quota_and_says_what_is_awaited(
    world: World,
) -> None:
    world.drs.has_quotas(concurrent_jobs=1)
    ids = world.drs.has_servers(REGION, [{}, {}])
    started(world, ids[:1])

    with pytest.raises(DrsQuotaExceeded):
        started(world, ids[1:])

    free = room(world.region.quotas(), world.region.active_jobs())
    assert "1 of 1" in str(awaited(free, 1))


def test_quotas_are_those_of_the_account(world: World) -> None:
    world.drs.has_quotas(servers_per_job=7, servers_in_jobs=70)

    quotas = world.region.quotas()

    assert (quotas.servers_per_job, quotas.servers_in_jobs) == (7, 70)
    assert not quotas.fallback


def test_a_launch_goes_from_pending_to_instances(world: World) -> None:
    ids = world.drs.has_servers(REGION, [{"Name": "web"}, {"Name": "app"}])
    for server in ids:
        world.drs.will_launch(server, after=300)
    job_id = started(world, ids)
    (before,) = world.region.jobs([job_id])

    world.clock.sleep(3600)

    (after,) = world.region.jobs([job_id])
    assert before.status == JobStatus.PENDING
    assert before.ended_at is None
    assert after.status == JobStatus.COMPLETED
    assert after.ended_at and after.ended_at > after.created_at
    assert {p.launch_status for p in after.participants} == {
        LaunchStatus.LAUNCHED
    }
    assert world.region.active_jobs() == []


def test_a_launched_server_is_a_running_instance(world: World) -> None:
    ids = world.drs.has_servers(REGION, [{"Name": "web"}])
    job_id = started(world, ids)
    world.clock.sleep(3600)
    ((participant,),) = (
        job.participants for job in world.region.jobs([job_id])
    )

    (recovered,) = world.region.recovery_instances(server_ids=ids)
    facts = world.region.instances([recovered.ec2_instance_id])

    assert recovered.recovery_instance_id == participant.recovery_instance_id
    assert recovered.job_id == job_id
    assert recovered.source_server_id == ids[0]
    assert recovered.is_drill and recovered.is_live
    assert recovered.snapshot_time.endswith("Z")
    instance = facts[recovered.ec2_instance_id]
    assert instance.state == "running"
    assert instance.instance_type and instance.private_ip
    assert world.region.recovery_instances(
        instance_ids=[recovered.recovery_instance_id]
    ) == [recovered]


def test_an_unknown_instance_is_absent_and_hides_no_other(
    world: World,
) -> None:
    ids = world.drs.has_servers(REGION, [{}])
    started(world, ids)
    world.clock.sleep(3600)
    (recovered,) = world.region.recovery_instances()

    facts = world.region.instances(
        ["i-0fffffffffffffff0", recovered.ec2_instance_id]
    )

    assert list(facts) == [recovered.ec2_instance_id]


def test_the_log_tells_in_order_what_went_wrong(world: World) -> None:
    ids = world.drs.has_servers(REGION, [{}, {}])
    world.drs.will_fail(ids[1], "no capacity")
    job_id = started(world, ids)
    world.clock.sleep(3600)

    log = world.region.job_log(job_id)

    assert [one.event for one in log][:1] == ["JOB_START"]
    assert [one.logged_at for one in log] == sorted(
        one.logged_at for one in log
    )
    assert launch_errors(log) == {ids[1]: "no capacity"}


def test_a_vanished_job_is_not_returned(world: World) -> None:
    ids = world.drs.has_servers(REGION, [{}])
    job_id = started(world, ids)
    world.drs.forgets_job(job_id)

    assert world.region.jobs([job_id]) == []
    assert world.region.jobs([]) == []


def test_instances_are_terminated_by_a_job(world: World) -> None:
    ids = world.drs.has_servers(REGION, [{}])
    started(world, ids)
    world.clock.sleep(3600)
    (recovered,) = world.region.recovery_instances()

    job_id = world.region.terminate_recovery_instances(
        [recovered.recovery_instance_id]
    )

    (job,) = world.region.jobs([job_id])
    assert job.type == "TERMINATE"
    assert world.region.active_jobs() == [job]


def test_launch_settings_change_only_where_told(world: World) -> None:
    (server,) = world.drs.has_servers(REGION, [{}])
    before = world.region.launch_settings(server)

    world.region.update_launch_settings(server, {"copyPrivateIp": True})

    after = world.region.launch_settings(server)
    assert after.fields == {**before.fields, "copyPrivateIp": True}
    assert after.template_id == before.template_id != ""


def test_a_template_version_adds_to_its_source(world: World) -> None:
    (server,) = world.drs.has_servers(REGION, [{}])
    template_id = world.region.launch_settings(server).template_id
    before = world.region.default_template_version(template_id)

    number = world.region.create_template_version(
        template_id,
        source=before.number,
        changes={"InstanceType": "r5.large"},
        description="larger",
    )
    unchanged = world.region.default_template_version(template_id)
    world.region.set_default_template_version(template_id, number)

    after = world.region.default_template_version(template_id)
    assert unchanged == before
    assert after.number == number
    assert after.content == {**before.content, "InstanceType": "r5.large"}


def test_an_unknown_server_has_no_settings(world: World) -> None:
    world.drs.has_servers(REGION, [{}])

    with pytest.raises(DrsNotFound, match="GetLaunchConfiguration"):
        world.region.launch_settings("s-99999999999999999")


def test_a_region_without_drs_is_named_with_its_account(
    world: World,
) -> None:
    world.drs.has_servers(REGION, [{}])
    world.drs.is_not_initialised(REGION)

    with pytest.raises(DrsRefused) as refused:
        world.region.source_servers()

    assert refused.value.code == "DRS_NOT_INITIALIZED"
    assert "111122223333, eu-west-1" in refused.value.message
    assert "drs:DescribeSourceServers" in refused.value.message


def test_an_ended_instance_is_gone_and_its_job_tells_which(
    world: World,
) -> None:
    ids = world.drs.has_servers(REGION, [{}, {}])
    started(world, ids)
    world.clock.sleep(3600)
    found = world.region.recovery_instances(server_ids=ids)
    named = {one.recovery_instance_id for one in found}
    job_id = world.region.terminate_recovery_instances(sorted(named))
    (before,) = world.region.jobs([job_id])

    world.clock.sleep(3600)

    (after,) = world.region.jobs([job_id])
    assert {p.recovery_instance_id for p in before.participants} == named
    assert after.status == JobStatus.COMPLETED
    assert {p.launch_status for p in after.participants} == {
        LaunchStatus.TERMINATED
    }
    assert not [
        one
        for one in world.region.recovery_instances(server_ids=ids)
        if one.is_live
    ]


def test_a_lost_answer_to_a_termination_leaves_a_job_that_names_it(
    world: World,
) -> None:
    ids = world.drs.has_servers(REGION, [{}])
    started(world, ids)
    world.clock.sleep(3600)
    (found,) = world.region.recovery_instances()
    world.drs.simulator.inject(
        {"op": "TerminateRecoveryInstances", "loseReply": True, "times": 1}
    )

    with pytest.raises(DrsAnswerLost, match="TerminateRecoveryInstances"):
        world.region.terminate_recovery_instances([found.recovery_instance_id])

    (job,) = world.region.active_jobs()
    assert [p.recovery_instance_id for p in job.participants] == [
        found.recovery_instance_id
    ]


def test_a_log_keeps_all_that_drs_says_of_a_line(world: World) -> None:
    ids = world.drs.has_servers(REGION, [{}])
    job_id = started(world, ids)
    world.clock.sleep(3600)

    told = [one for one in world.region.job_log(job_id) if one.data]

    assert told
    for line in told:
        assert line.data.get("sourceServerID", "") == line.source_server_id
