"""The estate document: which servers exist, in which account and Region.

Decides the form of the document, the ids of servers that bring none, and
what a server is like where the document is silent.
"""

from dataclasses import replace
from typing import Any

import msgspec

from drs_simulator.domain.faults import ControlError
from drs_simulator.domain.ids import derived
from drs_simulator.domain.launch import SETTINGS, defaults
from drs_simulator.domain.records import (
    LaunchStatus,
    Machine,
    Outcome,
    Replication,
    ReplicationState,
    Server,
    Wire,
)
from drs_simulator.domain.region import (
    Region,
    State,
    replicated,
    replication_now,
    wire,
)

HISTORY_SECONDS = 30 * 86_400.0


class ServerSpec(
    msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True
):
    """One source server of the document."""

    hostname: str
    sourceServerID: str | None = None
    tags: dict[str, str] = {}
    replicationState: ReplicationState = ReplicationState.CONTINUOUS
    lagSeconds: float = 0.0
    os: str = "Ubuntu 24.04 LTS"
    ips: list[str] = []
    instanceId: str | None = None
    originAccountId: str | None = None
    originRegion: str | None = None
    instanceType: str = "m5.large"
    diskGiB: tuple[int, ...] = (30,)
    cores: int = 2
    ramGiB: int = 8
    launchSeconds: float | None = None
    launch: Outcome = Outcome.LAUNCHED
    reason: str = ""
    launchConfiguration: dict[str, Any] = {}
    launchTemplate: dict[str, Any] = {}


class RegionSpec(msgspec.Struct, forbid_unknown_fields=True):
    """One Region of an account."""

    region: str
    initialized: bool = True
    servers: list[ServerSpec] = []


class AccountSpec(
    msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True
):
    """One account; ``extendableBy`` None lets every account extend."""

    accountId: str
    regions: list[RegionSpec] = []
    extendableBy: list[str] | None = None


class EstateSpec(msgspec.Struct, forbid_unknown_fields=True):
    """The whole document; ``replace`` forgets everything before it."""

    accounts: list[AccountSpec]
    replace: bool = False


def load(state: State, document: Any, now: float) -> Wire:
    """Put the servers of a document into the state.

    Args:
        state: what is changed; nothing is when the document is refused.
        document: the estate in the form of the control path.
        now: the time the servers' replication states begin.

    Returns:
        The ids of the servers, by account, Region and hostname.

    Raises:
        ControlError: an unknown key, a wrong type, a name used twice.
    """
    try:
        estate = msgspec.convert(document, EstateSpec)
    except msgspec.ValidationError as error:
        raise ControlError(f"estate not understood: {error}") from error
    loaded = [
        (account, region, _servers(account, region, now))
        for account in estate.accounts
        for region in account.regions
    ]
    if estate.replace:
        state.regions.clear()
        state.trusts.clear()
    for account in estate.accounts:
        if account.extendableBy is not None:
            state.trusts[account.accountId] = account.extendableBy
    answers = []
    for account, spec, servers in loaded:
        region = state.region(account.accountId, spec.region)
        region.initialized = spec.initialized
        for server in servers:
            region.put(_kept(region, server))
        answers.append(_answer(region, servers))
    return {"regions": answers}


def _answer(region: Region, servers: list[Server]) -> Wire:
    return {
        "accountId": region.account,
        "region": region.name,
        "servers": {s.machine.hostname: s.server_id for s in servers},
    }


def _kept(region: Region, server: Server) -> Server:
    """Keep what jobs have done to a server that is described anew."""
    old = region.servers.get(server.server_id)
    if old is None:
        return server
    return replace(
        server,
        added=old.added,
        template_id=old.template_id,
        last_launch=old.last_launch,
        recovery_instance_id=old.recovery_instance_id,
        reversed_arn=old.reversed_arn,
    )


def _servers(
    account: AccountSpec, region: RegionSpec, now: float
) -> list[Server]:
    if len(account.accountId) != 12 or not account.accountId.isdigit():
        raise ControlError(
            f"accountId {account.accountId!r} is not twelve digits"
        )
    found: dict[str, ServerSpec] = {}
    for spec in region.servers:
        server_id = spec.sourceServerID or derived(
            "s", account.accountId, region.region, spec.hostname
        )
        if len(server_id) != 19 or not server_id.startswith("s-"):
            raise ControlError(
                f"sourceServerID {server_id!r} of {spec.hostname} is not s-"
                " and 17 letters or digits"
            )
        if server_id in found:
            raise ControlError(
                f"server {spec.hostname} ({server_id}) is there twice in"
                f" {account.accountId} {region.region}"
            )
        found[server_id] = spec
    return [_server(key, spec, now) for key, spec in found.items()]


def _server(server_id: str, spec: ServerSpec, now: float) -> Server:
    unknown = set(spec.launchConfiguration) - set(SETTINGS)
    if unknown:
        raise ControlError(
            f"server {spec.hostname}: launchConfiguration has no"
            f" {sorted(unknown)}; it has {list(SETTINGS)}"
        )
    number = int(server_id[-4:], 36) % 62_500
    return Server(
        server_id=server_id,
        machine=Machine(
            hostname=spec.hostname,
            fqdn=f"{spec.hostname}.example.internal",
            os=spec.os,
            ips=tuple(
                spec.ips or [f"10.0.{number // 250}.{number % 250 + 4}"]
            ),
            instance_type=spec.instanceType,
            instance_id=spec.instanceId,
            origin_account=spec.originAccountId,
            origin_region=spec.originRegion,
            disk_gib=spec.diskGiB,
            cores=spec.cores,
            ram_gib=spec.ramGiB,
        ),
        tags=spec.tags,
        replication=Replication(
            state=spec.replicationState, since=now, lag=spec.lagSeconds
        ),
        added=now - HISTORY_SECONDS,
        launch={**defaults(spec.hostname), **spec.launchConfiguration},
        template=spec.launchTemplate,
        launch_seconds=spec.launchSeconds,
        outcome=spec.launch,
        reason=spec.reason,
    )


def dump(state: State, now: float) -> Wire:
    """Return the estate as it stands, in the form of the document."""
    accounts: dict[str, list[Wire]] = {}
    for region in state.regions.values():
        accounts.setdefault(region.account, []).append(
            {
                "region": region.name,
                "initialized": region.initialized,
                "servers": [
                    _dumped(state, region.servers[key], now)
                    for key in region.server_order
                ],
                "jobs": len(region.jobs),
                "activeJobs": list(region.active),
                "recoveryInstances": sorted(region.instances),
            }
        )
    return {
        "accounts": [
            {"accountId": account, "regions": regions}
            for account, regions in sorted(accounts.items())
        ]
    }


def _dumped(state: State, server: Server, now: float) -> Wire:
    current = replication_now(replicated(state, server), now)
    last = server.last_launch
    return wire(
        sourceServerID=server.server_id,
        hostname=server.machine.hostname,
        tags=dict(server.tags),
        replicationState=current.state.value,
        lagSeconds=current.lag,
        launch=server.outcome.value,
        launchSeconds=server.launch_seconds,
        lastLaunch=last.status.value if last else None,
        launched=bool(last and last.status is LaunchStatus.LAUNCHED),
        recoveryInstanceID=server.recovery_instance_id,
    )
