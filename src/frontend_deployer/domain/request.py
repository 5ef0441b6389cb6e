"""What CloudFormation asks of the custom resource, and what it is told.

The physical id is made of the bucket's name, so that it stays while the
bucket stays; another bucket is another resource, and CloudFormation then has
the former one deleted. Where files go is decided in ``site``.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from shared.domain.errors import BadRequest

MAX_REASON: Final = 1_000
_NO_BUCKET: Final = "unknown"


class Kind(StrEnum):
    """What is to be done."""

    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"


class Properties(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What the template says of the console."""

    bucket_name: str
    api_endpoint: str
    user_pool_id: str
    user_pool_client_id: str
    region: str
    distribution_id: str = ""
    identity_pool_id: str = ""
    frontend_build_version: str = ""


def kind_of(event: Mapping[str, Any]) -> Kind:
    """Return what is to be done.

    Raises:
        BadRequest: It is nothing that we know.
    """
    try:
        return Kind(event.get("RequestType", ""))
    except ValueError as error:
        raise BadRequest(
            "'RequestType' must be Create, Update or Delete."
        ) from error


def properties_of(event: Mapping[str, Any]) -> Properties:
    """Return the properties.

    Raises:
        BadRequest: One is missing, empty or no text.
    """
    given = event.get("ResourceProperties")
    try:
        found = msgspec.convert(given, Properties)
    except msgspec.ValidationError as error:
        raise BadRequest(f"ResourceProperties: {error}.") from error
    for name in (
        "bucket_name",
        "api_endpoint",
        "user_pool_id",
        "user_pool_client_id",
        "region",
    ):
        if not getattr(found, name):
            raise BadRequest(f"ResourceProperties: {name} must not be empty.")
    return found


def bucket_of(event: Mapping[str, Any]) -> str:
    """Return the bucket's name, empty where the request has none."""
    given = event.get("ResourceProperties")
    name = given.get("BucketName") if isinstance(given, Mapping) else None
    return name if isinstance(name, str) else ""


def physical_id(event: Mapping[str, Any]) -> str:
    """Return the id of the resource, the same for the same bucket."""
    known = event.get("PhysicalResourceId")
    if event.get("RequestType") == Kind.DELETE and known:
        return str(known)
    return f"console-in-{bucket_of(event) or _NO_BUCKET}"


def answer(
    event: Mapping[str, Any],
    *,
    failure: str = "",
    data: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return what CloudFormation is told."""
    told: dict[str, Any] = {
        "Status": "FAILED" if failure else "SUCCESS",
        "PhysicalResourceId": physical_id(event),
        "StackId": event.get("StackId", ""),
        "RequestId": event.get("RequestId", ""),
        "LogicalResourceId": event.get("LogicalResourceId", ""),
        "Data": dict(data or {}),
    }
    if failure:
        told["Reason"] = failure[:MAX_REASON]
    return told
