"""The operations of the query handler, by the names the wire uses."""

from collections.abc import Mapping
from typing import Final

from query_handler import (
    accounts,
    capacity,
    choices,
    configuration,
    servers,
    staging,
    users,
)
from query_handler.ports import Lookups
from shared.routing import Action

OPERATIONS: Final[Mapping[str, Action[Lookups]]] = {
    "discover_staging_accounts": staging.discover_staging_accounts,
    "export_configuration": configuration.export_configuration,
    "get_combined_capacity": capacity.get_combined_capacity,
    "get_current_account_id": accounts.get_current_account_id,
    "get_drs_account_capacity": capacity.get_drs_account_capacity,
    "get_drs_account_capacity_all_regions": (
        capacity.get_drs_account_capacity_all_regions
    ),
    "get_drs_regional_capacity": capacity.get_drs_regional_capacity,
    "get_drs_source_server_details": servers.details_asked_for,
    "get_drs_source_servers": servers.get_drs_source_servers,
    "get_ec2_instance_profiles": choices.get_ec2_instance_profiles,
    "get_ec2_instance_types": choices.get_ec2_instance_types,
    "get_ec2_security_groups": choices.get_ec2_security_groups,
    "get_ec2_subnets": choices.get_ec2_subnets,
    "get_protection_group_servers": servers.group_asked_for,
    "get_target_accounts": accounts.get_target_accounts,
    "get_user_permissions": users.get_user_permissions,
    "sync_staging_accounts": staging.sync_staging_accounts,
    "validate_staging_account": staging.validate_staging_account,
}
