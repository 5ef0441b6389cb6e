"""In-memory fakes of the ports, with verbs.

The history table is in ``fake_executions``, its locks in ``fake_locks``.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.domain.audit import (
    AuditEntry,
    AuditPage,
    audit_to_item,
    page_of,
    partition,
)
from shared.domain.errors import (
    BadRequest,
    DatabaseError,
    DrError,
    HandlerUnavailable,
    NotFound,
)
from shared.domain.execution import Wire
from shared.domain.group import checked_group
from shared.domain.items import Item, ItemKey, key_of
from shared.domain.messages import Published, message_of
from shared.domain.notices import Notice, NoticeType
from shared.domain.plan import Plan
from shared.domain.ports import MachineRun
from shared.domain.replies import error_body, peer_error
from shared.domain.schedule import Schedule

NOON = 1_767_268_800
MACHINE = "arn:aws:states:us-east-1:111122223333:execution:dr-test"


class FakeClock:
    """A clock that stands still until somebody sleeps."""

    def __init__(self, now: int = NOON) -> None:
        self._now: float = now
        self.slept: list[float] = []

    def now(self) -> int:
        """Return the epoch seconds, rounded down."""
        return int(self._now)

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
        self._now += seconds

    def at(self, now: int) -> None:
        """Set the time."""
        self._now = now


class FakePlans:
    """The recovery plans."""

    def __init__(self, *plans: Plan) -> None:
        self._plans = {plan.plan_id: plan for plan in plans}

    def put(self, plan: Plan) -> None:
        """Store a plan, over an older one."""
        self._plans[plan.plan_id] = plan

    def forget(self, plan_id: str) -> None:
        """Delete a plan."""
        del self._plans[plan_id]

    def plan(self, plan_id: str) -> Plan:
        """Return the plan."""
        if plan_id not in self._plans:
            raise NotFound(
                f"There is no recovery plan {plan_id}.",
                code="RECOVERY_PLAN_NOT_FOUND",
                planId=plan_id,
            )
        return self._plans[plan_id]


class FakeGroups:
    """The protection groups."""

    def __init__(self, *groups: Mapping[str, Any]) -> None:
        self._groups = {group["groupId"]: dict(group) for group in groups}

    def put(self, group: Mapping[str, Any]) -> None:
        """Store a group, over an older one."""
        self._groups[group["groupId"]] = dict(group)

    def forget(self, group_id: str) -> None:
        """Delete a group."""
        del self._groups[group_id]

    def group(self, group_id: str) -> dict[str, Any]:
        """Return the whole stored group."""
        if group_id not in self._groups:
            raise NotFound(
                f"There is no protection group {group_id}.",
                code="PROTECTION_GROUP_NOT_FOUND",
                groupId=group_id,
            )
        return checked_group(self._groups[group_id])


class FakeAccounts:
    """The registered target accounts."""

    def __init__(self, *accounts: Mapping[str, Any]) -> None:
        self._accounts = {a["accountId"]: dict(a) for a in accounts}

    def put(self, account: Mapping[str, Any]) -> None:
        """Register an account."""
        self._accounts[account["accountId"]] = dict(account)

    def forget(self, account_id: str) -> None:
        """Delete an account."""
        del self._accounts[account_id]

    def account(self, account_id: str) -> dict[str, Any] | None:
        """Return the account as registered, or None."""
        found = self._accounts.get(account_id)
        return None if found is None else dict(found)


class FakeAccountNames:
    """This account's name, and those of others by their ids."""

    def __init__(self, name: str = "", **others: str) -> None:
        self._name = name
        self._others = others

    def own(self) -> str:
        """Return the name."""
        return self._name

    def of(self, account_id: str) -> str:
        """Return another account's name, asked for as ``a444455556666``."""
        return self._others.get(f"a{account_id}", "")


class FakeNotifier:
    """A notifier that keeps what it was given in ``sent``."""

    def __init__(self) -> None:
        self.sent: list[Notice] = []
        self._down = False

    def break_down(self) -> None:
        """Let every further notice get lost."""
        self._down = True

    def recover(self) -> None:
        """Let further notices go out again."""
        self._down = False

    def send(self, notice: Notice) -> bool:
        """Send, best effort; return whether it went out."""
        if self._down:
            return False
        self.sent.append(notice)
        return True

    @property
    def events(self) -> list[str]:
        """Return the events sent, in order."""
        return [str(notice.event) for notice in self.sent]

    @property
    def texts(self) -> list[str]:
        """Return all that each notice says, on every topic it goes to."""
        return [
            "\n".join((said.subject, said.text, said.by_protocol))
            for notice in self.sent
            for said in [message_of(notice, notice.topics[0])]
        ]


class FakeTopics:
    """Topics that keep what was published, but for those that are absent."""

    def __init__(self, *absent: NoticeType) -> None:
        self.published: list[tuple[NoticeType, Notice]] = []
        self._absent = absent
        self._down = False

    def break_down(self) -> None:
        """Refuse every further message."""
        self._down = True

    def publish(self, kind: NoticeType, notice: Notice) -> Published | None:
        """Publish; return what went out, or None where there is no topic."""
        if kind in self._absent:
            return None
        if self._down:
            raise HandlerUnavailable(f"Topic {kind} could not be reached.")
        self.published.append((kind, notice))
        number = f"message-{len(self.published)}"
        return Published(message_id=number, topic_arn=f"arn:{kind}")


