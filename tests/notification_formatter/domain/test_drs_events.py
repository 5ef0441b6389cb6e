"""What people are told of DRS's own events."""

from typing import Any

import pytest

from notification_formatter.domain.drs_events import (
    LAUNCH,
    STALLED,
    notice_of_event,
)
from shared.domain.errors import BadRequest, UnknownEvent
from tests.notification_formatter.events import a_drs_event


@pytest.mark.parametrize(
    ("detail_type", "state", "told"),
    [
        (LAUNCH, "RECOVERY_LAUNCH_FAILED", "drs_launch_failed"),
        (STALLED, "STALLED", "drs_replication_stalled"),
        (STALLED, "NOT_STALLED", "drs_replication_recovered"),
    ],
)
def test_an_event_is_told_with_its_servers_account_and_region(
    detail_type: str, state: str, told: str
) -> None:
    notice = notice_of_event(a_drs_event(detail_type, state))

    assert notice is not None
    assert (str(notice.event), notice.status) == (told, state)
    assert notice.source_server_ids == ("s-11111111111111111",)
    assert (notice.account_id, notice.region) == ("222233334444", "eu-west-1")
    assert notice.reason
    assert [str(kind) for kind in notice.topics] == ["drs_alert"]


@pytest.mark.parametrize(
    ("detail_type", "state"),
    [
        (LAUNCH, "RECOVERY_LAUNCH_SUCCEEDED"),
        (LAUNCH, "STALLED"),
        (STALLED, ""),
    ],
)
def test_other_states_are_told_to_nobody(detail_type: str, state: str) -> None:
    assert notice_of_event(a_drs_event(detail_type, state)) is None


@pytest.mark.parametrize(
    "odd", [{"source": "aws.ec2"}, {"detail-type": "DRS Something"}]
)
def test_events_of_others_are_not_answered(odd: dict[str, Any]) -> None:
    with pytest.raises(UnknownEvent, match="detail-type"):
        notice_of_event({**a_drs_event(), **odd})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("resources", "s-1"),
        ("detail", "STALLED"),
        ("account", 222233334444),
        ("region", ["eu-west-1"]),
        ("source", {}),
        ("detail-type", 1),
    ],
)
def test_an_event_of_the_wrong_form_names_the_field(
    field: str, value: Any
) -> None:
    with pytest.raises(BadRequest) as refused:
        notice_of_event({**a_drs_event(), field: value})

    assert refused.value.details["field"] == field


def test_what_is_no_server_is_not_told_as_one() -> None:
    event = {
        **a_drs_event(),
        "resources": ["arn:aws:drs:eu-west-1:1:recovery-instance/i-1", 7],
    }

    notice = notice_of_event(event)

    assert notice is not None
    assert notice.source_server_ids == ()
