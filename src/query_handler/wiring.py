"""Connecting what look-ups reach, once per container."""

import os
from functools import cache

from drs.aws.lookups import default_lookups
from drs.aws.region import default_regions, region_names
from drs.aws.session import default_sessions
from query_handler.ports import Lookups
from shared.aws import wiring
from shared.clock import SystemClock
from shared.settings import QueryHandlerSettings


def connected(
    settings: QueryHandlerSettings, *, account_id: str, region: str
) -> Lookups:
    """Return the ports of a function in an account's Region."""
    groups, plans, accounts = wiring.catalogues(
        settings, settings.target_accounts_table
    )
    return Lookups(
        groups=groups,
        plans=plans,
        accounts=accounts,
        names=wiring.account_names(),
        drs=default_regions(),
        ec2=default_lookups(),
        drs_region_names=region_names,
        audit=wiring.audit(settings.execution_history_table),
        clock=SystemClock(),
        hub_account_id=account_id,
        hub_region=region,
        external_id=settings.external_id,
    )


@cache
def own_lookups() -> Lookups:
    """Return the ports of whoever calls a function by its signature alone."""
    return connected(
        QueryHandlerSettings.read(os.environ),
        account_id=default_sessions().hub_account_id(),
        region=os.environ["AWS_REGION"],
    )
