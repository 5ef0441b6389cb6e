"""Laws of plan files: positions, the schema, and seeding."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import msgspec
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from cli.domain.plan_file import PlanFile, published_schema
from cli.domain.plan_schema import shape_problems
from cli.domain.problems import BadPlanFile
from cli.domain.seeding import seeds
from cli.domain.selection import members, selections
from cli.plan_loading import checked_plan, load_plan
from cli.yaml_source import parse_document
from tests.cli.builders import EXAMPLE, LARGE, SCHEMA, SMALL, a_plan

SCHEMA_NOW = published_schema()
MUTANTS = ("[]", "{}", "1.5", "~")


def scalars(node: Node) -> Iterator[ScalarNode]:
    """Yield every scalar value of the document."""
    if isinstance(node, MappingNode):
        for _, inner in node.value:
            yield from scalars(inner)
    elif isinstance(node, SequenceNode):
        for inner in node.value:
            yield from scalars(inner)
    elif isinstance(node, ScalarNode):
        yield node


EXAMPLE_TEXT = EXAMPLE.read_text()
PLACES = [
    (node.start_mark.index, node.end_mark.index, node.start_mark.line + 1)
    for node in scalars(YAML(typ="safe", pure=True).compose(EXAMPLE_TEXT))
]


@given(st.sampled_from(PLACES), st.sampled_from(MUTANTS))
def test_a_scalar_that_is_spoilt_is_reported_on_its_line(
    place: tuple[int, int, int], mutant: str
) -> None:
    start, end, line = place
    spoilt = EXAMPLE_TEXT[:start] + mutant + EXAMPLE_TEXT[end:]

    try:
        checked_plan(parse_document(spoilt, file="f"))
    except BadPlanFile as error:
        assert line in [fault.line for fault in error.faults]
    else:
        raise AssertionError(f"line {line} was spoilt and accepted")


def keys(node: Node) -> Iterator[ScalarNode]:
    """Yield every key of the document but those of tags."""
    if isinstance(node, MappingNode):
        for key, inner in node.value:
            yield key
            if "ags" not in key.value:
                yield from keys(inner)
    elif isinstance(node, SequenceNode):
        for inner in node.value:
            yield from keys(inner)


KEYS = [
    (node.end_mark.index, node.start_mark.line + 1)
    for node in keys(YAML(typ="safe", pure=True).compose(EXAMPLE_TEXT))
]


@given(st.sampled_from(KEYS), st.sampled_from("xyz_"))
def test_a_key_that_is_misspelt_is_reported_on_its_line(
    place: tuple[int, int], letter: str
) -> None:
    end, line = place
    spoilt = EXAMPLE_TEXT[:end] + letter + EXAMPLE_TEXT[end:]

    try:
        checked_plan(parse_document(spoilt, file="f"))
    except BadPlanFile as error:
        found = [f for f in error.faults if f.line == line]
        assert any(fault.wrong.startswith("unknown key") for fault in found)
        assert any("did you mean" in fault.right for fault in found)
    else:
        raise AssertionError(f"line {line} was spoilt and accepted")


@given(st.sampled_from(PLACES))
def test_a_comment_line_before_it_moves_a_fault_by_one_line(
    place: tuple[int, int, int],
) -> None:
    start, end, line = place
    spoilt = "# moved\n" + EXAMPLE_TEXT[:start] + "[]" + EXAMPLE_TEXT[end:]

    try:
        checked_plan(parse_document(spoilt, file="f"))
    except BadPlanFile as error:
        assert line + 1 in [fault.line for fault in error.faults]


@given(st.text())
def test_any_text_is_a_plan_or_bad_input(text: str) -> None:
    try:
        checked_plan(parse_document(text, file="f"))
    except BadPlanFile as error:
        assert all(fault.line >= 1 for fault in error.faults)


def _documents() -> st.SearchStrategy[Any]:
    """Return the small plan with one value somewhere replaced."""
    whole = parse_document(SMALL, file="f").value
    paths = list(_paths(whole, ()))
    anything = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 70),
        st.sampled_from(["", " ", "stop", "x" * 65, "us-east-1"]),
        st.lists(st.text(max_size=3), max_size=2),
        st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
    )
    return st.builds(
        _replaced, st.just(whole), st.sampled_from(paths), anything
    )


def _paths(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _paths(inner, (*path, index))


def _replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    head, rest = path[0], path[1:]
    copy = value.copy()
    copy[head] = _replaced(value[head], rest, new)
    return copy


def _decodes(document: Any) -> bool:
    try:
        msgspec.convert(document, PlanFile)
    except msgspec.ValidationError:
        return False
    return True


@given(_documents())
def test_the_walk_refuses_what_the_decoder_refuses(document: Any) -> None:
    assert (not list(shape_problems(document, SCHEMA_NOW))) == _decodes(
        document
    )


@given(_documents())
def test_the_published_schema_agrees_with_the_walk(document: Any) -> None:
    schema = json.loads(json.dumps(SCHEMA_NOW))
    del schema["$defs"]["ProtectionGroup"]["oneOf"]

    valid = jsonschema.Draft202012Validator(schema).is_valid(document)

    assert valid == (not list(shape_problems(document, SCHEMA_NOW)))


def test_the_published_schema_is_the_one_of_the_types() -> None:
    written = json.dumps(SCHEMA_NOW, indent=2) + "\n"

    assert SCHEMA.read_text() == written, "dro plan schema > " + str(SCHEMA)


def test_the_published_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA_NOW)


def test_the_published_schema_accepts_the_examples() -> None:
    check = jsonschema.Draft202012Validator(SCHEMA_NOW)

    for path in EXAMPLE.parent.glob("*.yaml"):
        check.validate(parse_document(path.read_text(), file="f").value)
        load_plan(path)


def test_the_published_schema_wants_tags_or_ids() -> None:
    document = parse_document(SMALL, file="f").value
    assert isinstance(document, dict)
    del document["protectionGroups"][0]["serverSelectionTags"]

    assert not jsonschema.Draft202012Validator(SCHEMA_NOW).is_valid(document)


def test_the_three_tier_example_is_what_the_readme_says() -> None:
    plan = load_plan(EXAMPLE)

    assert len(members(plan)) == 12
    assert [len(chosen) for chosen in selections(plan).values()] == [3, 5, 4]
    pauses = [wave.pause_before_wave for wave in plan.recovery_plan.waves]
    assert pauses == [False, False, True]


def test_the_large_example_has_a_thousand_servers_in_ten_waves() -> None:
    plan = load_plan(LARGE)

    assert len(members(plan)) == 1000
    assert [len(chosen) for chosen in selections(plan).values()] == [100] * 10


@given(st.integers(1, 300))
def test_a_count_makes_so_many_servers_of_distinct_ids(count: int) -> None:
    text = SMALL.replace(
        "hostname: db-1", f"hostname: db-{{n}}\n      count: {count}"
    )

    seeded = seeds(a_plan(text), account_id="1" * 12, now=7)

    ids = list(seeded.server_ids.values())
    assert len(set(ids)) == len(ids) == count + 2
    assert all(re.fullmatch(r"s-[0-9a-f]{17}", name) for name in ids)


@given(st.sampled_from(["1" * 12, "2" * 12]), st.integers(1, 9))
def test_seeding_again_writes_the_same_ids(account: str, now: int) -> None:
    first = seeds(a_plan(), account_id=account, now=1)
    again = seeds(a_plan(), account_id=account, now=now)

    assert first.plan_id == again.plan_id
    assert first.server_ids == again.server_ids
    assert [g["groupId"] for g in first.groups] == [
        g["groupId"] for g in again.groups
    ]


def test_accounts_do_not_share_ids() -> None:
    here = seeds(a_plan(), account_id="1" * 12, now=1)
    there = seeds(a_plan(), account_id="2" * 12, now=1)

    assert here.plan_id != there.plan_id
    assert not set(here.server_ids.values()) & set(there.server_ids.values())
