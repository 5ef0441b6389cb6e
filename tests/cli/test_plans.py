"""Plans as files: applied, exported, listed, shown, deleted."""

from pathlib import Path
from typing import Any

import pytest

from cli.plan_loading import load_plan
from tests.cli.builders import SMALL, changed
from tests.cli.installation import Office
from tests.data_management_handler.desk import TARGET
from tests.support.fake_drs import HUB

SERVERS = {"db-1": "database", "web-1": "web", "web-2": "web"}
RICH = changed(
    SMALL,
    (
        "    serverSelectionTags: {Tier: database}\n",
        "    description: primaries\n"
        "    serverSelectionTags: {Tier: database}\n"
        "    criticality: optional\n"
        "    launchConfig: {copyTags: true, instanceType: r5.large}\n",
    ),
    (
        "      - sourceServerId: web-1\n",
        "      - sourceServerId: web-1\n"
        "        criticality: optional\n"
        "        launchTemplate: {instanceType: t3.large}\n",
    ),
    (
        "      dependsOnWaves: [First]\n",
        "      dependsOnWaves: [First]\n"
        "      pauseBeforeWave: true\n"
        "      onFailure: continue\n"
        "      maxWaitSeconds: 3600\n"
        "      failureToleranceCount: 1\n",
    ),
    ("  planName: small\n", "  planName: small\n  rto: 1 hour\n"),
)


@pytest.fixture
def office() -> Office:
    """An installation that replicates the servers of the file."""
    made = Office()
    made.has_servers(SERVERS)
    return made


