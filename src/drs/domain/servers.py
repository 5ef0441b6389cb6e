"""The machines DRS knows: source servers, recovery instances, instances.

Facts as DRS and EC2 give them, under our names. What a fact means for a
wave is decided elsewhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

CONTINUOUS: Final = "CONTINUOUS"


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
    source_ip: str = ""
    staging_account_id: str = ""
    recovery_instance_id: str = ""
    last_launch_result: str = ""
    last_launch_job_id: str = ""
    last_launch_at: int = 0
    last_seen: str = ""

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
