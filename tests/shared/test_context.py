"""Bound fields reach what is called, threads included, and no further."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from shared import context
from shared.domain.correlation import correlation_of

IDS = st.from_regex(r"[0-9A-Za-z._-]{1,128}", fullmatch=True)


def test_what_was_bound_comes_back() -> None:
    with context.bound(execution_id="e-1", wave=1):
        with context.bound(wave=2):
            assert context.fields() == {"execution_id": "e-1", "wave": 2}
        assert context.fields() == {"execution_id": "e-1", "wave": 1}
    assert context.fields() == {}


def test_threads_are_bound_as_their_maker_is() -> None:
    with ThreadPoolExecutor(4) as pool, context.bound(correlation_id="c-1"):
        work = context.carried(lambda _: context.correlation_id())
        assert set(pool.map(work, range(8))) == {"c-1"}


def test_an_execution_s_id_holds_until_the_invocation_ends() -> None:
    context.goes_on_as("nobody-asked")
    assert context.correlation_id() == ""
    with context.bound(correlation_id="made-here"):
        context.goes_on_as("the-request")
        context.goes_on_as("")
        assert context.correlation_id() == "the-request"
    assert context.correlation_id() == ""


@given(IDS, IDS)
def test_every_carrier_brings_the_same_id(number: str, other: str) -> None:
    events: tuple[dict[str, object], ...] = (
        {"requestContext": {}, "headers": {"X-Correlation-ID": number}},
        {"operation": "find", "correlation_id": number},
        {"action": "a", "application": {"correlation_id": number}},
        {"action": "a", "state": {"correlation_id": number, "plan_id": "p"}},
        {"action": "begin", "started": {"Id": other, "CorrelationId": number}},
        {"application": {"Execution": {"CorrelationId": number}}},
        {"source": "aws.drs", "detail-type": "x", "id": number},
        {"worker": True, "executionId": number},
    )
    assert {correlation_of(event) for event in events} == {number}


@given(st.text(max_size=200) | st.integers() | st.none() | st.lists(st.text()))
def test_what_is_no_id_is_not_taken(value: object) -> None:
    found = correlation_of({"correlation_id": value, "headers": value})

    assert found in ("", value)
    assert len(found) <= 128


def test_a_request_is_not_known_by_its_body() -> None:
    event: dict[str, object] = {
        "requestContext": {},
        "correlation_id": "c",
        "headers": None,
    }

    assert correlation_of(event) == ""
