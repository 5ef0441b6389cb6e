"""Holds answers of the functions against the description of the API."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from openapi_schema_validator import OAS30Validator

DOCUMENT = Path(__file__).parents[2] / "cfn/api/openapi.yaml"


@cache
def document() -> Mapping[str, Any]:
    """Read the document; it has long forms only, so it is plain YAML."""
    found: dict[str, Any] = yaml.safe_load(
        DOCUMENT.read_text(encoding="utf-8")
    )
    return found


def resolved(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a reference within the document refers to."""
    found: Any = part
    if "$ref" in part:
        found = document()
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
    return dict(found)


def check_media(media: Mapping[str, Any], body: object) -> None:
    """Fail where a body is not as its schema says."""
    schema = {**media["schema"], "components": document()["components"]}
    OAS30Validator(schema).validate(body)


def check_answer(route: str, status: int, body: object) -> None:
    """Fail where a route's answer is not documented.

    Args:
        route: Method and template, such as ``GET /executions/{id}``.
        status: The answer's status.
        body: Its JSON.
    """
    method, path = route.split(" ")
    answers = document()["paths"][path][method.lower()]["responses"]
    assert str(status) in answers, f"{route} does not document {status}"
    answer = resolved(answers[str(status)])
    check_media(answer["content"]["application/json"], body)
