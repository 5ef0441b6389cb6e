"""What a :class:`Change` does to the items of an execution.

Decides which attributes a commit sets and removes, where a wave's entry
goes and which detail items are written with it. The stores, in memory or
in DynamoDB, carry that out; neither decides anything of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from shared.domain import items
from shared.domain.items import Item, ItemKey
from shared.domain.record import Change, Key, Record, Reserved, WaveEntry
from shared.domain.status import TRANSITIONS, Status

_NAMES = {f.name: f.encode_name for f in msgspec.structs.fields(Record)}
_NOT_SETTABLE = frozenset(
    {
        "execution_id",
        "plan_id",
        "status",
        "waves",
        "entered_waves",
        "revision",
        "updated_at",
    }
)

type Reservations = Mapping[int, Reserved]


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailUpdate:
    """Attributes to set in a detail item, the others being kept."""

    key: ItemKey
    set: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One write of a record, spelled as the table spells it.

    ``entry_at`` is the index that ``entry`` takes, the end of the list
    being an append; ``drop_at`` is the index whose entry goes.
    """

    after: Record
    set: Item = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    entry_at: int | None = None
    entry: Item | None = None
    drop_at: int | None = None
    details: tuple[DetailUpdate, ...] = ()


def iso(now: int) -> str:
    """Return the time as records write it."""
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def update_of(
    before: Record, change: Change, now: int, reserved: Reservations
) -> Update:
    """Return the write that a change is.

    Args:
        before: The record as read, its entries lean.
        change: What is to be done to it.
        now: The time.
        reserved: What detail items note as reserved by now.

    Raises:
        ValueError: The change is not one; that is a mistake in a program.
    """
    _check(before, change)
    after, details = _applied(before, change, now, reserved)
    set_, remove = _attributes(before, after, change)
    entry_at = _place(before, change)
    update = Update(
        after=after,
        set=set_,
        remove=remove,
        entry_at=entry_at,
        entry=_entry_item(after, change),
        drop_at=None if entry_at is not None else _index(before, change),
        details=details,
    )
    items.checked_size(items.record_to_item(after))
    return update


def reserved_details(
    key: Key, reserved: Reservations, now: int, known: Reservations
) -> tuple[DetailUpdate, ...]:
    """Return the detail writes that note the reserved servers."""
    changed = [w for w in reserved if reserved[w] != known.get(w)]
    return tuple(
        _detail(key, attributes, now)
        for wave in sorted(changed)
        for attributes in items.reserved_parts(
            reserved[wave],
            parts=items.parts_for(
                len(known[wave].server_ids) if wave in known else 0
            ),
        )
    )


def created(record: Record, now: int) -> tuple[Record, Reservations]:
    """Return a new record as it is stored, and what its details note."""
    stored = msgspec.structs.replace(record, updated_at=iso(now))
    if not record.large:
        return stored, {}
    noted = {r.wave_number: r for r in record.reserved}
    return msgspec.structs.replace(stored, reserved=()), noted


def finalized(before: Record, now: int, expires_at: int = 0) -> Change:
    """Return the change that finalizes a record, and may let it expire."""
    if not before.status.is_terminal:
        raise ValueError(f"An execution that is {before.status} is not over.")
    if expires_at:
        return Change(set={"finalized_at": now, "expires_at": expires_at})
    return Change(set={"finalized_at": now})


def check_deletable(record: Record) -> None:
    """Hold the one law of deletion: nothing goes that is not over.

    Raises:
        ValueError: The execution is active or not finalized; that is a
            mistake in a program.
    """
    if not (record.status.is_terminal and record.finalized_at):
        raise ValueError(
            f"Execution {record.execution_id} is {record.status} and not "
            "finalized; it is kept."
        )


def _check(before: Record, change: Change) -> None:
    for name in (*change.set, *change.remove):
        if name not in _NAMES or name in _NOT_SETTABLE:
            raise ValueError(f"A change cannot set or remove {name!r}.")
    status = change.status or before.status
    if not is_reachable(before.status, status):
        raise ValueError(f"{before.status} is never followed by {status}.")
    if change.drop_wave is None or change.wave is None:
        return
    last = before.waves[-1].wave_number if before.waves else None
    if (
        change.drop_wave == change.wave.wave_number
        or before.entry(change.wave.wave_number) is not None
        or last != change.drop_wave
    ):
        raise ValueError(
            "A change may drop a wave and write another only where the "
            "dropped one is the last and the other has no entry."
        )


