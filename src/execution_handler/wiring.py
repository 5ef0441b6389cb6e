"""Connecting the execution handler's ports, for both orchestrators."""

import os
import time
from dataclasses import replace

from drs.aws.region import default_regions
from drs.aws.session import default_sessions
from execution_handler.ports import Ports
from shared.aws import wiring
from shared.settings import ExecutionHandlerSettings

# How long a function of ours may take.
ALONE_SECONDS = 300


def connected(settings: ExecutionHandlerSettings, own_arn: str) -> Ports:
    """Return the ports; the deadline is set for each invocation."""
    return Ports(
        run=wiring.run_ports(settings, own_arn),
        plans=wiring.plans(settings.recovery_plans_table),
        groups=wiring.groups(settings.protection_groups_table),
        accounts=wiring.accounts(settings.target_accounts_table),
        drs=default_regions(),
        callbacks=wiring.callbacks(),
        machine=wiring.machine(settings.state_machine_arn),
        worker=wiring.worker(own_arn),
        audit=wiring.audit(settings.execution_history_table),
        external_id=settings.external_id,
    )


def standing_alone() -> Ports:
    """Return the ports for a call outside an invocation, by a script.

    Raises:
        SettingError: A variable of the environment is missing.
    """
    settings = ExecutionHandlerSettings.read(os.environ)
    region = os.environ.get("AWS_REGION", "us-east-1")
    own_arn = (
        f"arn:aws:lambda:{region}:{default_sessions().hub_account_id()}"
        f":function:{settings.project_name}-execution-handler-"
        f"{settings.environment}:live"
    )
    ports = connected(settings, own_arn)
    return replace(ports, deadline=int(time.time()) + ALONE_SECONDS)
