"""What is busy, asked of the history that the environment names."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from drs.aws.session import default_sessions
from drs.conflicts import get_servers_in_active_executions
from shared.active_executions import get_all_active_executions
from shared.aws.wiring import own_executions
from shared.settings import SettingError
from tests.contracts.tables import a_history_table


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stand alone in an account whose history is empty."""
    kept = (own_executions, default_sessions)
    for one in kept:
        one.cache_clear()
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        monkeypatch.setenv("EXECUTION_HISTORY_TABLE", a_history_table().name)
        yield
    for one in kept:
        one.cache_clear()


def test_the_history_need_not_be_handed_over() -> None:
    assert get_all_active_executions() == []
    assert get_servers_in_active_executions() == set()


def test_a_history_that_is_not_named_is_no_empty_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("EXECUTION_HISTORY_TABLE")

    with pytest.raises(SettingError, match="EXECUTION_HISTORY_TABLE"):
        get_all_active_executions()
