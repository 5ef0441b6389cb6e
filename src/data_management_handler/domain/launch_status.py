"""What a group's item says of how far its launch configuration is applied.

Decides ``launchConfigStatus`` from the configuration and from results. The
hash of a server's entry stands for the configuration that the entry is
about: an entry with another hash is out of date and counts as pending.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from drs.domain.launch_config import (
    config_hash,
    effective_configs,
    has_launch_settings,
)
from drs.domain.launch_results import AppliedStatus, ServerApplied
from shared.domain.items import MAX_ITEM_BYTES, Item, item_bytes

FIELD: Final = "launchConfigStatus"
_SERVERS: Final = "serverConfigs"
NOT_CONFIGURED: Final = "not_configured"
PENDING: Final = "pending"
READY: Final = "ready"
PARTIAL: Final = "partial"
FAILED: Final = "failed"
ERRORS_SHOWN: Final = 20
_REASON_CHARACTERS: Final = 300
_WORST_FIRST: Final = (FAILED, PENDING, READY)


def expected(
    group: Mapping[str, Any],
    server_ids: Sequence[str],
    before: Mapping[str, Any] | None,
) -> Item:
    """Return the group with what holds before anything is applied.

    A server whose configuration stays as it was keeps its entry.

    Args:
        group: The whole group as it is to be stored.
        server_ids: The servers that it has now.
        before: The whole group as it is, if there is one.
    """
    old = _status_of(before or {})
    if not has_launch_settings(group):
        return _with(group, _status(old, {}, NOT_CONFIGURED))
    known = old.get(_SERVERS) or {}
    hashes = {
        one: config_hash(config)
        for one, config in effective_configs(group, server_ids).items()
    }
    return _with(
        group,
        _status(
            old,
            {
                one: (
                    known[one]
                    if known.get(one, {}).get("configHash") == digest
                    else _entry(PENDING, digest)
                )
                for one, digest in hashes.items()
            },
        ),
    )


def expected_of(group: Mapping[str, Any], server_ids: Sequence[str]) -> Item:
    """Return the group with what holds after some servers' entries changed.

    Args:
        group: The whole group as it is to be, with its status as it was.
        server_ids: Those servers; nothing changes for the others.
    """
    known = _status_of(group).get(_SERVERS) or {}
    return expected(group, list(dict.fromkeys([*known, *server_ids])), group)


def achieved(
    group: Mapping[str, Any],
    results: Mapping[str, ServerApplied],
    *,
    by: str,
    at: str,
) -> Item:
    """Return the group with what has become of its configuration.

    Args:
        group: The whole group as it is stored.
        results: What was applied just now; what was put off is in it too.
        by: Who saved it.
        at: When.
    """
    old = _status_of(group)
    entries = dict(old.get(_SERVERS) or {})
    for server, result in results.items():
        if result.status is AppliedStatus.APPLIED:
            entries[server] = _entry(READY, result.config_hash)
        elif result.status is AppliedStatus.FAILED:
            entries[server] = _entry(FAILED, result.config_hash, result.reason)
        elif result.config_hash:
            # DRS has nothing yet that the configuration could go to.
            entries[server] = _entry(
                PENDING, result.config_hash, result.reason
            )
    status = {**_status(old, entries), "lastApplied": at, "appliedBy": by}
    return _with(group, status)


def without_status(group: Mapping[str, Any]) -> Item:
    """Return what somebody decided of a group, without what became of it."""
    return {name: value for name, value in group.items() if name != FIELD}


def summarised(group: Mapping[str, Any]) -> Item:
    """Return a group without what its status tells of single servers.

    Lists leave that out: a reply could not carry it for many large groups.
    """
    status = {k: v for k, v in _status_of(group).items() if k != _SERVERS}
    bare = without_status(group)
    return {**bare, FIELD: status} if status else bare


def order_of(group: Mapping[str, Any], server_ids: Sequence[str]) -> list[str]:
    """Return the servers, those first that are not known to be ready."""
    entries = _status_of(group).get(_SERVERS) or {}
    return sorted(
        server_ids,
        key=lambda one: entries.get(one, {}).get("status") == READY,
    )


def _status_of(group: Mapping[str, Any]) -> Mapping[str, Any]:
    status: Mapping[str, Any] = group.get(FIELD) or {}
    return status


def _entry(status: str, digest: str, *errors: str) -> Item:
    return {
        "status": status,
        "configHash": digest,
        "errors": [one[:_REASON_CHARACTERS] for one in errors],
    }


def _status(
    old: Mapping[str, Any],
    entries: Mapping[str, Item],
    status: str = "",
) -> Item:
    failed = {
        server: entry["errors"]
        for server, entry in entries.items()
        if entry["status"] == FAILED
    }
    errors = [
        f"{server}: {' '.join(why)}"
        for server, why in list(failed.items())[:ERRORS_SHOWN]
    ]
    if len(failed) > ERRORS_SHOWN:
        errors.append(f"{len(failed) - ERRORS_SHOWN} more servers failed.")
    kept = {k: old[k] for k in ("lastApplied", "appliedBy") if k in old}
    return {
        **kept,
        "status": status or _overall(entries),
        _SERVERS: dict(entries),
        "errors": errors,
    }


def _overall(entries: Mapping[str, Item]) -> str:
    found = {entry["status"] for entry in entries.values()}
    if found == {FAILED}:
        return FAILED
    if FAILED in found:
        return PARTIAL
    return PENDING if PENDING in found or not found else READY


def _with(group: Mapping[str, Any], status: Item) -> Item:
    """Return the group with a status that leaves the item storable.

    Of very large groups the entries that matter least are left out, the
    ready ones first, and that is said.
    """
    bare = without_status(group)
    room = MAX_ITEM_BYTES - item_bytes(bare)
    entries = status[_SERVERS]
    if item_bytes(status) <= room:
        return {**bare, FIELD: status}
    room -= item_bytes({**status, _SERVERS: {}}) + 200
    kept: dict[str, Item] = {}
    for server, entry in sorted(
        entries.items(), key=lambda one: _WORST_FIRST.index(one[1]["status"])
    ):
        room -= item_bytes({server: entry})
        if room < 0:
            break
        kept[server] = entry
    left_out = (
        f"{len(entries) - len(kept)} of {len(entries)} servers are not "
        "listed: the item would be too large."
    )
    errors = [*status["errors"], left_out]
    return {
        **bare,
        FIELD: {**status, _SERVERS: kept, "errors": errors},
    }
