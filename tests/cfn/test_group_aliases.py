"""Groups of other names: what is taken, and how it reaches the handlers."""

import json
import re

import pytest

from shared.domain.rbac import Role
from shared.settings import HttpSettings
from tests.support import templates

FUNCTIONS = templates.template("functions")
DECLARED = templates.template("main").parameters["RbacGroupAliases"]
LAYER = {"Ref": "GroupAliases"}
LONGEST = 220
DESCRIPTION_LIMIT = 256


def is_taken(value: str) -> bool:
    """Tell whether CloudFormation takes a value of the parameter."""
    return bool(re.fullmatch(DECLARED["AllowedPattern"], value))


def read(value: str) -> dict[str, str]:
    """Return the aliases that a handler reads from the variable."""
    environment = {"CORS_ALLOWED_ORIGIN": "*", "RBAC_GROUP_ALIASES": value}
    found = HttpSettings.read(environment).aliases
    return {group: str(role) for group, role in found.items()}


@pytest.mark.parametrize(
    "value",
    [
        '{"dr-team":"DRSOperator"}',
        '{"a":"DRSReadOnly","b@c.d":"DRSOrchestrationAdmin"}',
        *(f'{{"group":"{role}"}}' for role in Role),
    ],
)
def test_what_is_taken_is_what_the_handlers_read(value: str) -> None:
    assert is_taken(value)
    assert read(value) == json.loads(value)


@pytest.mark.parametrize(
    "value",
    [
        '{"dr-team":"King"}',
        '{"dr team":"DRSOperator"}',
        '{"dr-team": "DRSOperator"}',
        '{"dr-team":"DRSOperator",}',
        '{"dr-team":["DRSOperator"]}',
        '{"${x}":"DRSOperator"}',
        "{}",
        "dr-team",
        json.dumps({"x" * LONGEST: "DRSOperator"}, separators=(",", ":")),
    ],
)
def test_what_no_handler_could_start_with_is_not_taken(value: str) -> None:
    assert not is_taken(value)


def test_without_aliases_there_is_neither_layer_nor_variable() -> None:
    layer = FUNCTIONS.body["Resources"]["GroupAliases"]

    assert is_taken(DECLARED["Default"])
    assert DECLARED["Default"] == ""
    assert layer["Condition"] == "WithGroupAliases"
    assert FUNCTIONS.body["Conditions"]["WithGroupAliases"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "RbacGroupAliases"}, ""]}]
    }


def test_other_aliases_are_another_layer_of_which_nobody_has_more() -> None:
    described = templates.text(
        FUNCTIONS.properties("GroupAliases")["Description"]
    )
    used = [
        FUNCTIONS.properties(name)["Layers"]
        for name in FUNCTIONS.resources("Lambda::Function")
    ]

    assert described == "RBAC_GROUP_ALIASES ${RbacGroupAliases}"
    assert DECLARED["AllowedPattern"].endswith(f".{{0,{LONGEST}}}$")
    fixed = len(described) - len("${RbacGroupAliases}")
    assert fixed + LONGEST <= DESCRIPTION_LIMIT
    assert LAYER not in [layer for layers in used for layer in layers]


@pytest.mark.parametrize(
    "function", ["DataManagementHandler", "ExecutionHandler", "QueryHandler"]
)
def test_the_layers_number_is_in_the_description_of_each_handler(
    function: str,
) -> None:
    properties = FUNCTIONS.properties(f"{function}Function")
    pattern, given = properties["Description"]["Fn::Sub"]
    number = {"Fn::Select": [7, {"Fn::Split": [":", LAYER]}]}

    assert "${Aliases}" in pattern
    assert given == {"Aliases": {"Fn::If": ["WithGroupAliases", number, "0"]}}
    assert properties["Environment"]["Variables"]["RBAC_GROUP_ALIASES"] == {
        "Fn::If": [
            "WithGroupAliases",
            {"Ref": "RbacGroupAliases"},
            {"Ref": "AWS::NoValue"},
        ]
    }
