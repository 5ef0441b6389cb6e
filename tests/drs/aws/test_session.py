"""Credentials and clients for any account."""

from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest
from moto import mock_aws

from drs.aws.region import default_regions
from drs.aws.session import (
    Sessions,
    create_drs_client,
    create_ec2_client,
    default_sessions,
)
from drs.source_servers import (
    find_servers_by_tags,
    query_drs_servers_by_tags,
)
from drs_simulator.aws import moto_backend
from shared.domain.account import AccountContext
from shared.domain.errors import AccountUnreachable, BadRequest
from shared.domain.metrics import Metric
from tests.support.fakes import FakeClock
from tests.support.measures import a_container, measured

HUB = "123456789012"
TARGET = AccountContext(
    account_id="444455556666",
    role_arn="arn:aws:iam::444455556666:role/DRSOrchestrationRole",
    external_id="drs-orchestration-cross-account",
    is_current=False,
)


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Answer every AWS call in memory."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        default_sessions.cache_clear()
        default_regions.cache_clear()
        yield
        default_sessions.cache_clear()
        default_regions.cache_clear()


def some_sessions(clock: FakeClock | None = None) -> Sessions:
    if clock is None:
        return Sessions(hub=boto3.Session(), label=lambda: "execution-1")
    return Sessions(hub=boto3.Session(), clock=clock.now)


def test_the_hub_is_reached_without_a_role() -> None:
    sessions = some_sessions()

    assert sessions.hub_account_id() == HUB
    for account in (None, AccountContext(account_id=HUB)):
        sts = sessions.client("sts", "eu-west-1", account)
        assert sts.get_caller_identity()["Account"] == HUB


def test_another_account_is_reached_by_its_role_named_for_the_run() -> None:
    sts = some_sessions().client("sts", "eu-west-1", TARGET)

    identity = sts.get_caller_identity()

    assert identity["Account"] == "444455556666"
    assert identity["Arn"].endswith(
        "assumed-role/DRSOrchestrationRole/drs-orchestration-execution-1"
    )


def test_the_time_names_a_session_without_a_run() -> None:
    clock = FakeClock()
    sessions = some_sessions(clock)

    arn = sessions.client("sts", "eu-west-1", TARGET).get_caller_identity()[
        "Arn"
    ]

    assert arn.endswith(f"drs-orchestration-{clock.now()}")


def test_a_session_name_fits_its_limit() -> None:
    sessions = Sessions(hub=boto3.Session(), label=lambda: "x" * 90)

    arn = sessions.client("sts", "eu-west-1", TARGET).get_caller_identity()[
        "Arn"
    ]

    assert len(arn.rpartition("/")[2]) == 64


def test_clients_are_kept_and_told_apart() -> None:
    sessions = some_sessions()

    first = sessions.client("drs", "eu-west-1", TARGET)

    assert sessions.client("drs", "eu-west-1", TARGET) is first
    others = [
        sessions.client("drs", "eu-west-1"),
        sessions.client("drs", "us-east-1", TARGET),
        sessions.client("ec2", "eu-west-1", TARGET),
        sessions.client("drs", "eu-west-1", TARGET, once=True),
    ]
    assert first not in others


def test_keys_are_renewed_five_minutes_before_they_expire() -> None:
    clock = FakeClock()
    sessions = Sessions(hub=boto3.Session(), clock=clock.now)
    sessions.client("drs", "eu-west-1", TARGET)
    keys = sessions.client("drs", "eu-west-1", TARGET)
    entry = sessions._entries[(TARGET.role_arn, TARGET.external_id)]

    clock.at(int(entry.expires_at) - 301)
    assert sessions.client("drs", "eu-west-1", TARGET) is keys

    clock.at(int(entry.expires_at) - 299)
    assert sessions.client("drs", "eu-west-1", TARGET) is not keys


