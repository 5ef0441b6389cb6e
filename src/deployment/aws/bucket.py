"""The bucket that templates, packages and the state machine are in.

A key is written once. Its hash lies beside the content, so that neither the
bytes of the bucket nor those of the build need to be fetched to compare them.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from deployment.aws.account import Account
from deployment.domain.errors import (
    AlreadyPublished,
    NoBucket,
    NotPublished,
)
from deployment.domain.names import zip_key

_SHA256: Final = "sha256"
_ABSENT: Final = ("404", "NoSuchBucket", "NoSuchKey", "NotFound")


class Bucket:
    """One bucket of the account that is deployed to."""

    def __init__(self, account: Account, name: str) -> None:
        """Speak of a bucket, whether it is there or not."""
        self.name = name
        self._account = account
        self._client = account.buckets()

    def is_there(self) -> bool:
        """Tell whether it is.

        Raises:
            NoBucket: It is another account's, or may not be read.
        """
        try:
            self._client.head_bucket(
                Bucket=self.name, ExpectedBucketOwner=self._account.account_id
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return False
            raise NoBucket(
                f"Bucket {self.name} cannot be used by account "
                f"{self._account.account_id}: {error}. Name one of its own "
                "as ArtifactBucket in cfn/parameters/ENV.json. Nothing was "
                "changed."
            ) from error
        return True

    def create(self) -> None:
        """Create it: encrypted, versioned, closed to the public."""
        elsewhere: Any = {}
        if self._account.region != "us-east-1":
            elsewhere["CreateBucketConfiguration"] = {
                "LocationConstraint": self._account.region
            }
        self._client.create_bucket(Bucket=self.name, **elsewhere)
        self._client.put_public_access_block(
            Bucket=self.name,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )
        self._client.put_bucket_encryption(
            Bucket=self.name,
            ServerSideEncryptionConfiguration={
                "Rules": [
                    {
                        "ApplyServerSideEncryptionByDefault": {
                            "SSEAlgorithm": "AES256"
                        }
                    }
                ]
            },
        )
        self._client.put_bucket_versioning(
            Bucket=self.name, VersioningConfiguration={"Status": "Enabled"}
        )

    def hashes(self, keys: Iterable[str]) -> dict[str, str]:
        """Answer the hash of what lies under each key that is there."""
        found = {key: self._hash(key) for key in keys}
        return {key: each for key, each in found.items() if each is not None}

    def put(self, key: str, path: Path, sha256: str) -> None:
        """Write a key that is not there.

        Raises:
            AlreadyPublished: Somebody has written it meanwhile.
        """
        self._put(key, path.read_bytes(), sha256)

    def note(self, key: str, what: Mapping[str, object]) -> None:
        """Write a manifest, unless there is one."""
        if self._hash(key) is None:
            text = (json.dumps(what, indent=2) + "\n").encode()
            self._put(key, text, hashlib.sha256(text).hexdigest())

    def text(self, key: str) -> str:
        """Read a key."""
        return self._read(key).decode()

    def versions(self, package: str) -> list[str]:
        """Answer a package's versions, the newest first."""
        prefix = zip_key(package, "").removesuffix(".zip")
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.name, Prefix=prefix
        )
        found = [
            (item["LastModified"], item["Key"])
            for page in pages
            for item in page.get("Contents", ())
            if item["Key"].endswith(".zip")
        ]
        return [
            key.removeprefix(prefix).removesuffix(".zip")
            for _, key in sorted(found, reverse=True)
        ]

    def require(self, package: str, version: str) -> str:
        """Answer the hash of a package's version.

        Raises:
            NotPublished: The bucket does not hold it.
        """
        digest = self._hash(zip_key(package, version))
        if digest is None:
            there = ", ".join(self.versions(package)) or "none"
            raise NotPublished(
                f"The bucket {self.name} holds no version {version} of "
                f"{package}. It holds {there}. Nothing was changed."
            )
        return digest

    def _hash(self, key: str) -> str | None:
        try:
            head = self._client.head_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        noted = head["Metadata"].get(_SHA256)
        return noted or hashlib.sha256(self._read(key)).hexdigest()

    def _read(self, key: str) -> bytes:
        got = self._client.get_object(Bucket=self.name, Key=key)
        return got["Body"].read()

    def _put(self, key: str, content: bytes, sha256: str) -> None:
        try:
            self._client.put_object(
                Bucket=self.name,
                Key=key,
                Body=content,
                Metadata={_SHA256: sha256},
                IfNoneMatch="*",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
            if self._hash(key) != sha256:
                raise AlreadyPublished(
                    f"{key} of bucket {self.name} was written by somebody "
                    "else meanwhile, with other content. Deploy again."
                ) from error
