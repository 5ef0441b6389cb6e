"""Everything the execution handler reaches outside itself."""

from dataclasses import dataclass

from drs.domain.ports import DrsRegion, DrsRegions
from shared.domain.account import (
    DEFAULT_EXTERNAL_ID,
    DEFAULT_ROLE_NAME,
    AccountContext,
    account_context,
    registered_context,
)
from shared.domain.execution import Wire
from shared.domain.ports import (
    Accounts,
    Audit,
    Callbacks,
    Groups,
    Machine,
    Plans,
    Worker,
)
from shared.domain.record import Record
from shared.run import RunPorts


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The run, the configuration, DRS and the state machine.

    ``deadline`` is the epoch second at which this invocation is ended.
    """

    run: RunPorts
    plans: Plans
    groups: Groups
    accounts: Accounts
    drs: DrsRegions
    callbacks: Callbacks
    machine: Machine
    worker: Worker
    audit: Audit
    external_id: str = DEFAULT_EXTERNAL_ID
    deadline: int = 0

    def account(self, wire: Wire) -> AccountContext:
        """Return an account context, normalised."""
        return account_context(
            wire,
            hub_account_id=self.run.hub_account_id,
            default_external_id=self.external_id,
        )

    def account_of(self, record: Record) -> AccountContext:
        """Return the way into an execution's account, as it is by now.

        An account that is registered no more is reached as it was when the
        execution started.
        """
        noted = record.account_context
        account_id = record.account_id(self.run.hub_account_id)
        if account_id == self.run.hub_account_id:
            return self.account({})
        registered = self.accounts.account(account_id)
        if registered is None:
            return self.account(noted)
        role = str(noted.get("assumeRoleName") or "")
        return registered_context(
            account_id,
            registered,
            assume_role_name="" if role == DEFAULT_ROLE_NAME else role,
            hub_account_id=self.run.hub_account_id,
            default_external_id=self.external_id,
        )

    def region(self, wire: Wire, region: str) -> DrsRegion:
        """Return DRS and EC2 of an account's Region."""
        return self.drs(self.account(wire), region)

    @property
    def seconds_left(self) -> int:
        """Return the seconds until this invocation is ended."""
        return self.deadline - self.run.clock.now()
