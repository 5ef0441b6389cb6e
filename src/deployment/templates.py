"""Reads what a deployment needs of the templates' directory.

That is the main template's parameters, and the values that an environment
gives them: `parameters/ENV.json`, an object of names and texts.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from deployment.domain.errors import BadParameter
from deployment.domain.names import MAIN_TEMPLATE
from deployment.domain.parameters import Declared


class _Loader(yaml.SafeLoader):
    """Reads a template; what a function of it answers is of no interest."""


def _no_value(_: yaml.Loader, __: str, ___: yaml.Node) -> None:
    return None


_Loader.add_multi_constructor("!", _no_value)


def declared(templates: Path) -> list[Declared]:
    """Answer the main template's parameters."""
    text = (templates / MAIN_TEMPLATE).read_text()
    parameters = yaml.load(text, Loader=_Loader)["Parameters"]  # nosec B506
    return [_declared(name, each) for name, each in parameters.items()]


def of_environment(templates: Path, environment: str) -> dict[str, str]:
    """Answer the values that an environment gives parameters.

    Raises:
        BadParameter: The file is not an object of names and texts.
    """
    path = templates / "parameters" / f"{environment}.json"
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text())
    except ValueError as error:
        raise BadParameter(f"{path} is not JSON: {error}") from error
    if not isinstance(found, dict) or not all(
        isinstance(value, str) for value in found.values()
    ):
        raise BadParameter(
            f"{path} is not an object whose values are texts, such as "
            '{"ConsoleOrigin": "https://dr.example.com"}.'
        )
    return found


def _declared(name: str, found: dict[str, Any]) -> Declared:
    default = found.get("Default")
    return Declared(
        name=name,
        default=None if default is None else str(default),
        pattern=found.get("AllowedPattern"),
        allowed=tuple(str(each) for each in found.get("AllowedValues", ())),
        says=found.get("ConstraintDescription", ""),
    )