@pytest.fixture(params=[SMALL, RICH], ids=["small", "rich"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each plan file in turn."""
    path = tmp_path / "plan.yaml"
    path.write_text(request.param)
    return str(path)


def apply(office: Office, file: str, *options: str) -> Any:
    return office.json("plans", "apply", file, "--yes", *options)


def test_what_is_not_there_is_created_groups_first(
    office: Office, file: str
) -> None:
    result = office.dro("plans", "apply", file, "--yes")

    assert result.exit_code == 0, result.output
    assert office.operations() == [
        "create_protection_group",
        "create_protection_group",
        "create_recovery_plan",
    ]
    assert "+ group databases" in result.stdout
    assert "+ plan small" in result.stdout
    assert "Applied 3 changes." in result.stdout
    (plan,) = office.desk.plans.all()
    groups = {one["groupName"]: one for one in office.desk.groups.all()}
    assert [wave["protectionGroupIds"] for wave in plan["waves"]] == [
        [groups["databases"]["groupId"]],
        [groups["webs"]["groupId"]],
    ]
    assert len(groups["webs"]["sourceServerIds"]) == 2


def test_what_was_applied_is_not_changed_by_applying_it_again(
    office: Office, file: str
) -> None:
    first = apply(office, file)
    stored = office.desk.everything
    office.asked.clear()

    second = apply(office, file)

    assert (first["changed"], second["changed"]) == (3, 0)
    assert {step["action"] for step in second["steps"]} == {"none"}
    assert office.operations() == []
    assert office.desk.everything == stored


def test_a_change_is_shown_field_by_field_and_made(
    office: Office, file: str
) -> None:
    apply(office, file)
    text = Path(file).read_text()
    text = changed(
        text,
        ("recoveryPlan:\n", "recoveryPlan:\n  description: of the shop\n"),
        ("  - groupName: webs\n", "  - groupName: webs\n    owner: ann\n"),
    )
    Path(file).write_text(text)
    office.asked.clear()

    result = office.dro("plans", "apply", file, "--yes")

    assert office.operations() == [
        "update_protection_group",
        "update_recovery_plan",
    ]
    assert "= group databases" in result.stdout
    assert "    owner: nothing -> ann" in result.stdout
    assert "    description: nothing -> of the shop" in result.stdout
    assert apply(office, file)["changed"] == 0


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        (
            "    sourceServerIds: [web-1, web-2]\n    servers:\n"
            "      - sourceServerId: web-1\n",
            "    serverSelectionTags: {Tier: web}\n",
            "serverSelectionTags",
        ),
        (
            "    serverSelectionTags: {Tier: database}\n",
            "    sourceServerIds: [db-1]\n",
            "sourceServerIds",
        ),
    ],
)
def test_the_way_of_choosing_servers_can_change(
    office: Office, tmp_path: Path, old: str, new: str, kept: str
) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(SMALL)
    apply(office, str(path))
    path.write_text(changed(SMALL, (old, new)))

    told = apply(office, str(path))

    (step,) = [one for one in told["steps"] if one["action"] == "update"]
    assert kept in step["fields"]
    assert apply(office, str(path))["changed"] == 0


def test_words_that_are_taken_out_of_the_file_are_taken_back(
    office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(RICH)
    apply(office, str(path))
    path.write_text(SMALL)

    told = apply(office, str(path))

    assert told["changed"] == 3
    groups = {one["groupName"]: one for one in office.desk.groups.all()}
    assert groups["databases"]["launchConfig"] == {}
    assert apply(office, str(path))["changed"] == 0


def test_a_wave_that_differs_is_shown_with_its_groups_by_name(
    office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(SMALL)
    apply(office, str(path))
    path.write_text(
        changed(
            SMALL,
            (
                "      dependsOnWaves: [First]\n",
                "      pauseBeforeWave: true\n",
            ),
            ("protectionGroups: [webs]", "protectionGroups: [x]"),
            ("protectionGroups: [databases]", "protectionGroups: [webs]"),
            ("protectionGroups: [x]", "protectionGroups: [databases]"),
        )
    )

    shown = office.dro("plans", "apply", str(path), "--dry-run").stdout

    assert "    wave 2 dependsOnWaves: [0] -> nothing" in shown
    assert "    wave 2 pauseBeforeWave: nothing -> true" in shown
    assert "    wave 2 protectionGroups: [webs] -> [databases]" in shown
    assert "= group webs" in shown


def test_the_hub_may_be_named_as_the_account(
    office: Office, file: str
) -> None:
    apply(office, file, "--account", HUB)

    again = apply(office, file, "--account", HUB)

    assert again["changed"] == apply(office, file)["changed"] == 0


def test_groups_are_made_in_the_account_that_is_named_and_stay_there(
    office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(SMALL)
    office.desk.accounts.has({"accountId": TARGET, "status": "active"})
    office.has_servers(SERVERS, account=TARGET)

    apply(office, str(path), "--account", TARGET)

    accounts = {one["accountId"] for one in office.desk.groups.all()}
    assert accounts == {TARGET}
    assert apply(office, str(path), "--account", TARGET)["changed"] == 0


def test_a_dry_run_changes_nothing(office: Office, file: str) -> None:
    result = office.dro("plans", "apply", file, "--dry-run")

    assert result.exit_code == 0
    assert "+ plan small" in result.stdout
    assert office.operations() == []
    assert office.desk.plans.all() == []


def test_without_a_yes_nothing_is_changed(office: Office, file: str) -> None:
    result = office.dro("plans", "apply", file, says="n\n")

    assert result.exit_code == 1
    assert office.desk.groups.all() == []


def test_a_server_that_the_account_has_not_is_named(
    tmp_path: Path,
) -> None:
    office = Office()
    office.has_servers({"db-1": "database", "web-1": "web"})
    path = tmp_path / "plan.yaml"
    path.write_text(SMALL)

    result = office.dro("plans", "apply", str(path), "--yes")

    assert result.exit_code == 1
    assert "'web-2'" in result.stderr
    assert "give their ids as `sourceServerId`" in result.stderr
    assert office.operations() == []


def test_a_refusal_is_told_with_its_code_and_what_was_made_stays(
    office: Office, file: str
) -> None:
    office.desk.has_group("Elsewhere", serverSelectionTags={"Tier": "web"})

    result = office.dro("plans", "apply", file, "--yes")

    assert result.exit_code == 1
    assert "SERVER_CONFLICT" in result.stderr
    assert "Traceback" not in result.output
    assert office.desk.plans.all() == []


def test_a_bad_file_asks_for_nothing(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(SMALL.replace("planName", "planNam"))

    result = office.dro("plans", "apply", str(path), "--yes")

    assert result.exit_code == 2
    assert office.asked == []


def test_what_is_exported_is_a_plan_file_that_changes_nothing(
    office: Office, file: str, tmp_path: Path
) -> None:
    apply(office, file)
    path = tmp_path / "exported.yaml"

    result = office.dro("plans", "export", "small", "-o", str(path))

    assert result.exit_code == 0, result.output
    assert load_plan(path).recovery_plan == load_plan(Path(file)).recovery_plan
    assert apply(office, str(path))["changed"] == 0


def test_an_export_without_a_file_is_written_out(
    office: Office, file: str, tmp_path: Path
) -> None:
    apply(office, file)
    copy = tmp_path / "copy.yaml"

    result = office.dro("plans", "export", "small")
    copy.write_text(result.stdout)

    assert result.exit_code == 0
    assert load_plan(copy).recovery_plan.plan_name == "small"


def test_what_has_no_form_as_a_file_is_not_written(
    office: Office, tmp_path: Path
) -> None:
    office.desk.has_group("nobody")
    office.desk.has_plan("lonely", {"protectionGroupId": "id-nobody"})
    path = tmp_path / "exported.yaml"

    result = office.dro("plans", "export", "lonely", "-o", str(path))

    assert result.exit_code == 1
    assert "no form as a plan file" in result.stderr
    assert not path.exists()


def test_servers_of_a_wave_have_no_words_in_a_file(office: Office) -> None:
    office.desk.has_group("web", sourceServerIds=["s-1"])
    wave = {"protectionGroupId": "id-web", "serverIds": ["s-1"]}
    office.desk.has_plan("narrow", wave)

    result = office.dro("plans", "export", "narrow")

    assert result.exit_code == 1
    assert "wave 1 names single servers" in result.stderr
    assert result.stdout == ""


def test_plans_are_listed_and_shown(office: Office, file: str) -> None:
    apply(office, file)

    listed = office.dro("plans", "list")
    shown = office.dro("plans", "show", "SMALL")

    (plan,) = office.json("plans", "list")["recoveryPlans"]
    assert listed.exit_code == shown.exit_code == 0
    assert "small" in listed.stdout and plan["planId"] in listed.stdout
    assert "databases" in shown.stdout and "webs" in shown.stdout
    assert office.json("plans", "show", plan["planId"])["planName"] == "small"


def test_a_plan_is_deleted_by_its_name(office: Office, file: str) -> None:
    apply(office, file)

    kept = office.dro("plans", "delete", "small", says="n\n")
    assert len(office.desk.plans.all()) == 1
    gone = office.dro("plans", "delete", "small", "--yes")

    assert (kept.exit_code, gone.exit_code) == (1, 0)
    assert office.desk.plans.all() == []
    assert len(office.desk.groups.all()) == 2


@pytest.mark.parametrize("verb", ["show", "export", "delete"])
def test_a_plan_that_is_not_there_is_named(office: Office, verb: str) -> None:
    result = office.dro("plans", verb, "nothing")

    assert result.exit_code == 1
    assert "There is no recovery plan 'nothing'" in result.stderr


def test_an_empty_list_says_so(office: Office) -> None:
    assert office.dro("plans", "list").stdout == "Nothing found.\n"
