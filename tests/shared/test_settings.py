"""What functions read of their environment."""

import pytest

from shared.domain.rbac import Role
from shared.settings import (
    DataManagementSettings,
    ExecutionHandlerSettings,
    HttpSettings,
    OrchestrationSettings,
    QueryHandlerSettings,
    SettingError,
    account_id_of,
    alias_of,
    region_of,
)

ENVIRONMENT = {
    "EXECUTION_HISTORY_TABLE": "history",
    "RECOVERY_PLANS_TABLE": "plans",
    "PROTECTION_GROUPS_TABLE": "groups",
    "TARGET_ACCOUNTS_TABLE": "accounts",
    "EXECUTION_HANDLER_ARN": "arn:execution",
    "QUERY_HANDLER_ARN": "arn:query",
    "STATE_MACHINE_ARN": "arn:machine",
    "PROJECT_NAME": "dr",
    "ENVIRONMENT": "test",
}
KINDS = (
    OrchestrationSettings,
    ExecutionHandlerSettings,
    QueryHandlerSettings,
    DataManagementSettings,
)
REQUIRED = {
    OrchestrationSettings: {
        "EXECUTION_HISTORY_TABLE",
        "RECOVERY_PLANS_TABLE",
        "PROTECTION_GROUPS_TABLE",
        "EXECUTION_HANDLER_ARN",
        "QUERY_HANDLER_ARN",
        "PROJECT_NAME",
        "ENVIRONMENT",
    },
    ExecutionHandlerSettings: {
        "EXECUTION_HISTORY_TABLE",
        "RECOVERY_PLANS_TABLE",
        "PROTECTION_GROUPS_TABLE",
        "TARGET_ACCOUNTS_TABLE",
        "STATE_MACHINE_ARN",
        "PROJECT_NAME",
        "ENVIRONMENT",
    },
    DataManagementSettings: {
        "EXECUTION_HISTORY_TABLE",
        "RECOVERY_PLANS_TABLE",
        "PROTECTION_GROUPS_TABLE",
        "TARGET_ACCOUNTS_TABLE",
        "PROJECT_NAME",
        "ENVIRONMENT",
    },
    QueryHandlerSettings: {
        "EXECUTION_HISTORY_TABLE",
        "RECOVERY_PLANS_TABLE",
        "PROTECTION_GROUPS_TABLE",
        "TARGET_ACCOUNTS_TABLE",
        "EXECUTION_HANDLER_ARN",
        "PROJECT_NAME",
        "ENVIRONMENT",
    },
}

type Kind = type[
    OrchestrationSettings
    | ExecutionHandlerSettings
    | QueryHandlerSettings
    | DataManagementSettings
]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_required_is_enough(kind: Kind) -> None:
    environment = {name: ENVIRONMENT[name] for name in REQUIRED[kind]}

    settings = kind.read(environment)

    assert settings.execution_history_table == "history"
    assert settings.topics == {}


@pytest.mark.parametrize(
    ("kind", "name"), [(k, n) for k in KINDS for n in sorted(REQUIRED[k])]
)
def test_a_missing_variable_is_named(kind: Kind, name: str) -> None:
    for environment in (
        {k: v for k, v in ENVIRONMENT.items() if k != name},
        {**ENVIRONMENT, name: " "},
    ):
        with pytest.raises(SettingError, match=f"^{name} is not set"):
            kind.read(environment)


@pytest.mark.parametrize("kind", KINDS)
def test_topics_that_exist_are_known_by_kind(kind: Kind) -> None:
    settings = kind.read(
        {
            **ENVIRONMENT,
            "EXECUTION_NOTIFICATIONS_TOPIC_ARN": "arn:e",
            "DRS_ALERTS_TOPIC_ARN": "",
            "EXECUTION_PAUSE_TOPIC_ARN": "arn:p",
        }
    )

    assert settings.topics == {"execution": "arn:e", "pause": "arn:p"}


def test_an_external_id_stands_where_none_is_given() -> None:
    unsaid = ExecutionHandlerSettings.read(ENVIRONMENT)
    said = ExecutionHandlerSettings.read(
        {**ENVIRONMENT, "CROSS_ACCOUNT_EXTERNAL_ID": "x"}
    )

    assert unsaid.external_id == "drs-orchestration-cross-account"
    assert said.external_id == "x"


def test_account_and_region_are_those_of_the_functions_arn() -> None:
    arn = "arn:aws:lambda:us-east-1:111122223333:function:dr:live"

    assert account_id_of(arn) == "111122223333"
    assert region_of(arn) == "us-east-1"


@pytest.mark.parametrize("arn", ["", "dr", "arn:aws:s3:::bucket"])
def test_what_is_no_arn_of_an_account_is_refused(arn: str) -> None:
    with pytest.raises(SettingError, match="no ARN"):
        account_id_of(arn)
    with pytest.raises(SettingError, match="no ARN"):
        region_of(arn)


class TestHttp:
    def test_an_origin_is_enough(self) -> None:
        settings = HttpSettings.read({"CORS_ALLOWED_ORIGIN": "https://a"})

        assert settings == HttpSettings(
            allowed_origin="https://a", aliases={}, budget_seconds=25
        )

    def test_aliases_and_budget_are_read(self) -> None:
        settings = HttpSettings.read(
            {
                "CORS_ALLOWED_ORIGIN": "*",
                "RBAC_GROUP_ALIASES": '{"dr-team": "DRSOperator"}',
                "HTTP_BUDGET_SECONDS": "12",
            }
        )

        assert settings.aliases == {"dr-team": Role.OPERATOR}
        assert settings.budget_seconds == 12

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("CORS_ALLOWED_ORIGIN", ""),
            ("RBAC_GROUP_ALIASES", "dr-team"),
            ("RBAC_GROUP_ALIASES", '{"dr-team": "King"}'),
            ("RBAC_GROUP_ALIASES", '{"dr-team": ["DRSOperator"]}'),
            ("HTTP_BUDGET_SECONDS", "0"),
            ("HTTP_BUDGET_SECONDS", "soon"),
        ],
    )
    def test_what_cannot_be_read_is_named(self, name: str, value: str) -> None:
        with pytest.raises(SettingError, match=name):
            HttpSettings.read({"CORS_ALLOWED_ORIGIN": "*", name: value})


@pytest.mark.parametrize("qualifier", ["", ":live", ":12", ":$LATEST"])
def test_a_function_is_reached_by_its_alias_however_it_was_invoked(
    qualifier: str,
) -> None:
    bare = "arn:aws:lambda:us-east-1:111122223333:function:dr-execution"

    assert alias_of(bare + qualifier) == f"{bare}:live"


def test_executions_are_kept_for_ever_unless_a_number_of_days_is_set() -> None:
    name = "EXECUTION_RETENTION_DAYS"

    assert OrchestrationSettings.read(ENVIRONMENT).retention_days == 0
    for text, days in (("", 0), ("0", 0), ("30", 30)):
        settings = ExecutionHandlerSettings.read({**ENVIRONMENT, name: text})
        assert settings.retention_days == days


@pytest.mark.parametrize("text", ["-1", "1.5", "soon", "٣", "9" * 6])
def test_days_that_are_no_number_are_refused(text: str) -> None:
    environment = {**ENVIRONMENT, "EXECUTION_RETENTION_DAYS": text}

    with pytest.raises(SettingError, match="EXECUTION_RETENTION_DAYS"):
        ExecutionHandlerSettings.read(environment)
