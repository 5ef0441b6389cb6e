"""Opens what Pants built: what is in it, and what is not."""

import zipfile
from pathlib import Path

import pytest

LAYER = Path("layer/sdk.zip")
ORCHESTRATOR = "dr-orchestration-stepfunction"
PACKAGES = {
    ORCHESTRATOR: "orchestration",
    "orchestration-stepfunctions": "orchestration_stepfunctions",
    "execution-handler": "execution_handler",
    "query-handler": "query_handler",
    "data-management-handler": "data_management_handler",
    "notification-formatter": "notification_formatter",
    "frontend-deployer": "frontend_deployer",
}
_SDK = {"boto3", "botocore", "aws_lambda_powertools", "msgspec"}


def _names(archive: Path) -> set[str]:
    with zipfile.ZipFile(archive) as opened:
        return set(opened.namelist())


def _tops(names: set[str]) -> set[str]:
    return {name.split("/")[0] for name in names}


@pytest.fixture(params=PACKAGES)
def function(request: pytest.FixtureRequest) -> str:
    """Each function's name in turn."""
    name: str = request.param
    return name


def test_the_orchestrator_is_small_and_knows_no_drs() -> None:
    archive = Path(f"lambda/{ORCHESTRATOR}.zip")

    assert archive.stat().st_size < 120_000
    assert _tops(_names(archive)) == {
        "lambda_function.py",
        "orchestration",
        "shared",
    }


def test_a_zip_carries_the_versions_of_its_packages(function: str) -> None:
    names = _names(Path(f"lambda/{function}.zip"))

    assert f"{PACKAGES[function]}/VERSION" in names
    assert "shared/VERSION" in names


def test_a_zip_has_its_handler_where_the_template_looks(
    function: str,
) -> None:
    names = _names(Path(f"lambda/{function}.zip"))

    assert f"{PACKAGES[function]}/handler.py" in names


def test_a_zip_leaves_the_sdk_to_the_layer(function: str) -> None:
    names = _names(Path(f"lambda/{function}.zip"))

    assert not _tops(names) & _SDK


def test_the_layer_holds_the_sdk_where_lambda_looks() -> None:
    names = _names(LAYER)

    assert _tops(names) == {"python"}
    assert {name.split("/")[1] for name in names} >= _SDK


def test_nothing_compiled_travels(function: str) -> None:
    names = _names(LAYER) | _names(Path(f"lambda/{function}.zip"))

    assert not [name for name in names if name.endswith(".pyc")]


def test_what_a_wheel_of_the_layer_records_names_no_bytecode() -> None:
    with zipfile.ZipFile(LAYER) as opened:
        records = [
            opened.read(name).decode()
            for name in opened.namelist()
            if name.endswith(".dist-info/RECORD")
        ]

    assert len(records) >= len(_SDK)
    assert not [record for record in records if "__pycache__/" in record]
