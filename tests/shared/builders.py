"""Values of the core for its tests, and strategies that draw them."""

from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain.execution import Execution
from shared.domain.plan import Plan, PlanWave
from shared.domain.record import (
    Intent,
    Key,
    Record,
    Reserved,
    ServerStatus,
    WaveEntry,
)
from shared.domain.status import (
    IntentState,
    LaunchStatus,
    RunStatus,
    Status,
    WaveStatus,
)
from shared.domain.waves import counted
from tests.support.fakes import NOON

KEY = Key("11111111-2222-3333-4444-555555555555", "plan-1")
REGION = "us-east-1"
HUB = "111122223333"


def a_wave(number: int, **more: Any) -> PlanWave:
    """Return a wave of one group named like it."""
    return PlanWave(
        wave_number=number,
        wave_name=f"tier {number}",
        protection_group_id=f"group-{number}",
        **more,
    )


def a_plan(*waves: PlanWave, count: int = 0) -> Plan:
    """Return a plan of these waves, or of so many plain ones."""
    return Plan(
        plan_id=KEY.plan_id,
        plan_name="Three tiers",
        waves=waves or tuple(a_wave(number) for number in range(count)),
    )


def a_server(number: int, status: str = "LAUNCHED") -> ServerStatus:
    """Return a server of a wave."""
    return ServerStatus(
        source_server_id=f"s-{number:017}",
        server_name=f"host-{number}",
        hostname=f"host-{number}",
        launch_status=status,
        recovery_instance_id=f"i-{number}" if status == "LAUNCHED" else "",
        private_ip=f"10.0.0.{number}" if status == "LAUNCHED" else "",
    )


def an_entry(
    number: int,
    status: WaveStatus = WaveStatus.COMPLETED,
    servers: tuple[ServerStatus, ...] | None = None,
    **more: Any,
) -> WaveEntry:
    """Return a wave's entry, its counts taken from its servers."""
    has = (a_server(number),) if servers is None else servers
    return counted(
        replace(
            WaveEntry(
                wave_number=number,
                wave_name=f"tier {number}",
                status=status,
                start_time=NOON,
                region=REGION,
                server_ids=tuple(one.source_server_id for one in has),
                server_statuses=has,
            ),
            **more,
        )
    )


def a_failed_entry(number: int, **more: Any) -> WaveEntry:
    """Return the entry of a wave whose one server was not launched."""
    return an_entry(
        number,
        WaveStatus.FAILED,
        (a_server(number, LaunchStatus.FAILED),),
        error_code="WAVE_LAUNCH_FAILED",
        **more,
    )


def a_record(
    status: Status = Status.RUNNING, *entries: WaveEntry, **more: Any
) -> Record:
    """Return a record whose waves have these entries."""
    return replace(
        Record(
            execution_id=KEY.execution_id,
            plan_id=KEY.plan_id,
            status=status,
            plan_name="Three tiers",
            start_time=NOON,
            total_waves=3,
            waves=entries,
            entered_waves=frozenset(e.wave_number for e in entries),
            reserved=tuple(
                Reserved(
                    wave_number=number,
                    server_ids=(f"s-{number:017}",),
                    region=REGION,
                )
                for number in range(3)
            ),
        ),
        **more,
    )


def an_intent(
    state: IntentState = IntentState.CONFIRMED, wave: int = 0, **more: Any
) -> Intent:
    """Return the intent of a wave's first job."""
    return replace(
        Intent(
            wave_number=wave,
            job_index=0,
            intent_state=state,
            server_ids=(f"s-{wave:017}",),
            region=REGION,
            attempt=1,
            lease_expiry=NOON,
            called_at=NOON,
            created_at=NOON,
        ),
        **more,
    )


def a_state(plan: Plan | None = None, **more: Any) -> Execution:
    """Return the state of a run that has just begun."""
    has = plan or a_plan(count=3)
    return replace(
        Execution(
            plan_id=has.plan_id,
            plan_name=has.plan_name,
            execution_id=KEY.execution_id,
            is_drill=True,
            account_context={"accountId": HUB, "isCurrentAccount": True},
            waves=has.waves,
            total_waves=len(has.waves),
            start_time=NOON,
        ),
        **more,
    )


TEXTS = st.text(max_size=12)
IDS = st.text(min_size=1, max_size=12)
SECONDS = st.integers(0, 2**40)
NUMBERS = st.integers(0, 200)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXTS, JSON, max_size=4)
# Account contexts: what is read of one is text, and it may hold more.
CONTEXTS: st.SearchStrategy[dict[str, Any]] = st.builds(
    lambda known, others: known | others,
    st.fixed_dictionaries(
        {},
        optional={
            "accountId": TEXTS,
            "assumeRoleName": TEXTS,
            "roleArn": TEXTS,
            "externalId": TEXTS,
            "isCurrentAccount": st.booleans(),
        },
    ),
    st.dictionaries(TEXTS.map("x{}".format), JSON, max_size=2),
)


def plan_waves(number: int = 0) -> st.SearchStrategy[PlanWave]:
    """Draw waves of that number."""
    return st.builds(
        PlanWave,
        wave_number=st.just(number),
        wave_name=TEXTS,
        wave_description=TEXTS,
        protection_group_id=TEXTS,
        protection_group_ids=st.lists(TEXTS, max_size=2).map(tuple),
        server_ids=st.lists(TEXTS, max_size=2).map(tuple),
        pause_before_wave=st.booleans(),
        depends_on_waves=st.lists(NUMBERS, max_size=2).map(tuple),
        on_failure=st.sampled_from(["stop", "continue"]),
        max_wait_seconds=st.none() | st.integers(60, 31_536_000),
        only_server_ids=st.none() | st.lists(TEXTS, max_size=2).map(tuple),
    )


def executions() -> st.SearchStrategy[Execution]:
    """Draw states of any kind."""
    optional = st.none() | TEXTS
    return st.builds(
        Execution,
        plan_id=IDS,
        plan_name=TEXTS,
        execution_id=IDS,
        is_drill=st.booleans(),
        account_context=CONTEXTS,
        waves=st.lists(NUMBERS.flatmap(plan_waves), max_size=2).map(tuple),
        total_waves=NUMBERS,
        current_wave_number=NUMBERS,
        completed_waves=NUMBERS,
        failed_waves=NUMBERS,
        wave_completed=st.booleans(),
        current_wave_update_time=st.integers(2, 60),
        status=st.sampled_from(RunStatus),
        status_reason=optional,
        wave_results=st.lists(OBJECTS, max_size=2).map(tuple),
        recovery_instance_ids=st.lists(TEXTS, max_size=2).map(tuple),
        recovery_instance_ips=st.lists(TEXTS, max_size=2).map(tuple),
        job_id=optional,
        region=optional,
        server_ids=st.lists(TEXTS, max_size=2).map(tuple),
        error=optional,
        error_code=optional,
        paused_before_wave=st.none() | NUMBERS,
        start_time=SECONDS,
        end_time=st.none() | SECONDS,
        wave_order=st.lists(NUMBERS, max_size=3).map(tuple),
        wave_start_pending=st.booleans(),
        history_events=NUMBERS,
        continue_as_new=st.booleans(),
        large=st.booleans(),
        resume=st.none() | OBJECTS,
    )
