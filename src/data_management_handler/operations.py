"""What the data management handler is asked, by the names the wire uses."""

from data_management_handler import protection_groups as groups
from data_management_handler.audit import audited
from shared.domain.catalogue import GROUPS

OPERATIONS = {
    "list_protection_groups": groups.list_protection_groups,
    "get_protection_group": groups.get_protection_group,
    "resolve_protection_group_tags": groups.resolve_protection_group_tags,
    "create_protection_group": audited(GROUPS, groups.create_protection_group),
    "update_protection_group": audited(GROUPS, groups.update_protection_group),
    "delete_protection_group": audited(GROUPS, groups.delete_protection_group),
}
