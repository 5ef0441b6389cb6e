"""The execution's record: what the history table says of one run.

The record is the truth about status, waves and servers. It is changed only
by a :class:`Change` that a decision made from the record as read, and only
if nobody changed it meanwhile (``revision``). Attribute names are those of
the table; no other module spells them. Absent attributes have their
defaults.
"""

from typing import Any, Final, NamedTuple

import msgspec

from shared.domain.status import (
    IntentState,
    LaunchStatus,
    Status,
    WaveStatus,
)

# The attribute by which the table lets an item go.
EXPIRY: Final = "TTL"


class Key(NamedTuple):
    """The full key of an execution's record."""

    execution_id: str
    plan_id: str


class ServerStatus(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    omit_defaults=True,
):
    """One server of a wave, as DRS, EC2 and we know it.

    Times are epoch seconds; ``launch_time`` 0 means not launched.
    ``criticality`` is empty for a critical server, else ``optional``.
    """

    source_server_id: str
    server_name: str
    hostname: str
    launch_status: str = msgspec.field(
        default_factory=lambda: str(LaunchStatus.PENDING)
    )
    instance_id: str = msgspec.field(default_factory=lambda: "")
    private_ip: str = msgspec.field(default_factory=lambda: "")
    instance_type: str = msgspec.field(default_factory=lambda: "")
    launch_time: int = msgspec.field(default_factory=lambda: 0)
    recovery_instance_id: str = ""
    ip_address: str = ""
    source_instance_id: str = ""
    instance_state: str = ""
    launch_actions_status: str = ""
    error: str = ""
    error_code: str = ""
    job_id: str = ""
    snapshot_time: str = ""
    launch_config_status: str = ""
    protection_group_id: str = ""
    criticality: str = ""


class WaveEntry(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    omit_defaults=True,
):
    """A wave that was started, skipped or passed over.

    ``server_ids`` is the set that was fixed when the entry was written.
    When the execution is large, ``server_ids``, ``server_statuses`` and
    ``launch_config_status`` live in items of their own and are empty here
    until the store joins them. ``tolerated`` says that the run goes on
    although the wave did not complete.
    """

    wave_number: int
    wave_name: str
    status: WaveStatus
    start_time: int
    region: str
    job_id: str | None = msgspec.field(default_factory=lambda: None)
    end_time: int | None = msgspec.field(default_factory=lambda: None)
    server_ids: tuple[str, ...] = msgspec.field(default_factory=lambda: ())
    server_statuses: tuple[ServerStatus, ...] = msgspec.field(
        default_factory=lambda: ()
    )
    status_message: str = msgspec.field(default_factory=lambda: "")
    protection_group_id: str = ""
    protection_group_ids: tuple[str, ...] = ()
    job_ids: tuple[str, ...] = ()
    job_count: int = 0
    intent_count: int = 0
    phase: str = ""
    error_code: str = ""
    satisfied: bool = False
    skipped_by: str = ""
    tolerated: bool = False
    launch_config_status: dict[str, str] = msgspec.field(default_factory=dict)
    server_count: int = 0
    launched_count: int = 0
    failed_count: int = 0
    pending_count: int = 0
    resolved_at: int = 0
    job_completed_at: int = 0
    detail: str = ""

    @property
    def is_final(self) -> bool:
        """Tell whether nothing will change this wave's status any more."""
        return self.status in WaveStatus.final()


class Intent(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    omit_defaults=True,
):
    """The intention to call StartRecovery once for these servers.

    Times are epoch seconds. ``attempt`` counts the leases taken.
    """

    wave_number: int
    job_index: int
    intent_state: IntentState
    server_ids: tuple[str, ...]
    region: str
    attempt: int
    lease_expiry: int
    called_at: int
    created_at: int
    job_id: str = ""
    confirmed_at: int = 0
    settled_at: int = 0
    reject_reason: str = ""
    error: str = ""

    @property
    def in_flight(self) -> bool:
        """Tell whether its call may still land or its job still runs."""
        return self.intent_state is IntentState.INTENT or (
            self.intent_state is IntentState.CONFIRMED and not self.settled_at
        )

    @property
    def known_since(self) -> int:
        """Return when its job's id was stored, or at least called for.

        A call may take minutes, so the time it was called says little.
        """
        return max(self.called_at, self.confirmed_at)

    @property
    def holds_servers(self) -> bool:
        """Tell whether its servers belong to it, by call or by job."""
        return self.intent_state is not IntentState.REJECTED


