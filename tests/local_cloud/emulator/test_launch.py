"""The emulator as started: roles are enforced, versions are pinned."""

import subprocess

import pytest
from botocore.exceptions import ClientError

from local_cloud.programs import Pythons
from tests.local_cloud.world import Emulator

CHECK = """
from local_cloud.emulator import engine
engine.require_pinned({version!r})
"""


def require(
    pythons: Pythons, version: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(pythons.emulator), "-c", CHECK.format(version=version)],
        env={"PYTHONPATH": pythons.search_path} if pythons.search_path else {},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_role_without_the_action_is_denied(emulator: Emulator) -> None:
    session = emulator.a_session(emulator.a_role(("s3:Get*", "*")))

    with pytest.raises(ClientError, match="AccessDenied"):
        emulator.client("dynamodb", session).list_tables()


def test_a_role_with_the_action_is_allowed(emulator: Emulator) -> None:
    session = emulator.a_session(emulator.a_role(("dynamodb:*", "*")))

    emulator.client("dynamodb", session).list_tables()


def test_an_unknown_key_is_refused(emulator: Emulator) -> None:
    nobody = {"AccessKeyId": "AKIANOBODY", "SecretAccessKey": "none"}

    with pytest.raises(ClientError):
        emulator.client("dynamodb", nobody).list_tables()


def test_the_pinned_emulator_is_accepted(pythons: Pythons) -> None:
    assert require(pythons, "1.5.33").returncode == 0


def test_another_emulator_is_refused_with_both_versions(
    pythons: Pythons,
) -> None:
    refused = require(pythons, "1.6.0")

    assert refused.returncode == 1
    assert "ministack 1.6.0 is installed" in refused.stderr
    assert "1.5.33" in refused.stderr


def test_the_pin_is_the_locks(pythons: Pythons) -> None:
    asked = subprocess.run(
        [
            str(pythons.emulator),
            "-c",
            "from importlib.metadata import "
            "version; print(version('ministack'))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert asked.stdout.strip() == "1.5.33"
