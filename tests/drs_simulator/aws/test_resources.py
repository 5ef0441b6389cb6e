"""What a request needs of its caller's policies."""

from drs_simulator.aws.resources import permissions

ACCOUNT = "444455556666"
REGION = "eu-west-1"
SERVERS = {"sourceServers": [{"sourceServerID": "s-1"}]}
OF_DRS = f"arn:aws:drs:{REGION}:{ACCOUNT}"
SERVER = f"{OF_DRS}:source-server/s-1"


def test_a_look_needs_one_action() -> None:
    assert permissions(ACCOUNT, REGION, "DescribeJobs", {}) == [
        ("drs:DescribeJobs", ["*"])
    ]


def test_a_start_makes_recovery_instances_as_well() -> None:
    assert permissions(ACCOUNT, REGION, "StartRecovery", SERVERS) == [
        ("drs:StartRecovery", [SERVER]),
        ("drs:CreateRecoveryInstanceForDrs", [SERVER]),
    ]


def test_a_start_that_tags_its_job_needs_to_be_let_tag() -> None:
    request = {**SERVERS, "tags": {"a": "b"}}

    assert permissions(ACCOUNT, REGION, "StartRecovery", request)[2:] == [
        ("drs:TagResource", [f"{OF_DRS}:job/*"])
    ]
