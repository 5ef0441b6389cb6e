"""What people are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.notices import NoticeEvent, end_event, notice
from shared.domain.status import ACTIVE, TERMINAL, Status
from tests.shared.builders import a_record

ALERTS = {"partial", "fail", "timeout"}
ONLY_ALERTS = {"launch_config_failed", "drain_unreadable"}


@given(st.text(max_size=200), st.sampled_from(NoticeEvent), st.booleans())
def test_a_subject_is_one_printable_line_of_ascii(
    name: str, event: NoticeEvent, drill: bool
) -> None:
    kind = "DRILL" if drill else "RECOVERY"
    record = a_record(plan_name=name, execution_type=kind)

    subject = notice(record, event).subject

    assert 0 < len(subject) <= 100
    assert subject.isascii() and subject.isprintable()
    assert subject.startswith("Drill" if drill else "Recovery")


@given(st.sampled_from(NoticeEvent), st.text(max_size=20))
def test_no_notice_holds_the_token(event: NoticeEvent, wave: str) -> None:
    record = a_record(Status.PAUSED, task_token="AQC8-very-secret")

    told = notice(record, event, wave=wave, reason="because")

    assert "AQC8-very-secret" not in told.subject + told.body


@pytest.mark.parametrize("event", NoticeEvent)
def test_each_event_goes_to_the_topics_of_the_contract(
    event: NoticeEvent,
) -> None:
    topics = notice(a_record(), event).topics

    if event == "pause":
        assert topics == ("pause",)
    elif event in ONLY_ALERTS:
        assert topics == ("drs_alert",)
    elif event in ALERTS:
        assert topics == ("execution", "drs_alert")
    else:
        assert topics == ("execution",)


def test_a_body_tells_plan_execution_kind_wave_counts_and_reason() -> None:
    record = a_record(
        Status.PARTIAL,
        outcome={"servers": 3, "launched": 2, "failed": 1, "notStarted": 0},
    )

    body = notice(
        record, NoticeEvent.PARTIAL, wave="Web", reason="no capacity"
    ).body

    for text in (
        "Three tiers",
        record.execution_id,
        "DRILL",
        "PARTIAL",
        "Wave: Web",
        "launched: 2",
        "failed: 1",
        "Reason: no capacity",
    ):
        assert text in body


def test_a_pause_is_told_line_by_line_with_the_way_on() -> None:
    record = a_record(
        Status.PAUSED,
        outcome={"servers": 4, "launched": 2, "failed": 1, "notStarted": 1},
    )

    told = notice(record, NoticeEvent.PAUSE)

    assert (told.plan_id, told.execution_id) == record.key[::-1]
    assert told.subject == "Drill Three tiers: pause"
    assert told.body.splitlines() == [
        "Plan: Three tiers",
        f"Execution: {record.execution_id}",
        "Type: DRILL",
        "Status: PAUSED",
        "servers: 4",
        "launched: 2",
        "failed: 1",
        "notStarted: 1",
        f"Resume with: dro resume {record.execution_id}",
    ]


def test_only_a_pause_says_how_to_resume() -> None:
    for event in set(NoticeEvent) - {NoticeEvent.PAUSE}:
        assert "Resume" not in notice(a_record(), event).body


def test_a_subject_is_in_words_with_odd_characters_replaced() -> None:
    record = a_record(plan_name="Zür\nich")

    subject = notice(record, NoticeEvent.WAVE_COMPLETE).subject

    assert subject == "Drill Z?r ich: wave complete"


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