def test_forgotten_keys_are_asked_for_again() -> None:
    sessions = some_sessions()
    first = sessions.client("drs", "eu-west-1", TARGET)

    sessions.forget(TARGET)

    assert sessions.client("drs", "eu-west-1", TARGET) is not first


def test_a_call_that_must_not_repeat_has_one_attempt() -> None:
    sessions = some_sessions()

    once = sessions.client("drs", "eu-west-1", once=True).meta.config
    many = sessions.client("drs", "eu-west-1").meta.config

    assert once.retries["total_max_attempts"] == 1
    assert many.retries["total_max_attempts"] == 5
    for config in (once, many):
        assert (config.connect_timeout, config.read_timeout) == (10, 60)


def test_a_role_that_cannot_be_assumed_names_account_and_role() -> None:
    broken = AccountContext(
        account_id="444455556666",
        role_arn="no-role",
        external_id="x",
        is_current=False,
    )

    with pytest.raises(AccountUnreachable) as refused:
        some_sessions().client("drs", "eu-west-1", broken)

    assert refused.value.code == "ACCOUNT_UNREACHABLE"
    assert refused.value.details == {
        "accountId": "444455556666",
        "roleArn": "no-role",
    }


def test_each_role_that_is_assumed_or_refused_is_measured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    broken = replace(TARGET, role_arn="no-role")
    sessions = some_sessions()

    with a_container("execution_handler"):
        sessions.client("drs", "eu-west-1")
        sessions.client("drs", "eu-west-1", AccountContext(account_id=HUB))
        before = measured(capsys)
        sessions.client("drs", "eu-west-1", TARGET)
        sessions.client("ec2", "eu-west-1", TARGET)
        good = measured(capsys)
        with pytest.raises(AccountUnreachable):
            sessions.client("drs", "eu-west-1", broken)

    assert before == {}, "The hub is no other account."
    assert good == {Metric.CROSS_ACCOUNT_SUCCESS: [1]}
    assert measured(capsys) == {Metric.CROSS_ACCOUNT_SUCCESS: [0]}


def test_a_context_of_a_state_is_normalised_against_the_hub() -> None:
    sessions = some_sessions()

    assert sessions.account(TARGET) is TARGET
    assert sessions.account(None).is_current
    assert sessions.account({"accountId": HUB}).is_current
    target = sessions.account(
        {"accountId": "444455556666", "externalId": "own"}
    )
    assert target.role_arn == TARGET.role_arn
    assert target.external_id == "own"


def test_clients_are_made_for_a_region_and_a_context() -> None:
    drs = create_drs_client("us-west-2", {"accountId": "444455556666"})
    ec2 = create_ec2_client("us-west-2")

    assert drs.meta.service_model.service_name == "drs"
    assert ec2.meta.service_model.service_name == "ec2"
    assert drs.meta.region_name == ec2.meta.region_name == "us-west-2"


def test_the_resolver_with_the_fixed_signature_asks_the_account_named() -> (
    None
):
    moto_backend.register()
    servers = [
        {"hostname": "db-1", "tags": {"Tier": "DB"}},
        {"hostname": "web-1", "tags": {"Tier": "Web"}},
    ]
    place = {"region": "eu-west-1", "servers": servers}
    made = moto_backend.simulator().load_estate(
        {"accounts": [{"accountId": "444455556666", "regions": [place]}]}
    )
    context = {"accountId": "444455556666"}

    ids = query_drs_servers_by_tags("eu-west-1", {"tier": "db"}, context)
    found = find_servers_by_tags({"tier": "db"}, "eu-west-1", context)

    assert ids == [made["regions"][0]["servers"]["db-1"]]
    assert [one["sourceServerID"] for one in found] == ids


def test_the_resolver_with_the_fixed_signature_refuses_no_tags() -> None:
    with pytest.raises(BadRequest):
        query_drs_servers_by_tags("eu-west-1", {})
    with pytest.raises(BadRequest):
        find_servers_by_tags({}, "eu-west-1", {"accountId": HUB})
