"""Whether a plan's waves can be what they say, and what is in their way.

Asks for groups and servers; what cannot be asked refuses the plan. That
servers are busy now is a warning only, for the plan may run later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data_management_handler.domain.place import Estate, Place
from data_management_handler.domain.plan_rules import (
    check_groups,
    check_totals,
)
from data_management_handler.domain.warnings import (
    CONCURRENT_JOBS_AT_LIMIT,
    SERVER_CONFLICTS_DETECTED,
    Warning_,
    nothing_matches,
    split,
    warning,
)
from data_management_handler.estates import estate
from data_management_handler.ports import Ports
from drs.conflicts import (
    resolve_pg_servers_for_conflict_check,
    servers_in_executions,
)
from drs.domain.conflicts import Busy, InExecution
from shared.domain.errors import NotFound
from shared.domain.plan import PlanWave
from shared.domain.ports import ServerKey

type Group = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedWave:
    """A wave with its groups, and the servers that they have now."""

    wave: PlanWave
    groups: Sequence[Group]
    estate: Estate
    server_ids: frozenset[str]

    @property
    def name(self) -> str:
        """Return what messages call it."""
        return f"Wave {self.wave.wave_number + 1} ({self.wave.name})"

    @property
    def keys(self) -> set[ServerKey]:
        """Return its servers by account and Region."""
        here = (self.estate.account_id, self.estate.region)
        return {ServerKey(*here, one) for one in self.server_ids}


def checked_waves(
    waves: Sequence[PlanWave],
    ports: Ports,
    groups: Mapping[str, Group] | None = None,
) -> list[CheckedWave]:
    """Return the waves with their servers.

    Args:
        waves: The waves.
        ports: The outside.
        groups: Every group by id, where the stored ones are not meant.

    Raises:
        BadRequest: ``INVALID_WAVE_DATA``, ``MULTI_ACCOUNT_PLAN``,
            ``QUOTA_EXCEEDED``.
    """
    ids = dict.fromkeys(one for wave in waves for one in wave.group_ids)
    named = {
        one: _group(one, ports) if groups is None else groups.get(one)
        for one in ids
    }
    check_groups(waves, named)
    known = {one: group for one, group in named.items() if group}
    places = {ports.place_of(group) for group in known.values()}
    seen = {place: estate(place, ports) for place in places}
    checked = [_checked(wave, known, seen, ports) for wave in waves]
    check_totals([(one.wave, len(one.server_ids)) for one in checked])
    return checked


def group_servers(
    group: Group, estate_of_group: Estate, chosen: Sequence[str] = ()
) -> set[str]:
    """Return the servers of a group, of a named few if it is explicit."""
    found = resolve_pg_servers_for_conflict_check(
        group, estate_of_group.region, servers=estate_of_group.servers
    )
    if chosen and not group.get("serverSelectionTags"):
        return found & set(chosen) if found else set(chosen)
    return found


def warnings_of(waves: Sequence[CheckedWave], ports: Ports) -> list[Warning_]:
    """Return what is worth knowing of a plan that is allowed."""
    busy: list[Busy] = [
        *servers_in_executions(ports.executions, ports.hub_account_id)
    ]
    estates = {(e.account_id, e.region): e for e in (w.estate for w in waves)}
    for one in estates.values():
        busy += one.busy
    return [
        *(said for wave in waves for said in _of_size(wave)),
        *(said for one in estates.values() for said in _at_limit(one)),
        *_conflicts(waves, busy),
    ]


def _group(group_id: str, ports: Ports) -> Group | None:
    try:
        return ports.groups.find(group_id)
    except NotFound:
        return None


def _checked(
    wave: PlanWave,
    groups: Mapping[str, Group],
    estates: Mapping[Place, Estate],
    ports: Ports,
) -> CheckedWave:
    of_wave = [groups[one] for one in wave.group_ids]
    return CheckedWave(
        wave=wave,
        groups=of_wave,
        estate=estates[ports.place_of(of_wave[0])],
        server_ids=frozenset(
            server
            for group in of_wave
            for server in group_servers(
                group, estates[ports.place_of(group)], wave.server_ids
            )
        ),
    )


def _of_size(wave: CheckedWave) -> list[Warning_]:
    if not wave.server_ids:
        names = ", ".join(str(group["groupName"]) for group in wave.groups)
        return [nothing_matches(wave.name, f"the groups {names}")]
    per_job = wave.estate.quotas.servers_per_job
    return split(wave.name, len(wave.server_ids), per_job)


def _at_limit(seen: Estate) -> list[Warning_]:
    current, most = len(seen.jobs), seen.quotas.concurrent_jobs
    if current < most:
        return []
    message = (
        f"{current} of {most} DRS jobs are active in account "
        f"{seen.account_id}, {seen.region}."
    )
    return [
        warning(
            CONCURRENT_JOBS_AT_LIMIT,
            message,
            "Wait for jobs to end before the plan is executed.",
            can_execute_now=False,
            conflicts={
                "quota_violations": [
                    {
                        "quotaType": "concurrent_jobs",
                        "region": seen.region,
                        "currentJobs": current,
                        "maxJobs": most,
                        "message": message,
                        "conflictSource": "quota_violation",
                    }
                ]
            },
        )
    ]


def _conflicts(
    waves: Sequence[CheckedWave], busy: Sequence[Busy]
) -> list[Warning_]:
    rows: dict[str, list[dict[str, Any]]] = {
        "execution_conflicts": [],
        "drs_job_conflicts": [],
    }
    for wave in waves:
        keys = wave.keys
        for one in busy:
            if one.server in keys:
                source = (
                    "execution_conflicts"
                    if isinstance(one, InExecution)
                    else "drs_job_conflicts"
                )
                rows[source].append(one.row(wave.wave.name))
    found = {row["serverId"] for several in rows.values() for row in several}
    if not found:
        return []
    return [
        warning(
            SERVER_CONFLICTS_DETECTED,
            f"{len(found)} servers of the plan are busy in active executions "
            "or DRS jobs.",
            "Wait for their end before the plan is executed.",
            can_execute_now=False,
            conflicts=rows,
        )
    ]
