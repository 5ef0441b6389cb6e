"""A plan file becomes the items and the estate of the contract."""

from cli.domain.plan_file import PlanFile
from cli.domain.seeding import Seeds, seeds
from drs.domain.launch_config import has_launch_settings
from shared.domain.plan import plan_from_item, wave_order
from tests.cli.builders import SMALL, a_plan, changed

ACCOUNT = "123456789012"


def seeded(plan: PlanFile | None = None) -> Seeds:
    return seeds(plan or a_plan(), account_id=ACCOUNT, now=7)


def test_the_estate_holds_every_server_in_its_region() -> None:
    text = changed(
        SMALL,
        (
            "- hostname: db-1",
            "- hostname: far\n      region: eu-west-1\n"
            "      replicationState: STALLED\n    - hostname: db-1",
        ),
    )

    estate = seeded(a_plan(text)).estate

    (account,) = estate["accounts"]
    assert account["accountId"] == ACCOUNT
    regions = {r["region"]: r for r in account["regions"]}
    assert [s["hostname"] for s in regions["us-east-1"]["servers"]] == [
        "db-1",
        "web-1",
        "web-2",
    ]
    (far,) = regions["eu-west-1"]["servers"]
    assert far["replicationState"] == "STALLED"
    assert regions["eu-west-1"]["initialized"] is True


def test_a_group_by_tags_stores_no_ids() -> None:
    databases = seeded().groups[0]

    assert databases["serverSelectionTags"] == {"Tier": "database"}
    assert databases["sourceServerIds"] == []
    assert databases["accountId"] == ""
    assert databases["version"] == 1
    assert databases["createdDate"] == databases["lastModifiedDate"] == 7


def test_a_group_by_list_stores_ids_for_host_names() -> None:
    seeding = seeded()
    webs = seeding.groups[1]

    assert webs["serverSelectionTags"] == {}
    assert webs["sourceServerIds"] == [
        seeding.server_ids["web-1"],
        seeding.server_ids["web-2"],
    ]


def test_an_override_names_its_server_by_id() -> None:
    text = changed(
        SMALL,
        (
            "- sourceServerId: web-1",
            "- sourceServerId: web-1\n"
            "        launchTemplate: {instanceType: m5.large}",
        ),
    )

    seeding = seeded(a_plan(text))

    (override,) = seeding.groups[1]["servers"]
    assert override["sourceServerId"] == seeding.server_ids["web-1"]
    assert override["launchTemplate"] == {"instanceType": "m5.large"}
    assert override["useGroupDefaults"] is True


def test_launch_settings_keep_the_spelling_of_the_contract() -> None:
    text = changed(
        SMALL,
        (
            "groupName: webs",
            "groupName: webs\n    launchConfig: {copyTags: false,"
            " licensing: {osByol: true}, launchIntoInstanceProperties:"
            " {launchIntoEC2InstanceID: i-1}}",
        ),
    )

    assert seeded(a_plan(text)).groups[1]["launchConfig"] == {
        "copyTags": False,
        "licensing": {"osByol": True},
        "launchIntoInstanceProperties": {"launchIntoEC2InstanceID": "i-1"},
    }


def test_the_plan_refers_to_groups_and_waves_as_the_product_does() -> None:
    text = changed(
        SMALL,
        ("waveName: Second", "waveName: Second\n      maxWaitSeconds: 90"),
    )
    seeding = seeded(a_plan(text))

    plan = plan_from_item(seeding.plan)

    assert plan.plan_name == "small"
    assert plan.plan_id == seeding.plan_id
    assert wave_order(plan.waves) == ()
    assert plan.wave(1).depends_on_waves == (0,)
    assert plan.wave(1).max_wait_seconds == 90
    groups = [group["groupId"] for group in seeding.groups]
    assert [list(wave.group_ids) for wave in plan.waves] == [
        [groups[0]],
        [groups[1]],
    ]


def test_what_a_run_tolerates_is_said_as_the_product_reads_it() -> None:
    plain = seeded(a_plan(SMALL))
    text = changed(
        SMALL,
        (
            "waveName: First",
            "waveName: First\n      failureToleranceCount: 2",
        ),
        (
            "waveName: Second",
            "waveName: Second\n      failureTolerancePercentage: 50",
        ),
        (
            "groupName: databases",
            "groupName: databases\n    criticality: optional"
            "\n    servers:\n    - sourceServerId: db-1"
            "\n      criticality: critical",
        ),
    )

    seeding = seeded(a_plan(text))

    waves = plan_from_item(seeding.plan).waves
    assert [wave.tolerance(2) for wave in waves] == [2, 1]
    databases = seeding.groups[0]
    assert databases["criticality"] == "optional"
    assert databases["servers"][0]["criticality"] == "critical"
    assert not has_launch_settings(databases)
    assert "criticality" not in plain.groups[0]
    assert "failureToleranceCount" not in plain.plan["waves"][0]


def test_a_wave_without_a_name_is_called_by_its_place() -> None:
    text = changed(
        SMALL, ("waveName: First\n      ", ""), ("[First]", "[Wave 1]")
    )

    seeding = seeded(a_plan(text))

    assert [wave.name for wave in seeding.waves] == ["Wave 1", "Second"]
    assert [wave.servers for wave in seeding.waves] == [1, 2]


def test_a_server_may_have_an_id_of_its_own() -> None:
    text = changed(
        SMALL,
        (
            "hostname: web-2",
            "hostname: web-2\n      sourceServerId: s-0123456789abcdef0",
        ),
        ("[web-1, web-2]", "[web-1, s-0123456789abcdef0]"),
    )

    seeding = seeded(a_plan(text))

    assert seeding.server_id("web-2") == "s-0123456789abcdef0"
    assert seeding.server_id("s-0123456789abcdef0") == "s-0123456789abcdef0"
    assert seeding.server_id("mail") is None


def test_tags_match_trimmed_and_in_any_letters() -> None:
    text = changed(
        SMALL, ("Tags: {Tier: database}", "Tags: {' tier': DATABASE}")
    )

    assert [wave.servers for wave in seeded(a_plan(text)).waves] == [1, 2]
