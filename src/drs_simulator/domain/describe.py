"""The reading operations: servers, jobs, job logs, recovery instances.

Decides what a filter selects and how a listing is cut into pages. In
poll-driven mode being shown by DescribeJobs moves a job on.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from drs_simulator.domain import jobs, render
from drs_simulator.domain.faults import invalid
from drs_simulator.domain.paging import page
from drs_simulator.domain.records import Job, RecoveryInstance, Server, Wire
from drs_simulator.domain.region import (
    Context,
    newest_first,
    require_initialized,
    wire,
)
from drs_simulator.domain.settle import settle
from drs_simulator.domain.times import parse


def describe_source_servers(ctx: Context, request: Mapping[str, Any]) -> Wire:
    """Answer DescribeSourceServers."""
    require_initialized(ctx.region)
    found = _servers(ctx, request.get("filters") or {})
    items, token = page("DescribeSourceServers", request, found)
    return wire(
        items=[render.source_server(ctx, server) for server in items],
        nextToken=token,
    )


def _servers(
    ctx: Context, filters: Mapping[str, Any]
) -> Iterator[tuple[str, Server]]:
    region = ctx.region
    ids: Iterable[str] = region.server_order
    if filters.get("sourceServerIDs"):
        ids = sorted(set(filters["sourceServerIDs"]) & region.servers.keys())
    hardware = filters.get("hardwareId")
    staging = filters.get("stagingAccountIDs")
    for server_id in ids:
        server = region.servers[server_id]
        if hardware and hardware not in (
            server.machine.hostname,
            server.machine.instance_id,
        ):
            continue
        if staging and _staging_account(ctx, server) not in staging:
            continue
        yield server_id, server


def _staging_account(ctx: Context, server: Server) -> str:
    if server.staging_arn is None:
        return ctx.region.account
    return server.staging_arn.split(":")[4]


def describe_jobs(ctx: Context, request: Mapping[str, Any]) -> Wire:
    """Answer DescribeJobs."""
    require_initialized(ctx.region)
    found = _jobs(ctx, request.get("filters") or {})
    items, token = page("DescribeJobs", request, found)
    hidden = ctx.injection.jobs_to_vanish(ctx.region.account, ctx.region.name)
    for job in items[:hidden]:
        ctx.region.jobs[job.job_id] = replace(job, vanished=True)
    shown = [_polled(ctx, job) for job in items[hidden:]]
    settle(ctx)
    return wire(
        items=[render.job(ctx, ctx.region.jobs[job.job_id]) for job in shown],
        nextToken=token,
    )


def _jobs(
    ctx: Context, filters: Mapping[str, Any]
) -> Iterator[tuple[str, Job]]:
    wanted = set(filters.get("jobIDs") or ())
    first, last = filters.get("fromDate"), filters.get("toDate")
    early = parse(first) if first else float("-inf")
    late = parse(last) if last else float("inf")
    age = ctx.injection.listed_after(ctx.region.account, ctx.region.name)
    for key, job in _candidates(ctx, wanted):
        if job.created < early:
            continue
        if job.created > late or ctx.now - job.created < age:
            continue
        if visible(ctx, job):
            yield key, job


def _candidates(ctx: Context, wanted: set[str]) -> Iterable[tuple[str, Job]]:
    if not wanted:
        return newest_first(ctx.region)
    known = [ctx.region.jobs[i] for i in wanted & ctx.region.jobs.keys()]
    return sorted(
        ((f"{10**12 - job.number:013d}", job) for job in known),
        key=lambda pair: pair[0],
    )


def visible(ctx: Context, job: Job) -> bool:
    """Tell whether a job can be seen; old ones vanish at the service too."""
    return not job.vanished and "vanish" not in ctx.injection.job_faults(
        job.job_id
    )


def _polled(ctx: Context, job: Job) -> Job:
    if job.needed_polls is None or len(job.polls) >= job.needed_polls:
        return job
    polled = replace(job, polls=(*job.polls, ctx.now))
    ctx.region.jobs[job.job_id] = polled
    return polled


def describe_job_log_items(ctx: Context, request: Mapping[str, Any]) -> Wire:
    """Answer DescribeJobLogItems."""
    require_initialized(ctx.region)
    job = ctx.region.jobs.get(request["jobID"])
    if job is None or not visible(ctx, job):
        raise invalid(
            f"Job {request['jobID']} does not exist in this account and"
            " Region."
        )
    entries = (
        (f"{index:09d}", entry)
        for index, entry in enumerate(jobs.log(job, ctx.now))
    )
    chosen, token = page("DescribeJobLogItems", request, entries)
    return wire(
        items=[jobs.log_item(job, entry) for entry in chosen],
        nextToken=token,
    )


def describe_recovery_instances(
    ctx: Context, request: Mapping[str, Any]
) -> Wire:
    """Answer DescribeRecoveryInstances."""
    require_initialized(ctx.region)
    found = _instances(ctx, request.get("filters") or {})
    items, token = page("DescribeRecoveryInstances", request, found)
    return wire(
        items=[render.recovery_instance(ctx, item) for item in items],
        nextToken=token,
    )


def _instances(
    ctx: Context, filters: Mapping[str, Any]
) -> Iterator[tuple[str, RecoveryInstance]]:
    ids = set(filters.get("recoveryInstanceIDs") or ())
    servers = set(filters.get("sourceServerIDs") or ())
    for instance_id, instance in sorted(ctx.region.instances.items()):
        if ids and instance_id not in ids:
            continue
        if servers and instance.server_id not in servers:
            continue
        yield instance_id, instance
