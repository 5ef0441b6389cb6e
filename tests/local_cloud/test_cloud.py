"""A whole cloud: the real templates with toy packages, up and down."""

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from deployment.domain.names import PACKAGES
from local_cloud import cloud, processes
from local_cloud.aws.seed import SeedRefused, put_items
from local_cloud.cloud import CloudFailed, Held, Settings
from local_cloud.keeper import read_snapshot
from local_cloud.programs import Pythons
from local_cloud.supervisor import free_ports
from tests.local_cloud.builds import toy_build

GROUP = {"groupId": "g-1", "groupName": "Database", "version": 1}
PLAN = {"planId": "p-1", "planName": "Three tiers", "waves": []}
ESTATE = {
    "accounts": [
        {
            "accountId": "123456789012",
            "regions": [
                {
                    "region": "us-east-1",
                    "initialized": True,
                    "servers": [{"hostname": "db-1", "tags": {"tier": "db"}}],
                }
            ],
        }
    ]
}


def quiet(_: str) -> None:
    return None


@pytest.fixture(scope="module")
def settings(
    pythons: Pythons, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    home = tmp_path_factory.mktemp("checkout")
    return Settings(
        checkout=Path.cwd(),
        state_dir=home / ".local-cloud",
        speed=100,
        built=toy_build(home / "dist", pythons),
    )


@pytest.fixture(scope="module")
def held(settings: Settings) -> Iterator[Held]:
    held = cloud.bring_up(settings, quiet)
    yield held
    held.stop()


@pytest.fixture
def client(held: Held, monkeypatch: pytest.MonkeyPatch) -> Any:
    for key, value in cloud.environment(held.endpoints).items():
        monkeypatch.setenv(key, value)
    return boto3.client


def test_every_function_runs_behind_its_alias_with_its_layer(
    held: Held, client: Any
) -> None:
    for package, arn in held.endpoints.functions.items():
        answer = client("lambda").invoke(FunctionName=arn, Payload=b"{}")
        said = json.loads(answer["Payload"].read())
        assert said["package"] == package
        assert said["greeting"] == "from the layer"


def test_the_outputs_name_tables_and_state_machine(
    held: Held, client: Any
) -> None:
    endpoints = held.endpoints

    for name in endpoints.tables.values():
        client("dynamodb").describe_table(TableName=name)
    assert set(endpoints.functions) == set(PACKAGES)
    assert endpoints.state_machine_arn.endswith(
        ":drs-orchestration-orchestration-local"
    )


def test_a_second_up_finds_the_first(held: Held, settings: Settings) -> None:
    said: list[str] = []

    again = cloud.bring_up(settings, said.append)

    assert again.endpoints == held.endpoints
    assert again.was_up
    assert said == ["The local cloud is already up."]


def test_a_second_up_of_another_kind_is_refused(
    held: Held, settings: Settings
) -> None:
    with pytest.raises(CloudFailed, match="dro local down"):
        cloud.up(replace(settings, orchestrator="direct"), quiet)
    with pytest.raises(CloudFailed, match=held.endpoints.api_url):
        cloud.up(replace(settings, api_port=1), quiet)


def test_the_api_is_where_it_was_asked_for(
    held: Held, settings: Settings, tmp_path: Path
) -> None:
    [port] = free_ports(1)
    own = replace(settings, state_dir=tmp_path / "own", api_port=port)
    taken = replace(
        settings,
        state_dir=tmp_path / "taken",
        api_port=held.endpoints.api_port,
    )

    up = cloud.bring_up(own, quiet)
    try:
        assert up.endpoints.api_url == f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(  # nosec B310  # loopback
            f"{up.endpoints.api_url}/health", timeout=5
        ) as answer:
            assert json.load(answer)["status"] == "healthy"
    finally:
        up.stop()
    with pytest.raises(CloudFailed, match="which is in use.*--api-port"):
        cloud.bring_up(taken, quiet)


def test_the_status_names_what_runs(held: Held, settings: Settings) -> None:
    found = cloud.status(settings.state_dir)

    assert found.is_up
    assert found.endpoints == held.endpoints
    assert found.programs == {
        "emulator": "running",
        "drs-simulator": "running",
        "gateway": "running",
    }


def test_the_estate_is_seen_through_the_drs_api(
    held: Held, client: Any
) -> None:
    cloud.load_estate(held.endpoints, ESTATE)

    found = client("drs").describe_source_servers(filters={})

    [server] = found["items"]
    assert server["tags"]["tier"] == "db"


def test_faults_reach_the_simulator(held: Held) -> None:
    answer = cloud.faults(
        held.endpoints,
        [{"op": "StartRecovery", "error": "ThrottlingException", "times": 1}],
    )

    assert answer["faults"][0]["op"] == "StartRecovery"


def test_groups_and_plans_are_written_with_the_handlers_code(
    held: Held, client: Any
) -> None:
    put_items(held.endpoints, groups=[GROUP], plans=[PLAN])

    tables = held.endpoints.tables
    group = client("dynamodb").get_item(
        TableName=tables["protection-groups"], Key={"groupId": {"S": "g-1"}}
    )
    plan = client("dynamodb").get_item(
        TableName=tables["recovery-plans"], Key={"planId": {"S": "p-1"}}
    )
    assert group["Item"]["groupName"] == {"S": "Database"}
    assert plan["Item"]["waves"] == {"L": []}
    guard = client("dynamodb").get_item(
        TableName=tables["execution-history"],
        Key={
            "executionId": {"S": "name-lock-pg-database"},
            "planId": {"S": "name-lock"},
        },
    )
    assert guard["Item"]["ownerId"] == {"S": "g-1"}


def test_what_is_seeded_again_is_left_alone_and_a_name_is_taken_once(
    held: Held, client: Any
) -> None:
    put_items(held.endpoints, groups=[GROUP], plans=[])
    put_items(held.endpoints, groups=[{**GROUP, "createdDate": 9}], plans=[])

    stored = client("dynamodb").get_item(
        TableName=held.endpoints.tables["protection-groups"],
        Key={"groupId": {"S": "g-1"}},
    )
    assert stored["Item"].get("createdDate") != {"N": "9"}
    with pytest.raises(SeedRefused, match="Database"):
        put_items(
            held.endpoints, groups=[{**GROUP, "groupId": "g-9"}], plans=[]
        )


def test_a_start_finds_what_is_deployed(
    held: Held, settings: Settings
) -> None:
    found = cloud.start(settings, quiet)

    assert found.was_up
    assert found.endpoints == held.endpoints


def test_a_start_deploys_nothing_and_is_found_again(
    settings: Settings, tmp_path: Path
) -> None:
    own = replace(settings, state_dir=tmp_path / "own")

    first = cloud.start(own, quiet)
    try:
        again = cloud.start(own, quiet)
        assert again.was_up
        assert again.endpoints == first.endpoints
        assert not again.endpoints.outputs
        assert not cloud.status(own.state_dir).is_up
    finally:
        first.stop()


def test_down_leaves_no_process_and_no_run(
    settings: Settings, tmp_path: Path
) -> None:
    own = replace(settings, state_dir=tmp_path / "state")
    cloud.up(own, quiet)
    snapshot = read_snapshot(own.state_dir / "run")
    assert snapshot

    assert cloud.down(own.state_dir)

    assert not processes.is_alive(snapshot.keeper)
    assert not any(map(processes.is_alive, snapshot.programs))
    assert not (own.state_dir / "run").exists()
    assert not cloud.status(own.state_dir).is_up
    assert not cloud.down(own.state_dir)


@pytest.mark.parametrize(
    "wrong", [{"speed": 0}, {"speed": -1}, {"orchestrator": "other"}]
)
def test_settings_that_no_cloud_can_have_are_refused(
    wrong: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(CloudFailed):
        Settings(checkout=tmp_path, state_dir=tmp_path, **wrong)
