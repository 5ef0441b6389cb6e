"""Which batch of the contract's functions a function belongs to."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_FUNCTIONS: Final[Mapping[int, tuple[str, ...]]] = {
    1: (
        "get_server_details_map",
        "get_recovery_instances_for_wave",
        "enrich_execution_with_server_details",
        "reconcile_wave_status_with_drs",
        "recalculate_execution_status",
        "get_execution_details_realtime",
    ),
    2: ("determine_target_account_context", "create_drs_client"),
    3: (
        "get_servers_in_active_drs_jobs",
        "get_all_active_executions",
        "get_servers_in_active_executions",
        "resolve_pg_servers_for_conflict_check",
        "check_server_conflicts",
        "get_plans_with_conflicts",
        "has_circular_dependencies",
    ),
    4: (
        "check_existing_recovery_instances",
        "initiate_wave",
        "get_server_launch_configurations",
        "start_drs_recovery_with_retry",
    ),
    5: ("get_termination_job_status", "apply_launch_config_to_servers"),
    6: (
        "validate_server_replication_states",
        "validate_server_assignments",
        "validate_servers_exist_in_drs",
        "validate_and_get_source_servers",
    ),
    7: (
        "query_drs_servers_by_tags",
        "get_protection_group_servers",
        "get_drs_source_server_details",
        "validate_target_account",
    ),
    8: ("delete_completed_executions", "delete_executions_by_ids"),
    9: (
        "export_configuration",
        "import_configuration",
        "_get_existing_protection_groups",
        "_get_existing_recovery_plans",
        "_get_active_execution_servers",
    ),
}

BATCH_OF: Final[Mapping[str, int]] = MappingProxyType(
    {name: batch for batch, names in _FUNCTIONS.items() for name in names}
)
"""The batch of each of the 36 functions, by name."""
