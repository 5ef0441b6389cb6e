"""Connecting the data management handler's ports."""

import os
from dataclasses import replace
from functools import cache
from typing import Final

from data_management_handler.ports import Ports
from drs.aws.lookups import default_lookups
from drs.aws.region import default_regions, region_names
from drs.aws.session import default_sessions
from shared.aws import wiring
from shared.clock import SystemClock
from shared.settings import DataManagementSettings

# How long a function may take that is called by its signature alone.
OWN_SECONDS: Final = 100


def own_ports() -> Ports:
    """Return the ports of whoever calls a function by its signature alone."""
    kept = _own()
    return replace(kept, deadline=kept.clock.now() + OWN_SECONDS)


@cache
def _own() -> Ports:
    return connected(
        DataManagementSettings.read(os.environ),
        account_id=default_sessions().hub_account_id(),
        region=os.environ["AWS_REGION"],
    )


def connected(
    settings: DataManagementSettings, *, account_id: str, region: str
) -> Ports:
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
        tag_sync_rule=wiring.rule(settings.tag_sync_rule_name),
        drs=default_regions(),
        lookups=default_lookups(),
        drs_region_names=region_names,
        clock=SystemClock(),
        hub_account_id=account_id,
        hub_region=region,
        external_id=settings.external_id,
    )
