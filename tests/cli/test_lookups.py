"""What is looked up: groups, servers, quotas, accounts, the installation."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.domain.target import QUERY, Target
from cli.main import app
from tests.cli.installation import Installation, Office
from tests.data_management_handler.desk import REGION, TARGET

CAPACITY: dict[str, Any] = {
    "accountId": "111122223333",
    "accountName": "hub",
    "region": "us-east-1",
    "limits": {"MAX_SERVERS_PER_JOB": 100},
    "capacity": {
        "replicatingServers": 12,
        "maxReplicating": 300,
        "status": "OK",
        "regionalBreakdown": [
            {
                "region": "us-east-1",
                "totalServers": 14,
                "replicatingServers": 12,
                "maxReplicating": 300,
                "status": "OK",
            }
        ],
    },
    "concurrentJobs": {"current": 1, "max": 20, "available": 19},
    "serversInJobs": {"current": 4, "max": 500},
}


@pytest.fixture
def office() -> Office:
    """An installation with two servers and a group of one of them."""
    made = Office()
    made.has_servers({"db-1": "db", "web-1": "web"})
    made.desk.has_group("Databases", serverSelectionTags={"Tier": "db"})
    return made


def test_groups_are_listed(office: Office) -> None:
    result = office.dro("groups")

    assert result.exit_code == 0, result.output
    assert "Databases" in result.stdout and "Tier=db" in result.stdout
    assert office.json("groups")["count"] == 1


@pytest.mark.parametrize("called", ["databases", "id-Databases"])
def test_a_group_is_shown_with_its_servers(
    office: Office, called: str
) -> None:
    result = office.dro("groups", called)

    told = office.json("groups", called)
    assert "db-1" in result.stdout and "web-1" not in result.stdout
    assert [one["hostname"] for one in told["resolvedServers"]] == ["db-1"]


def test_a_group_that_is_not_there_is_named_with_those_there_are(
    office: Office,
) -> None:
    result = office.dro("groups", "cache")

    assert result.exit_code == 1
    assert "There is no protection group 'cache'" in result.stderr
    assert "Databases" in result.stderr


def test_servers_are_listed_with_their_group(office: Office) -> None:
    result = office.dro("servers", REGION)

    told = office.json("servers", REGION)
    assert result.exit_code == 0, result.output
    assert [line for line in result.stdout.splitlines() if "db-1" in line][
        0
    ].endswith("Databases")
    assert told["serverCount"] == 2


def test_a_region_that_cannot_be_looked_at_is_told_with_its_code(
    office: Office,
) -> None:
    result = office.dro("servers", "mars-north-1")

    assert result.exit_code == 1
    assert "INVALID_FORMAT" in result.stderr


def test_an_account_that_is_not_registered_is_told(office: Office) -> None:
    result = office.dro("servers", REGION, "--account", "999900001111")

    assert result.exit_code == 1
    assert "TARGET_ACCOUNT_NOT_FOUND" in result.stderr


def test_accounts_are_listed(office: Office) -> None:
    office.desk.accounts.has(
        {"accountId": TARGET, "accountName": "Shop", "status": "active"}
    )

    result = office.dro("accounts")

    assert TARGET in result.stdout and "Shop" in result.stdout
    assert [one["accountId"] for one in office.json("accounts")] == [TARGET]


def test_quotas_are_shown_with_their_use() -> None:
    installation = Installation(answers={QUERY: lambda event: CAPACITY})

    result = installation.dro("quotas", "--account", TARGET)

    assert result.exit_code == 0, result.output
    assert "12 of 300 (OK)" in result.stdout
    assert "4 of 500" in result.stdout
    operation, event = installation.asked[0]
    assert operation == "get_drs_account_capacity"
    assert event["queryParams"] == {"accountId": TARGET}
    assert installation.json("quotas") == CAPACITY


def test_the_quotas_of_the_hub_are_counted(office: Office) -> None:
    result = office.dro("quotas")

    told = office.json("quotas")
    assert result.exit_code == 0, result.output
    assert told["capacity"]["replicatingServers"] == 2
    assert "2 of 300 (OK)" in result.stdout
    assert "None" not in result.stdout


def test_options_and_variables_say_which_installation(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRO_PROJECT", "shop")
    options = ("--environment", "prod", "--region", "eu-west-1")

    office.dro(*options, "--profile", "ops", "accounts")

    assert office.target == Target(
        project="shop",
        environment="prod",
        region="eu-west-1",
        profile="ops",
    )
    assert office.target.function_names()[QUERY] == (
        "shop-query-handler-prod:live"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("servers",),
        ("executions", "--limit", "0"),
        ("executions", "--limit", "many"),
        ("skip", "e-1", "0", "--reason", "x"),
        ("skip", "e-1", "1"),
        ("watch",),
        ("plans", "apply"),
        ("groups", "--unknown"),
    ],
)
def test_bad_arguments_ask_for_nothing(
    office: Office, arguments: tuple[str, ...]
) -> None:
    result = office.dro(*arguments)

    assert result.exit_code == 2
    assert result.stderr
    assert office.asked == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("groups",),
        ("plans", "list"),
        ("servers", REGION),
        ("quotas",),
        ("accounts",),
        ("executions",),
        ("watch", "e-1"),
        ("run", "shop"),
        ("resume", "e-1"),
    ],
)
def test_an_installation_that_cannot_be_asked_is_an_error(
    arguments: tuple[str, ...],
) -> None:
    result = Installation().dro(*arguments)

    assert result.exit_code == 1
    assert "cannot be asked" in result.stderr
    assert "Traceback" not in result.output


def test_an_answer_for_programs_is_alone_on_stdout(office: Office) -> None:
    result = office.dro("groups", "--json")

    assert json.loads(result.stdout)["groups"][0]["groupName"] == "Databases"
    assert result.stderr == ""


def test_the_shell_can_complete() -> None:
    asked = {
        "_DRO_COMPLETE": "complete_bash",
        "COMP_WORDS": "dro exec",
        "COMP_CWORD": "1",
    }

    result = CliRunner().invoke(app, [], prog_name="dro", env=asked)

    assert result.stdout.split() == ["executions"]
