"""Correctness properties 4 to 8 of the contract, of starts and waves."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drs.domain.replication import LAUNCHABLE, LOST
from execution_handler.launch import DELAYS
from execution_handler.start_execution import start_execution
from shared.domain.errors import DrError
from shared.domain.record import Key, Record, Reserved, WaveEntry
from shared.domain.status import Status, WaveStatus
from tests.contracts.stores import statuses
from tests.execution_handler.bench import PLAN, REGION, Bench
from tests.support.fake_drs import server_id

EXAMPLES = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
BUSY = ("moving", "to_come", "foreign_job")
STAGES = (*BUSY, "idle", "launched", "job_of_another_region")
STATES = sorted(LAUNCHABLE | LOST | {"STOPPED", "INITIATING", "INITIAL_SYNC"})
UNKNOWN = "UNKNOWN"
OTHER = Key("exec-9", "plan-9")
TARGETS = ("444455556666", "777788889999")
NAMES = st.text("abcXYZ019-", min_size=1, max_size=20)
KEYS = st.sampled_from(["tier", "Tier", " TIER ", "app", "zone"])
VALUES = st.sampled_from(["db", "DB", " db", "web", "x"])


def group_of(bench: Bench, ids: list[str], **more: Any) -> None:
    """Store the plan's group, of these servers."""
    bench.groups.put(
        {
            "groupId": "g",
            "groupName": "g",
            "region": REGION,
            "accountId": "",
            "sourceServerIds": ids,
            **more,
        }
    )
    bench.has_plan({"protectionGroupId": "g", "waveName": "One"})


def started(bench: Bench, kind: str = "DRILL") -> Record | DrError:
    """Start the plan; a refusal leaves nothing behind."""
    before = dict(bench.executions.items)
    try:
        reply = start_execution(
            {"planId": PLAN, "executionType": kind}, bench.ports()
        )
    except DrError as error:
        assert bench.executions.items == before
        return error
    return bench.executions.record(Key(reply["executionId"], PLAN))


@EXAMPLES
@given(
    account=st.sampled_from(TARGETS),
    registered=NAMES,
    asked=st.none() | NAMES,
    secret=NAMES,
    trusted=st.booleans(),
    waves=st.integers(1, 3),
)
def test_property_4_every_client_works_with_the_accounts_role(
    account: str,
    registered: str,
    asked: str | None,
    secret: str,
    trusted: bool,
    waves: int,
) -> None:
    """The account lets in by that role and external id only."""
    bench = Bench()
    for one in TARGETS:
        bench.drs.simulator.load_estate(
            {
                "accounts": [
                    {
                        "accountId": one,
                        "regions": [
                            {
                                "region": REGION,
                                "servers": [
                                    {
                                        "hostname": "db",
                                        "sourceServerID": server_id(1),
                                        "tags": {"tier": "db"},
                                    }
                                ],
                            }
                        ],
                    }
                ]
            }
        )
    role = f"arn:aws:iam::{account}:role/{asked or registered}"
    bench.drs.trusts(account, role, secret if trusted else f"{secret}?")
    bench.accounts.put(
        {
            "accountId": account,
            "status": "active",
            "assumeRoleName": registered,
            "roleArn": f"arn:aws:iam::{account}:role/{registered}",
            "externalId": secret,
        }
    )
    group_of(
        bench,
        [],
        accountId=account,
        assumeRoleName=asked or "",
        serverSelectionTags={"tier": "db"},
    )
    bench.has_plan(*[{"protectionGroupId": "g"}] * waves)

    record = started(bench)

    if not trusted:
        assert isinstance(record, DrError)
        assert record.code == "ACCOUNT_UNREACHABLE"
        assert record.details == {"accountId": account, "roleArn": role}
        assert bench.drs.calls == []
        return
    assert isinstance(record, Record)
    assert record.account_context["roleArn"] == role
    assert record.account_context["externalId"] == secret
    assert {call.account for call in bench.drs.calls} == {account}


@EXAMPLES
@given(
    stages=st.lists(st.sampled_from(STAGES), min_size=1, max_size=8),
    data=st.data(),
)
def test_property_5_a_start_finds_every_busy_server_and_no_other(
    stages: list[str], data: st.DataObject
) -> None:
    bench = Bench()
    ids = bench.drs.has_servers(REGION, [{}] * len(stages))
    bench.drs.simulator.load_estate(
        {
            "accounts": [
                {
                    "accountId": "111122223333",
                    "regions": [
                        {
                            "region": "eu-west-1",
                            "servers": [
                                {"sourceServerID": one, "hostname": one}
                                for one in ids
                            ],
                        }
                    ],
                }
            ]
        }
    )
    by_stage: dict[str, list[str]] = {stage: [] for stage in STAGES}
    for one, stage in zip(ids, stages, strict=True):
        by_stage[stage].append(one)
    runs_already(bench, by_stage)
    for one in by_stage["foreign_job"]:
        bench.drs.foreign_job([one], REGION)
    for one in by_stage["job_of_another_region"]:
        bench.drs.foreign_job([one], "eu-west-1")
    chosen = data.draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
    group_of(bench, chosen)
    busy = {one for stage in BUSY for one in by_stage[stage]} & set(chosen)

    error = started(bench)

    if not busy:
        assert isinstance(error, Record)
        return
    assert isinstance(error, DrError)
    assert error.code == "SERVER_CONFLICT"
    rows = error.details["conflicts"]
    assert {row["serverId"] for row in rows} == busy
    assert {row["waveName"] for row in rows} == {"One"}


