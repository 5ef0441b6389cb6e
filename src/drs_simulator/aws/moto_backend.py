"""The service as a moto backend, registered from outside moto.

Decides how moto finds the service and which account a mocked call belongs
to. ``register()`` once, then ``mock_aws()`` covers DRS as well; each mock
begins with an empty service, reached through ``simulator()``.
"""

import re
import sys
import time
from collections.abc import Mapping, Sequence
from random import Random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import ConnectionClosedError
from moto import backend_index
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.responses import BaseResponse

from drs_simulator.aws.ec2 import Ec2Machines
from drs_simulator.aws.front import Caller, Front, Request
from drs_simulator.domain.faults import ReplyLost
from drs_simulator.domain.ports import Place
from drs_simulator.domain.simulator import Simulator

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

SERVICE = "drs"
HOST = r"https?://drs\.(.+)\.amazonaws\.com"


class MotoDoor:
    """Lets everyone in; moto knows the account of a key or session."""

    def caller(self, request: Request, access_key: str) -> Caller:
        """Return who holds an access key, as moto sees it."""
        account = request.headers.get("x-simulated-account", "")
        return Caller(
            account=account, arn=f"arn:aws:iam::{account}:user/{access_key}"
        )

    def check(
        self, caller: Caller, action: str, resources: Sequence[str]
    ) -> None:
        """Allow everything; moto enforces no policies by default."""


class DrsBackend(BaseBackend):
    """One account and Region in moto; the first one holds the service."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.front = Front(
            Simulator(time.time, Random(0), machines=Ec2Machines(_mocked_ec2)),
            MotoDoor(),
        )

    @property
    def _url_module(self) -> SimpleNamespace:
        return SimpleNamespace(
            url_bases=[HOST], url_paths={"{0}/.*$": dispatch}
        )


drs_backends = BackendDict(DrsBackend, SERVICE)


def register() -> None:
    """Make moto know the service; a second call changes nothing."""
    sys.modules[f"moto.{SERVICE}"] = sys.modules[__name__]
    known = {name for name, _ in backend_index.backend_url_patterns}
    if SERVICE not in known:
        backend_index.backend_url_patterns.append((SERVICE, re.compile(HOST)))


def simulator() -> Simulator:
    """Return the service of the mock in force, for all its accounts."""
    return _front().simulator


def _front() -> Front:
    front: Front = drs_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].front
    return front


def dispatch(
    request: Any, full_url: str, headers: Mapping[str, str]
) -> tuple[int, dict[str, str], bytes]:
    """Answer a request that moto intercepted."""
    known = BaseResponse(service_name=SERVICE)
    known.setup_class(request, full_url, headers)
    lowered = {key.lower(): str(value) for key, value in headers.items()}
    lowered["x-simulated-account"] = known.current_account
    parts = urlsplit(full_url)
    try:
        reply = _front().answer(
            Request(
                method=request.method,
                path=parts.path,
                query=parts.query,
                headers=lowered,
                body=_bytes(request.data),
            )
        )
    except ReplyLost as lost:
        raise ConnectionClosedError(endpoint_url=full_url) from lost
    return reply.status, dict(reply.headers), reply.body


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else bytes(body or b"")


def _mocked_ec2(place: Place) -> "EC2Client":
    """Return a client that moto takes for one of the account."""
    client = boto3.client(
        "ec2",
        region_name=place.region,
        aws_access_key_id="simulator",
        aws_secret_access_key="simulator",  # nosec B106 # no secret
    )

    def named(params: dict[str, Any], **_: Any) -> None:
        params["headers"]["x-moto-account-id"] = place.account

    client.meta.events.register("before-call.ec2.*", named)
    return client
