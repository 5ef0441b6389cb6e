"""Everything the data management handler reaches outside itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from data_management_handler.domain.place import Estate, Place
from data_management_handler.domain.request import Caller
from drs.conflicts import servers_in_executions
from drs.domain.conflicts import InExecution
from drs.domain.lookups import Lookups, LookupsAt
from drs.domain.ports import DrsRegion, DrsRegions
from shared.domain.account import (
    DEFAULT_EXTERNAL_ID,
    AccountContext,
    registered_context,
    usable,
)
from shared.domain.catalogue import Catalogue
from shared.domain.errors import CheckUnavailable, NotFound
from shared.domain.ports import Clock, Executions, Worker
from shared.domain.schedule import Rule
from shared.domain.trail import Trail


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The configuration, the executions, DRS, EC2 and the time.

    ``deadline`` is the epoch second by which a reply has to be given;
    ``caller`` is who asks through the API; ``busy`` is what one request has
    seen of executions, ``kept`` what lists remember from one invocation to
    the next.
    """

    groups: Catalogue
    plans: Catalogue
    accounts: Catalogue
    executions: Executions
    audit: Trail
    drs: DrsRegions
    lookups: LookupsAt
    drs_region_names: Callable[[], frozenset[str]]
    clock: Clock
    hub_account_id: str
    hub_region: str
    external_id: str = DEFAULT_EXTERNAL_ID
    worker: Worker | None = None
    tag_sync_rule: Rule | None = None
    deadline: int = 0
    busy: Callable[[], list[InExecution]] | None = None
    caller: Caller = Caller()
    kept: dict[Place, tuple[int, Estate]] = field(default_factory=dict)

    def stored_account_id(self, account_id: str) -> str:
        """Return an account's id as groups store it: the hub's is empty."""
        return "" if account_id == self.hub_account_id else account_id

    def account_asked_for(self, account_id: str) -> str:
        """Return a registered account's id as groups store it.

        Raises:
            NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
        """
        stored = self.stored_account_id(account_id)
        if stored:
            self._known(stored)
        return stored

    def account(
        self, account_id: str, assume_role_name: str = ""
    ) -> AccountContext:
        """Return the way into the hub or into a registered account.

        Raises:
            NotFound: ``TARGET_ACCOUNT_NOT_FOUND``: the account is not
                registered, or not active.
        """
        registered = None
        if self.stored_account_id(account_id):
            registered = self._registered(account_id)
        return registered_context(
            account_id,
            registered,
            assume_role_name=assume_role_name,
            hub_account_id=self.hub_account_id,
            default_external_id=self.external_id,
        )

    def way_into(self, account: Mapping[str, Any]) -> AccountContext:
        """Return the way into an account by what is stored of it.

        A staging account is stored with its target.
        """
        return registered_context(
            str(account["accountId"]),
            account,
            hub_account_id=self.hub_account_id,
            default_external_id=self.external_id,
        )

    def place_of(self, group: Mapping[str, Any]) -> Place:
        """Return where a stored group's servers are."""
        account_id = str(group.get("accountId") or "")
        return Place(
            account_id=self.stored_account_id(account_id),
            region=str(group.get("region") or ""),
            assume_role_name=str(group.get("assumeRoleName") or ""),
        )

    def at(self, place: Place) -> DrsRegion:
        """Return DRS and EC2 where a group's servers are.

        Raises:
            NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
        """
        account = self.account(place.account_id, place.assume_role_name)
        return self.drs(account, place.region)

    def servers_in_executions(self) -> list[InExecution]:
        """Return the servers of every active execution."""
        if self.busy is not None:
            return self.busy()
        return servers_in_executions(self.executions, self.hub_account_id)

    def lookups_at(self, place: Place) -> Lookups:
        """Return EC2 and IAM where a group's servers are.

        Raises:
            NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
        """
        account = self.account(place.account_id, place.assume_role_name)
        return self.lookups(account, place.region)

    @property
    def is_request(self) -> bool:
        """Tell whether somebody waits for the answer at the API."""
        return bool(self.caller.action)

    def hand_over(self, payload: Mapping[str, Any]) -> None:
        """Let an operation go on after the reply.

        Raises:
            HandlerUnavailable: It was not taken.
        """
        if self.worker is None:
            raise CheckUnavailable(
                "Nothing is there to go on after the reply; ask again."
            )
        self.worker.later(payload)

    @property
    def seconds_left(self) -> int:
        """Return the seconds until the reply is due."""
        return self.deadline - self.clock.now()

    def _registered(self, account_id: str) -> Mapping[str, Any]:
        return usable(account_id, self._known(account_id))

    def _known(self, account_id: str) -> Mapping[str, Any]:
        try:
            return self.accounts.find(account_id)
        except NotFound:
            return usable(account_id, None)
