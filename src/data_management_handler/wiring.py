"""Connecting the data management handler's ports."""

from data_management_handler.ports import Ports
from drs.aws.region import default_regions, region_names
from shared.aws import wiring
from shared.clock import SystemClock
from shared.settings import (
    DataManagementSettings,
    account_id_of,
    region_of,
)


def connected(settings: DataManagementSettings, own_arn: str) -> Ports:
    """Return the ports; the deadline is set for each invocation."""
    groups, plans, accounts = wiring.catalogues(
        settings, settings.target_accounts_table
    )
    return Ports(
        groups=groups,
        plans=plans,
        accounts=accounts,
        executions=wiring.executions(settings),
        audit=wiring.audit(settings.execution_history_table),
        drs=default_regions(),
        drs_region_names=region_names,
        clock=SystemClock(),
        hub_account_id=account_id_of(own_arn),
        hub_region=region_of(own_arn),
        external_id=settings.external_id,
    )
