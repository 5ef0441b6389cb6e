"""Items of the tables that somebody has mangled."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain import items, snapshots
from shared.domain.errors import BadRequest, DatabaseError, DrError
from shared.domain.items import Item, ItemKey
from shared.domain.plan import plan_from_item
from shared.domain.record import Key
from shared.domain.status import Status
from tests.fuzz.ground import Function, Ground
from tests.fuzz.mutations import STORABLE, Mutant, mutants
from tests.shared.builders import (
    KEY,
    a_plan,
    a_record,
    an_entry,
    an_intent,
)

POLLING = Ground("polling")
PAUSED = Ground("paused")
ASKED: dict[str, tuple[Function, Ground, dict[str, Any]]] = {
    "poll": (
        "generic",
        POLLING,
        {
            "action": "poll_wave_status",
            "application": POLLING.state,
            **POLLING.task,
        },
    ),
    "begin": ("direct", POLLING, POLLING.begin()),
    "resume": (
        "generic",
        PAUSED,
        {
            "action": "resume_wave",
            "application": {**PAUSED.state, "resume": {}},
            **PAUSED.task,
        },
    ),
    "find": ("execution", POLLING, {"operation": "find"}),
    "cancel": (
        "execution",
        PAUSED,
        {"operation": "cancel_execution", "executionId": PAUSED.execution_id},
    ),
    "get": (
        "execution",
        POLLING,
        {"operation": "get_execution", "executionId": POLLING.execution_id},
    ),
}
KEYS = ("executionId", "planId")


def stored(ground: Ground) -> list[ItemKey]:
    """Return the keys of the items that an execution reads."""
    return [
        key
        for key in sorted(ground.items)
        if key[0] == ground.execution_id or key[0].startswith("live-")
    ]


def mangled(ground: Ground) -> st.SearchStrategy[dict[ItemKey, Item]]:
    """Draw an item of an execution with one attribute changed."""

    def of(key: ItemKey) -> st.SearchStrategy[dict[ItemKey, Item]]:
        rest = dict(ground.items[key])
        keys = {name: rest.pop(name) for name in KEYS}
        rest["enteredWaves"] = sorted(rest.get("enteredWaves", ()))
        return mutants(rest, STORABLE).map(
            lambda m: {key: {**m.value, **keys}}
        )

    return st.sampled_from(stored(ground)).flatmap(of)


DRAWN = {name: mangled(ground) for name, (_, ground, _) in ASKED.items()}


@pytest.mark.parametrize("name", sorted(ASKED))
@given(data=st.data())
@settings(max_examples=60)
def test_whatever_the_table_holds_the_answer_is_ours(
    name: str, data: st.DataObject
) -> None:
    function, ground, event = ASKED[name]

    ground.ask(function, event, data.draw(DRAWN[name]))


RECORD = items.record_to_item(
    a_record(Status.RUNNING, an_entry(0), an_entry(1))
)
INTENT = items.intent_to_item(KEY, an_intent())
SNAPSHOT = snapshots.plan_to_items(KEY, a_plan(count=2))[0]
DETAIL = {
    **dict(zip(KEYS, items.detail_key(KEY, 0, 0), strict=True)),
    **items.detail_parts(an_entry(0))[0],
    "reservedIds": ["s-1"],
    "reservedRegion": "us-east-1",
}


def attributes(item: Item) -> Item:
    """Return an item without its keys, all of it JSON."""
    plain = {k: v for k, v in item.items() if k not in KEYS}
    return {k: list(v) if isinstance(v, set) else v for k, v in plain.items()}


def with_keys(mutant: Mutant, item: Item) -> Item:
    return {**mutant.value, **{name: item[name] for name in KEYS}}


def read(kind: str, item: Item) -> object:
    """Read an item of a kind as the stores do."""
    match kind:
        case "record":
            return items.record_from_item(item)
        case "intent":
            return items.intents_from_items([item])
        case "detail":
            return items.joined(an_entry(0), [item])
        case "noted":
            return items.noted_in([item])
        case _:
            return snapshots.plan_from_items(KEY, [item])


STORED = {
    "record": RECORD,
    "intent": INTENT,
    "detail": DETAIL,
    "noted": DETAIL,
    "snapshot": SNAPSHOT,
}
CHANGED = {
    kind: mutants(attributes(item), STORABLE) for kind, item in STORED.items()
}


@pytest.mark.parametrize("kind", sorted(STORED))
@given(data=st.data())
@settings(max_examples=150)
def test_a_mangled_item_is_read_or_named(
    kind: str, data: st.DataObject
) -> None:
    mutant: Mutant = data.draw(CHANGED[kind])
    item = with_keys(mutant, STORED[kind])

    try:
        read(kind, item)
    except DatabaseError as error:
        assert KEY.execution_id in error.message
    except DrError as error:
        # Wholly absent things are told as such.
        assert error.code == "EXECUTION_NOT_FOUND"


PLAN = {
    "planId": "p-1",
    "planName": "Three tiers",
    "description": "",
    "version": 3,
    "createdDate": 1,
    "waves": [
        {
            "waveNumber": 0,
            "waveName": "Databases",
            "protectionGroupId": "g-1",
            "protectionGroupIds": ["g-1"],
            "serverIds": ["s-1"],
            "pauseBeforeWave": False,
            "dependsOnWaves": [0],
            "onFailure": "stop",
            "maxWaitSeconds": 600,
        }
    ],
}


@given(mutants(PLAN, STORABLE))
@settings(max_examples=300)
def test_a_mangled_plan_is_read_or_told_where(mutant: Mutant) -> None:
    try:
        plan_from_item(mutant.value)
    except BadRequest as error:
        steps = [step for step in mutant.path if isinstance(step, str)]
        assert error.code == "INVALID_WAVE_DATA"
        assert any(step in error.message for step in steps)


@given(st.lists(STORABLE, max_size=3))
@settings(max_examples=60)
def test_a_marker_of_any_form_names_an_execution(values: list[Any]) -> None:
    names = ("ownerExecutionId", "ownerPlanId", "status")
    marker = dict(zip(names, values, strict=False))
    key = items.live_key(KEY.execution_id)

    owner = items.live_owner({**marker, **dict(zip(KEYS, key, strict=True))})

    assert isinstance(owner, Key)
    assert all(isinstance(part, str) for part in owner)
