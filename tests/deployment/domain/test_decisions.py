"""Uploads, selections, losses, stacks: what is done and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployment.domain.change_sets import STATEFUL, Row, losses
from deployment.domain.errors import AlreadyPublished, UnknownPackage
from deployment.domain.names import PACKAGES, package_named, source_of
from deployment.domain.releases import Published, Release
from deployment.domain.selection import (
    left_out,
    versions_to_set,
    wanted_by_all,
)
from deployment.domain.stacks import Step, explanation, next_step
from deployment.domain.uploads import missing

HASHES = st.dictionaries(st.sampled_from("abcd"), st.sampled_from("12"))


def a_release(content: str = "new") -> Release:
    some = Published(version="v2", sha256=content)
    return Release(
        packages={name: some for name in PACKAGES},
        layer=some,
        state_machine=some,
        template_prefix="cfn-2",
    )


@given(HASHES, HASHES)
def test_nothing_is_uploaded_over_other_content(
    meant: dict[str, str], there: dict[str, str]
) -> None:
    if any(there.get(key, value) != value for key, value in meant.items()):
        with pytest.raises(AlreadyPublished, match="scripts/release"):
            missing(meant, there)
    else:
        assert missing(meant, there) == set(meant) - set(there)


@given(
    st.sets(st.sampled_from(sorted(PACKAGES))),
    st.sets(st.sampled_from(sorted(PACKAGES))),
)
def test_a_function_gets_a_version_where_it_is_meant_and_its_code_is_other(
    chosen: set[str], same: set[str]
) -> None:
    running = {name: "new" if name in same else "old" for name in PACKAGES}

    found = versions_to_set(a_release(), running, chosen)

    assert found == {
        f"{PACKAGES[name]}Version": "v2" for name in chosen - same
    }


@given(st.sets(st.sampled_from(sorted(PACKAGES))))
def test_a_whole_deployment_spares_functions_with_the_same_code(
    same: set[str],
) -> None:
    found = wanted_by_all(a_release(), {name: "new" for name in same})

    assert found.keys() == a_release().parameters().keys() - {
        f"{PACKAGES[name]}Version" for name in same
    }


def test_what_a_change_of_functions_leaves_out_is_said() -> None:
    deployed = {**a_release().parameters(), "TemplatePrefix": "cfn-1"}

    [said] = left_out(a_release(), deployed)

    assert said.startswith("the templates (cfn-1 stays")


@pytest.mark.parametrize("kind", sorted(STATEFUL))
def test_a_replacement_of_what_holds_data_is_a_loss(kind: str) -> None:
    rows = [
        Row(path="a", kind=kind, action="Modify", replacement="True"),
        Row(path="b", kind=kind, action="Remove"),
        Row(path="c", kind=kind, action="Modify", replacement="False"),
        Row(path="d", kind=kind, action="Add"),
        Row(path="e", kind="AWS::Lambda::Version", action="Remove"),
    ]

    assert [each.split()[0] for each in losses(rows)] == ["a", "b"]


def test_what_cloudformation_cannot_tell_is_marked() -> None:
    row = Row(
        path="a",
        kind="AWS::DynamoDB::Table",
        action="Modify",
        replacement="Conditional",
    )

    assert row.may_be_loss
    assert not row.is_loss


@pytest.mark.parametrize(
    ("status", "step"),
    [
        (None, Step.CREATE),
        ("REVIEW_IN_PROGRESS", Step.CREATE),
        ("CREATE_COMPLETE", Step.UPDATE),
        ("UPDATE_ROLLBACK_COMPLETE", Step.UPDATE),
        ("UPDATE_IN_PROGRESS", Step.WAIT),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", Step.WAIT),
        ("UPDATE_ROLLBACK_FAILED", Step.CONTINUE_ROLLBACK),
        ("ROLLBACK_COMPLETE", Step.DELETE),
        ("DELETE_FAILED", Step.REFUSE),
        ("UPDATE_FAILED", Step.REFUSE),
    ],
)
def test_each_state_of_a_stack_leads_to_one_step(
    status: str | None, step: Step
) -> None:
    assert next_step(status) is step
    if status is not None:
        assert "stack" in explanation("stack", status, step).lower()


def test_a_package_is_found_by_its_own_and_its_folders_name() -> None:
    for name in PACKAGES:
        assert package_named(name) == package_named(source_of(name)) == name
    with pytest.raises(UnknownPackage, match="There are dr-orch"):
        package_named("shared")