class Reserved(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    omit_defaults=True,
):
    """The servers reserved for one wave, noted before they are taken."""

    wave_number: int
    server_ids: tuple[str, ...]
    region: str = ""


class TerminateJob(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    omit_defaults=True,
):
    """A job that ends instances of the execution, as last seen."""

    job_id: str
    region: str
    type: str = msgspec.field(default_factory=lambda: "TERMINATE")
    status: str = msgspec.field(default_factory=lambda: "PENDING")
    server_count: int = 0

    @property
    def is_over(self) -> bool:
        """Tell whether the job was seen to have ended."""
        return self.status == "COMPLETED"


class Record(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    omit_defaults=True,
):
    """The execution as stored; only what programs decide on is typed."""

    execution_id: str
    plan_id: str
    status: Status
    plan_name: str = ""
    execution_type: str = "DRILL"
    initiated_by: str = ""
    start_time: int = 0
    end_time: int | None = None
    waves: tuple[WaveEntry, ...] = ()
    entered_waves: frozenset[int] = frozenset()
    total_waves: int = 0
    account_context: dict[str, Any] = msgspec.field(default_factory=dict)
    state_machine_arn: str = ""
    next_state_machine_arn: str = ""
    drs_job_id: str = ""
    drs_region: str = ""
    task_token: str = ""
    paused_before_wave: int | None = None
    error_message: str = ""
    error_code: str = ""
    last_polled_time: int = 0
    updated_at: str = ""
    hurry_until: int = 0
    revision: int = 0
    plan_version: int = 0
    client_token: str = ""
    correlation_id: str = ""
    retry_of: str = ""
    retried_by: str = ""
    pause_reason: str = ""
    paused_by: str = ""
    resumed_by: str = ""
    cancelled_by: str = ""
    cancel_requested_at: int = 0
    reserved: tuple[Reserved, ...] = ()
    completed_waves: int = 0
    failed_waves: int = 0
    duration_seconds: int = 0
    outcome: dict[str, Any] = msgspec.field(default_factory=dict)
    terminate_jobs: tuple[TerminateJob, ...] = ()
    termination_initiated_at: int = 0
    termination_lease_expiry: int = 0
    instances_terminated: bool = False
    instances_terminated_at: int = 0
    started_notified_at: int = 0
    notified_at: int = 0
    finalized_at: int = 0
    expires_at: int = msgspec.field(default=0, name=EXPIRY)
    large: bool = False
    checks: str = ""

    @property
    def key(self) -> Key:
        """Return the record's key."""
        return Key(self.execution_id, self.plan_id)

    def account_id(self, hub_account_id: str) -> str:
        """Return the account whose servers are recovered."""
        return str(self.account_context.get("accountId") or hub_account_id)

    @property
    def is_drill(self) -> bool:
        """Tell whether this run is a drill."""
        return self.execution_type == "DRILL"

    @property
    def reason(self) -> str:
        """Return why the run ended as it did, empty where all went well."""
        return self.error_message or str(self.outcome.get("reason") or "")

    @property
    def cancel_reason(self) -> str:
        """Return who cancelled the run, in words."""
        return f"Cancelled by {self.cancelled_by or 'request'}."

    def entry(self, number: int) -> WaveEntry | None:
        """Return the wave's entry, found by number and not by position."""
        for entry in self.waves:
            if entry.wave_number == number:
                return entry
        return None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What one write does to a record, as a value.

    ``set`` and ``remove`` name :class:`Record`'s own attributes. ``wave``
    is appended when its number has no entry and replaces that entry
    otherwise. ``drop_wave`` removes the entry of that number.
    """

    status: Status | None = None
    set: dict[str, Any] = msgspec.field(default_factory=dict)
    remove: tuple[str, ...] = ()
    wave: WaveEntry | None = None
    drop_wave: int | None = None


class IntentChange(msgspec.Struct, frozen=True, kw_only=True):
    """One write of an intent; ``before`` None means that it is absent.

    The write is refused unless state and attempt are those of ``before``.
    """

    before: Intent | None
    after: Intent
