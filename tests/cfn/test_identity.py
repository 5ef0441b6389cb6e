"""What people who are logged in may do with credentials of AWS."""

from tests.support import templates

IDENTITY = templates.template("identity")
POOL = {"Ref": "IdentityPool"}


def test_nobody_gets_credentials_without_logging_in() -> None:
    pool = IDENTITY.properties("IdentityPool")
    (provider,) = pool["CognitoIdentityProviders"]
    attached = IDENTITY.properties("Roles")

    assert pool["AllowUnauthenticatedIdentities"] is False
    assert pool["AllowClassicFlow"] is False
    assert provider["ClientId"] == {"Ref": "UserPoolClientId"}
    assert provider["ServerSideTokenCheck"] is True
    assert attached["IdentityPoolId"] == POOL
    assert set(attached["Roles"]) == {"authenticated"}


def test_the_role_is_for_people_of_this_pool_alone() -> None:
    role = IDENTITY.properties("PeopleRole")
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]

    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    service = "cognito-identity.amazonaws.com"
    assert statement["Principal"] == {"Federated": service}
    assert statement["Condition"] == {
        "StringEquals": {f"{service}:aud": POOL},
        "ForAnyValue:StringLike": {f"{service}:amr": "authenticated"},
    }


def test_people_may_call_this_api_and_nothing_else() -> None:
    (policy,) = IDENTITY.properties("PeopleRole")["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    stages = templates.template("api").resources("ApiGateway::Stage")
    (stage,) = stages.values()

    assert statement["Action"] == "execute-api:Invoke"
    assert templates.text(statement["Resource"]) == (
        "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:"
        f"${{ApiId}}/{stage['Properties']['StageName']}/*"
    )
