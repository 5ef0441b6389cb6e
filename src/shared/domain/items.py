"""The forms in which values lie in the execution-history table.

Keys of all item kinds, and the conversions between values and items, are
spelled here. An item is a dict of plain values: str, int, float, bool,
None, list, dict, and a set of int for ``enteredWaves``. How an item
travels, and which writes are allowed, is decided elsewhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import batched
from typing import Any

import msgspec

from shared.domain.errors import DatabaseError
from shared.domain.record import (
    Intent,
    Key,
    Record,
    Reserved,
    ServerStatus,
    WaveEntry,
)

MAX_ITEM_BYTES = 307_200
# At most 400 by contract; fewer leave room for long error texts.
SERVERS_PER_PART = 250
LIVE_SORT_KEY = "live-execution"
ITEMS = "items"

type Item = dict[str, Any]
type ItemKey = tuple[str, str]


class _Detail(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One part of a wave's servers, as an item of their own has them."""

    wave_number: int
    part: int
    server_ids: tuple[str, ...] = ()
    server_statuses: tuple[ServerStatus, ...] = ()
    launch_config_status: dict[str, str] = msgspec.field(default_factory=dict)
    reserved_ids: tuple[str, ...] = ()
    reserved_region: str = ""


def record_key(key: Key) -> ItemKey:
    """Return the key of an execution's record."""
    return key.execution_id, key.plan_id


def lock_key(plan_id: str) -> ItemKey:
    """Return the key of a plan's lock."""
    return f"execution-lock-{plan_id}", plan_id


def server_lock_key(
    account_id: str, region: str, source_server_id: str
) -> ItemKey:
    """Return the key of a server's reservation."""
    return (
        f"server-lock-{account_id}-{region}-{source_server_id}",
        f"server-lock-{account_id}-{source_server_id[-2:]}",
    )


def live_key(execution_id: str) -> ItemKey:
    """Return the key of an execution's live marker."""
    return f"live-{execution_id}", LIVE_SORT_KEY


def live_owner(item: Mapping[str, Any]) -> Key:
    """Return whose a live marker is; its own key tells where it does not."""
    named = str(item["executionId"]).removeprefix("live-")
    return Key(
        str(item.get("ownerExecutionId") or named),
        str(item.get("ownerPlanId") or "unknown"),
    )


def waves_prefix(key: Key) -> str:
    """Return what the sort keys of details and intents begin with."""
    return f"{key.plan_id}#wave#"


def intents_prefix(key: Key, wave: int) -> str:
    """Return what the sort keys of one wave's intents begin with."""
    return f"{waves_prefix(key)}{wave}#job#"


def intent_key(key: Key, wave: int, job: int) -> ItemKey:
    """Return the key of an intent."""
    return key.execution_id, f"{intents_prefix(key, wave)}{job}"


def detail_key(key: Key, wave: int, part: int) -> ItemKey:
    """Return the key of one part of a wave's detail."""
    suffix = f"#{part}" if part else ""
    return key.execution_id, f"{waves_prefix(key)}{wave}{suffix}"


def key_of(item: Mapping[str, Any]) -> ItemKey:
    """Return an item's key."""
    return item["executionId"], item["planId"]


def is_intent(item: Mapping[str, Any]) -> bool:
    """Tell whether the item is an intent."""
    return "#job#" in item["planId"]


def is_record(item: Mapping[str, Any]) -> bool:
    """Tell whether the item is an execution's record."""
    return "status" in item and item["status"] != "LOCK"


def item_bytes(value: Any) -> int:
    """Estimate the bytes that a value takes in the table, from above."""
    match value:
        case None | bool():
            return 1
        case str():
            return len(value.encode())
        case int() | float():
            return len(str(value)) + 1
        case Mapping():
            return 3 + sum(
                1 + len(name.encode()) + item_bytes(inner)
                for name, inner in value.items()
            )
        case _:
            return 3 + sum(1 + item_bytes(inner) for inner in value)


def checked_size(item: Item) -> Item:
    """Return the item, known to fit.

    Raises:
        DatabaseError: It is above 307,200 bytes.
    """
    # No value takes more than twice the bytes of its JSON.
    if 2 * len(msgspec.json.encode(item)) <= MAX_ITEM_BYTES:
        return item
    size = item_bytes(item)
    if size > MAX_ITEM_BYTES:
        execution_id, sort_key = key_of(item)
        raise DatabaseError(
            f"Item {execution_id} / {sort_key} would take {size} bytes, more "
            f"than the {MAX_ITEM_BYTES} an item may have; use fewer servers "
            "in a wave or shorter texts.",
            executionId=execution_id,
        )
    return item


def built(value: Any) -> Any:
    """Return a value in the plain types that items are made of."""
    return msgspec.json.decode(msgspec.json.encode(value))


def record_to_item(record: Record) -> Item:
    """Return the record's item."""
    item: Item = built(record)
    item.pop("enteredWaves", None)
    if record.entered_waves:
        item["enteredWaves"] = set(record.entered_waves)
    return item


def record_from_item(item: Mapping[str, Any]) -> Record:
    """Read a record, tolerating other attributes and nulls.

    Raises:
        DatabaseError: An attribute has another type than it must have.
    """
    return read_as(item, Record, _RECORD_NULLS_KEPT)


def intent_to_item(key: Key, intent: Intent) -> Item:
    """Return an intent's item."""
    execution_id, sort_key = intent_key(
        key, intent.wave_number, intent.job_index
    )
    return {
        **built(intent),
        "executionId": execution_id,
        "planId": sort_key,
    }


def intent_from_item(item: Mapping[str, Any]) -> Intent:
    """Read an intent.

    Raises:
        DatabaseError: An attribute has another type than it must have.
    """
    return read_as(item, Intent)


