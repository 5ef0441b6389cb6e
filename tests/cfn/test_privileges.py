"""The report of privileges, on roles and calls made up for it."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.privileges import (
    Grant,
    Seen,
    compare,
    grants,
    table,
    wildcards,
)

ACTIONS = ("drs:DescribeJobs", "drs:StartRecovery", "s3:GetObject", "ec2:*")
VIA_AWS = {"Bool": {"aws:ViaAWSService": "true"}}


def policy(*actions: str, **more: object) -> dict[str, object]:
    """Return a document of one statement."""
    statement = {"Effect": "Allow", "Action": list(actions), **more}
    return {"Statement": [statement]}


def test_an_action_that_was_seen_is_used_and_another_is_not() -> None:
    held = grants("R", [policy("drs:DescribeJobs", "drs:StartRecovery")])
    seen = Seen(role="R", action="drs:DescribeJobs", allowed=True)

    [use] = compare(held, [seen])

    assert use.used == {"drs:DescribeJobs"}
    assert use.unused == {"drs:StartRecovery"}
    assert use.share == 0.5
    assert "R: 1 of 2 used (50%)" in table([use])
    assert "unused: drs:StartRecovery" in table([use])
    assert table([use]).endswith("1 of 2 permissions used (50%)")


def test_what_was_refused_and_is_not_held_is_missing() -> None:
    held = grants("R", [policy("drs:DescribeJobs")])
    seen = Seen(role="R", action="drs:StartRecovery", allowed=False)

    [use] = compare(held, [seen])

    assert use.missing == {"drs:StartRecovery"}
    assert "MISSING: drs:StartRecovery" in table([use])


def test_what_is_held_and_was_refused_once_is_not_missing() -> None:
    held = grants("R", [policy("drs:DescribeJobs")])
    seen = Seen(role="R", action="drs:DescribeJobs", allowed=False)

    [use] = compare(held, [seen])

    assert use.missing == frozenset()
    assert use.refused == {"drs:DescribeJobs"}
    assert "held, and refused once: drs:DescribeJobs" in table([use])


def test_what_aws_does_in_a_roles_name_counts_apart() -> None:
    held = grants(
        "R",
        [
            policy("ec2:RunInstances", Condition=VIA_AWS),
            policy("logs:PutLogEvents", "sqs:SendMessage", "iam:PassRole"),
            policy("sqs:ReceiveMessage"),
        ],
    )

    [use] = compare(held, [])

    assert use.unused == {"sqs:ReceiveMessage"}
    assert len(use.by_aws) == 4


def test_what_both_use_counts_as_ours() -> None:
    held = grants(
        "R",
        [
            policy("ec2:DescribeInstances"),
            policy("ec2:DescribeInstances", Condition=VIA_AWS),
        ],
    )

    [use] = compare(held, [])

    assert use.unused == {"ec2:DescribeInstances"}
    assert use.by_aws == frozenset()


def test_what_is_denied_is_not_held() -> None:
    assert not grants("R", [policy("drs:DescribeJobs", Effect="Deny")])


def test_a_pattern_of_actions_is_found() -> None:
    held = grants("R", [policy(*ACTIONS)])

    assert wildcards(held) == [Grant(role="R", action="ec2:*")]


@given(
    held=st.lists(st.tuples(st.sampled_from("RS"), st.sampled_from(ACTIONS))),
    seen=st.lists(
        st.tuples(
            st.sampled_from("RS"), st.sampled_from(ACTIONS), st.booleans()
        )
    ),
)
def test_every_grant_of_a_role_is_in_one_place(
    held: list[tuple[str, str]], seen: list[tuple[str, str, bool]]
) -> None:
    given_ = [Grant(role=role, action=action) for role, action in held]
    asked = [Seen(role=r, action=a, allowed=ok) for r, a, ok in seen]

    uses = {use.role: use for use in compare(given_, asked)}

    for role in {role for role, _ in held}:
        use = uses[role]
        assert not use.used & use.unused
        assert use.used | use.unused == {a for r, a in held if r == role}
        assert not use.missing & (use.used | use.unused)
        assert use.refused <= use.used | use.unused
        assert all((role, a, True) in seen for a in use.used)
