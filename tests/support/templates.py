"""Reads the CloudFormation templates and the state machine from ``cfn/``.

Short forms become long ones (``!Ref X`` is ``{"Ref": "X"}``), so that a test
looks at plain dictionaries. Nothing is resolved; ``text`` gives references a
readable form.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

CFN = Path(__file__).parents[2] / "cfn"
NAMES = (
    "main",
    "tables",
    "topics",
    "roles",
    "functions",
    "statemachine",
    "events",
    "cognito",
    "api",
    "monitoring",
    "identity",
    "console",
    "waf",
    "target-account",
)
# Deployed by themselves.
ROOTS = ("main", "target-account")


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return {name: value}


_Loader.add_multi_constructor("!", _short_form)


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One template: its file and its content in long form."""

    name: str
    path: Path
    body: Mapping[str, Any]

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Return the declared parameters."""
        found: Mapping[str, Any] = self.body.get("Parameters", {})
        return found

    @property
    def outputs(self) -> Mapping[str, Any]:
        """Return the outputs."""
        found: Mapping[str, Any] = self.body.get("Outputs", {})
        return found

    def resources(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the resources of a type by logical id."""
        return {
            name: resource
            for name, resource in self.body["Resources"].items()
            if resource["Type"] == f"AWS::{kind}"
        }

    def properties(self, logical_id: str) -> dict[str, Any]:
        """Return the properties of a resource."""
        found: dict[str, Any] = self.body["Resources"][logical_id][
            "Properties"
        ]
        return found


@cache
def template(name: str) -> Template:
    """Read one template; it is read once and must not be changed."""
    path = CFN / f"{name}.yaml"
    with path.open(encoding="utf-8") as file:
        # The loader is a SafeLoader with constructors that build data only.
        body = yaml.load(file, Loader=_Loader)  # nosec B506
    return Template(name=name, path=path, body=body)


def state_machine() -> dict[str, Any]:
    """Read the definition of the state machine."""
    path = CFN / "statemachine/orchestration.asl.json"
    definition: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return definition


def text(value: Any) -> str:
    """Return a scalar, a Sub or a reference as one readable string."""
    match value:
        case {"Ref": str(name)}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"${{{name}.{attribute}}}"
        case {"Fn::Sub": str(pattern) | [str(pattern), _]}:
            return pattern
        case str() | int():
            return str(value)
    raise AssertionError(f"no text for {value!r}")


def walk(value: Any) -> Iterator[Any]:
    """Yield a value and everything inside it."""
    yield value
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def many(value: Any) -> list[Any]:
    """Return a list as it is and anything else as a list of one."""
    return value if isinstance(value, list) else [value]
