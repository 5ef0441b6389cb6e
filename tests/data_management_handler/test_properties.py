"""Correctness properties 5, 7 and 8 of the contract (section 18.1)."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drs.domain.replication import ASSIGNABLE
from shared.domain.errors import DrError
from tests.data_management_handler.desk import REGION, Desk
from tests.support.fake_drs import server_id

EXAMPLES = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
BUSY = ("moving", "to_come", "foreign_job")
STAGES = (*BUSY, "idle", "launched")
STATES = (
    "BACKLOG",
    "CONTINUOUS",
    "CREATING_SNAPSHOT",
    "DISCONNECTED",
    "INITIAL_SYNC",
    "PAUSED",
    "RESCAN",
    "STALLED",
    "STOPPED",
)
UNKNOWN = "UNKNOWN"
# Few keys and values, spelled in several ways, so that they often meet.
KEYS = st.sampled_from(["tier", "Tier", " TIER ", "app", "zone"])
VALUES = st.sampled_from(["db", "DB", " db", "web", "x"])


def created(desk: Desk, ids: list[str]) -> DrError | None:
    """Create a group of these servers; return how it was refused."""
    body: dict[str, Any] = {
        "groupName": "g",
        "region": REGION,
        "sourceServerIds": ids,
    }
    try:
        reply = desk.asks("create_protection_group", **body)
    except DrError as error:
        assert desk.groups.items == {}
        return error
    assert desk.groups.items[reply["groupId"]]["sourceServerIds"] == ids
    return None


@EXAMPLES
@given(
    stages=st.lists(st.sampled_from(STAGES), min_size=1, max_size=8),
    data=st.data(),
)
def test_property_5_every_busy_server_is_found_and_no_other(
    stages: list[str], data: st.DataObject
) -> None:
    desk = Desk()
    ids = desk.has_servers("db", len(stages))
    by_stage: dict[str, list[str]] = {stage: [] for stage in STAGES}
    for one, stage in zip(ids, stages, strict=True):
        by_stage[stage].append(one)
    plan = desk.has_plan("nightly", {}, {})
    desk.has_execution(
        plan,
        launched=by_stage["launched"],
        moving=by_stage["moving"],
        to_come=by_stage["to_come"],
    )
    for one in by_stage["foreign_job"]:
        desk.drs.foreign_job([one], REGION)
    chosen = data.draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
    busy = {one for stage in BUSY for one in by_stage[stage]} & set(chosen)

    error = created(desk, chosen)

    if not busy:
        assert error is None
        return
    assert error is not None
    assert error.code == "SERVER_CONFLICT"
    assert {row["serverId"] for row in error.details["conflicts"]} == busy


@EXAMPLES
@given(
    states=st.lists(
        st.sampled_from((*STATES, UNKNOWN)), min_size=1, max_size=8
    )
)
def test_property_7_every_unfit_server_is_refused_with_the_reason(
    states: list[str],
) -> None:
    desk = Desk()
    ids = []
    for number, state in enumerate(states):
        if state == UNKNOWN:
            ids.append(server_id(900 + number))
        else:
            ids += desk.has_servers(f"t{number}", replicationState=state)
    unfit = {
        one: state
        for one, state in zip(ids, states, strict=True)
        if state == UNKNOWN or state not in ASSIGNABLE
    }

    error = created(desk, ids)

    if not unfit:
        assert error is None
        return
    assert error is not None
    assert error.code == "INVALID_SERVERS"
    rows = {row["serverId"]: row for row in error.details["invalidServers"]}
    assert set(rows) == set(unfit)
    for one, state in unfit.items():
        told = "no such server" if state == UNKNOWN else state
        assert told in rows[one]["reason"]


@EXAMPLES
@given(
    servers=st.lists(
        st.dictionaries(KEYS, VALUES, max_size=3), min_size=1, max_size=6
    ),
    wanted=st.dictionaries(KEYS, VALUES, min_size=1, max_size=3),
)
def test_property_8_only_servers_with_all_the_tags_are_selected(
    servers: list[dict[str, str]], wanted: dict[str, str]
) -> None:
    desk = Desk()
    ids = desk.drs.has_servers(REGION, servers)
    asked: dict[str, Any] = {
        "region": REGION,
        "serverSelectionTags": wanted,
    }
    if len(folded(wanted)) > len({key for key, _ in folded(wanted)}):
        with pytest.raises(DrError, match="two values"):
            desk.asks("resolve_protection_group_tags", **asked)
        return

    reply = desk.asks("resolve_protection_group_tags", **asked)

    assert [one["sourceServerID"] for one in reply["resolvedServers"]] == [
        one
        for one, tags in zip(ids, servers, strict=True)
        if folded(wanted) <= folded(tags)
    ]


def folded(tags: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the pairs as they are compared."""
    return {(k.strip().lower(), v.strip().lower()) for k, v in tags.items()}
