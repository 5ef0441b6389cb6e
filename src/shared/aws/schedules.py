"""The schedule of one rule of EventBridge."""

from typing import TYPE_CHECKING

from shared.aws.clients import SDK_ERRORS, SdkError, code_of, unavailable
from shared.domain.errors import BadRequest, DrError
from shared.domain.schedule import Schedule

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient


class EventBridgeRule:
    """A rule on the default bus, its targets left as they are."""

    def __init__(self, client: "EventBridgeClient", name: str) -> None:
        self._client = client
        self._name = name

    @property
    def name(self) -> str:
        """Return the rule's name."""
        return self._name

    def read(self) -> Schedule:
        """Return the schedule.

        Raises:
            BadRequest: ``RULE_NOT_FOUND``.
            HandlerUnavailable: EventBridge does not answer.
        """
        if not self._name:
            raise self._missing()
        try:
            rule = self._client.describe_rule(Name=self._name)
        except SDK_ERRORS as error:
            raise self._translated(error) from error
        return Schedule(
            enabled=rule.get("State") == "ENABLED",
            expression=rule.get("ScheduleExpression", ""),
            description=rule.get("Description", ""),
        )

    def write(self, schedule: Schedule) -> None:
        """Change the schedule of a rule that was read.

        Raises:
            BadRequest: ``RULE_NOT_FOUND``.
            HandlerUnavailable: EventBridge does not answer.
        """
        try:
            self._client.put_rule(
                Name=self._name,
                ScheduleExpression=schedule.expression,
                State="ENABLED" if schedule.enabled else "DISABLED",
                Description=schedule.description,
            )
        except SDK_ERRORS as error:
            raise self._translated(error) from error

    def _translated(self, error: SdkError) -> DrError:
        if code_of(error) == "ResourceNotFoundException":
            return self._missing()
        return unavailable(f"The rule {self._name}", error)

    def _missing(self) -> BadRequest:
        return BadRequest(
            f"There is no rule {self._name or 'TAG_SYNC_RULE_NAME'!r} of "
            "EventBridge; deploy the stack that makes it.",
            code="RULE_NOT_FOUND",
        )
