"""The machines DRS knows: source servers, recovery instances, instances.

Facts as DRS and EC2 give them, under our names. What a fact means for a
wave is decided elsewhere.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

CONTINUOUS: Final = "CONTINUOUS"
_ID: Final = re.compile(r"s-[0-9a-zA-Z]{17}")


def is_server_id(text: str) -> bool:
    """Tell whether a text has the form of a source server's id."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpu:
    """A processor of a source machine."""

    cores: int
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """A disk of a source machine."""

    device: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkInterface:
    """A network interface of a source machine."""

    mac: str = ""
    ips: tuple[str, ...] = ()
    is_primary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """What a source machine is made of."""

    cpus: tuple[Cpu, ...] = ()
    ram_bytes: int = 0
    disks: tuple[Disk, ...] = ()
    interfaces: tuple[NetworkInterface, ...] = ()

    @property
    def primary(self) -> NetworkInterface:
        """Return the primary interface, else the first with an address."""
        primary_first = sorted(
            self.interfaces, key=lambda one: not one.is_primary
        )
        with_address = (one for one in primary_first if one.ips)
        return next(with_address, NetworkInterface())


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceServer:
    """A server that DRS replicates in one Region of one account."""

    source_server_id: str
    arn: str = ""
    hostname: str = ""
    fqdn: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    replication_state: str = ""
    lag_duration: str = ""
    source_instance_id: str = ""
    source_account_id: str = ""
    source_region: str = ""
    source_availability_zone: str = ""
    target_availability_zone: str = ""
    os: str = ""
    hardware: Hardware = field(default_factory=Hardware)
    replicated_bytes: int = 0
    staging_account_id: str = ""
    staging_server_arn: str = ""
    recovery_instance_id: str = ""
    last_launch_result: str = ""
    last_launch_type: str = ""
    last_launch_job_id: str = ""
    last_launch_at: int = 0
    last_seen: str = ""

    @property
    def source_ip(self) -> str:
        """Return the machine's own address; empty where none is known."""
        return next(iter(self.hardware.primary.ips), "")

    def is_extended(self, account_id: str) -> bool:
        """Tell whether another account replicates it for this one."""
        return self.staging_account_id not in ("", account_id)

    @property
    def name_tag(self) -> str:
        """Return the server's own DRS ``Name`` tag, empty without one."""
        return self.tags.get("Name", "")

    @property
    def name(self) -> str:
        """Return what people call it: name tag, else hostname, else id."""
        return self.name_tag or self.hostname or self.source_server_id


def jobs_launched_since(
    servers: Iterable[SourceServer], since: int
) -> frozenset[str]:
    """Return the jobs that last launched these servers, since an epoch.

    A source server names its last launch (``lifeCycle.lastLaunch``) also
    while DescribeJobs does not list the job.
    """
    return frozenset(
        server.last_launch_job_id
        for server in servers
        if server.last_launch_job_id and server.last_launch_at >= since
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryInstance:
    """What DRS says of an instance that a job launched."""

    recovery_instance_id: str
    ec2_instance_id: str = ""
    source_server_id: str = ""
    job_id: str = ""
    ec2_state: str = ""
    is_drill: bool = True
    snapshot_time: str = ""

    @property
    def is_live(self) -> bool:
        """Tell whether the instance still exists in EC2."""
        return self.ec2_state not in ("TERMINATED", "NOT_FOUND")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """What EC2 says of an instance."""

    instance_id: str
    instance_type: str = ""
    private_ip: str = ""
    public_ip: str = ""
    state: str = ""
    name: str = ""
    launched_at: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)
