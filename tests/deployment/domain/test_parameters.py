"""What is not asked for stays as it is deployed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployment.domain.errors import BadParameter
from deployment.domain.parameters import Declared, kept_by, plan

NAMES = st.sampled_from(["Alpha", "Beta", "Gamma", "Delta"])
VALUES = st.dictionaries(NAMES, st.sampled_from(["1", "2", "3"]))


def all_with_defaults() -> list[Declared]:
    return [
        Declared(name=name, default="0")
        for name in ("Alpha", "Beta", "Gamma", "Delta")
    ]


@given(VALUES, VALUES)
def test_what_is_deployed_afterwards_is_what_was_with_what_was_wanted(
    deployed: dict[str, str], wanted: dict[str, str]
) -> None:
    made = plan(all_with_defaults(), deployed, wanted)

    after = {
        **{name: deployed[name] for name in made.kept},
        **made.values,
    }
    assert after == {**deployed, **wanted}
    assert not made.kept & made.values.keys()


@given(VALUES, VALUES)
def test_asking_again_for_what_was_made_changes_nothing(
    deployed: dict[str, str], wanted: dict[str, str]
) -> None:
    after = {**deployed, **wanted}

    assert not plan(all_with_defaults(), after, wanted).changed


@given(VALUES)
def test_only_what_is_wanted_otherwise_is_told_as_changed(
    wanted: dict[str, str],
) -> None:
    deployed = {each.name: "1" for each in all_with_defaults()}

    made = kept_by(deployed, wanted)

    assert made.changed == {
        name: "1" for name, value in wanted.items() if value != "1"
    }


def test_a_parameter_the_template_has_lost_is_left_out() -> None:
    made = plan([Declared(name="Alpha")], {"Alpha": "1", "Gone": "2"}, {})

    assert made.kept == {"Alpha"}
    assert not made.values


def test_a_new_installation_needs_what_has_no_default() -> None:
    with pytest.raises(BadParameter, match="Alpha has no value.*ENV.json"):
        plan([Declared(name="Alpha")], None, {})


@pytest.mark.parametrize(
    ("declared", "value", "told"),
    [
        (Declared(name="Alpha", allowed=("a", "b")), "c", "not a or b"),
        (
            Declared(name="Alpha", pattern="[0-9]+", says="digits"),
            "x1",
            "not digits",
        ),
    ],
)
def test_a_value_that_the_template_refuses_is_refused_before(
    declared: Declared, value: str, told: str
) -> None:
    with pytest.raises(BadParameter, match=told):
        plan([declared], {"Alpha": "a"}, {"Alpha": value})


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(BadParameter) as refused:
        plan([Declared(name="Alpha")], None, {"Beta": "1"})

    assert "Alpha" in str(refused.value)
    assert "Beta is not known" in str(refused.value)
