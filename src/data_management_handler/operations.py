"""What the data management handler is asked, by the names the wire uses."""

from collections.abc import Mapping
from typing import Final

from data_management_handler import configuration
from data_management_handler import protection_groups as groups
from data_management_handler import recovery_plans as plans
from data_management_handler import server_launch_config as servers
from data_management_handler import staging_accounts as staging
from data_management_handler import target_accounts as accounts
from data_management_handler.audit import Operation, audited
from data_management_handler.existing import check_existing_instances
from data_management_handler.manifests import validate_manifest
from data_management_handler.noted import Noted
from data_management_handler.plan_list import list_recovery_plans
from data_management_handler.server_addresses import (
    validate_server_static_ip,
)
from data_management_handler.server_audit_log import get_server_audit_log
from data_management_handler.server_bulk_config import (
    bulk_update_server_launch_config,
)
from data_management_handler.staging_sync import sync_staging_accounts
from data_management_handler.tag_sync import handle_drs_tag_sync
from data_management_handler.tag_sync_settings import (
    get_tag_sync_settings,
    update_tag_sync_settings,
)
from shared.domain.audit import ACCOUNT, CONFIG
from shared.domain.catalogue import ACCOUNTS, GROUPS, PLANS, SERVERS, Kind

LOOKS: Final[Mapping[str, Operation]] = {
    "list_protection_groups": groups.list_protection_groups,
    "get_protection_group": groups.get_protection_group,
    "resolve_protection_group_tags": groups.resolve_protection_group_tags,
    "list_recovery_plans": list_recovery_plans,
    "get_recovery_plan": plans.get_recovery_plan,
    "check_existing_instances": check_existing_instances,
    "list_target_accounts": accounts.list_target_accounts,
    "get_target_account": accounts.get_target_account,
    "get_server_launch_config": servers.get_server_launch_config,
    "validate_server_static_ip": validate_server_static_ip,
    "get_server_audit_log": get_server_audit_log,
    "export_configuration": configuration.exported_for,
    "validate_manifest": validate_manifest,
    "get_tag_sync_settings": get_tag_sync_settings,
}
CHANGES: Final[Mapping[str, tuple[Kind, Operation]]] = {
    "create_protection_group": (GROUPS, groups.create_protection_group),
    "update_protection_group": (GROUPS, groups.update_protection_group),
    "delete_protection_group": (GROUPS, groups.delete_protection_group),
    "update_server_launch_config": (
        SERVERS,
        servers.update_server_launch_config,
    ),
    "delete_server_launch_config": (
        SERVERS,
        servers.delete_server_launch_config,
    ),
    "bulk_update_server_launch_config": (
        GROUPS,
        bulk_update_server_launch_config,
    ),
    "create_recovery_plan": (PLANS, plans.create_recovery_plan),
    "update_recovery_plan": (PLANS, plans.update_recovery_plan),
    "delete_recovery_plan": (PLANS, plans.delete_recovery_plan),
    "create_target_account": (ACCOUNTS, accounts.create_target_account),
    "update_target_account": (ACCOUNTS, accounts.update_target_account),
    "delete_target_account": (ACCOUNTS, accounts.delete_target_account),
    "validate_target_account": (ACCOUNTS, accounts.probe_target_account),
    "add_staging_account": (ACCOUNTS, staging.add_staging_account),
    "remove_staging_account": (ACCOUNTS, staging.remove_staging_account),
}
NOTED: Final[Mapping[str, Noted]] = {
    "import_configuration": Noted(
        operation=configuration.imported_for,
        resource=CONFIG,
        names="correlationId",
        fields=("dryRun", "success", "summary"),
    ),
    "sync_staging_accounts": Noted(
        operation=sync_staging_accounts,
        resource=ACCOUNT,
        fields=("extended", "alreadyExtended", "failed", "inProgress"),
    ),
    "handle_drs_tag_sync": Noted(
        operation=handle_drs_tag_sync,
        resource=ACCOUNT,
        names="accountId",
        fields=("region", "total_synced", "total_failed", "inProgress"),
    ),
    "update_tag_sync_settings": Noted(
        operation=update_tag_sync_settings,
        resource=CONFIG,
        names="ruleName",
        fields=("enabled", "intervalHours"),
    ),
}
OPERATIONS: Final[dict[str, Operation]] = {
    **LOOKS,
    **{name: audited(*change) for name, change in CHANGES.items()},
    **{name: noted.direct() for name, noted in NOTED.items()},
}
