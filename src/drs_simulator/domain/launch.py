"""GetLaunchConfiguration and UpdateLaunchConfiguration.

Decides what an update does: the service writes a new version of the
server's EC2 launch template and makes it the default, so whoever edits the
template has to do so afterwards.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from drs_simulator.domain.faults import ServiceFault, conflict
from drs_simulator.domain.ports import MachineRefused
from drs_simulator.domain.records import Server, Wire
from drs_simulator.domain.region import Context, require_initialized
from drs_simulator.domain.settle import with_template

SETTINGS = (
    "name",
    "launchDisposition",
    "targetInstanceTypeRightSizingMethod",
    "copyPrivateIp",
    "copyTags",
    "licensing",
    "postLaunchEnabled",
    "launchIntoInstanceProperties",
    "recoveryMode",
)


def defaults(hostname: str) -> Wire:
    """Return the launch configuration a new server has."""
    return {
        "name": hostname,
        "launchDisposition": "STARTED",
        "targetInstanceTypeRightSizingMethod": "BASIC",
        "copyPrivateIp": False,
        "copyTags": False,
        "licensing": {"osByol": False},
        "postLaunchEnabled": False,
        "recoveryMode": "OPTIMAL",
    }


def get_launch_configuration(ctx: Context, request: Mapping[str, Any]) -> Wire:
    """Answer GetLaunchConfiguration."""
    require_initialized(ctx.region)
    return _shown(
        _templated(ctx, ctx.region.server(request["sourceServerID"]))
    )


def update_launch_configuration(
    ctx: Context, request: Mapping[str, Any]
) -> Wire:
    """Answer UpdateLaunchConfiguration."""
    require_initialized(ctx.region)
    server = _templated(ctx, ctx.region.server(request["sourceServerID"]))
    given = {key: request[key] for key in SETTINGS if key in request}
    changed = replace(server, launch={**server.launch, **given})
    sized = changed.launch["targetInstanceTypeRightSizingMethod"] != "NONE"
    content = {"InstanceType": server.machine.instance_type} if sized else {}
    try:
        ctx.machines.update_template(
            ctx.region.place, server.template_id or "", content
        )
    except MachineRefused as refusal:
        raise conflict(
            f"The launch template of {server.server_id} could not be"
            f" changed: {refusal}",
            "source-server",
            server.server_id,
        ) from refusal
    ctx.region.put(changed)
    return _shown(changed)


def _templated(ctx: Context, server: Server) -> Server:
    try:
        return with_template(ctx, server)
    except MachineRefused as refusal:
        raise ServiceFault(
            "InternalServerException",
            f"The launch template of {server.server_id} could not be"
            f" created: {refusal}",
        ) from refusal


def _shown(server: Server) -> Wire:
    return {
        "sourceServerID": server.server_id,
        "ec2LaunchTemplateID": server.template_id,
        **dict(server.launch),
    }
