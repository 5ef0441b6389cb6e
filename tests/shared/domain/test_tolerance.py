"""Failures that a run tolerates: they let it go on and change no outcome."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain.errors import BadRequest
from shared.domain.plan import (
    Plan,
    PlanWave,
    check_runnable,
    plan_from_item,
)
from shared.domain.record import ServerStatus, WaveEntry
from shared.domain.status import Event, Status
from shared.domain.status import WaveStatus as W
from shared.domain.waves import (
    EndRun,
    StartWave,
    at_boundary,
    closed,
    ending,
    first_failure,
    goes_on_behind,
)
from tests.shared.builders import (
    a_plan,
    a_record,
    a_server,
    a_wave,
    an_entry,
)
from tests.support.fakes import NOON

ENDS = st.sampled_from(["LAUNCHED", "LAUNCHED", "FAILED", "TERMINATED"])
ANY = ENDS | st.sampled_from(["PENDING", "IN_PROGRESS"])


def servers(states: st.SearchStrategy[str]) -> Any:
    """Draw servers with a fate and a criticality each."""
    return st.lists(
        st.tuples(states, st.sampled_from(["", "optional"])),
        min_size=1,
        max_size=7,
    ).map(
        lambda drawn: tuple(
            replace(a_server(n, state), criticality=kind)
            for n, (state, kind) in enumerate(drawn)
        )
    )


def ended(of: tuple[ServerStatus, ...], **more: Any) -> WaveEntry:
    """Return the entry of a wave that ended as its servers did."""
    launched = [s for s in of if s.launch_status == "LAUNCHED"]
    status = W.PARTIAL if launched else W.FAILED
    if len(launched) == len(of):
        status = W.COMPLETED
    return an_entry(0, status, of, **more)


WAVES = st.builds(
    lambda kind, value: a_wave(0, **({kind: value} if kind else {})),
    st.sampled_from(
        ["", "failure_tolerance_count", "failure_tolerance_percentage"]
    ),
    st.integers(0, 100),
)


def critical_losses(of: tuple[ServerStatus, ...]) -> int:
    return sum(
        s.launch_status != "LAUNCHED" and s.criticality != "optional"
        for s in of
    )


@given(servers(ANY), WAVES)
def test_a_wave_keeps_its_status_and_its_servers(
    of: tuple[ServerStatus, ...], wave: PlanWave
) -> None:
    entry = ended(of)

    told = closed(entry, wave)

    assert told.status is entry.status
    assert told.server_statuses == entry.server_statuses
    assert replace(told, tolerated=False, status_message="") == replace(
        entry, status_message=""
    )
    assert len(told.status_message) <= 500


@given(servers(ENDS), WAVES)
def test_what_is_tolerated_is_decided_by_the_critical_servers_that_failed(
    of: tuple[ServerStatus, ...], wave: PlanWave
) -> None:
    entry = ended(of)

    told = closed(entry, wave)

    allowed = critical_losses(of) <= wave.tolerance(len(of))
    assert told.tolerated is (entry.status is not W.COMPLETED and allowed)


@given(servers(ENDS), st.integers(0, 7), st.integers(0, 7))
def test_more_tolerance_tolerates_no_less(
    of: tuple[ServerStatus, ...], less: int, more: int
) -> None:
    some = a_wave(0, failure_tolerance_count=min(less, more))
    most = a_wave(0, failure_tolerance_count=max(less, more))

    if closed(ended(of), some).tolerated:
        assert closed(ended(of), most).tolerated


@given(servers(ENDS), WAVES, st.data())
def test_fewer_critical_servers_tolerate_no_less(
    of: tuple[ServerStatus, ...], wave: PlanWave, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(of) - 1))
    milder = (
        *of[:at],
        replace(of[at], criticality="optional"),
        *of[at + 1 :],
    )

    if closed(ended(of), wave).tolerated:
        assert closed(ended(milder), wave).tolerated


@given(servers(ENDS), WAVES)
def test_no_run_with_a_failed_server_completes(
    of: tuple[ServerStatus, ...], wave: PlanWave
) -> None:
    entry = closed(ended(of), wave)
    record = a_record(Status.POLLING, entry, total_waves=1)

    decided = ending(record, (), reason="")

    good = all(s.launch_status == "LAUNCHED" for s in of)
    assert (decided.event is Event.COMPLETED) is good
    if not good and entry.launched_count:
        assert decided.event is Event.PARTIALLY_COMPLETED


@given(servers(ANY), st.sampled_from(["stop", "continue"]))
def test_absent_fields_are_the_behaviour_without_them(
    of: tuple[ServerStatus, ...], on_failure: Any
) -> None:
    plain = tuple(replace(s, criticality="") for s in of)
    entry, wave = ended(plain), a_wave(0, on_failure=on_failure)

    told = closed(entry, wave)

    assert not told.tolerated
    if entry.status is not W.COMPLETED:
        assert told.status_message == first_failure(entry)
    assert goes_on_behind(told, wave) is (
        entry.status is W.COMPLETED or on_failure == "continue"
    )
    zero = a_wave(0, on_failure=on_failure, failure_tolerance_count=0)
    assert closed(entry, zero) == told


@pytest.mark.parametrize("status", [W.TIMEOUT, W.CANCELLED, W.SKIPPED])
def test_only_failures_of_servers_are_tolerated(status: W) -> None:
    entry = an_entry(0, status, (a_server(0, "FAILED"),))

    told = closed(entry, a_wave(0, failure_tolerance_percentage=100))

    assert not told.tolerated


@pytest.mark.parametrize(
    "entry",
    [
        an_entry(0, W.FAILED, ()),
        an_entry(0, W.FAILED, (a_server(0, "PENDING"),)),
        an_entry(
            0, W.FAILED, (a_server(0, "FAILED"),), error_code="POLL_ERROR"
        ),
    ],
)
def test_a_wave_whose_servers_are_not_all_decided_is_not_tolerated(
    entry: WaveEntry,
) -> None:
    wave = a_wave(0, failure_tolerance_percentage=100)

    assert not closed(entry, wave).tolerated


def test_the_message_names_who_failed_and_why_the_run_goes_on() -> None:
    of = (
        a_server(0),
        replace(
            a_server(1, "FAILED"), criticality="optional", error="no room"
        ),
        a_server(2, "FAILED"),
        a_server(3, "FAILED"),
        a_server(4, "FAILED"),
    )

    told = closed(ended(of), a_wave(0, failure_tolerance_percentage=75))

    assert told.status_message == (
        "Wave 1 (tier 0): server host-1 (s-00000000000000001) was not "
        "launched: no room; nor were host-2, host-3 and host-4. The run goes "
        "on: 4 of 5 servers failed, 3 of them critical, and 3 critical ones "
        "may."
    )


def test_a_percentage_is_of_the_waves_servers_rounded_down() -> None:
    wave = a_wave(0, failure_tolerance_percentage=50)

    assert [wave.tolerance(n) for n in (0, 1, 2, 3, 200)] == [0, 0, 1, 1, 100]


class TestBoundary:
    def plan(self) -> Plan:
        return a_plan(
            a_wave(0, failure_tolerance_count=1),
            a_wave(1, depends_on_waves=(0,)),
        )

    @pytest.mark.parametrize("tolerated", [True, False])
    def test_dependants_run_behind_a_tolerated_failure(
        self, tolerated: bool
    ) -> None:
        lost = [a_server(0), a_server(1, "FAILED")]
        if not tolerated:
            lost.append(a_server(2, "FAILED"))
        entry = closed(ended(tuple(lost)), self.plan().wave(0))
        record = a_record(Status.POLLING, entry, total_waves=2)

        step = at_boundary(self.plan(), record, (), NOON).step

        assert step == (StartWave(number=1) if tolerated else EndRun())


@pytest.mark.parametrize(
    "wave",
    [
        {"failureToleranceCount": -1},
        {"failureToleranceCount": "many"},
        {"failureTolerancePercentage": 101},
        {"failureTolerancePercentage": -1},
        {"failureToleranceCount": 1, "failureTolerancePercentage": 1},
    ],
)
def test_a_tolerance_that_cannot_be_meant_is_refused(
    wave: dict[str, Any],
) -> None:
    with pytest.raises(BadRequest) as refused:
        check_runnable(
            plan_from_item({"waves": [{"protectionGroupId": "db", **wave}]})
        )

    assert refused.value.code == "INVALID_WAVE_DATA"