def is_reachable(before: Status, after: Status) -> bool:
    """Tell whether one event leads from a status to another, or none."""
    return before is after or after in TRANSITIONS[before].values()


def _applied(
    before: Record, change: Change, now: int, reserved: Reservations
) -> tuple[Record, tuple[DetailUpdate, ...]]:
    """Return the record after the change, and its detail writes."""
    defaults = {
        f.name: (
            f.default
            if f.default is not msgspec.NODEFAULT
            else f.default_factory()
        )
        for f in msgspec.structs.fields(Record)
        if f.name in change.remove
    }
    after = msgspec.structs.replace(
        before,
        **defaults,
        **change.set,
        status=change.status or before.status,
        revision=before.revision + 1,
        updated_at=iso(now),
    )
    details: tuple[DetailUpdate, ...] = ()
    if after.large and "reserved" in change.set:
        wanted = {r.wave_number: r for r in after.reserved}
        details = reserved_details(before.key, wanted, now, reserved)
        after = msgspec.structs.replace(after, reserved=())
    entry = change.wave
    if entry is not None and _in_items(before, after, entry):
        if not items.is_lean(entry):
            details = _merged(
                *details,
                *(
                    _detail(before.key, attributes, now)
                    for attributes in items.detail_parts(entry)
                ),
            )
            entry = items.lean(entry)
    waves = _waves(before, change, entry)
    return (
        msgspec.structs.replace(
            after,
            waves=waves,
            entered_waves=frozenset(wave.wave_number for wave in waves),
        ),
        details,
    )


def _merged(*details: DetailUpdate) -> tuple[DetailUpdate, ...]:
    """Return one write for each item, as a transaction demands."""
    writes: dict[ItemKey, Item] = {}
    for detail in details:
        writes[detail.key] = writes.get(detail.key, {}) | detail.set
    return tuple(DetailUpdate(key=k, set=v) for k, v in writes.items())


def _in_items(before: Record, after: Record, entry: WaveEntry) -> bool:
    """Tell whether the entry's servers go to items; older ones stay."""
    known = before.entry(entry.wave_number)
    if known is not None:
        return known.detail == items.ITEMS
    return after.large


def _waves(
    before: Record, change: Change, entry: WaveEntry | None
) -> tuple[WaveEntry, ...]:
    waves = [w for w in before.waves if w.wave_number != change.drop_wave]
    if entry is None:
        return tuple(waves)
    if before.entry(entry.wave_number) is None:
        return (*waves, entry)
    return tuple(
        entry if w.wave_number == entry.wave_number else w for w in waves
    )


def _attributes(
    before: Record, after: Record, change: Change
) -> tuple[Item, tuple[str, ...]]:
    """Return the attributes to set and those to remove."""
    touched = {*change.set, *change.remove, "revision", "updated_at"}
    if change.status is not None:
        touched.add("status")
    if change.wave is not None or change.drop_wave is not None:
        touched.add("entered_waves")
    if before.reserved and not after.reserved:
        touched.add("reserved")
    item = items.record_to_item(after)
    names = sorted(_NAMES[name] for name in touched)
    return (
        {name: item[name] for name in names if name in item},
        tuple(name for name in names if name not in item),
    )


def _place(before: Record, change: Change) -> int | None:
    """Return the index that the change's entry takes."""
    if change.wave is None:
        return None
    for at, entry in enumerate(before.waves):
        if entry.wave_number in (change.wave.wave_number, change.drop_wave):
            return at
    return len(before.waves)


def _index(before: Record, change: Change) -> int | None:
    """Return the index of the entry that the change drops."""
    for at, entry in enumerate(before.waves):
        if entry.wave_number == change.drop_wave:
            return at
    return None


def _entry_item(after: Record, change: Change) -> Item | None:
    if change.wave is None:
        return None
    item: Item = items.built(after.entry(change.wave.wave_number))
    return item


def _detail(key: Key, attributes: Item, now: int) -> DetailUpdate:
    at = items.detail_key(key, attributes["waveNumber"], attributes["part"])
    items.checked_size({"executionId": at[0], "planId": at[1], **attributes})
    return DetailUpdate(key=at, set={**attributes, "updatedAt": iso(now)})
