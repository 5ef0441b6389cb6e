"""A job's log as readers see it, and the Regions that DRS is in."""

import pytest

from drs.domain.job import LogItem
from drs.domain.job_log import events
from drs.domain.regions import check_region
from shared.domain.errors import BadRequest


def test_a_log_is_told_newest_first_with_what_is_known() -> None:
    items = [
        LogItem(logged_at="2026-01-01T00:00:02Z", event="JOB_END"),
        LogItem(
            logged_at="2026-01-01T00:00:01Z",
            event="LAUNCH_FAILED",
            source_server_id="s-1",
            error="no capacity",
            conversion_server_id="i-1",
            data={"rawError": "no capacity"},
        ),
    ]

    assert events(items) == [
        {
            "event": "JOB_END",
            "eventData": {},
            "logDateTime": "2026-01-01T00:00:02Z",
        },
        {
            "event": "LAUNCH_FAILED",
            "eventData": {"rawError": "no capacity"},
            "logDateTime": "2026-01-01T00:00:01Z",
            "sourceServerId": "s-1",
            "error": "no capacity",
            "conversionServerId": "i-1",
        },
    ]


def test_a_region_has_to_be_one_of_drs() -> None:
    known = {"us-east-1", "eu-west-1"}
    check_region("us-east-1", known)

    with pytest.raises(BadRequest) as caught:
        check_region("mars-1", known)

    assert caught.value.code == "INVALID_FORMAT"
    assert caught.value.details == {"field": "region"}
    assert caught.value.message == (
        "'mars-1' is no Region of DRS; use one of eu-west-1, us-east-1."
    )
