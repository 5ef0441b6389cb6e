"""Ask EC2 and IAM for what a launch configuration names."""

from typing import Final

from drs.domain.launch_checks import Facts, Named
from drs.domain.lookups import Interface, Lookups

# More names than this are found quicker in the list of all profiles.
PROFILES_ONE_BY_ONE: Final = 5


def facts_of(named: Named, lookups: Lookups) -> Facts:
    """Return what AWS has of it; nothing is asked for that is not named.

    Raises:
        DrError: AWS could not be asked.
    """
    return Facts(
        subnets={one.subnet_id: one for one in lookups.subnets(named.subnets)},
        security_groups={
            one.group_id: one
            for one in lookups.security_groups(named.security_groups)
        },
        instance_types=frozenset(lookups.offered(named.instance_types)),
        profiles=_profiles(named, lookups),
        holders=_holders(named, lookups),
    )


def _profiles(named: Named, lookups: Lookups) -> frozenset[str]:
    if len(named.profiles) > PROFILES_ONE_BY_ONE:
        every = {one.name for one in lookups.instance_profiles()}
        return named.profiles & every
    return frozenset(filter(lookups.has_instance_profile, named.profiles))


def _holders(
    named: Named, lookups: Lookups
) -> dict[tuple[str, str], Interface]:
    return {
        (subnet, address): interface
        for subnet, addresses in named.addresses.items()
        for interface in lookups.holders(subnet, sorted(addresses))
        for address in interface.addresses
    }
