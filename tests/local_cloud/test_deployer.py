"""A deployment into the emulator: what it makes, keeps, refuses and undoes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deployment.artifacts import Artifacts
from deployment.deploying import (
    Change,
    Installation,
    back,
    deploy,
    earlier,
    functions_only,
    prepare,
    publish,
    read_back,
    whole,
)
from deployment.domain.errors import (
    AlreadyPublished,
    DeployFailed,
    Differs,
    NotPublished,
)
from local_cloud.aws.clients import Account
from local_cloud.programs import ACCOUNT_ID, REGION, Pythons
from tests.local_cloud.builds import other_query_handler, toy_artifacts
from tests.local_cloud.world import Emulator, run_emulator

TABLE = "drs-orchestration-recovery-plans-local"
QUERY = "QueryHandlerVersion"


def quiet(_: str) -> None:
    return None


def an_installation(emulator: Emulator) -> Installation:
    return Installation(
        account=Account(
            url=emulator.ports.aws_url, account_id=ACCOUNT_ID, region=REGION
        ),
        environment="local",
        templates=Path.cwd() / "cfn",
        patience=120,
    )


def made(installation: Installation, change: Change) -> Any:
    """Make a change; answer what is deployed then."""
    change_set = prepare(installation, change)
    assert change_set is not None
    now = installation.stack.execute(change_set)
    read_back(installation, now)
    return now


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Artifacts:
    return toy_artifacts(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def installation(
    pythons: Pythons,
    artifacts: Artifacts,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    home = tmp_path_factory.mktemp("state")
    with run_emulator(pythons, home) as emulator:
        found = an_installation(emulator)
        read_back(
            found, deploy(found, artifacts, original=False, report=quiet)
        )
        yield found


def test_again_there_is_nothing_to_do(
    installation: Installation, artifacts: Artifacts
) -> None:
    now = installation.stack.settle(quiet)

    change = whole(installation, artifacts.release(), now, None)

    assert change.is_nothing
    assert prepare(installation, change) is None


def test_new_code_of_one_function_changes_that_one_and_can_be_taken_back(
    installation: Installation, artifacts: Artifacts, tmp_path: Path
) -> None:
    first = installation.stack.settle(quiet)
    assert first
    changed = other_query_handler(artifacts, tmp_path)
    release = changed.release()
    publish(installation.bucket(first), changed, release, "c0ffee")

    change = functions_only(installation, release, first, [], None)

    assert list(change.plan.changed) == [QUERY]
    second = made(installation, change)
    assert second.parameters != first.parameters
    old = first.parameters[QUERY]
    third = made(
        installation, earlier(installation, second, "query_handler", old)
    )
    assert third.parameters == first.parameters


def test_functions_that_are_not_named_stay(
    installation: Installation, artifacts: Artifacts, tmp_path: Path
) -> None:
    now = installation.stack.settle(quiet)
    assert now
    release = other_query_handler(artifacts, tmp_path).release()

    change = functions_only(
        installation, release, now, ["execution-handler"], None
    )

    assert change.is_nothing


def test_the_orchestrator_is_one_parameter_and_stays_when_unasked(
    installation: Installation, artifacts: Artifacts
) -> None:
    release = artifacts.release()
    now = installation.stack.settle(quiet)

    direct = whole(installation, release, now, True)

    assert list(direct.plan.changed) == ["UseOriginalOrchestrator"]
    now = made(installation, direct)
    assert whole(installation, release, now, None).is_nothing
    undone = made(installation, back(installation, direct, now))
    assert undone.parameters["UseOriginalOrchestrator"] == "false"


def test_a_version_that_was_not_published_is_refused_with_those_that_were(
    installation: Installation,
) -> None:
    now = installation.stack.settle(quiet)
    assert now

    with pytest.raises(NotPublished) as refused:
        earlier(installation, now, "query-handler", "9.9.9")

    assert now.parameters[QUERY] in str(refused.value)


def test_other_bytes_of_a_published_version_are_refused_whole(
    installation: Installation, artifacts: Artifacts, tmp_path: Path
) -> None:
    now = installation.stack.settle(quiet)
    bucket = installation.bucket(now)
    released = replace(artifacts, unreleased=frozenset())
    publish(bucket, released, released.release(), "c0ffee")
    other = other_query_handler(released, tmp_path)
    more = replace(
        other,
        packages={**other.packages},
        unreleased=frozenset({"orchestration"}),
    )

    with pytest.raises(AlreadyPublished, match="query-handler/0.1.0.zip"):
        publish(bucket, more, more.release(), "c0ffee")


def test_a_change_set_that_is_dropped_changes_nothing(
    installation: Installation, artifacts: Artifacts
) -> None:
    now = installation.stack.settle(quiet)
    change = whole(installation, artifacts.release(), now, True)

    change_set = prepare(installation, change)
    assert change_set is not None
    installation.stack.drop(change_set)

    assert "StateMachineStack" in [row.path for row in change_set.rows]
    assert installation.stack.settle(quiet) == now


def test_what_differs_from_what_was_meant_is_named(
    installation: Installation, artifacts: Artifacts, tmp_path: Path
) -> None:
    now = installation.stack.settle(quiet)
    assert now
    account = installation.account
    query = "drs-orchestration-query-handler-local"
    account.functions().delete_alias(FunctionName=query, Name="live")
    other = "drs-orchestration-execution-handler-local"
    account.functions().update_function_configuration(
        FunctionName=other, Layers=[]
    )
    account.functions().update_alias(
        FunctionName=other, Name="live", FunctionVersion="$LATEST"
    )
    account.tables().update_time_to_live(
        TableName=TABLE,
        TimeToLiveSpecification={"AttributeName": "TTL", "Enabled": False},
    )
    account.tables().update_continuous_backups(
        TableName=TABLE,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )

    with pytest.raises(Differs) as differs:
        read_back(installation, now)

    said = str(differs.value)
    assert "query-handler-local: the alias live cannot be read" in said
    assert "does not name a published version" in said
    assert "layers are none" in said
    assert f"{TABLE}: items do not expire" in said
    assert f"{TABLE}: point-in-time recovery is not enabled" in said
    assert "dr-orch-sf" not in said


def test_a_creation_that_failed_is_named_and_can_be_made_again(
    pythons: Pythons, artifacts: Artifacts, tmp_path: Path
) -> None:
    with run_emulator(pythons, tmp_path) as emulator:
        tables = emulator.client("dynamodb")
        tables.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "planId", "KeyType": "HASH"}],
            AttributeDefinitions=[
                {"AttributeName": "planId", "AttributeType": "S"}
            ],
        )
        installation = an_installation(emulator)
        with pytest.raises(DeployFailed) as failed:
            deploy(installation, artifacts, original=False, report=quiet)

        assert "ROLLBACK_COMPLETE" in str(failed.value)
        assert f"'{TABLE}' already exists" in str(failed.value)

        tables.delete_table(TableName=TABLE)
        said: list[str] = []
        now = deploy(
            installation, artifacts, original=False, report=said.append
        )
        read_back(installation, now)
        assert now.status == "CREATE_COMPLETE"
        assert "it is made anew" in said[0]
