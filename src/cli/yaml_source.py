"""YAML text as plain values that remember where they stood.

Aliases and merge keys are refused: a plan file says each thing where it
holds, and a position must name one place. What the values mean is decided
elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import ComposerError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode
from ruamel.yaml.reader import ReaderError

from cli.domain.problems import BadPlanFile, Fault, Path, Problem

type Place = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The values of one file and the place of each of them."""

    file: str
    value: object
    keys: Mapping[Path, Place]
    values: Mapping[Path, Place]

    def fault(self, problem: Problem) -> Fault:
        """Say where in the file the problem is."""
        line, column = self._place(problem)
        return Fault(
            file=self.file,
            line=line,
            column=column,
            wrong=problem.wrong,
            right=problem.right,
        )

    def _place(self, problem: Problem) -> Place:
        if problem.at_key and problem.path in self.keys:
            return self.keys[problem.path]
        path = problem.path
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, (1, 1))


def read_document(path: FilePath) -> Document:
    """Read a YAML file.

    Raises:
        BadPlanFile: The file cannot be read, or is not one YAML document.
    """
    name = str(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise _unusable(
            name,
            f"cannot be read: {error.strerror}",
            "name a plan file such as examples/three-tier.yaml",
        ) from error
    except UnicodeDecodeError as error:
        raise _unusable(
            name,
            f"is not UTF-8 text: byte {error.start} cannot be read",
            "save the file as UTF-8",
        ) from error
    return parse_document(text, file=name)


def parse_document(text: str, *, file: str) -> Document:
    """Parse YAML text.

    Raises:
        BadPlanFile: The text is not one YAML document without aliases.
    """
    try:
        _refuse_aliases(text, file)
        keys, values = _places(_yaml().compose(text))
        value = _yaml().load(text)
    except MarkedYAMLError as error:
        raise _not_yaml(file, error) from error
    except ReaderError as error:
        before = text[: error.position]
        raise BadPlanFile(
            [
                Fault(
                    file=file,
                    line=before.count("\n") + 1,
                    column=len(before) - before.rfind("\n"),
                    wrong="a character that YAML does not allow",
                    right="remove it or write it as an escape in quotes",
                )
            ]
        ) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise _unusable(
            file, f"not YAML: {error}", "write one YAML mapping"
        ) from error
    return Document(file=file, value=value, keys=keys, values=values)


def _places(root: Node | None) -> tuple[dict[Path, Place], dict[Path, Place]]:
    """Return where each key and each value starts, by its path."""
    keys: dict[Path, Place] = {}
    values: dict[Path, Place] = {}
    for path, key, node in _walk((), None, root) if root else ():
        # An empty value's own mark is on the line of the next token.
        absent = key is not None and node.start_mark.index >= _end(node)
        values[path] = _place(key if key and absent else node)
        if key is not None:
            keys[path] = _place(key)
    return keys, values


def _yaml() -> Any:
    return YAML(typ="safe", pure=True)


def _walk(
    path: Path, key: Node | None, node: Node
) -> Iterator[tuple[Path, Node | None, Node]]:
    yield path, key, node
    if isinstance(node, MappingNode):
        for inner_key, inner in node.value:
            if not isinstance(inner_key.value, str):
                raise ComposerError(
                    None, None, "a key that is no text", inner_key.start_mark
                )
            yield from _walk((*path, inner_key.value), inner_key, inner)
    elif isinstance(node, SequenceNode):
        for index, inner in enumerate(node.value):
            yield from _walk((*path, index), None, inner)


def _end(node: Node) -> int:
    return int(node.end_mark.index)


def _place(node: Node) -> Place:
    mark = node.start_mark
    return mark.line + 1, mark.column + 1


def _refuse_aliases(text: str, file: str) -> None:
    faults = [
        Fault(
            file=file,
            line=event.start_mark.line + 1,
            column=event.start_mark.column + 1,
            wrong=f"the alias `*{event.anchor}`",
            right="aliases are not used in plan files; write the value out",
        )
        for event in _yaml().parse(text)
        if isinstance(event, AliasEvent)
    ]
    if faults:
        raise BadPlanFile(faults)


def _not_yaml(file: str, error: MarkedYAMLError) -> BadPlanFile:
    mark = error.problem_mark or error.context_mark
    told = " ".join(str(error.problem or error.context).split())
    return BadPlanFile(
        [
            Fault(
                file=file,
                line=mark.line + 1 if mark else 1,
                column=mark.column + 1 if mark else 1,
                wrong=f"not YAML: {told}",
                right=_remedy(told),
            )
        ]
    )


def _remedy(told: str) -> str:
    if "duplicate key" in told:
        return "write each key once"
    if "\\t" in told:
        return "indent with spaces"
    return "check indentation, colons and quotes here and on the line before"


def _unusable(file: str, wrong: str, right: str) -> BadPlanFile:
    return BadPlanFile(
        [Fault(file=file, line=1, column=1, wrong=wrong, right=right)]
    )
