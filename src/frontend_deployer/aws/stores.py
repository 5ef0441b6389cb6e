"""Buckets in S3, distributions in CloudFront, CloudFormation's address."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from itertools import batched
from typing import Any, Final

import boto3
from botocore.exceptions import ClientError

from frontend_deployer.domain.ports import Bucket
from frontend_deployer.domain.site import File
from shared.aws.clients import SDK_ERRORS, code_of
from shared.domain.errors import Unavailable

AT_ONCE: Final = 1_000
TRIES: Final = 4
TIMEOUT: Final = 15
_GONE: Final = "NoSuchBucket"


class S3Bucket:
    """One bucket."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def keys(self) -> list[str]:
        """Return the keys of all objects; none where the bucket is gone.

        Raises:
            Unavailable: S3 refused or failed.
        """
        pages = self._client.get_paginator("list_objects_v2")
        try:
            return [
                one["Key"]
                for page in pages.paginate(Bucket=self._name)
                for one in page.get("Contents", ())
            ]
        except SDK_ERRORS as error:
            if isinstance(error, ClientError) and code_of(error) == _GONE:
                return []
            raise self._failed("listed", error) from error

    def put(self, file: File) -> None:
        """Put a file.

        Raises:
            Unavailable: S3 refused or failed.
        """
        try:
            self._client.put_object(
                Bucket=self._name,
                Key=file.key,
                Body=file.body,
                ContentType=file.content_type,
                CacheControl=file.cache,
            )
        except SDK_ERRORS as error:
            raise self._failed(f"given {file.key}", error) from error

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects.

        Raises:
            Unavailable: S3 refused or failed.
        """
        for some in batched(keys, AT_ONCE):
            try:
                answer = self._client.delete_objects(
                    Bucket=self._name,
                    Delete={"Objects": [{"Key": key} for key in some]},
                )
            except SDK_ERRORS as error:
                raise self._failed("emptied", error) from error
            for left in answer.get("Errors", ()):
                raise Unavailable(
                    f"{left['Key']} in bucket {self._name} could not be "
                    f"deleted: {left.get('Message', left.get('Code'))}"
                )

    def _failed(self, what: str, error: Exception) -> Unavailable:
        return Unavailable(f"Bucket {self._name} was not {what}: {error}")


class AwsStores:
    """S3 and CloudFront of this account."""

    def __init__(self) -> None:
        self._s3 = boto3.client("s3")
        self._cloudfront = boto3.client("cloudfront")

    def bucket(self, name: str) -> Bucket:
        """Return a bucket."""
        return S3Bucket(self._s3, name)

    def invalidate(self, distribution: str, reference: str) -> None:
        """Have a distribution ask for everything anew, once a reference.

        Raises:
            Unavailable: CloudFront refused or failed.
        """
        try:
            self._cloudfront.create_invalidation(
                DistributionId=distribution,
                InvalidationBatch={
                    "Paths": {"Quantity": 1, "Items": ["/*"]},
                    "CallerReference": reference,
                },
            )
        except SDK_ERRORS as error:
            raise Unavailable(
                f"Distribution {distribution} was not invalidated: {error}"
            ) from error


class HttpTeller:
    """Puts the answer to the address that CloudFormation gave."""

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep

    def tell(self, url: str, told: dict[str, Any]) -> None:
        """Put the answer, tried anew where the address does not take it.

        Raises:
            Unavailable: It was not taken, however often it was tried.
        """
        # The address is signed without a type, so none may be sent.
        request = urllib.request.Request(
            url,
            data=json.dumps(told).encode(),
            headers={"Content-Type": ""},
            method="PUT",
        )
        last: Exception | None = None
        for number in range(TRIES):
            if number:
                self._sleep(2**number)
            try:
                with urllib.request.urlopen(  # nosec B310 # CloudFormation's
                    request, timeout=TIMEOUT
                ):
                    return
            except (urllib.error.URLError, OSError) as error:
                last = error
        raise Unavailable(
            f"CloudFormation did not take the answer: {last}"
        ) from last
