"""The way to a Region for functions that are asked by its name alone.

Decides what stands for an account or for the ways in where the caller
names none: the hub, and this container's.
"""

from collections.abc import Mapping
from typing import Any

from drs.aws.region import default_regions
from drs.aws.session import default_sessions
from drs.domain.ports import DrsRegion, DrsRegions
from shared.domain.account import AccountContext

type Context = AccountContext | Mapping[str, Any] | None


def region_of(
    region: str,
    account_context: Context = None,
    regions: DrsRegions | None = None,
) -> DrsRegion:
    """Return DRS and EC2 of an account in a Region.

    Args:
        region: The Region's name.
        account_context: Whose; the hub's without one.
        regions: The ways in; this container's without them.
    """
    account = default_sessions().account(account_context)
    return (regions or default_regions())(account, region)
