"""The bucket over S3's own rules: keys are written once, and closed."""

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from deployment.aws.account import AwsAccount, here
from deployment.aws.bucket import Bucket
from deployment.domain.errors import (
    AlreadyPublished,
    NotPublished,
    NotReachable,
)

REGION = "eu-west-1"


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsAccount]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield here(boto3.session.Session(region_name=REGION))


@pytest.fixture
def bucket(account: AwsAccount) -> Bucket:
    made = Bucket(account, "artifacts")
    made.create()
    return made


def a_file(folder: Path, text: str) -> Path:
    path = folder / "file.zip"
    path.write_text(text)
    return path


def test_a_created_bucket_is_encrypted_versioned_and_closed(
    account: AwsAccount,
) -> None:
    made = Bucket(account, "artifacts")
    assert not made.is_there()

    made.create()

    assert made.is_there()
    client = account.buckets()
    closed = client.get_public_access_block(Bucket="artifacts")
    assert set(closed["PublicAccessBlockConfiguration"].values()) == {True}
    kept = client.get_bucket_versioning(Bucket="artifacts")
    assert kept["Status"] == "Enabled"
    assert client.get_bucket_encryption(Bucket="artifacts")
    where = client.get_bucket_location(Bucket="artifacts")
    assert where["LocationConstraint"] == REGION


def test_a_hash_is_known_with_and_without_its_note(
    account: AwsAccount, bucket: Bucket, tmp_path: Path
) -> None:
    bucket.put("a.zip", a_file(tmp_path, "one"), "noted")
    account.buckets().put_object(
        Bucket="artifacts", Key="b.zip", Body=b"foreign"
    )

    found = bucket.hashes(["a.zip", "b.zip", "c.zip"])

    assert found["a.zip"] == "noted"
    assert len(found["b.zip"]) == 64
    assert "c.zip" not in found


def test_a_key_that_was_written_meanwhile_is_not_written_over(
    bucket: Bucket, tmp_path: Path
) -> None:
    bucket.put("a.zip", a_file(tmp_path, "one"), "1")

    bucket.put("a.zip", a_file(tmp_path, "one"), "1")
    with pytest.raises(AlreadyPublished, match="a.zip"):
        bucket.put("a.zip", a_file(tmp_path, "two"), "2")

    assert bucket.text("a.zip") == "one"


def test_a_version_that_is_not_there_is_refused_with_those_that_are(
    bucket: Bucket, tmp_path: Path
) -> None:
    for version in ("1.0.0", "1.1.0"):
        key = f"lambda/query-handler/{version}.zip"
        bucket.put(key, a_file(tmp_path, version), version)

    assert bucket.require("query-handler", "1.0.0") == "1.0.0"
    assert sorted(bucket.versions("query-handler")) == ["1.0.0", "1.1.0"]
    with pytest.raises(NotPublished, match=r"It holds 1\.[01]\.0, 1\."):
        bucket.require("query-handler", "2.0.0")


def test_the_first_manifest_stays(bucket: Bucket) -> None:
    bucket.note("a.json", {"commit": "first"})
    bucket.note("a.json", {"commit": "second"})

    assert json.loads(bucket.text("a.json")) == {"commit": "first"}


def test_a_missing_region_is_said_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))

    with pytest.raises(NotReachable, match="Set AWS_REGION"):
        here()


def test_missing_credentials_are_said_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))

    with pytest.raises(NotReachable, match="aws sso login.*AWS_PROFILE"):
        here()
