"""Connecting the execution handler's ports, for both orchestrators."""

from drs.aws.region import default_regions
from execution_handler.ports import Ports
from shared.aws import wiring
from shared.settings import ExecutionHandlerSettings


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
