"""What is built, what is made of it, and what is said when it fails."""

import stat
from hashlib import sha256
from pathlib import Path

import pytest

from deployment.artifacts import Artifacts
from deployment.building import BuildFailed
from deployment.domain.errors import MissingArtifact
from deployment.domain.names import PACKAGES
from local_cloud.builder import TARGETS, build, drop_other_layers, environment

PEX = """
import os, pathlib, sys
assert os.environ["PEX_TOOLS"] == "1"
assert sys.argv[1] == "venv"
python = pathlib.Path(sys.argv[2], "bin", "python")
python.parent.mkdir(parents=True)
python.write_text("made")
"""


def quiet(_: str) -> None:
    return None


def a_checkout(root: Path, pants: str) -> Path:
    script = root / "pants"
    script.write_text(f"#!/bin/sh\n{pants}\n")
    script.chmod(stat.S_IRWXU)
    templates = root / "cfn"
    (templates / "statemachine").mkdir(parents=True)
    (templates / "main.yaml").write_text("{}")
    (templates / "statemachine/orchestration.asl.json").write_text("{}")
    return root


def fill_dist(root: Path) -> None:
    for folder in ("lambda", "layer", "local_cloud"):
        (root / "dist" / folder).mkdir(parents=True)
    for package in PACKAGES:
        (root / f"dist/lambda/{package}.zip").write_bytes(b"zip")
    (root / "dist/layer/sdk.zip").write_bytes(b"layer")
    for name in ("emulator", "lambda-runtime"):
        (root / f"dist/local_cloud/{name}.pex").write_text(PEX)


def test_everything_is_packaged_and_environments_are_made(
    tmp_path: Path,
) -> None:
    root = a_checkout(tmp_path, 'echo "$@" > asked')
    fill_dist(root)

    built = build(root, root / "state", quiet)

    asked = (root / "asked").read_text().split()
    assert asked == ["package", *TARGETS]
    assert built.pythons.emulator.read_text() == "made"
    assert built.pythons.runtime.read_text() == "made"
    assert set(built.artifacts.packages) == set(PACKAGES)


def test_a_failed_build_shows_the_end_of_what_was_said(
    tmp_path: Path,
) -> None:
    root = a_checkout(tmp_path, "echo 'DENY src/a -> src/b'; exit 1")

    with pytest.raises(BuildFailed, match="DENY src/a -> src/b"):
        build(root, root / "state", quiet)


def test_a_checkout_without_pants_is_named(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match="pants cannot be run"):
        build(tmp_path, tmp_path / "state", quiet)


def test_a_package_that_was_not_built_is_named_with_the_remedy(
    tmp_path: Path,
) -> None:
    root = a_checkout(tmp_path, "exit 0")
    fill_dist(root)
    (root / "dist/lambda/query-handler.zip").unlink()

    with pytest.raises(MissingArtifact, match="query-handler.zip is not"):
        Artifacts.built(root / "dist", root / "cfn")


def test_an_environment_is_made_once_for_each_content(tmp_path: Path) -> None:
    pex, envs = tmp_path / "emulator.pex", tmp_path / "envs"
    pex.write_text(PEX)
    first = environment(pex, envs)
    first.write_text("kept")

    again = environment(pex, envs)
    pex.write_text(PEX + "# changed\n")
    other = environment(pex, envs)

    assert again == first
    assert other != first
    assert other.read_text() == "made"
    assert not first.exists()


def test_of_unpacked_layers_only_the_deployed_one_is_kept(
    tmp_path: Path,
) -> None:
    layer, unpacked = tmp_path / "sdk.zip", tmp_path / "layers"
    layer.write_bytes(b"layer")
    kept = sha256(b"layer").hexdigest()
    for name in (kept, "older", "half-unpacked"):
        (unpacked / name / "python").mkdir(parents=True)

    drop_other_layers(layer, unpacked)

    assert [folder.name for folder in unpacked.iterdir()] == [kept]
