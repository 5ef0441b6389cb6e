"""Everything the orchestrator reaches outside itself."""

from dataclasses import dataclass

from shared.boundary import BoundaryPorts
from shared.domain.ports import Callbacks, Handler
from shared.run import RunPorts


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The run, the two peers and the tasks that wait for an answer."""

    run: RunPorts
    execution: Handler
    query: Handler
    callbacks: Callbacks

    @property
    def boundary(self) -> BoundaryPorts:
        """Return what crossing to the next wave needs."""
        return BoundaryPorts(run=self.run, execution=self.execution)