def intents_from_items(items: Iterable[Mapping[str, Any]]) -> list[Intent]:
    """Read the intents among some items, by wave and job."""
    intents = [intent_from_item(item) for item in items if is_intent(item)]
    return sorted(intents, key=lambda i: (i.wave_number, i.job_index))


def lean(entry: WaveEntry) -> WaveEntry:
    """Return the entry of a large execution as its record holds it."""
    counts = {"server_count": len(entry.server_ids)}
    known = entry.launched_count + entry.failed_count + entry.pending_count
    if not known:
        counts |= _counts(entry.server_statuses)
    return msgspec.structs.replace(
        entry,
        server_ids=(),
        server_statuses=(),
        launch_config_status={},
        detail=ITEMS,
        **counts,
    )


def is_lean(entry: WaveEntry) -> bool:
    """Tell whether the entry's servers are not in it but in items."""
    return (
        entry.detail == ITEMS
        and not entry.server_ids
        and not entry.server_statuses
    )


def detail_parts(entry: WaveEntry) -> list[dict[str, Any]]:
    """Return the attributes of the detail items of a whole entry."""
    parts = parts_for(len(entry.server_ids))
    ids = entry.server_ids
    statuses: list[Item] = built(entry.server_statuses)
    configs = dict(entry.launch_config_status)
    details = []
    for part in range(parts):
        first, last = part * SERVERS_PER_PART, (part + 1) * SERVERS_PER_PART
        end = last if part < parts - 1 else None
        some = ids[first:last]
        own = {sid: configs.pop(sid) for sid in some if sid in configs}
        if end is None:
            own |= configs
        details.append(
            {
                "waveNumber": entry.wave_number,
                "part": part,
                "waveStatus": str(entry.status),
                "serverIds": list(some),
                "serverStatuses": statuses[first:end],
                "launchConfigStatus": own,
            }
        )
    return details


def joined(
    entry: WaveEntry, details: Iterable[Mapping[str, Any]]
) -> WaveEntry:
    """Return a lean entry with its servers, read from its detail items."""
    parts = _details(details)
    return msgspec.structs.replace(
        entry,
        server_ids=tuple(sid for part in parts for sid in part.server_ids),
        server_statuses=tuple(
            server for part in parts for server in part.server_statuses
        ),
        launch_config_status={
            sid: status
            for part in parts
            for sid, status in part.launch_config_status.items()
        },
    )


def _details(items: Iterable[Mapping[str, Any]]) -> list[_Detail]:
    """Read detail items, by wave and part."""
    details = [read_as(item, _Detail) for item in items]
    return sorted(details, key=lambda part: (part.wave_number, part.part))


def parts_for(servers: int) -> int:
    """Return how many detail items that many servers need."""
    return max(1, -(-servers // SERVERS_PER_PART))


def reserved_parts(reserved: Reserved, parts: int = 1) -> list[dict[str, Any]]:
    """Return the attributes that note a wave's reserved servers.

    Args:
        reserved: The servers.
        parts: At least so many parts, to overwrite older ones.
    """
    chunks = list(batched(reserved.server_ids, SERVERS_PER_PART))
    chunks += [()] * (parts - len(chunks))
    return [
        {
            "waveNumber": reserved.wave_number,
            "part": part,
            "reservedIds": list(chunk),
            "reservedRegion": reserved.region,
        }
        for part, chunk in enumerate(chunks)
    ]


def reserved_of(
    record: Record, details: Iterable[Mapping[str, Any]]
) -> tuple[Reserved, ...]:
    """Return the servers reserved for each wave, wherever they lie."""
    reserved = {r.wave_number: r for r in record.reserved}
    reserved |= noted_in(details)
    return tuple(reserved[wave] for wave in sorted(reserved))


def noted_in(details: Iterable[Mapping[str, Any]]) -> dict[int, Reserved]:
    """Return the reserved servers that detail items note, by wave."""
    noted: dict[int, Reserved] = {}
    rows = [item for item in details if item.get("reservedIds")]
    for part in _details(rows):
        before = noted.get(part.wave_number)
        noted[part.wave_number] = Reserved(
            wave_number=part.wave_number,
            server_ids=(
                *(before.server_ids if before else ()),
                *part.reserved_ids,
            ),
            region=part.reserved_region,
        )
    return noted


def _counts(statuses: Sequence[ServerStatus]) -> dict[str, int]:
    launched = sum(s.launch_status == "LAUNCHED" for s in statuses)
    failed = sum(s.launch_status in ("FAILED", "TERMINATED") for s in statuses)
    return {
        "launched_count": launched,
        "failed_count": failed,
        "pending_count": len(statuses) - launched - failed,
    }


_RECORD_NULLS_KEPT = frozenset({"accountContext", "outcome"})


def read_as[T](
    item: Mapping[str, Any], kind: type[T], kept: frozenset[str] = frozenset()
) -> T:
    """Read a value from an item, nulls taken for absent values.

    Raises:
        DatabaseError: An attribute has another type than it must have.
    """
    try:
        return msgspec.convert(item, kind)
    except msgspec.ValidationError:
        # Older writers left nulls.
        pass
    plain = {
        name: value if name in kept else _without_nulls(value)
        for name, value in item.items()
        if value is not None
    }
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        raise DatabaseError(
            f"Item {item.get('executionId')} / {item.get('planId')} cannot "
            f"be read: {error}."
        ) from error


def _without_nulls(value: Any) -> Any:
    """Drop nulls, which older writers left for absent values."""
    match value:
        case dict():
            return {
                name: _without_nulls(inner)
                for name, inner in value.items()
                if inner is not None
            }
        case list():
            return [_without_nulls(inner) for inner in value]
        case _:
            return value
