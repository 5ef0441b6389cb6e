"""One stack: its state, the change sets made of it, and its end.

What a state allows and which change is too much is decided in `domain`.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from deployment.aws.account import Account
from deployment.aws.leftovers import remove_empty_tables
from deployment.domain.change_sets import STACK_TYPE, Row
from deployment.domain.errors import DeployFailed, StackStuck
from deployment.domain.parameters import Plan
from deployment.domain.stacks import Step, explanation, next_step

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient

type Report = Callable[[str], None]

_TURN: Final = 0.2
_SLOWEST_TURN: Final = 5.0
_STEPS: Final = 6
_NOTHING: Final = ("didn't contain changes", "No updates are to be performed")
_GOOD: Final = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
_UNDER_WAY: Final = ("AVAILABLE", "EXECUTE_IN_PROGRESS")
_CAPABILITIES: Final = ("CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What CloudFormation says of the stack as it is."""

    status: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource of the stack or of a stack inside it."""

    name: str
    kind: str
    physical_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """A change that is ready to be made."""

    name: str
    creates: bool
    rows: tuple[Row, ...]


class Stack:
    """The stack of one installation."""

    def __init__(
        self,
        account: Account,
        project: str,
        environment: str,
        patience: float,
    ) -> None:
        """Speak of a stack, whether it is there or not."""
        self.name = f"{project}-{environment}"
        self._project = project
        self._environment = environment
        self._account = account
        self._client = account.stacks()
        self._patience = patience

    def deployed(self) -> Deployed | None:
        """Answer what is there; None where nothing ever was."""
        try:
            [found] = self._client.describe_stacks(StackName=self.name)[
                "Stacks"
            ]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return Deployed(
            status=found["StackStatus"],
            parameters={
                each["ParameterKey"]: each["ParameterValue"]
                for each in found.get("Parameters", ())
            },
            outputs={
                each["OutputKey"]: each["OutputValue"]
                for each in found.get("Outputs", ())
            },
        )

    def settle(self, report: Report, *, mend: bool = True) -> Deployed | None:
        """Bring the stack to a state from which it can be changed.

        Answers what is deployed, None where the stack is to be created.

        Args:
            report: Is told of each step.
            mend: Whether anything may be done for it.

        Raises:
            StackStuck: No safe step leads there, or none may be taken.
        """
        for _ in range(_STEPS):
            found = self.deployed()
            step = next_step(found.status if found else None)
            if found and step is not Step.UPDATE:
                report(explanation(self.name, found.status, step))
            match step:
                case Step.CREATE:
                    return None
                case Step.UPDATE:
                    return found
                case _ if not mend:
                    break
                case Step.CONTINUE_ROLLBACK:
                    self._client.continue_update_rollback(StackName=self.name)
                case Step.DELETE:
                    self._delete(report)
                    continue
                case Step.REFUSE:
                    break
                case Step.WAIT:
                    pass
            self._wait()
        raise StackStuck(self._stuck())

    def prepare(
        self, plan: Plan, url: str | None, at: str
    ) -> ChangeSet | None:
        """Make a change set; None where it would change nothing.

        Args:
            plan: The parameters.
            url: Where the template is; None uses the one that is deployed.
            at: What the change set's name ends with.

        Raises:
            DeployFailed: CloudFormation refuses it.
        """
        found = self.deployed()
        creates = next_step(found.status if found else None) is Step.CREATE
        template: Any = {"UsePreviousTemplate": True}
        if url is not None:
            template = {"TemplateURL": url}
        name = f"deploy-{at}"
        try:
            self._client.create_change_set(
                StackName=self.name,
                ChangeSetName=name,
                ChangeSetType="CREATE" if creates else "UPDATE",
                Capabilities=list(_CAPABILITIES),
                Parameters=_parameters(plan),
                IncludeNestedStacks=True,
                **template,
            )
        except ClientError as error:
            raise DeployFailed(
                f"CloudFormation refuses the change of stack {self.name}: "
                f"{error}. Nothing was changed."
            ) from error
        if not self._has_changes(name):
            return None
        told = {"StackName": self.name, "ChangeSetName": name}
        rows = tuple(_rows(self._client, told, ""))
        return ChangeSet(name=name, creates=creates, rows=rows)

    def drop(self, change_set: ChangeSet) -> None:
        """Remove a change set, and the empty stack it was made in."""
        self._client.delete_change_set(
            StackName=self.name, ChangeSetName=change_set.name
        )
        found = self.deployed()
        if found and found.status == "REVIEW_IN_PROGRESS":
            self._client.delete_stack(StackName=self.name)

    def execute(self, change_set: ChangeSet) -> Deployed:
        """Make a change and wait for its end.

        Raises:
            DeployFailed: It was undone; the reasons are named.
        """
        before = {each["EventId"] for each in _events(self._client, self.name)}
        request: Any = {}
        if change_set.creates:
            # What a failed creation leaves would be in the next one's way.
            request["RetainExceptOnCreate"] = True
        self._client.execute_change_set(
            StackName=self.name, ChangeSetName=change_set.name, **request
        )
        # The stack's own status may be the former for a moment.
        self._await_execution(change_set.name)
        status = self._wait()
        found = self.deployed()
        if found is None or status not in _GOOD:
            reasons = "\n".join(_reasons(self._client, self.name, before))
            raise DeployFailed(
                f"Stack {self.name} is {status}:\n{reasons}\n"
                "Mend what is named, and deploy again: it goes on from here."
            )
        return found

    def resources(self, stack: str | None = None) -> Iterator[Resource]:
        """List what the stack and the stacks inside it hold."""
        pages = self._client.get_paginator("list_stack_resources")
        for page in pages.paginate(StackName=stack or self.name):
            for each in page["StackResourceSummaries"]:
                found = Resource(
                    name=each["LogicalResourceId"],
                    kind=each["ResourceType"],
                    physical_id=each.get("PhysicalResourceId", ""),
                )
                if found.kind == STACK_TYPE:
                    yield from self.resources(found.physical_id)
                else:
                    yield found

    def _has_changes(self, name: str) -> bool:
        for _ in _turns(self._patience):
            told = self._client.describe_change_set(
                StackName=self.name, ChangeSetName=name
            )
            if not told["Status"].endswith(("_PENDING", "_IN_PROGRESS")):
                break
        if told["Status"] == "CREATE_COMPLETE":
            return True
        self._client.delete_change_set(StackName=self.name, ChangeSetName=name)
        reason = told.get("StatusReason", "")
        if any(each in reason for each in _NOTHING):
            return False
        raise DeployFailed(
            f"The change of stack {self.name} cannot be made: it is "
            f"{told['Status']}: {reason}. Nothing was changed."
        )

    def _await_execution(self, name: str) -> None:
        for _ in _turns(self._patience):
            told = self._client.describe_change_set(
                StackName=self.name, ChangeSetName=name
            )
            if told["ExecutionStatus"] not in _UNDER_WAY:
                return

    def _delete(self, report: Report) -> None:
        [found] = self._client.describe_stacks(StackName=self.name)["Stacks"]
        self._client.delete_stack(StackName=self.name)
        if self._wait() == "DELETE_COMPLETE":
            remove_empty_tables(
                self._account,
                self._project,
                self._environment,
                found["CreationTime"],
                report,
            )

    def _wait(self) -> str:
        status = "DELETE_COMPLETE"
        for _ in _turns(self._patience):
            found = self.deployed()
            status = found.status if found else "DELETE_COMPLETE"
            if next_step(status) is not Step.WAIT:
                return status
        raise DeployFailed(
            f"Stack {self.name} is still {status} after "
            f"{self._patience:g} s. Deploy again: it is waited for."
        )

    def _stuck(self) -> str:
        found = self.deployed()
        status = found.status if found else "absent"
        reasons = "\n".join(_reasons(self._client, self.name, set()))
        told = explanation(self.name, status, Step.REFUSE)
        return f"{told}\n{reasons}" if reasons else told


def _turns(patience: float) -> Iterator[None]:
    deadline = time.monotonic() + patience
    turn = _TURN
    while time.monotonic() < deadline:
        yield
        time.sleep(turn)
        turn = min(turn * 1.2, _SLOWEST_TURN)


def _parameters(plan: Plan) -> Any:
    return [
        *(
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in plan.values.items()
        ),
        *(
            {"ParameterKey": name, "UsePreviousValue": True}
            for name in sorted(plan.kept)
        ),
    ]


def _rows(
    client: "CloudFormationClient", change_set: Any, within: str
) -> Iterator[Row]:
    pages = client.get_paginator("describe_change_set")
    for page in pages.paginate(**change_set):
        for each in page["Changes"]:
            found: Any = each["ResourceChange"]
            path = within + found["LogicalResourceId"]
            yield Row(
                path=path,
                kind=found["ResourceType"],
                action=found["Action"],
                replacement=found.get("Replacement", ""),
                retained=found.get("PolicyAction", "").startswith("Retain"),
            )
            if nested := found.get("ChangeSetId"):
                inside = {"ChangeSetName": nested}
                yield from _rows(client, inside, f"{path}/")


def _events(client: "CloudFormationClient", stack: str) -> Iterator[Any]:
    pages = client.get_paginator("describe_stack_events")
    for page in pages.paginate(StackName=stack):
        yield from page["StackEvents"]


def _inner_stack(event: Any) -> str | None:
    inner: str = event.get("PhysicalResourceId", "")
    # A stack's own events are among its events.
    if event.get("ResourceType") != STACK_TYPE or inner == event["StackId"]:
        return None
    return inner or None


def _reasons(
    client: "CloudFormationClient", stack: str, before: set[str]
) -> Iterator[str]:
    for event in _events(client, stack):
        if event["EventId"] in before:
            continue
        if not event.get("ResourceStatus", "").endswith("_FAILED"):
            continue
        yield (
            f"  {event.get('LogicalResourceId')}: "
            f"{event.get('ResourceStatusReason', 'no reason given')}"
        )
        if inner := _inner_stack(event):
            yield from _reasons(client, inner, before)
