"""Holds texts and descriptions to their forms, as gates of scripts/check.

    documents texts [FILE ...]      syntax of YAML and JSON, spaces, file ends
    documents templates [FILE ...]  what cfn-lint has to say, warnings too
    documents state-machine         its definition, by the same linter
    documents api                   the API's description, and cfn/api.yaml

What a form is, is decided by the parsers and linters. Nothing is changed.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml
from cfnlint import api as cfnlint  # type: ignore[import-untyped]
from openapi_spec_validator import OpenAPIV30SpecValidator

from scripts.api_template import DOCUMENT, ROOT, STACK, TEMPLATE, template_of

DEFINITION: Final = Path("cfn/statemachine/orchestration.asl.json")
_ARN: Final = "arn:aws:lambda:eu-west-1:123456789012:function:any:live"
_TEXTS: Final = frozenset(
    {
        "",
        ".bash",
        ".cfg",
        ".json",
        ".lock",
        ".md",
        ".py",
        ".sh",
        ".toml",
        ".txt",
        ".yaml",
        ".yml",
    }
)


class _Templates(yaml.SafeLoader):
    """YAML with the short forms of CloudFormation's functions."""


_Templates.add_multi_constructor("!", lambda loader, suffix, node: None)


def text_faults(path: Path) -> Iterator[str]:
    """Yield what is wrong with the form of a text."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        yield f"{path}: is not UTF-8"
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if line != line.rstrip():
            yield f"{path}:{number}: ends in white space"
    if text and not text.endswith("\n"):
        yield f"{path}: does not end in a new line"
    if text.endswith("\n\n") or text == "\n":
        yield f"{path}: ends in an empty line"
    yield from _syntax_faults(path, text)


def _syntax_faults(path: Path, text: str) -> Iterator[str]:
    try:
        match path.suffix:
            case ".json":
                json.loads(text)
            case ".yaml" | ".yml":
                for _ in yaml.load_all(text, _Templates):  # nosec B506
                    pass
    except json.JSONDecodeError as error:
        yield f"{path}:{error.lineno}: is not JSON: {error.msg}"
    except yaml.YAMLError as error:
        yield f"{path}: is not YAML: {error}"


def definition_faults(definition: Mapping[str, Any]) -> list[str]:
    """Return what the linter says of a state machine's definition."""
    names = _placeholders(json.dumps(definition))
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "Machine": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "RoleArn": "arn:aws:iam::123456789012:role/machine",
                    "Definition": definition,
                    "DefinitionSubstitutions": dict.fromkeys(names, _ARN),
                },
            }
        },
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "inline.json")
        path.write_text(json.dumps(template), encoding="utf-8")
        return [f"{DEFINITION}: {found}" for found in cfnlint.lint_file(path)]


def api_faults(stack: str, document: str, template: str) -> list[str]:
    """Return what is wrong with the API's description and its template."""
    spec = yaml.safe_load(document)
    faults = [
        f"{DOCUMENT.name}: {'/'.join(map(str, fault.absolute_path))}:"
        f" {fault.message}"
        for fault in OpenAPIV30SpecValidator(spec).iter_errors()
    ]
    if template != template_of(stack, document):
        faults.append(
            "cfn/api.yaml is not what it is written from: run"
            " `scripts/python -m scripts.api_template`"
        )
    return faults


def _placeholders(definition: str) -> set[str]:
    return {part.partition("}")[0] for part in definition.split("${")[1:]}


def _texts(names: Sequence[str]) -> list[str]:
    paths = [Path(name) for name in names] or _tracked()
    return [
        fault
        for path in paths
        if path.suffix in _TEXTS and path.is_file()
        for fault in text_faults(path)
    ]


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], capture_output=True, text=True, check=True
    )
    return [Path(name) for name in listed.stdout.split("\0") if name]


def _templates(names: Sequence[str]) -> list[str]:
    paths = [Path(name) for name in names] or sorted(
        Path("cfn").glob("*.yaml")
    )
    return [
        f"{path}:{found.linenumber}: {found.rule.id} {found.message}"
        for path in paths
        for found in cfnlint.lint_file(path)
    ]


def _state_machine(names: Sequence[str]) -> list[str]:
    return definition_faults(json.loads(DEFINITION.read_text("utf-8")))


def _api(names: Sequence[str]) -> list[str]:
    return api_faults(
        *(
            path.relative_to(ROOT).read_text("utf-8")
            for path in (STACK, DOCUMENT, TEMPLATE)
        )
    )


_FORMS: Final[Mapping[str, Callable[[Sequence[str]], list[str]]]] = {
    "texts": _texts,
    "templates": _templates,
    "state-machine": _state_machine,
    "api": _api,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is wrong with one kind of document."""
    form, *names = sys.argv[1:] if arguments is None else arguments
    faults = _FORMS[form](names)
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
