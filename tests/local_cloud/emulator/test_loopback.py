"""A bucket that insists on encryption takes what this machine sends."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.conftest import Start
from tests.local_cloud.world import Emulator, a_name


def a_strict_bucket(emulator: Emulator) -> tuple[str, Any]:
    """Make a bucket that refuses plain HTTP; answer it and who may put."""
    bucket = a_name("bucket")
    buckets = emulator.client("s3")
    buckets.create_bucket(Bucket=bucket)
    files = f"arn:aws:s3:::{bucket}/*"
    strict = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", files],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [strict]}
    buckets.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    role = emulator.a_role(("s3:PutObject", files))
    return bucket, emulator.client("s3", emulator.a_session(role))


def test_what_comes_over_loopback_counts_as_encrypted(
    emulator: Emulator,
) -> None:
    bucket, keeper = a_strict_bucket(emulator)

    keeper.put_object(Bucket=bucket, Key="index.html", Body=b"hello")


def test_other_rights_are_asked_for_all_the_same(emulator: Emulator) -> None:
    bucket, keeper = a_strict_bucket(emulator)

    with pytest.raises(ClientError, match="AccessDenied"):
        keeper.delete_object(Bucket=bucket, Key="index.html")


def test_the_emulator_still_refuses_plain_http(start_emulator: Start) -> None:
    bucket, keeper = a_strict_bucket(start_emulator("loopback"))

    with pytest.raises(ClientError, match="AccessDenied"):
        keeper.put_object(Bucket=bucket, Key="index.html", Body=b"hello")
