"""Calls, their pages and the keys that expire."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from drs.aws.calls import Calls, chunks
from drs.domain.errors import DrsRefused
from shared.domain.account import AccountContext
from shared.domain.errors import DrsUnavailable

ACCOUNT = AccountContext(account_id="111122223333")


class Scripted:
    """Clients whose every method gives the next scripted answer."""

    def __init__(self, *answers: dict[str, Any] | str) -> None:
        self.answers = list(answers)
        self.requests: list[dict[str, Any]] = []
        self.once: list[bool] = []
        self.forgotten = 0

    def client(
        self,
        service: str,
        region: str,
        account: AccountContext | None = None,
        *,
        once: bool = False,
    ) -> Any:
        self.once.append(once)
        return self

    def forget(self, account: AccountContext | None) -> None:
        self.forgotten += 1

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return self._answer

    def _answer(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, str):
            refusal: Any = {"Error": {"Code": answer, "Message": "no"}}
            raise ClientError(refusal, "Operation")
        return answer


def calls(clients: Scripted) -> Calls:
    return Calls(clients=clients, account=ACCOUNT, region="eu-west-1")


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


@given(st.lists(st.text("ab", max_size=3)), st.integers(1, 5))
def test_chunks_hold_every_id_once_and_no_more_than_fits(
    ids: list[str], size: int
) -> None:
    found = chunks(ids, size)

    assert [one for chunk in found for one in chunk] == list(
        dict.fromkeys(ids)
    )
    assert all(1 <= len(chunk) <= size for chunk in found)
