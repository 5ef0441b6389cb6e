"""Holds the code to its budgets: sizes, and words that have no place here."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FUNCTION_LINES = 60
USUAL_FUNCTION_LINES = 40
MODULE_LINES = 400
# The front of every function, which answers 500 for what nobody foresaw.
CATCHES_EVERYTHING = frozenset({"src/shared/http.py", "src/shared/routing.py"})

_DRS_CLIENT = re.compile(r"""(client|resource)\(\s*["']drs["']""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A source file and what it parses to."""

    path: str
    text: str
    tree: ast.Module

    def functions(self) -> Iterator[tuple[str, int]]:
        """Answer each function's place and number of lines."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{self.path}:{node.lineno} {node.name}", lines


def _modules() -> list[Module]:
    found = []
    for path in sorted(Path("src").rglob("*.py")):
        text = path.read_text()
        found.append(
            Module(path=path.as_posix(), text=text, tree=ast.parse(text))
        )
    return found


MODULES = _modules()


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        (place, lines)
        for module in MODULES
        for place, lines in module.functions()
        if lines > FUNCTION_LINES
    ]

    assert not long


def test_nineteen_functions_in_twenty_are_short() -> None:
    sizes = sorted(
        lines for module in MODULES for _, lines in module.functions()
    )

    assert sizes[len(sizes) * 95 // 100] <= USUAL_FUNCTION_LINES


def test_no_module_is_a_book() -> None:
    long = {
        module.path: lines
        for module in MODULES
        if (lines := len(module.text.splitlines())) > MODULE_LINES
    }

    assert not long


def test_nothing_catches_everything() -> None:
    catching = {
        module.path
        for module in MODULES
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node)
    }

    assert catching <= CATCHES_EVERYTHING


def test_nothing_prints() -> None:
    printing = [
        f"{module.path}:{node.lineno}"
        for module in MODULES
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]

    assert not printing


def test_only_the_drs_library_makes_a_drs_client() -> None:
    making = {
        module.path for module in MODULES if _DRS_CLIENT.search(module.text)
    }

    assert all(path.startswith("src/drs/aws/") for path in making)


def test_every_module_says_what_it_decides() -> None:
    silent = [
        module.path
        for module in MODULES
        if module.text.strip() and not ast.get_docstring(module.tree)
    ]

    assert not silent


def test_no_init_module_has_code() -> None:
    coded = [
        module.path
        for module in MODULES
        if module.path.endswith("/__init__.py") and module.text.strip()
    ]

    assert not coded


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return any(
        isinstance(node, ast.Name)
        and node.id in {"Exception", "BaseException"}
        for node in ast.walk(handler.type)
    )