def runs_already(bench: Bench, by_stage: dict[str, list[str]]) -> None:
    """Store an active execution with a wave that runs and one to come."""
    at_work = (*by_stage["launched"], *by_stage["moving"])
    rows = statuses(at_work, launched=len(by_stage["launched"]))
    bench.executions.has(
        Record(
            execution_id=OTHER.execution_id,
            plan_id=OTHER.plan_id,
            plan_name="Other",
            status=Status.POLLING,
            start_time=bench.clock.now(),
            total_waves=2,
            account_context={"accountId": "111122223333"},
            entered_waves=frozenset({0}),
            waves=(
                WaveEntry(
                    wave_number=0,
                    wave_name="Now",
                    status=WaveStatus.IN_PROGRESS,
                    start_time=bench.clock.now(),
                    region=REGION,
                    server_ids=at_work,
                    server_statuses=rows,
                ),
            ),
            reserved=(
                Reserved(
                    wave_number=1,
                    server_ids=tuple(by_stage["to_come"]),
                    region=REGION,
                ),
            ),
        )
    )


REFUSALS = {
    "throttled": "ThrottlingException",
    "no_room": "ServiceQuotaExceededException",
    "broken": "InternalServerException",
}


@EXAMPLES
@given(
    answers=st.lists(
        st.sampled_from([*REFUSALS, "lost"]), min_size=0, max_size=7
    )
)
def test_property_6_a_start_is_retried_up_to_the_limit_and_never_doubled(
    answers: list[str],
) -> None:
    bench = Bench()
    ids = bench.has_group("db", 2)
    bench.runs({"protectionGroupId": "db"})
    for answer in answers:
        if answer == "lost":
            bench.drs.loses_next_start_reply()
        else:
            bench.drs.refuses("StartRecovery", REFUSALS[answer], times=1)

    bench.start()

    calls = len(bench.drs.calls_of("StartRecovery"))
    assert calls <= 1 + len(DELAYS)
    if not {"lost", "broken"} & set(answers):
        # A refusal started nothing, so only the waits are in between.
        assert calls == 1 + min(len(answers), len(DELAYS))
        assert bench.clock.slept == list(DELAYS[: calls - 1])
    assert len(bench.drs.jobs_started) <= 1
    bench.drs.is_well_again()
    for _ in range(3):
        bench.clock.sleep(400)
        if bench.record.status is Status.POLLING or bench.intents:
            bench.start()
    jobs = bench.drs.jobs_started
    assert len(jobs) <= 1
    if jobs:
        assert jobs[0].server_ids == frozenset(ids)
    else:
        assert bench.entry().error_code == "DRS_START_FAILED"


@EXAMPLES
@given(
    states=st.lists(
        st.sampled_from((*STATES, UNKNOWN)), min_size=1, max_size=8
    ),
    kind=st.sampled_from(["DRILL", "RECOVERY"]),
)
def test_property_7_every_unfit_server_is_refused_with_the_reason(
    states: list[str], kind: str
) -> None:
    bench = Bench()
    bench.drs.has_servers(REGION, [{}])
    ids = []
    for number, state in enumerate(states):
        if state == UNKNOWN:
            ids.append(server_id(900 + number))
        else:
            ids += bench.drs.has_servers(REGION, [{}], replicationState=state)
    group_of(bench, ids)
    accepted = LAUNCHABLE if kind == "DRILL" else LAUNCHABLE | LOST
    unfit = {
        one: state
        for one, state in zip(ids, states, strict=True)
        if state not in accepted
    }

    error = started(bench, kind)

    if not unfit:
        assert isinstance(error, Record)
        return
    assert isinstance(error, DrError)
    assert error.code == "UNHEALTHY_SERVER_REPLICATION"
    rows = {row["serverId"]: row for row in error.details["unhealthyServers"]}
    assert set(rows) == set(unfit)
    assert error.details["unhealthyCount"] == len(unfit)
    assert error.details["healthyCount"] == len(ids) - len(unfit)
    for one, state in unfit.items():
        told = "no such server" if state == UNKNOWN else state
        assert told in rows[one]["reason"]


@EXAMPLES
@given(
    servers=st.lists(
        st.dictionaries(KEYS, VALUES, max_size=3), min_size=1, max_size=6
    ),
    wanted=st.dictionaries(KEYS, VALUES, min_size=1, max_size=3),
)
def test_property_8_only_servers_with_all_the_tags_are_reserved(
    servers: list[dict[str, str]], wanted: dict[str, str]
) -> None:
    bench = Bench()
    ids = bench.drs.has_servers(REGION, servers)
    group_of(bench, [], serverSelectionTags=wanted)
    pairs = folded(wanted)
    meant = {
        one
        for one, tags in zip(ids, servers, strict=True)
        if pairs <= folded(tags)
    }

    record = started(bench)

    if isinstance(record, DrError):
        clash = len({key for key, _ in pairs}) < len(pairs)
        assert record.code == (
            "INVALID_TAGS" if clash else "NO_SERVERS_RESOLVED"
        )
        assert clash or not meant
        return
    (group,) = bench.executions.reserved(record)
    assert set(group.server_ids) == meant


def folded(tags: dict[str, str]) -> set[tuple[str, str]]:
    return {
        (k.strip().casefold(), v.strip().casefold()) for k, v in tags.items()
    }
