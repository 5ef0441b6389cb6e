"""What the data management handler is asked, by the names the wire uses."""

from data_management_handler import protection_groups as groups
from data_management_handler import recovery_plans as plans
from data_management_handler import target_accounts as accounts
from data_management_handler.audit import audited
from data_management_handler.plan_list import list_recovery_plans
from shared.domain.catalogue import ACCOUNTS, GROUPS, PLANS

OPERATIONS = {
    "list_protection_groups": groups.list_protection_groups,
    "get_protection_group": groups.get_protection_group,
    "resolve_protection_group_tags": groups.resolve_protection_group_tags,
    "create_protection_group": audited(GROUPS, groups.create_protection_group),
    "update_protection_group": audited(GROUPS, groups.update_protection_group),
    "delete_protection_group": audited(GROUPS, groups.delete_protection_group),
    "list_recovery_plans": list_recovery_plans,
    "get_recovery_plan": plans.get_recovery_plan,
    "create_recovery_plan": audited(PLANS, plans.create_recovery_plan),
    "update_recovery_plan": audited(PLANS, plans.update_recovery_plan),
    "delete_recovery_plan": audited(PLANS, plans.delete_recovery_plan),
    "list_target_accounts": accounts.list_target_accounts,
    "get_target_account": accounts.get_target_account,
    "create_target_account": audited(ACCOUNTS, accounts.create_target_account),
    "update_target_account": audited(ACCOUNTS, accounts.update_target_account),
    "delete_target_account": audited(ACCOUNTS, accounts.delete_target_account),
    "validate_target_account": audited(
        ACCOUNTS, accounts.validate_target_account
    ),
}
