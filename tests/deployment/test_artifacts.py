"""What the built files say of themselves."""

import zipfile
from pathlib import Path

import pytest

from deployment.artifacts import inspect, unreleased_in
from deployment.domain.errors import BadParameter, MissingArtifact
from deployment.templates import declared, of_environment

CFN = Path.cwd() / "cfn"


def a_zip(path: Path, *, version: bool = True) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(
            "lambda_function.py",
            "from query_handler.handler import lambda_handler as handler",
        )
        if version:
            made.writestr("query_handler/VERSION", "0.3.1\n")
        made.writestr("shared/VERSION", "0.2.0\n")
    return path


def test_a_zip_tells_its_package_and_its_libraries(tmp_path: Path) -> None:
    found = inspect(a_zip(tmp_path / "query-handler.zip"))

    assert found.name == "query-handler"
    assert found.source == "query_handler"
    assert found.version == "0.3.1"
    assert found.libraries == {"shared": "0.2.0"}


def test_a_zip_without_its_version_is_refused_with_the_remedy(
    tmp_path: Path,
) -> None:
    path = a_zip(tmp_path / "query-handler.zip", version=False)

    with pytest.raises(MissingArtifact, match="./pants package"):
        inspect(path)


def test_a_fragment_makes_its_package_unreleased(tmp_path: Path) -> None:
    for name in ("shared", "drs"):
        (tmp_path / name / "changes").mkdir(parents=True)
        (tmp_path / name / "changes" / "README.md").touch()
    (tmp_path / "drs/changes/more.fix.md").touch()

    assert unreleased_in(tmp_path) == {"drs"}


def test_the_parameters_are_those_of_the_main_template() -> None:
    found = {each.name: each for each in declared(CFN)}

    assert found["ConsoleOrigin"].default is None
    assert found["UseOriginalOrchestrator"].allowed == ("true", "false")
    assert found["QueryHandlerVersion"].refusal("0.1.0-dev.0123456789ab") is (
        None
    )


def test_an_environment_of_no_file_sets_nothing(tmp_path: Path) -> None:
    assert of_environment(tmp_path, "dev") == {}
    assert of_environment(CFN, "local")["ConsoleOrigin"] == "*"


@pytest.mark.parametrize("text", ["{", "[]", '{"LogRetentionDays": 7}'])
def test_a_file_of_parameters_that_cannot_be_one_is_refused(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "parameters").mkdir()
    (tmp_path / "parameters" / "dev.json").write_text(text)

    with pytest.raises(BadParameter, match="dev.json is not"):
        of_environment(tmp_path, "dev")
