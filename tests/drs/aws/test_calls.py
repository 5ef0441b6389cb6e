"""Calls, their pages and the keys that expire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drs.aws.calls import chunks
from drs.domain.errors import DrsRefused
from shared.domain.errors import DrsUnavailable
from shared.domain.metrics import Metric
from tests.drs.aws.scripted import Scripted, calls
from tests.support.measures import a_container, measured


def test_all_pages_are_one_list_asked_with_the_same_request() -> None:
    clients = Scripted(
        {"items": [{"n": 1}], "nextToken": "a"},
        {"items": [], "nextToken": "b"},
        {"items": [{"n": 2}, {"n": 3}]},
    )

    found = list(
        calls(clients).items("drs", "describe_jobs", filters={"x": 1})
    )

    assert found == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert clients.requests == [
        {"filters": {"x": 1}},
        {"filters": {"x": 1}, "nextToken": "a"},
        {"filters": {"x": 1}, "nextToken": "b"},
    ]


def test_a_failed_page_is_not_the_end_of_the_list() -> None:
    clients = Scripted(
        {"items": [1], "nextToken": "a"}, "AccessDeniedException"
    )

    with pytest.raises(DrsRefused):
        list(calls(clients).items("drs", "describe_jobs"))


def test_expired_keys_are_renewed_once_and_the_call_repeated() -> None:
    clients = Scripted("ExpiredTokenException", {"job": {}})

    answer = calls(clients).call("drs", "start_recovery", once=True)

    assert answer == {"job": {}}
    assert clients.forgotten == 1
    assert clients.once == [True, True]


def test_keys_that_stay_expired_are_an_error() -> None:
    clients = Scripted("ExpiredTokenException", "ExpiredTokenException")

    with pytest.raises(DrsUnavailable, match="drs:DescribeJobs"):
        calls(clients).call("drs", "describe_jobs")


def test_a_refusal_is_not_repeated() -> None:
    clients = Scripted("AccessDeniedException")

    with pytest.raises(DrsRefused, match="servicequotas:GetServiceQuota"):
        calls(clients).call("service-quotas", "get_service_quota")

    assert len(clients.requests) == 1
    assert clients.forgotten == 0


@pytest.mark.parametrize(
    ("service", "retried", "counted"),
    [("drs", 2, [2, 2]), ("drs", 0, []), ("ec2", 2, [])],
)
def test_what_the_sdk_tried_again_of_drs_is_measured(
    service: str,
    retried: int,
    counted: list[float],
    capsys: pytest.CaptureFixture[str],
) -> None:
    clients = Scripted({}, "AccessDeniedException")
    clients.retried = retried

    with a_container("query_handler"):
        calls(clients).call(service, "describe_things")
        with pytest.raises(DrsRefused):
            calls(clients).call(service, "describe_things")

    assert measured(capsys)[Metric.DRS_RETRIES] == counted


@given(st.lists(st.text("ab", max_size=3)), st.integers(1, 5))
def test_chunks_hold_every_id_once_and_no_more_than_fits(
    ids: list[str], size: int
) -> None:
    found = chunks(ids, size)

    assert [one for chunk in found for one in chunk] == list(
        dict.fromkeys(ids)
    )
    assert all(1 <= len(chunk) <= size for chunk in found)
