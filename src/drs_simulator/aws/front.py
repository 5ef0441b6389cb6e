"""A request of the wire to the model, and its answer back to the wire.

Decides the order in which a call is read, identified, authorised, held up
and answered. Knows no socket: the HTTP server and moto both bring their
requests here.
"""

import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from drs_simulator.aws import shapes
from drs_simulator.aws.resources import permissions
from drs_simulator.aws.service_quotas import TARGET, answer_quotas
from drs_simulator.domain import control
from drs_simulator.domain.faults import ServiceFault
from drs_simulator.domain.simulator import Simulator

_CREDENTIAL = re.compile(r"Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/")
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came, header names in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer as it goes out."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls: an account, and within it a role or its root."""

    account: str
    arn: str
    is_root: bool = False


class Door(Protocol):
    """Knows callers by their access keys and what they may do."""

    def caller(self, request: Request, access_key: str) -> Caller:
        """Return who holds an access key."""

    def check(
        self, caller: Caller, action: str, resources: Sequence[str]
    ) -> None:
        """Refuse an action the caller may not do."""


class Front:
    """The service on the wire, whatever carries it.

    Args:
        simulator: the model; every use of it is under one lock.
        door: tells callers apart.
        sleep: how an injected delay passes.
    """

    def __init__(
        self,
        simulator: Simulator,
        door: Door,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.simulator = simulator
        self.lock = threading.RLock()
        self._door = door
        self._sleep = sleep
        self._shapes = service_shapes()

    def answer(self, request: Request) -> Reply:
        """Answer a request.

        Raises:
            ReplyLost: the connection is to be closed without an answer.
        """
        if request.path.startswith(control.ROOT):
            return self._control(request)
        try:
            target = request.headers.get("x-amz-target", "")
            if target.startswith(TARGET):
                return self._quotas(request, target.removeprefix(TARGET))
            return self._service(request)
        except ServiceFault as fault:
            status, headers, body = shapes.error(fault)
            return Reply(status=status, headers={**JSON, **headers}, body=body)

    def _control(self, request: Request) -> Reply:
        with self.lock:
            status, body = control.answer(
                self.simulator,
                request.method,
                request.path,
                request.query,
                request.body,
            )
        return Reply(status=status, headers=JSON, body=body)

    def _service(self, request: Request) -> Reply:
        access_key, region = _scope(request)
        route = self._shapes.route(request.method, request.path)
        if route is None:
            raise ServiceFault(
                "UnknownOperationException",
                f"{request.method} {request.path} is no operation of DRS.",
                404,
            )
        operation = route.operation
        caller = self._door.caller(request, access_key)
        members = self._shapes.request(route, request.query, request.body)
        for action, arns in permissions(
            caller.account, region, operation, members
        ):
            self._check(caller, region, action, arns)
        answer = self._called(caller, region, operation, members)
        status, body = self._shapes.answer(operation, answer)
        return Reply(status=status, headers=JSON, body=body)

    def _check(
        self,
        caller: Caller,
        region: str,
        action: str,
        resources: Sequence[str],
    ) -> None:
        """Refuse, and note, what the caller may not do."""
        try:
            self._door.check(caller, action, resources)
        except ServiceFault as fault:
            operation = action.partition(":")[2]
            with self.lock:
                self.simulator.note(
                    caller.account, region, operation, caller.arn, fault.code
                )
            raise

    def _called(
        self,
        caller: Caller,
        region: str,
        operation: str,
        members: Mapping[str, Any],
    ) -> Mapping[str, Any]:
        with self.lock:
            delay = self.simulator.delay(caller.account, region, operation)
        if delay:
            self._sleep(delay)
        with self.lock:
            return self.simulator.call(
                caller.account, region, operation, members, caller.arn
            )

    def _quotas(self, request: Request, operation: str) -> Reply:
        access_key, region = _scope(request)
        caller = self._door.caller(request, access_key)
        self._check(caller, region, f"servicequotas:{operation}", ["*"])
        with self.lock:
            self.simulator.note(caller.account, region, operation, caller.arn)
            quotas = self.simulator.quotas.of(caller.account, region)
        body = answer_quotas(
            caller.account, region, operation, request.body, quotas
        )
        headers = {"Content-Type": "application/x-amz-json-1.1"}
        return Reply(status=200, headers=headers, body=body)


@cache
def service_shapes() -> shapes.ServiceShapes:
    """Return the service model, read once for the whole process."""
    return shapes.ServiceShapes()


def _scope(request: Request) -> tuple[str, str]:
    """Return access key and Region of the signature's scope."""
    found = _CREDENTIAL.search(request.headers.get("authorization", ""))
    if found is None:
        raise ServiceFault(
            "MissingAuthenticationTokenException",
            "The request carries no AWS signature; sign it with any key"
            " that the simulator was told of.",
            403,
        )
    return found.group(1), found.group(3)
