"""What people are told, and where."""

import pytest
from msgspec.structs import replace

from shared.domain.notices import Notice, NoticeEvent, end_event, notice
from shared.domain.status import ACTIVE, TERMINAL, Status
from tests.shared.builders import a_record, an_entry

ALERTS = {"partial", "fail", "timeout"}
ONLY_ALERTS = {
    "launch_config_failed",
    "drain_unreadable",
    "drs_launch_failed",
    "drs_replication_stalled",
    "drs_replication_recovered",
}


@pytest.mark.parametrize("event", NoticeEvent)
def test_each_event_goes_to_the_topics_of_the_contract(
    event: NoticeEvent,
) -> None:
    topics = Notice(event=event).topics

    if event == "pause":
        assert topics == ("pause",)
    elif event in ONLY_ALERTS:
        assert topics == ("drs_alert",)
    elif event in ALERTS:
        assert topics == ("execution", "drs_alert")
    else:
        assert topics == ("execution",)


def test_an_end_is_told_with_the_counts_of_the_outcome() -> None:
    record = a_record(
        Status.PARTIAL,
        outcome={"servers": 3, "launched": 2, "failed": 1, "notStarted": 0},
    )

    told = notice(record, NoticeEvent.PARTIAL, reason="no capacity")

    assert (told.plan_id, told.execution_id) == record.key[::-1]
    assert (told.plan_name, told.status) == ("Three tiers", "PARTIAL")
    assert (told.servers, told.launched, told.failed) == (3, 2, 1)
    assert (told.not_started, told.reason) == (0, "no capacity")
    assert (told.wave, told.wave_number) == ("", None)


def test_a_wave_is_told_with_its_own_counts() -> None:
    entry = replace(
        an_entry(2, wave_name="Web"),
        server_count=4,
        launched_count=3,
        failed_count=1,
    )
    record = a_record(Status.POLLING, outcome={"servers": 99})

    told = notice(record, NoticeEvent.WAVE_FAIL, entry=entry)

    assert (told.wave, told.wave_number) == ("Web", 2)
    assert (told.servers, told.launched, told.failed) == (4, 3, 1)
    assert told.not_started is None


def test_a_pause_names_the_wave_it_is_before() -> None:
    record = a_record(Status.PAUSED, paused_before_wave=1)

    told = notice(record, NoticeEvent.PAUSE)

    assert (told.wave, told.wave_number) == ("before wave 2", 1)


def test_counts_that_nobody_knows_yet_are_none() -> None:
    told = notice(a_record(), NoticeEvent.START)

    assert (told.servers, told.launched) == (None, None)
    assert (told.failed, told.not_started) == (None, None)


def test_every_end_has_its_event() -> None:
    assert {str(end_event(status)) for status in TERMINAL} == {
        "complete",
        "partial",
        "fail",
        "timeout",
        "cancel",
    }
    for status in ACTIVE:
        with pytest.raises(KeyError):
            end_event(status)
