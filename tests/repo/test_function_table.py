"""Holds docs/functions.md to the code: each function is there, and called."""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

# The names, and their first parameters, that scripts and users rely on.
SIGNATURES = {
    "get_server_details_map": ("server_ids", "region"),
    "get_recovery_instances_for_wave": ("wave", "region"),
    "enrich_execution_with_server_details": ("execution", "region"),
    "reconcile_wave_status_with_drs": ("wave", "region"),
    "recalculate_execution_status": ("execution",),
    "get_execution_details_realtime": ("execution_id", "region"),
    "determine_target_account_context": ("event",),
    "create_drs_client": ("region", "account_context"),
    "get_servers_in_active_drs_jobs": ("region",),
    "get_all_active_executions": (),
    "get_servers_in_active_executions": (),
    "resolve_pg_servers_for_conflict_check": ("protection_group", "region"),
    "check_server_conflicts": ("server_ids", "region"),
    "get_plans_with_conflicts": ("region",),
    "has_circular_dependencies": ("waves",),
    "check_existing_recovery_instances": ("server_ids", "region"),
    "initiate_wave": ("wave", "execution_id", "region"),
    "get_server_launch_configurations": ("server_ids", "region"),
    "start_drs_recovery_with_retry": ("server_ids", "region", "max_retries"),
    "get_termination_job_status": ("job_id", "region"),
    "apply_launch_config_to_servers": (
        "server_ids",
        "launch_config",
        "region",
    ),
    "validate_server_replication_states": ("server_ids", "region"),
    "validate_server_assignments": ("server_ids", "protection_group_id"),
    "validate_servers_exist_in_drs": ("server_ids", "region"),
    "validate_and_get_source_servers": ("server_ids", "region"),
    "query_drs_servers_by_tags": ("region", "tags", "account_context"),
    "get_protection_group_servers": ("protection_group_id",),
    "get_drs_source_server_details": ("server_ids", "region"),
    "validate_target_account": ("account_id",),
    "delete_completed_executions": ("max_age_days",),
    "delete_executions_by_ids": ("execution_ids",),
    "export_configuration": (),
    "import_configuration": ("config",),
    "_get_existing_protection_groups": (),
    "_get_existing_recovery_plans": (),
    "_get_active_execution_servers": (),
    "apply_launch_config_before_recovery": (
        "drs_client",
        "server_ids",
        "launch_config",
        "region",
        "protection_group",
    ),
}
# What a function cannot be called without, besides.
NEEDED = {
    "determine_target_account_context": {"accounts", "hub_account_id"},
    "get_plans_with_conflicts": {"wanted", "busy"},
    "start_drs_recovery_with_retry": {"intent", "launcher"},
}
_ROW = re.compile(
    r"\| (?P<number>\d+) \| `(?P<name>\w+)` \| `(?P<module>[\w/.]+)` "
    r"\| `(?P<caller>[\w/.]+)`(?: `(?P<within>\w+)`)? \|.*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: a function, its module, and a place that calls it."""

    number: int
    name: str
    module: str
    caller: str
    within: str


def _rows() -> list[Row]:
    lines = Path("docs/functions.md").read_text().splitlines()
    found = [_ROW.fullmatch(line) for line in lines]
    return [
        Row(
            number=int(row["number"]),
            name=row["name"],
            module=row["module"],
            caller=row["caller"],
            within=row["within"] or "",
        )
        for row in found
        if row
    ]


ROWS = _rows()


@cache
def _parsed(path: str) -> ast.Module:
    return ast.parse(Path("src", path).read_text())


def _function(path: str, name: str) -> ast.FunctionDef:
    (found,) = [
        node
        for node in _parsed(path).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    return found


def _uses(tree: ast.AST, name: str) -> bool:
    """Tell whether the code refers to a name, other than importing it."""
    return any(
        (isinstance(node, ast.Name) and node.id == name)
        or (isinstance(node, ast.Attribute) and node.attr == name)
        for node in ast.walk(tree)
    )


@pytest.mark.parametrize("name", NEEDED)
def test_the_page_names_what_cannot_be_left_out(name: str) -> None:
    lines = Path("docs/functions.md").read_text().splitlines()

    (row,) = [line for line in lines if line.startswith(f"| `{name}` |")]
    needs = row.split("|")[2].partition(":")[0]
    assert set(re.findall(r"`(\w+)`", needs)) == NEEDED[name]


def test_the_table_names_every_function_in_order() -> None:
    assert [row.name for row in ROWS] == list(SIGNATURES)
    assert [row.number for row in ROWS] == list(range(1, 38))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_function_has_its_signature_where_the_table_says(row: Row) -> None:
    arguments = _function(row.module, row.name).args

    named = tuple(one.arg for one in (*arguments.posonlyargs, *arguments.args))
    fixed = SIGNATURES[row.name]
    assert named[: len(fixed)] == fixed
    # What follows may be left out.
    assert len(named) - len(arguments.defaults) <= len(fixed)
    keywords = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    needed = {one.arg for one, default in keywords if default is None}
    assert needed == NEEDED.get(row.name, set())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_function_is_called_where_the_table_says(row: Row) -> None:
    assert (row.caller, row.within) != (row.module, row.name)

    within: ast.AST = _parsed(row.caller)
    if row.within:
        within = _function(row.caller, row.within)
    assert _uses(within, row.name)
