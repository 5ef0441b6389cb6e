"""Everything the query handler reaches outside itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from drs.domain.lookups import LookupsAt
from drs.domain.ports import DrsRegions
from drs.looks import look, look_within
from shared.boundary import BoundaryPorts
from shared.domain.account import DEFAULT_EXTERNAL_ID
from shared.domain.catalogue import Catalogue
from shared.domain.ports import (
    AccountNames,
    Audit,
    Clock,
    Handler,
)
from shared.domain.rbac import Role
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
    """What look-ups reach, beside what polls need.

    Attributes:
        aliases: Older names of groups and the role each stands for.
        deadline: The epoch second by which a reply has to be given; 0 for
            one that may take its time.
        kept: What sweeps remember from one invocation to the next.
    """

    groups: Catalogue
    plans: Catalogue
    accounts: Catalogue
    names: AccountNames
    drs: DrsRegions
    ec2: LookupsAt
    drs_region_names: Callable[[], frozenset[str]]
    audit: Audit
    clock: Clock
    hub_account_id: str
    hub_region: str
    external_id: str = DEFAULT_EXTERNAL_ID
    aliases: Mapping[str, Role] = field(default_factory=dict)
    deadline: int = 0
    kept: dict[Any, tuple[int, Any]] = field(default_factory=dict)

    @property
    def seconds_left(self) -> int:
        """Return the seconds until the reply is due."""
        return self.deadline - self.clock.now()

    def look[T](self, asks: Callable[[], T]) -> T:
        """Return what AWS answers while the reply is not due.

        Raises:
            BadRequest: ``DRS_NOT_INITIALIZED``, ``REGION_NOT_ENABLED``.
            Unavailable: It could not be asked, or does not answer in time.
        """
        if not self.deadline:
            return look(asks)
        return look_within(asks, self.seconds_left)
