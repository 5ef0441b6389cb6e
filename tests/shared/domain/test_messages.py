"""How notices read, for people and for programs."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.messages import message_of
from shared.domain.notices import Notice, NoticeEvent, NoticeType, notice
from shared.domain.status import Status
from tests.shared.builders import a_record, an_entry

CONSOLE = "https://console.example"


def a_notice(event: NoticeEvent = NoticeEvent.COMPLETE, **more: Any) -> Notice:
    return Notice(
        **{
            "event": event,
            "plan_id": "p-1",
            "plan_name": "Three tiers",
            "execution_id": "e-1",
            "execution_type": "DRILL",
            **more,
        }
    )


def document_of(told: Notice, console: str = "") -> Any:
    return json.loads(message_of(told, told.topics[0], console).document)


@given(st.text(max_size=200), st.sampled_from(NoticeEvent), st.booleans())
def test_a_subject_is_one_printable_line_of_ascii(
    name: str, event: NoticeEvent, drill: bool
) -> None:
    kind = "DRILL" if drill else "RECOVERY"
    told = a_notice(event, plan_name=name, execution_type=kind)

    subject = message_of(told, told.topics[0]).subject

    assert 0 < len(subject) <= 100
    assert subject.isascii() and subject.isprintable()
    assert subject.startswith("Drill" if drill else "Recovery")
    assert subject == " ".join(subject.split())


@given(st.lists(st.text(max_size=90), max_size=3))
def test_the_subject_of_an_event_of_drs_names_its_servers(
    servers: list[str],
) -> None:
    told = Notice(
        event=NoticeEvent.DRS_LAUNCH_FAILED, source_server_ids=tuple(servers)
    )

    subject = message_of(told, NoticeType.DRS_ALERT).subject

    assert subject.startswith("DRS")
    assert len(subject) <= 100 and subject.isascii()


@given(st.sampled_from(NoticeEvent), st.text(max_size=20))
def test_no_message_holds_the_token(event: NoticeEvent, wave: str) -> None:
    record = a_record(Status.PAUSED, task_token="AQC8-very-secret")
    told = notice(
        record, event, entry=an_entry(0, wave_name=wave), reason="because"
    )

    said = message_of(told, told.topics[0], CONSOLE)

    assert "AQC8-very-secret" not in said.subject + said.by_protocol


def test_a_text_tells_plan_execution_kind_wave_counts_and_reason() -> None:
    told = a_notice(
        NoticeEvent.WAVE_FAIL,
        status="POLLING",
        wave="Web",
        wave_number=1,
        servers=3,
        launched=2,
        failed=1,
        not_started=0,
        reason="no capacity",
    )

    text = message_of(told, NoticeType.EXECUTION, CONSOLE).text

    assert text.splitlines() == [
        "Plan: Three tiers",
        "Execution: e-1",
        "Type: DRILL",
        "Status: POLLING",
        "Wave: Web",
        "Servers: 3",
        "Launched: 2",
        "Failed: 1",
        "Not started: 0",
        "Reason: no capacity",
        f"Console: {CONSOLE}/executions/e-1",
    ]


def test_programs_get_the_same_facts_as_an_object() -> None:
    told = a_notice(
        NoticeEvent.WAVE_COMPLETE, wave="Web", wave_number=0, launched=2
    )

    assert document_of(told, f"{CONSOLE}/") == {
        "notificationType": "execution",
        "eventType": "wave_complete",
        "recoveryPlanId": "p-1",
        "planName": "Three tiers",
        "executionId": "e-1",
        "executionType": "DRILL",
        "wave": "Web",
        "waveNumber": 0,
        "launched": 2,
        "consoleUrl": f"{CONSOLE}/executions/e-1",
    }


def test_a_pause_tells_the_way_on() -> None:
    told = a_notice(NoticeEvent.PAUSE)

    said = message_of(told, NoticeType.PAUSE)

    assert said.subject == "Drill Three tiers: pause"
    assert "Resume with: dro resume e-1" in said.text.splitlines()
    assert document_of(told)["resumeCommand"] == "dro resume e-1"


@pytest.mark.parametrize("event", set(NoticeEvent) - {NoticeEvent.PAUSE})
def test_only_a_pause_says_how_to_resume(event: NoticeEvent) -> None:
    said = message_of(a_notice(event), NoticeType.EXECUTION)

    assert "resume e-1" not in said.by_protocol


def test_without_a_console_none_is_named() -> None:
    said = message_of(a_notice(), NoticeType.EXECUTION)

    assert "onsole" not in said.by_protocol


def test_an_event_of_drs_is_told_with_server_account_and_region() -> None:
    told = Notice(
        event=NoticeEvent.DRS_REPLICATION_STALLED,
        status="STALLED",
        account_id="111122223333",
        region="us-east-1",
        source_server_ids=("s-1", "s-2"),
    )

    said = message_of(told, NoticeType.DRS_ALERT, CONSOLE)

    assert said.subject == "DRS s-1 and 1 more: replication stalled"
    assert said.text.splitlines() == [
        "Status: STALLED",
        "Source servers: s-1, s-2",
        "Account: 111122223333",
        "Region: us-east-1",
    ]


def test_people_get_the_text_and_programs_the_object() -> None:
    said = message_of(a_notice(), NoticeType.EXECUTION)

    by_protocol = json.loads(said.by_protocol)

    assert by_protocol.pop("default") == said.text
    assert set(by_protocol) == {"email-json", "sqs", "lambda", "http", "https"}
    assert set(by_protocol.values()) == {said.document}


def test_a_subject_is_in_words_with_odd_characters_replaced() -> None:
    told = a_notice(NoticeEvent.WAVE_COMPLETE, plan_name="Zür\nich")

    subject = message_of(told, NoticeType.EXECUTION).subject

    assert subject == "Drill Z?r ich: wave complete"
