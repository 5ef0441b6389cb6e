"""What the service remembers: servers, jobs, recovery instances.

Decides the shape of the records, nothing else. They are frozen; a change is
a new record put in the place of the old one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

type Wire = dict[str, Any]


class ReplicationState(StrEnum):
    """How the replication of a source server stands."""

    STOPPED = "STOPPED"
    INITIATING = "INITIATING"
    INITIAL_SYNC = "INITIAL_SYNC"
    BACKLOG = "BACKLOG"
    CREATING_SNAPSHOT = "CREATING_SNAPSHOT"
    CONTINUOUS = "CONTINUOUS"
    PAUSED = "PAUSED"
    RESCAN = "RESCAN"
    STALLED = "STALLED"
    DISCONNECTED = "DISCONNECTED"


class JobStatus(StrEnum):
    """How far a job is; a job never fails as a whole."""

    PENDING = "PENDING"
    STARTED = "STARTED"
    COMPLETED = "COMPLETED"


class JobType(StrEnum):
    """What a job does."""

    LAUNCH = "LAUNCH"
    TERMINATE = "TERMINATE"


class LaunchStatus(StrEnum):
    """How far a server is within a job."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    LAUNCHED = "LAUNCHED"
    FAILED = "FAILED"
    TERMINATED = "TERMINATED"


class Outcome(StrEnum):
    """What is going to happen to a server in a job.

    NEVER keeps the server and its job in progress for good; UNFINISHED lets
    the job complete while the server still reads IN_PROGRESS.
    """

    LAUNCHED = "LAUNCHED"
    FAILED = "FAILED"
    NEVER = "NEVER"
    UNFINISHED = "UNFINISHED"
    SKIPPED = "SKIPPED"
    TERMINATED = "TERMINATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replication:
    """The state a server entered, and the ones it passes through next."""

    state: ReplicationState
    since: float
    lag: float = 0.0
    ahead: tuple[tuple[float, ReplicationState], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLaunch:
    """The latest launch of a source server."""

    job_id: str
    at: float
    is_drill: bool
    status: LaunchStatus = LaunchStatus.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the source machine looks like."""

    hostname: str
    fqdn: str
    os: str
    ips: tuple[str, ...]
    instance_type: str
    instance_id: str | None = None
    origin_account: str | None = None
    origin_region: str | None = None
    disk_gib: tuple[int, ...] = (30,)
    cores: int = 2
    ram_gib: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A source server of one account and Region."""

    server_id: str
    machine: Machine
    tags: Mapping[str, str]
    replication: Replication
    added: float
    launch: Mapping[str, Any]
    template: Mapping[str, Any] = field(default_factory=dict)
    template_id: str | None = None
    launch_seconds: float | None = None
    outcome: Outcome = Outcome.LAUNCHED
    reason: str = ""
    last_launch: LastLaunch | None = None
    recovery_instance_id: str | None = None
    staging_arn: str | None = None
    direction: str = "FAILOVER"
    reversed_arn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A server in a job: its plan, and what has become of it.

    Offsets are seconds since the job was created. ``status`` is set once
    the end of the plan has been acted on.
    """

    server_id: str
    outcome: Outcome
    steps: tuple[tuple[str, float], ...] = ()
    begin: float | None = None
    finish: float | None = None
    reason: str = ""
    snapshot_at: float | None = None
    old_instance: str | None = None
    cleanup_at: float | None = None
    cleaned: bool = False
    instance_id: str | None = None
    status: LaunchStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job and its plan; offsets are seconds since ``created``."""

    job_id: str
    number: int
    type: JobType
    initiated_by: str
    created: float
    start: float
    end: float | None
    participants: tuple[Participant, ...]
    tags: Mapping[str, str]
    is_drill: bool = False
    polls: tuple[float, ...] = ()
    needed_polls: int | None = None
    vanished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryInstance:
    """An instance that a job has launched."""

    instance_id: str
    server_id: str
    job_id: str
    is_drill: bool
    snapshot_at: float
    launched: float
    machine: Machine
    private_ip: str
    state: str = "RUNNING"
    connected: bool = True
    failback: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
