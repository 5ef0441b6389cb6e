"""The ARNs an operation acts on, for the question whether it may.

Decides which members of a request name resources. An operation that is not
listed is asked for ``*``, as the service's own authorisation does.
"""

from collections.abc import Mapping
from typing import Any

from drs_simulator.domain.ids import arn

_SERVER = ("sourceServerID", "source-server")
_INSTANCE = ("recoveryInstanceID", "recovery-instance")
_BY_ID: Mapping[str, tuple[str, str]] = {
    "DescribeJobLogItems": ("jobID", "job"),
    "DescribeRecoverySnapshots": _SERVER,
    "DisconnectRecoveryInstance": _INSTANCE,
    "GetLaunchConfiguration": _SERVER,
    "GetReplicationConfiguration": _SERVER,
    "RetryDataReplication": _SERVER,
    "ReverseReplication": _INSTANCE,
    "StartReplication": _SERVER,
    "StopReplication": _SERVER,
    "UpdateLaunchConfiguration": _SERVER,
}
_BY_ARN: Mapping[str, str] = {
    "CreateExtendedSourceServer": "sourceServerArn",
    "ListTagsForResource": "resourceArn",
    "TagResource": "resourceArn",
    "UntagResource": "resourceArn",
}


def permissions(
    account: str, region: str, operation: str, request: Mapping[str, Any]
) -> list[tuple[str, list[str]]]:
    """Return each action that a request needs, and on which resources.

    StartRecovery needs CreateRecoveryInstanceForDrs besides, and TagResource
    where it tags its job, whose id is not known before (Service Authorization
    Reference, Elastic Disaster Recovery).
    """
    arns = resource_arns(account, region, operation, request)
    needed = [(f"drs:{operation}", arns)]
    if operation == "StartRecovery":
        needed.append(("drs:CreateRecoveryInstanceForDrs", arns))
        if request.get("tags"):
            job = arn(account, region, "job", "*")
            needed.append(("drs:TagResource", [job]))
    return needed


def resource_arns(
    account: str, region: str, operation: str, request: Mapping[str, Any]
) -> list[str]:
    """Return the ARNs of what a request acts on."""
    if operation == "StartRecovery":
        return [
            arn(account, region, "source-server", entry["sourceServerID"])
            for entry in request["sourceServers"]
        ]
    if operation == "TerminateRecoveryInstances":
        return [
            arn(account, region, "recovery-instance", instance_id)
            for instance_id in request["recoveryInstanceIDs"]
        ]
    if operation in _BY_ID:
        member, kind = _BY_ID[operation]
        return [arn(account, region, kind, request[member])]
    if operation in _BY_ARN:
        return [str(request[_BY_ARN[operation]])]
    return ["*"]
