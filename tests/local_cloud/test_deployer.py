"""A deployment that fails says which resource did, and why."""

from pathlib import Path

import pytest

from local_cloud.aws.clients import Account
from local_cloud.aws.deployer import DeployFailed, deploy
from local_cloud.aws.readback import Differs, verify
from local_cloud.programs import ACCOUNT_ID, REGION, Pythons
from tests.local_cloud.builds import toy_artifacts
from tests.local_cloud.world import Emulator, run_emulator

TABLE = "drs-orchestration-recovery-plans-local"


def an_account(emulator: Emulator) -> Account:
    return Account(
        url=emulator.ports.aws_url, account_id=ACCOUNT_ID, region=REGION
    )


def test_a_table_in_the_way_is_named_through_the_nested_stack(
    emulator: Emulator, tmp_path: Path
) -> None:
    emulator.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "planId", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": "planId", "AttributeType": "S"}
        ],
    )

    with pytest.raises(DeployFailed) as failed:
        deploy(an_account(emulator), toy_artifacts(tmp_path), original=False)

    assert "ROLLBACK_COMPLETE" in str(failed.value)
    assert f"'{TABLE}' already exists" in str(failed.value)


def test_a_package_without_its_function_is_named(
    pythons: Pythons, tmp_path: Path
) -> None:
    artifacts = toy_artifacts(tmp_path / "dist")
    with run_emulator(pythons, tmp_path / "state") as emulator:
        account = an_account(emulator)
        deploy(account, artifacts, original=True)
        deploy(account, artifacts, original=True)
        verify(account, artifacts, original=True)

        functions = emulator.client("lambda")
        for name, remove in (
            ("drs-orchestration-query-handler-local", "alias"),
            ("drs-orchestration-execution-handler-local", "layers"),
        ):
            if remove == "alias":
                functions.delete_alias(FunctionName=name, Name="live")
            else:
                functions.update_function_configuration(
                    FunctionName=name, Layers=[]
                )
                functions.update_alias(
                    FunctionName=name, Name="live", FunctionVersion="$LATEST"
                )
        tables = emulator.client("dynamodb")
        tables.update_time_to_live(
            TableName=TABLE,
            TimeToLiveSpecification={
                "AttributeName": "TTL",
                "Enabled": False,
            },
        )
        with pytest.raises(Differs) as differs:
            verify(account, artifacts, original=True)

    said = str(differs.value)
    assert "query-handler-local: the alias live cannot be read" in said
    assert "does not name a published version" in said
    assert "layers are none" in said
    assert f"{TABLE}: items do not expire" in said
    assert "dr-orch-sf" not in said