class FakeAudit:
    """An audit trail that keeps its entries in ``entries``.

    ``items`` are those that others have written, by key, if it is given.
    """

    def __init__(self, items: dict[ItemKey, Item] | None = None) -> None:
        self.entries: list[AuditEntry] = []
        self._items: dict[ItemKey, Item] = {} if items is None else items
        self._own: dict[ItemKey, Item] = {}
        self._broken = False

    def break_down(self) -> None:
        """Let no further entry be written."""
        self._broken = True

    def write(self, entry: AuditEntry) -> None:
        """Add an entry."""
        if self._broken:
            raise DatabaseError("the trail cannot be written to")
        self.entries.append(entry)
        item = audit_to_item(entry, f"own-{len(self.entries):09}", 0)
        self._own[key_of(item)] = item

    def add(self, items: Sequence[Item]) -> None:
        """Add entries that are items already."""
        if self._broken:
            raise DatabaseError("the trail cannot be written to")
        self._items.update((key_of(item), item) for item in items)

    def page(
        self,
        resource_type: str,
        resource_id: str,
        *,
        limit: int,
        after: str = "",
    ) -> AuditPage:
        """Return entries of one resource, newest first."""
        mine = partition(resource_type, resource_id)
        found = {
            key: item
            for key, item in {**self._items, **self._own}.items()
            if key[0] == mine and (not after or key[1] < after)
        }
        return page_of([found[k] for k in sorted(found, reverse=True)], limit)


class FakeCallbacks:
    """Tokens of waiting tasks; each can be answered once."""

    def __init__(self) -> None:
        self.succeeded: list[tuple[str, dict[str, Any]]] = []
        self.failed: list[tuple[str, str, str]] = []
        self._invalid: set[str] = set()

    def expire(self, token: str) -> None:
        """Let the task of a token time out."""
        self._invalid.add(token)

    def succeed(self, token: str, output: Mapping[str, Any]) -> bool:
        """Answer a task; False where the token is not valid any more."""
        if not self._use(token):
            return False
        self.succeeded.append((token, dict(output)))
        return True

    def fail(self, token: str, error: str, cause: str) -> bool:
        """Fail a task; False where the token is not valid any more."""
        if not self._use(token):
            return False
        self.failed.append((token, error, cause))
        return True

    def _use(self, token: str) -> bool:
        valid = bool(token) and token not in self._invalid
        self._invalid.add(token)
        return valid


class FakeMachine:
    """A state machine whose runs, by ARN, end when told to."""

    def __init__(self) -> None:
        self.runs: dict[str, MachineRun] = {}
        self.inputs: dict[str, dict[str, Any]] = {}
        self._refusal: DrError | None = None

    def refuse(self, error: DrError | None) -> None:
        """Let every further start raise this, or none again."""
        self._refusal = error

    def end(
        self, arn: str, status: str, error: str = "", cause: str = ""
    ) -> None:
        """End a run."""
        self.runs[arn] = MachineRun(status, error, cause)

    def forget(self, arn: str) -> None:
        """Forget a run, as the service does after 90 days."""
        del self.runs[arn]

    def start(self, name: str, payload: Mapping[str, Any]) -> str:
        """Start an execution; one of that name already is success."""
        if self._refusal is not None:
            raise self._refusal
        arn = f"{MACHINE}:{name}"
        if arn not in self.runs:
            self.runs[arn] = MachineRun("RUNNING", "", "")
            self.inputs[arn] = json.loads(json.dumps(payload))
        return arn

    def describe(self, arn: str) -> MachineRun | None:
        """Return an execution's status, or None where there is none."""
        return self.runs.get(arn)

    def stop(self, arn: str, cause: str) -> None:
        """Stop an execution; one that has ended is left alone."""
        run = self.runs.get(arn)
        if run is not None and run.status == "RUNNING":
            self.runs[arn] = MachineRun("ABORTED", "", cause)


class FakeRule:
    """A rule of EventBridge; ``schedule`` is what it has."""

    def __init__(self, *, exists: bool = True) -> None:
        self.schedule = Schedule(enabled=True, expression="rate(1 hour)")
        self._exists = exists

    @property
    def name(self) -> str:
        """Return the rule's name."""
        return "dro-tag-sync-test"

    def read(self) -> Schedule:
        """Return the schedule."""
        if not self._exists:
            raise BadRequest("There is no rule.", code="RULE_NOT_FOUND")
        return self.schedule

    def write(self, schedule: Schedule) -> None:
        """Change the schedule."""
        self.schedule = schedule


class FakeWorker:
    """Work for later, kept in ``sent``."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def later(self, payload: Mapping[str, Any]) -> None:
        """Keep the work."""
        self.sent.append(json.loads(json.dumps(payload)))

    def take(self) -> dict[str, Any]:
        """Return the oldest piece of work and forget it."""
        return self.sent.pop(0)


class InProcess:
    """A peer in this process, reached over the wire's own form.

    Replies and errors pass through JSON as they do between Lambdas, so
    whatever would not survive the way does not survive it here either.
    """

    def __init__(
        self,
        dispatch: Callable[[dict[str, Any]], Mapping[str, Any]],
        name: str = "peer",
    ) -> None:
        self._dispatch = dispatch
        self._name = name
        self.calls: list[str] = []

    def call(self, action: str, payload: Mapping[str, Any]) -> Wire:
        """Return the peer's reply."""
        event = json.loads(json.dumps({"action": action, **payload}))
        self.calls.append(action)
        try:
            reply = self._dispatch(event)
        except DrError as error:
            raise peer_error(
                self._name, type(error).__name__, error_body(error)
            ) from error
        answer: Wire = json.loads(json.dumps(reply))
        return answer
