"""What the handlers need of DRS and EC2, one account's Region at a time.

Every method asks for all pages and raises the errors of
``drs.domain.errors``; none answers an error with an empty list.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from drs.domain.capacity import Quotas
from drs.domain.job import Job, LogItem
from drs.domain.launch_config import LaunchSettings, TemplateVersion
from drs.domain.servers import Instance, RecoveryInstance, SourceServer
from shared.domain.account import AccountContext


class DrsRegion(Protocol):
    """DRS and the EC2 of one account in one Region."""

    @property
    def account_id(self) -> str:
        """Return the account's twelve digits."""

    @property
    def region(self) -> str:
        """Return the Region's name."""

    def source_servers(self, ids: Sequence[str] = ()) -> list[SourceServer]:
        """Return the servers of the ids DRS knows; every one without ids."""

    def described_servers(
        self, ids: Sequence[str] = ()
    ) -> list[tuple[SourceServer, dict[str, Any]]]:
        """Return the same servers, each with the object that DRS has."""

    def extend_server(self, arn: str, tags: Mapping[str, str]) -> None:
        """Take over a server that another account replicates."""

    def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        """Set tags of something of DRS; its other tags stay."""

    def start_recovery(
        self,
        server_ids: Sequence[str],
        *,
        is_drill: bool,
        tags: Mapping[str, str],
    ) -> str:
        """Start one launch job, in exactly one attempt; return its id."""

    def jobs(self, job_ids: Sequence[str]) -> list[Job]:
        """Return those of the jobs that DRS still knows."""

    def jobs_since(self, since: int) -> list[Job]:
        """Return every job created at ``since`` (epoch) or later."""

    def active_jobs(self) -> list[Job]:
        """Return the jobs, of whatever kind, that are not over."""

    def job_log(self, job_id: str) -> list[LogItem]:
        """Return a job's log, oldest first."""

    def recovery_instances(
        self,
        *,
        server_ids: Sequence[str] = (),
        instance_ids: Sequence[str] = (),
    ) -> list[RecoveryInstance]:
        """Return recovery instances by server or by instance; else all."""

    def terminate_recovery_instances(self, instance_ids: Sequence[str]) -> str:
        """Start one termination job, in exactly one attempt."""

    def instances(self, instance_ids: Sequence[str]) -> dict[str, Instance]:
        """Return what EC2 knows of those instances, by id."""

    def quotas(self) -> Quotas:
        """Return the account's quotas here, at most an hour old."""

    def every_quota(self) -> Quotas:
        """Return them with those of servers, which no launch has to know."""

    def launch_settings(self, server_id: str) -> LaunchSettings:
        """Return the launch configuration DRS has for a server."""

    def update_launch_settings(
        self, server_id: str, fields: Mapping[str, Any]
    ) -> None:
        """Change the given fields of a server's launch configuration."""

    def default_template_version(self, template_id: str) -> TemplateVersion:
        """Return the version of a launch template that DRS launches from."""

    def create_template_version(
        self,
        template_id: str,
        *,
        source: int,
        changes: Mapping[str, Any],
        description: str,
    ) -> int:
        """Add a version made of ``source`` and the changes."""

    def set_default_template_version(
        self, template_id: str, number: int
    ) -> None:
        """Make a version the one that DRS launches from."""


class DrsRegions(Protocol):
    """The way to any account's Region."""

    def __call__(self, account: AccountContext, region: str) -> DrsRegion:
        """Return DRS and EC2 of an account in a Region."""
