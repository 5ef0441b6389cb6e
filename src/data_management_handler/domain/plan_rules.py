"""What a recovery plan may be, as far as the request and its groups tell.

Decides the form of waves, their order and sizes, and the stored item. Which
groups and servers there are is gathered in ``plan_checks``.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from data_management_handler.domain.request import text
from shared.domain.errors import BadRequest
from shared.domain.execution import MAX_WAIT_SECONDS
from shared.domain.items import MAX_ITEM_BYTES, Item, built, item_bytes
from shared.domain.plan import (
    MAX_WAVE_SERVERS,
    MAX_WAVES,
    Plan,
    PlanWave,
    check_runnable,
    groups_named,
)
from shared.domain.wire import shown, wrong_type

LEAST_WAIT: Final = 60
_TEXT_CHARACTERS: Final = 256
_TEXTS: Final = ("description", "rpo", "rto")
# A retry's own choice of servers is nothing that a plan stores.
_STORED: Final = frozenset(
    field.encode_name for field in msgspec.structs.fields(PlanWave)
) - {"onlyServerIds"}

type Group = Mapping[str, Any]


def texts_in(body: Mapping[str, Any]) -> dict[str, str]:
    """Return the plain texts that a body sets.

    Raises:
        BadRequest: ``INVALID_TYPE``, ``INVALID_FORMAT``.
    """
    return {
        name: text(body, name) for name in _TEXTS if body.get(name) is not None
    }


def waves_in(value: Any) -> tuple[PlanWave, ...]:
    """Return the waves that a body names, in array order.

    Raises:
        BadRequest: ``INVALID_TYPE``, ``INVALID_WAVE_DATA``,
            ``CIRCULAR_DEPENDENCY``, ``PLAN_TOO_LARGE``.
    """
    if not isinstance(value, list):
        raise wrong_type("waves", "a list", value)
    if not value:
        raise _invalid("waves", "a plan has at least one wave")
    if len(value) > MAX_WAVES:
        raise BadRequest(
            f"The plan has {len(value)} waves; {MAX_WAVES} are allowed.",
            code="PLAN_TOO_LARGE",
            field="waves",
        )
    waves = tuple(_wave(wave, number) for number, wave in enumerate(value))
    for wave in waves:
        _check_wave(wave)
    check_runnable(Plan(plan_id="", plan_name="", waves=waves))
    return waves


def wave_item(wave: PlanWave) -> Item:
    """Return a wave as the table keeps it, with all that has a default."""
    groups = list(wave.group_ids)
    given: Item = built(wave)
    return {
        "waveDescription": "",
        "serverIds": [],
        "pauseBeforeWave": False,
        "dependsOnWaves": [],
        "onFailure": "stop",
        **given,
        "waveNumber": wave.wave_number,
        "waveName": wave.name,
        "protectionGroupId": groups[0],
        "protectionGroupIds": groups,
    }


def check_groups(
    waves: Sequence[PlanWave], groups: Mapping[str, Group | None]
) -> None:
    """Refuse waves whose groups do not fit each other.

    Args:
        waves: The plan's waves.
        groups: Every group that they name, None where there is none.

    Raises:
        BadRequest: ``INVALID_WAVE_DATA``, ``MULTI_ACCOUNT_PLAN``.
    """
    for wave in waves:
        at = f"waves[{wave.wave_number}]"
        of_wave = []
        for group_id in wave.group_ids:
            group = groups[group_id]
            if group is None:
                raise _invalid(
                    f"{at}.protectionGroupIds",
                    f"there is no protection group {group_id}",
                )
            of_wave.append(group)
        regions = sorted({str(group["region"]) for group in of_wave})
        if len(regions) > 1:
            raise _invalid(
                f"{at}.protectionGroupIds",
                f"the groups are of Regions {', '.join(regions)}; a wave has "
                "one",
            )
        _check_servers(wave, of_wave)
    accounts = {str(g.get("accountId") or "") for g in groups.values() if g}
    if len(accounts) > 1:
        told = ", ".join(sorted(one or "the hub" for one in accounts))
        raise BadRequest(
            f"The plan's groups are of several accounts ({told}); a plan has "
            "one.",
            code="MULTI_ACCOUNT_PLAN",
        )


def check_totals(servers_of_waves: Sequence[tuple[PlanWave, int]]) -> None:
    """Refuse a wave of too many servers.

    Raises:
        BadRequest: ``QUOTA_EXCEEDED``.
    """
    largest, count = max(servers_of_waves, key=lambda pair: pair[1])
    if count <= MAX_WAVE_SERVERS:
        return
    raise BadRequest(
        f"Wave {largest.wave_number + 1} ({largest.name}) has {count} "
        f"servers; {MAX_WAVE_SERVERS} are allowed.",
        code="QUOTA_EXCEEDED",
        quotaType="servers_per_wave",
        totalServers=count,
        maxServers=MAX_WAVE_SERVERS,
        limit=MAX_WAVE_SERVERS,
        waveBreakdown=[
            {
                "waveNumber": wave.wave_number,
                "waveName": wave.name,
                "serverCount": size,
            }
            for wave, size in servers_of_waves
        ],
        recommendation="Spread the groups over several waves.",
    )


def check_storable(item: Item) -> None:
    """Refuse a plan that the table would not take.

    Raises:
        BadRequest: ``PLAN_TOO_LARGE``.
    """
    size = item_bytes(item)
    if size > MAX_ITEM_BYTES:
        raise BadRequest(
            f"The plan would take {size} bytes; {MAX_ITEM_BYTES} are "
            "allowed. Use groups instead of server ids, or shorter texts.",
            code="PLAN_TOO_LARGE",
        )


def group_ids(wave: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the groups of a stored wave, whichever way it names them."""
    return groups_named(
        wave.get("protectionGroupId") or "",
        wave.get("protectionGroupIds") or (),
    )


