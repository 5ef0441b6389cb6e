"""Put the page into its bucket, or take all of it away again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from frontend_deployer.domain.ports import Bucket, Stores, Teller
from frontend_deployer.domain.request import (
    Kind,
    bucket_of,
    kind_of,
    properties_of,
)
from frontend_deployer.domain.site import files, outdated
from shared import log
from shared.domain.errors import Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The outside of one invocation.

    Attributes:
        contents: The files of the page inside the package, by their path.
        installation: Names that the page shows.
        stores: Buckets and distributions.
        teller: The way back to CloudFormation.
        seconds_left: Tells how long the function may still run.
    """

    contents: Mapping[str, bytes]
    installation: Mapping[str, str]
    stores: Stores
    teller: Teller
    seconds_left: Callable[[], float]


SPARE_SECONDS = 20


def carry_out(event: Mapping[str, Any], ports: Ports) -> dict[str, str]:
    """Do what is asked and return the resource's attributes.

    Raises:
        BadRequest: It cannot be understood.
        Unavailable: S3 or CloudFront failed, or there was no time left.
    """
    if kind_of(event) is Kind.DELETE:
        return _emptied(bucket_of(event), ports)
    properties = properties_of(event)
    bucket = ports.stores.bucket(properties.bucket_name)
    build = files(ports.contents, properties, ports.installation)
    for file in build:
        _in_time(ports)
        bucket.put(file)
    old = outdated(bucket.keys(), build)
    _deleted(bucket, old, ports)
    if properties.distribution_id:
        reference = str(event.get("RequestId") or "")
        ports.stores.invalidate(properties.distribution_id, reference)
    log.event("console_deployed", files=len(build), removed=len(old))
    return {
        "Version": properties.frontend_build_version,
        "Files": str(len(build)),
    }


def _emptied(name: str, ports: Ports) -> dict[str, str]:
    """Empty the bucket, which CloudFormation could not delete otherwise."""
    if name:
        bucket = ports.stores.bucket(name)
        keys = bucket.keys()
        _deleted(bucket, keys, ports)
        log.event("console_removed", files=len(keys))
    return {}


def _deleted(bucket: Bucket, keys: list[str], ports: Ports) -> None:
    if keys:
        _in_time(ports)
        bucket.delete(keys)


def _in_time(ports: Ports) -> None:
    if ports.seconds_left() < SPARE_SECONDS:
        raise Unavailable(
            "The function's time is nearly over and the console is not "
            "deployed; repeat the update."
        )
