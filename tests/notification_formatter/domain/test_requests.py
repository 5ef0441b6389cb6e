"""What a request must name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notification_formatter.domain.requests import notice_of
from shared.domain.errors import BadRequest
from shared.domain.messages import message_of
from shared.domain.notices import Notice, NoticeEvent
from shared.domain.wire import json_object

COUNTS = st.none() | st.integers(min_value=0, max_value=4_000)
TEXTS = st.text(max_size=50)


def a_request(**more: Any) -> dict[str, Any]:
    return {
        "notificationType": "execution",
        "eventType": "complete",
        "executionId": "e-1",
        **more,
    }


@given(
    st.builds(
        Notice,
        event=st.sampled_from(NoticeEvent),
        plan_id=TEXTS,
        plan_name=TEXTS,
        execution_id=st.just("e-1"),
        execution_type=st.sampled_from(["DRILL", "RECOVERY"]),
        status=TEXTS,
        wave=TEXTS,
        wave_number=COUNTS,
        servers=COUNTS,
        launched=COUNTS,
        failed=COUNTS,
        not_started=COUNTS,
        reason=TEXTS,
        source_server_ids=st.lists(TEXTS, max_size=3).map(tuple),
    )
)
def test_what_programs_are_sent_is_a_request_for_the_same_notice(
    told: Notice,
) -> None:
    kind = told.topics[0]
    document = json_object(message_of(told, kind).document)

    assert notice_of(document) == (kind, told)


@pytest.mark.parametrize(
    ("odd", "code", "field"),
    [
        ({"notificationType": None}, "MISSING_FIELD", "notificationType"),
        ({"notificationType": "sms"}, "INVALID_FORMAT", "notificationType"),
        ({"notificationType": 7}, "INVALID_TYPE", "notificationType"),
        ({"notificationType": "pause"}, "INVALID_FORMAT", "eventType"),
        ({"eventType": "party"}, "INVALID_FORMAT", "eventType"),
        ({"eventType": ""}, "MISSING_FIELD", "eventType"),
        ({"executionId": ""}, "MISSING_FIELD", "executionId"),
        ({"executionId": ["e-1"]}, "INVALID_TYPE", "executionId"),
        ({"planName": "x" * 10_000}, "INVALID_FORMAT", "planName"),
        ({"reason": "x" * 2_001}, "INVALID_FORMAT", "reason"),
        ({"launched": -1}, "INVALID_TYPE", "launched"),
        ({"launched": "2"}, "INVALID_TYPE", "launched"),
        ({"waveNumber": True}, "INVALID_TYPE", "waveNumber"),
        ({"sourceServerIds": "s-1"}, "INVALID_TYPE", "sourceServerIds"),
        ({"sourceServerIds": ["s"] * 101}, "INVALID_TYPE", "sourceServerIds"),
        ({"sourceServerIds": ["s", 1]}, "INVALID_TYPE", "sourceServerIds[1]"),
    ],
)
def test_a_request_of_the_wrong_form_names_the_field(
    odd: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        notice_of(a_request(**odd))

    assert (refused.value.code, refused.value.details["field"]) == (
        code,
        field,
    )


def test_an_unknown_type_is_told_which_there_are() -> None:
    with pytest.raises(BadRequest, match="execution, drs_alert, pause"):
        notice_of(a_request(notificationType="sms"))


def test_servers_need_no_execution() -> None:
    _, told = notice_of(
        {
            "notificationType": "drs_alert",
            "eventType": "drs_launch_failed",
            "sourceServerIds": ["s-1"],
        }
    )

    assert told.source_server_ids == ("s-1",)