def _wave(value: Any, number: int) -> PlanWave:
    at = f"waves[{number}]"
    if not isinstance(value, dict):
        raise _invalid(at, f"{shown(value)} is no object")
    known = {
        key: inner
        for key, inner in value.items()
        if key in _STORED and inner is not None
    }
    try:
        return msgspec.convert({**known, "waveNumber": number}, PlanWave)
    except msgspec.ValidationError as error:
        raise _invalid(at, str(error)) from error


def _check_wave(wave: PlanWave) -> None:
    at = f"waves[{wave.wave_number}]"
    if not wave.group_ids:
        raise _invalid(
            f"{at}.protectionGroupIds", "a wave names at least one group"
        )
    if len(set(wave.depends_on_waves)) < len(wave.depends_on_waves):
        raise _invalid(f"{at}.dependsOnWaves", "it names a wave twice")
    wait = wave.max_wait_seconds
    if wait is not None and not LEAST_WAIT <= wait <= MAX_WAIT_SECONDS:
        raise _invalid(
            f"{at}.maxWaitSeconds",
            f"{wait} is not from {LEAST_WAIT} to {MAX_WAIT_SECONDS}",
        )
    for name in (wave.wave_name, *wave.group_ids, *wave.server_ids):
        if len(name) > _TEXT_CHARACTERS:
            raise _invalid(
                at,
                f"{shown(name)} has {len(name)} characters; "
                f"{_TEXT_CHARACTERS} are allowed",
            )


def _check_servers(wave: PlanWave, groups: Sequence[Group]) -> None:
    """Refuse servers that none of a wave's explicit groups has."""
    if any(group.get("serverSelectionTags") for group in groups):
        return
    known = {
        str(one)
        for group in groups
        for one in group.get("sourceServerIds") or ()
    }
    strangers = sorted(set(wave.server_ids) - known)
    if strangers:
        raise _invalid(
            f"waves[{wave.wave_number}].serverIds",
            f"{strangers[0]} is in none of the wave's groups",
        )


def _invalid(path: str, why: str) -> BadRequest:
    return BadRequest(
        f"'{path}': {why}.", code="INVALID_WAVE_DATA", field=path
    )
