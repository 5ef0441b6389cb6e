"""The console's hosting: private, encrypted, filled by one role alone."""

import json
from typing import Any

from frontend_deployer.domain.request import Properties
from tests.support import templates

CONSOLE = templates.template("console")


def statements() -> dict[str, Any]:
    """Return the statements of the deployer's policy by their name."""
    policy = CONSOLE.properties("DeployerPolicy")
    return {one["Sid"]: one for one in policy["PolicyDocument"]["Statement"]}


def test_the_bucket_is_read_through_its_distribution_alone() -> None:
    bucket = CONSOLE.properties("ConsoleBucket")
    policy = CONSOLE.properties("ConsoleBucketPolicy")["PolicyDocument"]

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    allowed = [s for s in policy["Statement"] if s["Effect"] == "Allow"]
    (reads,) = allowed
    assert reads["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert reads["Action"] == "s3:GetObject"
    assert "distribution/${Distribution}" in json.dumps(reads["Condition"])


def test_the_deployer_may_fill_this_bucket_and_no_other() -> None:
    every = statements()
    policy = CONSOLE.properties("DeployerPolicy")

    assert policy["Roles"] == [{"Ref": "DeployerRoleName"}]
    assert every["Files"]["Action"] == ["s3:PutObject", "s3:DeleteObject"]
    assert set(every) == {"Bucket", "Files", "Invalidation"}
    for one in every.values():
        assert "ConsoleBucket" in json.dumps(
            one["Resource"]
        ) or "distribution/${Distribution}" in json.dumps(one["Resource"])


def test_the_custom_resource_is_given_what_the_deployer_reads() -> None:
    given = set(CONSOLE.properties("Console")) - {"ServiceToken"}

    assert given == set(Properties.__struct_encode_fields__)


def test_the_page_is_told_of_the_pool_that_gives_credentials() -> None:
    main = templates.template("main")
    handed = main.properties("ConsoleStack")["Parameters"]

    assert CONSOLE.properties("Console")["IdentityPoolId"] == {
        "Ref": "IdentityPoolId"
    }
    assert handed["IdentityPoolId"] == {
        "Fn::GetAtt": ["IdentityStack", "Outputs.IdentityPoolId"]
    }
    assert "IdentityPoolId" in templates.template("identity").outputs


def test_what_fills_the_bucket_waits_for_its_rights() -> None:
    console = CONSOLE.body["Resources"]["Console"]

    assert "DeployerPolicy" in console["DependsOn"]


def test_every_answer_has_the_headers_that_protect() -> None:
    policy = CONSOLE.properties("SecurityHeaders")
    headers = policy["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]

    rules = templates.text(
        headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    )
    assert "default-src 'none'" in rules
    assert "unsafe" not in rules
    assert "frame-ancestors 'none'" in rules
