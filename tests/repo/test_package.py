"""What is published lies under its version and never changes."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from scripts.package import AlreadyReleased, publish


def _a_zip(folder: Path, *, answer: int = 1) -> Path:
    path = folder / "query-handler.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(
            "lambda_function.py",
            "from query_handler.handler import lambda_handler as handler",
        )
        made.writestr("query_handler/VERSION", "0.3.1\n")
        made.writestr("query_handler/handler.py", f"ANSWER = {answer}\n")
        made.writestr("shared/VERSION", "0.2.0\n")
    return path


def test_a_zip_lies_under_its_own_version(tmp_path: Path) -> None:
    built = _a_zip(tmp_path)

    target = publish(built, tmp_path / "release", "abc")

    assert target == tmp_path / "release/query-handler/0.3.1.zip"
    assert target.read_bytes() == built.read_bytes()


def test_the_manifest_says_what_the_zip_is(tmp_path: Path) -> None:
    built = _a_zip(tmp_path)

    target = publish(built, tmp_path / "release", "abc")

    assert json.loads(target.with_suffix(".json").read_text()) == {
        "name": "query-handler",
        "version": "0.3.1",
        "libraries": {"shared": "0.2.0"},
        "sha256": hashlib.sha256(built.read_bytes()).hexdigest(),
        "commit": "abc",
    }


def test_publishing_the_same_bytes_again_is_fine(tmp_path: Path) -> None:
    built = _a_zip(tmp_path)

    first = publish(built, tmp_path / "release", "abc")
    again = publish(built, tmp_path / "release", "abc")

    assert first == again


def test_a_published_version_never_changes(tmp_path: Path) -> None:
    publish(_a_zip(tmp_path), tmp_path / "release", "abc")

    with pytest.raises(AlreadyReleased, match="query-handler/0.3.1.zip"):
        publish(_a_zip(tmp_path, answer=2), tmp_path / "release", "abc")
