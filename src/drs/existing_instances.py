"""Gathering the instances that earlier launches of servers left running.

Every look that fails raises. Which instances count, and what they mean, is
decided in ``drs.domain.existing_instances``.
"""

from collections.abc import Collection, Mapping

from drs.domain.existing_instances import ExistingInstance
from drs.domain.intent_tags import EXECUTION_ID, PLAN_ID
from drs.domain.ports import DrsRegion
from drs.domain.servers import RecoveryInstance
from shared.domain.errors import NotFound
from shared.domain.ports import Executions
from shared.domain.record import Key


def existing_instances(
    server_ids: Collection[str], region: DrsRegion, executions: Executions
) -> list[ExistingInstance]:
    """Return the live recovery instances of servers, by server.

    The execution that launched one is read from the tags of its job; a job
    that DRS has forgotten, or that is not ours, names none.

    Args:
        server_ids: The servers asked about.
        region: Where they are.
        executions: The executions, for the names of their plans.
    """
    asked = sorted(set(server_ids))
    if not asked:
        return []
    live = sorted(
        (
            one
            for one in region.recovery_instances(server_ids=asked)
            if one.is_live
        ),
        key=lambda one: (one.source_server_id, one.recovery_instance_id),
    )
    if not live:
        return []
    owners = _owners(live, region)
    names = {key: _plan_name(key, executions) for key in owners.values()}
    known = region.instances([one.ec2_instance_id for one in live])
    return [
        ExistingInstance(
            region=region.region,
            recovery=one,
            details=known.get(one.ec2_instance_id),
            execution_id=owner.execution_id if owner else "",
            plan_name=names[owner] if owner else "",
        )
        for one in live
        for owner in (owners.get(one.job_id),)
    ]


def _owners(
    live: Collection[RecoveryInstance], region: DrsRegion
) -> Mapping[str, Key]:
    """Return the execution of each job that is ours."""
    ids = sorted({one.job_id for one in live if one.job_id})
    jobs = region.jobs(ids) if ids else []
    return {
        job.job_id: Key(job.tags[EXECUTION_ID], job.tags.get(PLAN_ID, ""))
        for job in jobs
        if job.tags.get(EXECUTION_ID)
    }


def _plan_name(key: Key, executions: Executions) -> str:
    try:
        return executions.record(key).plan_name
    except NotFound:
        # Executions may be deleted while their instances run on.
        return ""
