"""Routes and shapes of the service, read from botocore's service model.

Decides which operation a request names, whether its members have the shape
the model gives, and how answers and errors are written. Patterns and sets of
values are checked too, which botocore's own validator leaves out.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote

import botocore.session
from botocore.model import (
    ListShape,
    MapShape,
    OperationModel,
    Shape,
    StringShape,
    StructureShape,
)
from botocore.validate import ParamValidator

from drs_simulator.domain.faults import ServiceFault, invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An operation and the members that its path gave."""

    operation: str
    members: Mapping[str, str]


class ServiceShapes:
    """The service model of one service of the rest-json protocol."""

    def __init__(self, service: str = "drs") -> None:
        session = botocore.session.get_session()
        self._model = session.get_service_model(service)
        self._validator = ParamValidator()
        self._routes = [
            (operation, *_pattern(operation))
            for operation in map(
                self._model.operation_model, self._model.operation_names
            )
        ]

    @property
    def operations(self) -> list[str]:
        """Return the names of all operations of the model."""
        return list(self._model.operation_names)

    def modelled_errors(self, operation: str) -> set[str]:
        """Return the error codes the model lists for an operation."""
        model = self._model.operation_model(operation)
        return {shape.name for shape in model.error_shapes}

    def route(self, method: str, path: str) -> Route | None:
        """Return what a request line means, or None."""
        for operation, verb, pattern in self._routes:
            found = pattern.fullmatch(path) if verb == method else None
            if found:
                members = {k: unquote(v) for k, v in found.groupdict().items()}
                return Route(operation=operation.name, members=members)
        return None

    def request(self, route: Route, query: str, body: bytes) -> dict[str, Any]:
        """Return the members of a request.

        Raises:
            ServiceFault: the body is no JSON object, or a member has not
                the shape of the model.
        """
        shape = self._model.operation_model(route.operation).input_shape
        members: dict[str, Any] = _decoded(body)
        members.update(route.members)
        if not isinstance(shape, StructureShape):
            return members
        members.update(_from_query(shape, query))
        known = {k: v for k, v in members.items() if k in shape.members}
        problem = self._problem(known, shape)
        if problem:
            raise ServiceFault(
                "ValidationException", problem, reason="fieldValidationFailed"
            )
        return known

    def answer(
        self, operation: str, members: Mapping[str, Any]
    ) -> tuple[int, bytes]:
        """Return status and body of an answer.

        Raises:
            ServiceFault: the members have not the shape of the model.
        """
        model = self._model.operation_model(operation)
        status = int(model.http.get("responseCode", 200))
        if not isinstance(model.output_shape, StructureShape):
            return status, b"" if status == 204 else b"{}"
        problem = self._problem(members, model.output_shape)
        if problem:
            raise ServiceFault(
                "InternalServerException",
                f"The simulator's answer to {operation} breaks the service"
                f" model: {problem}",
            )
        return status, json.dumps(members).encode()

    def _problem(self, members: Any, shape: StructureShape) -> str:
        report = self._validator.validate(members, shape)
        if report.has_errors():
            return str(report.generate_report())
        return next(violations(shape, members, ""), "")


def error(fault: ServiceFault) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of an error answer."""
    headers = {"x-amzn-ErrorType": fault.code}
    members = dict(fault.members)
    retry_after = members.pop("retryAfterSeconds", None)
    if fault.code == "ThrottlingException":
        headers["Retry-After"] = retry_after or "1"
    body = {
        "__type": fault.code,
        "message": fault.message,
        "code": fault.code,
        **members,
    }
    return fault.status, headers, json.dumps(body).encode()


def violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """Yield what patterns, value sets and upper bounds forbid."""
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            if name in value:
                yield from violations(member, value[name], f"{path}.{name}")
    elif isinstance(shape, ListShape):
        yield from _too_long(shape, value, path)
        for index, item in enumerate(value):
            yield from violations(shape.member, item, f"{path}[{index}]")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from violations(shape.key, key, f"{path}.{key}")
            yield from violations(shape.value, item, f"{path}.{key}")
    elif isinstance(shape, StringShape):
        yield from _bad_text(shape, value, path)


def _too_long(shape: Shape, value: Any, path: str) -> Iterator[str]:
    most = shape.metadata.get("max")
    if most is not None and len(value) > most:
        yield f"{path}: {len(value)} is more than {most}"


def _bad_text(shape: StringShape, value: str, path: str) -> Iterator[str]:
    yield from _too_long(shape, value, path)
    if shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is none of {list(shape.enum)}"
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        yield f"{path}: {value!r} does not match {pattern}"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


def _pattern(operation: OperationModel) -> tuple[str, re.Pattern[str]]:
    uri = str(operation.http["requestUri"]).partition("?")[0]
    text = re.sub(r"\\\{(\w+)(?:\\\+)?\\\}", r"(?P<\1>.+)", re.escape(uri))
    return str(operation.http["method"]), re.compile(text)


def _decoded(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        members = json.loads(body)
    except ValueError as problem:
        raise ServiceFault(
            "ValidationException",
            f"The body is no JSON: {problem}",
            reason="cannotParse",
        ) from problem
    if not isinstance(members, dict):
        raise invalid("The body is no JSON object.")
    return members


def _from_query(shape: StructureShape, query: str) -> dict[str, Any]:
    given = parse_qs(query, keep_blank_values=True)
    members: dict[str, Any] = {}
    for name, member in shape.members.items():
        if member.serialization.get("location") != "querystring":
            continue
        values = given.get(str(member.serialization.get("name", name)))
        if not values:
            continue
        if isinstance(member, ListShape):
            members[name] = values
        elif member.type_name == "integer":
            members[name] = _integer(name, values[0])
        else:
            members[name] = values[0]
    return members


def _integer(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError as problem:
        raise invalid(f"{name} is no whole number: {text}") from problem
