"""Every fault of a plan file has its line, its column and its remedy."""

import re

import pytest

from cli.domain.problems import BadPlanFile
from cli.plan_loading import checked_plan
from cli.yaml_source import parse_document
from tests.cli.builders import SMALL, changed


def faults_of(text: str) -> list[str]:
    with pytest.raises(BadPlanFile) as caught:
        checked_plan(parse_document(text, file="f.yaml"))
    return str(caught.value).splitlines()


TABLE = {
    "an unknown key": (
        [("groupName: webs", "groupName: webs\n    launchconfig: {}")],
        "15:5: unknown key `launchconfig`; did you mean `launchConfig`?",
    ),
    "an unknown key that resembles nothing": (
        [("planName: small", "planName: small\n  zzz: 1")],
        "20:3: unknown key `zzz`; known: planName, description, rpo, rto",
    ),
    "text where a mapping belongs": (
        [("tags: {Tier: database}", "tags: database")],
        "6:13: `tags` is text; a mapping is expected",
    ),
    "a mapping where a list belongs": (
        [("[web-1, web-2]", "{a: b}")],
        "15:22: `sourceServerIds` is a mapping; a list is expected",
    ),
    "a number where text belongs": (
        [("planName: small", "planName: 7")],
        "19:13: `planName` is a whole number; text is expected, so put it",
    ),
    "a number as a tag": (
        [("{Tier: database}", "{Tier: 1}")],
        "6:20: `Tier` is a whole number; text is expected",
    ),
    "text where a flag belongs": (
        [("waveName: First", "waveName: First\n      pauseBeforeWave: yes")],
        "22:24: `pauseBeforeWave` is text; true or false is expected",
    ),
    "a word outside its list": (
        [("waveName: First", "waveName: First\n      onFailure: stopp")],
        "22:18: `onFailure` is `stopp`; one of continue, stop is expected",
    ),
    "a number outside its range": (
        [("waveName: First", "waveName: First\n      maxWaitSeconds: 5")],
        "22:23: `maxWaitSeconds` is 5; a whole number from 60 to 31536000",
    ),
    "a tolerance below none": (
        [
            (
                "waveName: First",
                "waveName: First\n      failureToleranceCount: -1",
            )
        ],
        "22:30: `failureToleranceCount` is -1; a whole number from 0",
    ),
    "a percentage above a hundred": (
        [
            (
                "waveName: First",
                "waveName: First\n      failureTolerancePercentage: 101",
            )
        ],
        "22:35: `failureTolerancePercentage` is 101; a whole number from 0 "
        "to 100",
    ),
    "two tolerances in one wave": (
        [
            (
                "waveName: First",
                "waveName: First\n      failureToleranceCount: 1"
                "\n      failureTolerancePercentage: 10",
            )
        ],
        "23:35: `failureToleranceCount` and `failureTolerancePercentage` "
        "stand beside each other; give one of them",
    ),
    "a missing key": (
        [("  region: us-east-1\n", "")],
        "3:3: `estate` has no `region`; add `region:` with an AWS Region",
    ),
    "an empty value": (
        [("planName: small", "planName:")],
        "19:3: `planName` is empty; text is expected",
    ),
    "a malformed Region": (
        [("us-east-1", "useast1")],
        "3:11: `region` is `useast1`; expected an AWS Region, such as",
    ),
    "a wave with no group": (
        [("protectionGroups: [databases]", "protectionGroups: []")],
        "22:25: `protectionGroups` is empty; at least one is needed",
    ),
    "a wave without the key of its groups": (
        [("protectionGroups: [databases]", "pauseBeforeWave: true")],
        "21:7: entry 1 of `waves` has no `protectionGroups`; add",
    ),
    "a group that selects no server": (
        [("Tags: {Tier: database}", "Tags: {Tier: databse}")],
        "13:26: group `databases` selects no server; tag a server",
    ),
    "two groups claiming a server": (
        [("[web-1, web-2]", "[web-1, web-2, db-1]")],
        "15:22: group `webs` claims `db-1`, which group `databases` has; a",
    ),
    "a circle of waves": (
        [
            (
                "protectionGroups: [databases]",
                "protectionGroups: [databases]\n"
                "      dependsOnWaves: [Second]",
            )
        ],
        "26:24: the waves wait for each other: `First` waits for `Second` "
        "waits for `First`; remove one",
    ),
    "a wave that waits for itself": (
        [("dependsOnWaves: [First]", "dependsOnWaves: [1]")],
        "25:24: the waves wait for each other: `Second` waits for `Second`",
    ),
    "a dependency on a wave that is not there": (
        [("dependsOnWaves: [First]", "dependsOnWaves: [Frist]")],
        "25:24: there is no wave `Frist`; did you mean `First`?",
    ),
    "a dependency on a place that is not there": (
        [("dependsOnWaves: [First]", "dependsOnWaves: [2]")],
        "25:24: there is no wave `2`; the waves, or 0 to 1: First, Second",
    ),
    "a dependency given twice": (
        [("dependsOnWaves: [First]", "dependsOnWaves: [First, 0]")],
        "25:31: the dependency `First` is named a second time",
    ),
    "a name too long": (
        [("groupName: webs", f"groupName: {'w' * 65}")],
        "14:16: `groupName` is 65 characters long; at most 64 are allowed",
    ),
    "a blank name": (
        [("planName: small", "planName: '  '")],
        "19:13: `planName` is blank; expected 1 to 64 characters",
    ),
    "two groups of one name": (
        [("groupName: webs", "groupName: Databases")],
        "14:16: the protection group `Databases` is named a second time",
    ),
    "two waves of one name": (
        [("waveName: Second", "waveName: first"), (" [First]", " [0]")],
        "23:17: the wave `first` is named a second time",
    ),
    "two servers of one name": (
        [("hostname: web-2", "hostname: WEB-1"), (", web-2", "")],
        "9:17: the server `WEB-1` is named a second time",
    ),
    "a reference to no server": (
        [("[web-1, web-2]", "[web-1, web-3]")],
        "15:30: the estate has no server `web-3`; did you mean `web-",
    ),
    "a server listed twice": (
        [("[web-1, web-2]", "[web-1, web-2, web-1]")],
        "15:37: the server `web-1` is named a second time",
    ),
    "a reference to no group": (
        [("protectionGroups: [webs]", "protectionGroups: [nothing]")],
        "24:26: there is no protection group `nothing`; the groups of this",
    ),
    "a group in two waves": (
        [("protectionGroups: [webs]", "protectionGroups: [webs, databases]")],
        "24:32: group `databases` is in wave `First` too; a server is launc",
    ),
    "tags and ids": (
        [
            (
                "groupName: webs",
                "groupName: webs\n    serverSelectionTags: {a: b}",
            )
        ],
        "14:5: group `webs` has both of `serverSelectionTags` and `sourceSe",
    ),
    "neither tags nor ids": (
        [("    sourceServerIds: [web-1, web-2]\n", "")],
        "14:5: group `webs` has neither of `serverSelectionTags` and `sourc",
    ),
    "settings for a server of another group": (
        [("- sourceServerId: web-1", "- sourceServerId: db-1")],
        "17:25: server `db-1` is not in this group; move it to the group",
    ),
    "settings for no server": (
        [("- sourceServerId: web-1", "- sourceServerId: mail")],
        "17:25: server `mail` is not in the estate; the servers of the gr",
    ),
    "one address for two servers": (
        [
            (
                "groupName: webs",
                "groupName: webs\n"
                "    launchConfig: {staticPrivateIp: 10.0.0.9}",
            )
        ],
        "15:37: one address for the 2 servers of the group; give it per",
    ),
    "a setting that may not be given per server": (
        [
            (
                "- sourceServerId: web-1",
                "- sourceServerId: web-1\n"
                "        launchTemplate: {keyName: k}",
            )
        ],
        "18:26: unknown key `keyName`; known: staticPrivateIp, subnetId",
    ),
    "tags equal but for letters": (
        [("Tags: {Tier: database}", "Tags: {Tier: database, tier: web}")],
        "13:43: the tag `tier` is the tag `Tier` in other letters",
    ),
    "a tag key that is no text": (
        [("{Tier: web}", "{Tier: web, 3: x}")],
        "8:25: the key `3` is a whole number; text is expected",
    ),
    "a wave of two Regions": (
        [
            ("hostname: db-1", "hostname: db-1\n      region: eu-west-1"),
            (
                "groupName: databases",
                "groupName: databases\n    region: eu-west-1",
            ),
            ("[webs]", "[webs, databases]"),
            ("[databases]", "[webs]"),
        ],
        "26:25: the wave's groups are in several Regions: webs in us-east-1",
    ),
    "a server of another Region": (
        [("hostname: web-2", "hostname: web-2\n      region: eu-west-1")],
        "16:30: server `web-2` is in eu-west-1; this group protects servers",
    ),
    "a count without a place for it": (
        [("hostname: web-2", "hostname: web-2\n      count: 2")],
        "9:17: `web-2` lacks {n}; use {n} and `count` together",
    ),
    "a place without a count": (
        [("hostname: db-1", "hostname: db-{n}")],
        "5:17: `db-{n}` has {n} but no `count`; use {n} and `count`",
    ),
    "other braces": (
        [("hostname: db-1", "hostname: db-{m}")],
        "5:17: `db-{m}` has braces other than {n}; use letters",
    ),
    "one id for many servers": (
        [
            (
                "hostname: db-1",
                "hostname: db-{n}\n      count: 2\n"
                "      sourceServerId: s-0123456789abcdef0",
            )
        ],
        "7:23: `sourceServerId` stands beside `count`; one id names one",
    ),
    "more servers than a group may have": (
        [
            (
                "hostname: db-1",
                "hostname: db-{n}\n      count: 4000\n"
                "      tags: {Tier: database}\n    - hostname: db-0",
            )
        ],
        "15:5: group `databases` has 4001 servers; at most 4000 are allowed",
    ),
    "a key given twice": (
        [("planName: small", "planName: small\n  planName: other")],
        "20:3: not YAML: found duplicate key",
    ),
    "a tabulator": (
        [("  planName: small", "\tplanName: small")],
        "19:1: not YAML: found character",
    ),
    "a colon too many": (
        [("planName: small", "planName: small: er")],
        "19:18: not YAML: mapping values are not allowed here; check",
    ),
    "an alias": (
        [
            ("Tags: {Tier: database}", "Tags: &x {Tier: database}"),
            ("[web-1, web-2]", "*x"),
        ],
        "15:22: the alias `*x`; aliases are not used in plan files",
    ),
    "an unknown tag": (
        [("planName: small", "planName: !secret small")],
        "19:13: not YAML: could not determine a constructor",
    ),
    "a key that is no text": (
        [("planName: small", "? [a]\n  : b")],
        "19:5: not YAML: a key that is no text",
    ),
    "an impossible date": (
        [("planName: small", "planName: 2001-99-99")],
        "1:1: not YAML: month must be in 1..12",
    ),
    "a date where text belongs": (
        [("planName: small", "planName: 2001-01-01")],
        "19:13: `planName` is a date (2001-01-01); text is expected",
    ),
    "a control character": (
        [("planName: small", "planName: \x07")],
        "19:13: a character that YAML does not allow; remove it",
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_a_fault_is_reported_where_it_stands(case: str) -> None:
    replacements, expected = TABLE[case]

    found = faults_of(changed(SMALL, *replacements))

    assert any(line.startswith(f"f.yaml:{expected}") for line in found), found


@pytest.mark.parametrize("case", TABLE)
def test_a_fault_says_what_is_wrong_and_what_would_be_right(case: str) -> None:
    found = faults_of(changed(SMALL, *TABLE[case][0]))

    for line in found:
        assert re.fullmatch(r"f\.yaml:\d+:\d+: .+; .+", line), line


def test_every_fault_is_reported_in_the_order_of_the_file() -> None:
    text = changed(
        SMALL,
        ("hostname: db-1", "hostnam: db-1"),
        ("groupName: webs", f"groupName: {'w' * 65}"),
        ("planName: small", "planName: 7"),
    )

    lines = [int(line.split(":")[1]) for line in faults_of(text)]

    assert lines == [5, 5, 14, 19]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "7",
        "# nothing\n",
        "a: 1\n---\nb: 2",
        "[" * 5000 + "]" * 5000,
    ],
)
def test_a_file_that_is_no_mapping_is_refused(text: str) -> None:
    assert faults_of(text)
