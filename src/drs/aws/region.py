"""DRS and EC2 of one account in one Region, by boto3."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import boto3

from drs.aws import ec2, jobs, launch_config, servers, upkeep
from drs.aws.calls import Calls
from drs.aws.quotas import OF_JOBS, OF_SERVERS, KeptQuotas
from drs.aws.session import Clients, default_sessions
from drs.domain.capacity import Quotas
from drs.domain.job import Job, LogItem
from drs.domain.launch_config import LaunchSettings, TemplateVersion
from drs.domain.servers import Instance, RecoveryInstance, SourceServer
from shared.domain.account import AccountContext


class BotoDrsRegion:
    """The port ``DrsRegion`` on the AWS SDK; each method is one look-up."""

    def __init__(self, calls: Calls, clock: Callable[[], float]) -> None:
        self._calls = calls
        self._quotas = KeptQuotas(calls, clock)
        every = {**OF_JOBS, **OF_SERVERS}
        self._every_quota = KeptQuotas(calls, clock, every)

    @property
    def account_id(self) -> str:
        """Return the account's twelve digits."""
        return self._calls.account.account_id

    @property
    def region(self) -> str:
        """Return the Region's name."""
        return self._calls.region

    def source_servers(self, ids: Sequence[str] = ()) -> list[SourceServer]:
        """Return the servers of the ids DRS knows; every one without ids."""
        return servers.source_servers(self._calls, ids)

    def described_servers(
        self, ids: Sequence[str] = ()
    ) -> list[tuple[SourceServer, dict[str, Any]]]:
        """Return the same servers, each with the object that DRS has."""
        return servers.described_servers(self._calls, ids)

    def extend_server(self, arn: str, tags: Mapping[str, str]) -> None:
        """Take over a server that another account replicates."""
        upkeep.extend_server(self._calls, arn, tags)

    def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        """Set tags of something of DRS; its other tags stay."""
        upkeep.tag(self._calls, arn, tags)

    def start_recovery(
        self,
        server_ids: Sequence[str],
        *,
        is_drill: bool,
        tags: Mapping[str, str],
    ) -> str:
        """Start one launch job, in exactly one attempt; return its id."""
        return jobs.start_recovery(
            self._calls, server_ids, is_drill=is_drill, tags=tags
        )

    def jobs(self, job_ids: Sequence[str]) -> list[Job]:
        """Return those of the jobs that DRS still knows."""
        return jobs.jobs(self._calls, job_ids)

    def jobs_since(self, since: int) -> list[Job]:
        """Return every job created at ``since`` (epoch) or later."""
        return jobs.jobs_since(self._calls, since)

    def active_jobs(self) -> list[Job]:
        """Return the jobs, of whatever kind, that are not over."""
        return jobs.active_jobs(self._calls)

    def job_log(self, job_id: str) -> list[LogItem]:
        """Return a job's log, oldest first."""
        return jobs.job_log(self._calls, job_id)

    def recovery_instances(
        self,
        *,
        server_ids: Sequence[str] = (),
        instance_ids: Sequence[str] = (),
    ) -> list[RecoveryInstance]:
        """Return recovery instances by server or by instance; else all."""
        return servers.recovery_instances(
            self._calls, server_ids, instance_ids
        )

    def terminate_recovery_instances(self, instance_ids: Sequence[str]) -> str:
        """Start one termination job, in exactly one attempt."""
        return jobs.terminate(self._calls, instance_ids)

    def instances(self, instance_ids: Sequence[str]) -> dict[str, Instance]:
        """Return what EC2 knows of those instances, by id."""
        return ec2.instances(self._calls, instance_ids)

    def quotas(self) -> Quotas:
        """Return the account's quotas here, at most an hour old."""
        return self._quotas.get()

    def every_quota(self) -> Quotas:
        """Return them with those of servers, which no launch has to know."""
        return self._every_quota.get()

    def launch_settings(self, server_id: str) -> LaunchSettings:
        """Return the launch configuration DRS has for a server."""
        return launch_config.launch_settings(self._calls, server_id)

    def update_launch_settings(
        self, server_id: str, fields: Mapping[str, Any]
    ) -> None:
        """Change the given fields of a server's launch configuration."""
        launch_config.update_launch_settings(self._calls, server_id, fields)

    def default_template_version(self, template_id: str) -> TemplateVersion:
        """Return the version of a launch template that DRS launches from."""
        return ec2.default_template_version(self._calls, template_id)

    def create_template_version(
        self,
        template_id: str,
        *,
        source: int,
        changes: Mapping[str, Any],
        description: str,
    ) -> int:
        """Add a version made of ``source`` and the changes."""
        return ec2.create_template_version(
            self._calls,
            template_id,
            source=source,
            changes=changes,
            description=description,
        )

    def set_default_template_version(
        self, template_id: str, number: int
    ) -> None:
        """Make a version the one that DRS launches from."""
        ec2.set_default_template_version(self._calls, template_id, number)


class BotoDrsRegions:
    """The port ``DrsRegions``; keeps a Region for as long as it lives."""

    def __init__(
        self, clients: Clients, clock: Callable[[], float] = time.time
    ) -> None:
        self._clients = clients
        self._clock = clock
        self._kept: dict[tuple[AccountContext, str], BotoDrsRegion] = {}
        self._lock = threading.Lock()

    def __call__(self, account: AccountContext, region: str) -> BotoDrsRegion:
        """Return DRS and EC2 of an account in a Region."""
        with self._lock:
            key = (account, region)
            if key not in self._kept:
                calls = Calls(
                    clients=self._clients, account=account, region=region
                )
                self._kept[key] = BotoDrsRegion(calls, self._clock)
            return self._kept[key]


@cache
def default_regions() -> BotoDrsRegions:
    """Return the Regions of this container."""
    return BotoDrsRegions(default_sessions())


@cache
def region_names() -> frozenset[str]:
    """Return the Regions that the SDK knows DRS to be in."""
    return frozenset(boto3.Session().get_available_regions("drs"))
