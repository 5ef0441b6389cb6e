"""What each function reads of its environment, once.

Names of variables are spelled here and nowhere else. A variable that is
missing is an error that names it, before anything is done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from shared.domain.account import DEFAULT_EXTERNAL_ID
from shared.domain.rbac import Role
from shared.domain.wire import json_object

EXECUTION_HANDLER_READ_TIMEOUT: Final = 310
QUERY_HANDLER_READ_TIMEOUT: Final = 340
# Every function is published behind it.
ALIAS: Final = "live"
# API Gateway gives a function 29 s.
HTTP_BUDGET_SECONDS: Final = 25

_TOPICS: Final = {
    "execution": "EXECUTION_NOTIFICATIONS_TOPIC_ARN",
    "drs_alert": "DRS_ALERTS_TOPIC_ARN",
    "pause": "EXECUTION_PAUSE_TOPIC_ARN",
}

type Environment = Mapping[str, str]


class SettingError(Exception):
    """A variable of the environment is missing or unreadable."""


def account_id_of(arn: str) -> str:
    """Return the twelve digits of the account that an ARN is in.

    Raises:
        SettingError: It is no ARN.
    """
    parts = arn.split(":")
    if len(parts) < 6 or not parts[4].isdigit():
        raise SettingError(
            f"{arn!r} is no ARN of a function; the account cannot be told."
        )
    return parts[4]


def region_of(arn: str) -> str:
    """Return the Region that an ARN is in.

    Raises:
        SettingError: It is no ARN of a Region.
    """
    parts = arn.split(":")
    if len(parts) < 6 or not parts[3]:
        raise SettingError(
            f"{arn!r} is no ARN of a function; the Region cannot be told."
        )
    return parts[3]


def alias_of(arn: str) -> str:
    """Return the ARN of a function's alias, whichever way it was invoked.

    Roles allow the alias alone, and a function that somebody invokes
    without it is told its bare ARN.
    """
    return ":".join([*arn.split(":")[:7], ALIAS])


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSettings:
    """What a function reads that tells people of things.

    Attributes:
        topics: The topics' ARNs by kind; one that is absent is not told.
        console_url: Where the console is, empty where there is none.
    """

    project_name: str
    environment: str
    topics: Mapping[str, str] = field(default_factory=dict)
    console_url: str = ""

    @classmethod
    def read(cls, environment: Environment) -> Self:
        """Read the environment.

        Raises:
            SettingError: A required variable is missing.
        """
        return cls(**_Reader(environment).told())


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonSettings(TopicSettings):
    """What every function that works on executions reads.

    Attributes:
        retention_days: How long executions that are over are kept; 0 is for
            ever.
    """

    execution_history_table: str
    recovery_plans_table: str
    protection_groups_table: str
    retention_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrchestrationSettings(CommonSettings):
    """The generic orchestrator's environment."""

    execution_handler_arn: str
    query_handler_arn: str

    @classmethod
    def read(cls, environment: Environment) -> Self:
        """Read the environment.

        Raises:
            SettingError: A required variable is missing.
        """
        reader = _Reader(environment)
        return cls(
            **reader.common(),
            execution_handler_arn=reader.text("EXECUTION_HANDLER_ARN"),
            query_handler_arn=reader.text("QUERY_HANDLER_ARN"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionHandlerSettings(CommonSettings):
    """The execution handler's environment, and the DRS-direct one's."""

    target_accounts_table: str
    state_machine_arn: str
    external_id: str = DEFAULT_EXTERNAL_ID

    @classmethod
    def read(cls, environment: Environment) -> Self:
        """Read the environment.

        Raises:
            SettingError: A required variable is missing.
        """
        reader = _Reader(environment)
        return cls(
            **reader.common(),
            target_accounts_table=reader.text("TARGET_ACCOUNTS_TABLE"),
            state_machine_arn=reader.text("STATE_MACHINE_ARN"),
            external_id=reader.external_id(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryHandlerSettings(CommonSettings):
    """The query handler's environment."""

    target_accounts_table: str
    execution_handler_arn: str
    external_id: str = DEFAULT_EXTERNAL_ID

    @classmethod
    def read(cls, environment: Environment) -> Self:
        """Read the environment.

        Raises:
            SettingError: A required variable is missing.
        """
        reader = _Reader(environment)
        return cls(
            **reader.common(),
            target_accounts_table=reader.text("TARGET_ACCOUNTS_TABLE"),
            execution_handler_arn=reader.text("EXECUTION_HANDLER_ARN"),
            external_id=reader.external_id(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DataManagementSettings(CommonSettings):
    """The data management handler's environment."""

    target_accounts_table: str
    tag_sync_rule_name: str = ""
    external_id: str = DEFAULT_EXTERNAL_ID

    @classmethod
    def read(cls, environment: Environment) -> Self:
        """Read the environment.

        Raises:
            SettingError: A required variable is missing.
        """
        reader = _Reader(environment)
        return cls(
            **reader.common(),
            target_accounts_table=reader.text("TARGET_ACCOUNTS_TABLE"),
            tag_sync_rule_name=reader.optional("TAG_SYNC_RULE_NAME"),
            external_id=reader.external_id(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """What a function reads that answers API Gateway.

    Attributes:
        allowed_origin: The origin whose pages may read the answers.
        aliases: Older names of groups and the role each stands for.
        budget_seconds: How long a request may take.
    """

    allowed_origin: str
    aliases: Mapping[str, Role] = field(default_factory=dict)
    budget_seconds: int = HTTP_BUDGET_SECONDS

    @classmethod
    def read(cls, environment: Environment) -> Self:
        """Read the environment.

        Raises:
            SettingError: A variable is missing or unreadable.
        """
        reader = _Reader(environment)
        return cls(
            allowed_origin=reader.text("CORS_ALLOWED_ORIGIN"),
            aliases=reader.aliases(),
            budget_seconds=reader.seconds(
                "HTTP_BUDGET_SECONDS", HTTP_BUDGET_SECONDS
            ),
        )


def history_table(environment: Environment) -> str:
    """Return the name of the table of executions.

    Raises:
        SettingError: It is missing.
    """
    return _Reader(environment).text("EXECUTION_HISTORY_TABLE")


class _Reader:
    """Reads variables and names those that are missing."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def common(self) -> dict[str, Any]:
        """Return what every function reads, by the settings' names."""
        return {
            "execution_history_table": self.text("EXECUTION_HISTORY_TABLE"),
            "recovery_plans_table": self.text("RECOVERY_PLANS_TABLE"),
            "protection_groups_table": self.text("PROTECTION_GROUPS_TABLE"),
            "retention_days": self.number("EXECUTION_RETENTION_DAYS"),
            **self.told(),
        }

    def told(self) -> dict[str, Any]:
        """Return what telling people needs, by the settings' names."""
        return {
            "project_name": self.text("PROJECT_NAME"),
            "environment": self.text("ENVIRONMENT"),
            "topics": self.topics(),
            "console_url": self.optional("CONSOLE_URL"),
        }

    def text(self, name: str) -> str:
        """Return a required variable."""
        value = self.optional(name)
        if not value:
            raise SettingError(
                f"{name} is not set; the function's template must set it."
            )
        return value

    def optional(self, name: str, default: str = "") -> str:
        """Return a variable, or the default where it is absent or empty."""
        return self._environment.get(name, "").strip() or default

    def external_id(self) -> str:
        """Return what is sent where an account names no external id."""
        return self.optional("CROSS_ACCOUNT_EXTERNAL_ID", DEFAULT_EXTERNAL_ID)

    def seconds(self, name: str, default: int) -> int:
        """Return a number of seconds above 0."""
        text = self.optional(name, str(default))
        if not (text.isascii() and text.isdigit() and int(text)):
            raise SettingError(
                f"{name} is {text!r}; it must be a number of seconds above 0."
            )
        return int(text)

    def number(self, name: str) -> int:
        """Return a whole number, 0 where it is absent."""
        text = self.optional(name, "0")
        if not (text.isascii() and text.isdigit() and len(text) < 6):
            raise SettingError(
                f"{name} is {text!r}; it must be a whole number from 0."
            )
        return int(text)

    def aliases(self) -> dict[str, Role]:
        """Return the role that each older name of a group stands for."""
        text = self.optional("RBAC_GROUP_ALIASES", "{}")
        known = {str(role) for role in Role}
        named = json_object(text)
        readable = named or text == "{}"
        if not readable or any(
            str(role) not in Role for role in named.values()
        ):
            raise SettingError(
                "RBAC_GROUP_ALIASES must be a JSON object from group names "
                f"to roles; the roles are {', '.join(sorted(known))}."
            )
        return {name: Role(role) for name, role in named.items()}

    def topics(self) -> dict[str, str]:
        """Return the topics' ARNs by kind, absent ones left out."""
        arns = {kind: self.optional(name) for kind, name in _TOPICS.items()}
        return {kind: arn for kind, arn in arns.items() if arn}
