"""Everything the query handler reaches outside itself."""

from dataclasses import dataclass

from drs.domain.ports import DrsRegions
from shared.boundary import BoundaryPorts
from shared.domain.account import DEFAULT_EXTERNAL_ID
from shared.domain.ports import AccountNames, Audit, Clock, Handler
from shared.run import RunPorts


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The run, the peer that starts waves, and DRS."""

    run: RunPorts
    execution: Handler
    drs: DrsRegions
    external_id: str = DEFAULT_EXTERNAL_ID

    @property
    def boundary(self) -> BoundaryPorts:
        """Return what crossing to the next wave needs."""
        return BoundaryPorts(run=self.run, execution=self.execution)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookups:
    """What the routes of look-ups reach, beside what polls need."""

    names: AccountNames
    hub_account_id: str
    audit: Audit
    clock: Clock
