"""The DRS-direct orchestrator: the same actions, the peers in process.

It is the generic orchestrator with its two peer ports wired to the
handlers' own code. What crosses a port passes through JSON here too, so
whatever would not survive the way between Lambdas does not survive it here.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import execution_handler.actions as execution
import orchestration.actions as orchestration
import query_handler.actions as query
from execution_handler.ports import Ports as ExecutionPorts
from orchestration.ports import Ports
from query_handler.ports import Ports as QueryPorts
from shared.domain.errors import DrError
from shared.domain.execution import Wire
from shared.domain.replies import error_body, peer_error, public_error
from shared.routing import dispatch

ACTIONS = {
    **orchestration.ACTIONS,
    "update_wave_status": orchestration.ACTIONS["poll_wave_status"],
}


class InProcessHandler:
    """A peer's code, reached as its Lambda would be."""

    def __init__(
        self, name: str, answer: Callable[[Wire], Mapping[str, Any]]
    ) -> None:
        self._name = name
        self._answer = answer

    def call(self, action: str, payload: Mapping[str, Any]) -> Wire:
        """Return the peer's reply.

        Raises:
            DrError: What an invocation of the peer would raise.
        """
        event = json.loads(json.dumps({"action": action, **payload}))
        try:
            reply = self._answer(event)
        except DrError as error:
            public = public_error(error)
            raise peer_error(
                self._name, type(public).__name__, error_body(public)
            ) from error
        answer: Wire = json.loads(json.dumps(reply))
        return answer


def compose(ports: ExecutionPorts) -> Ports:
    """Return the orchestrator's ports, all of them in this process."""
    starter = InProcessHandler(
        "execution-handler",
        lambda event: dispatch(event, ports, execution.ACTIONS),
    )
    watcher_ports = QueryPorts(
        run=ports.run,
        execution=starter,
        drs=ports.drs,
        external_id=ports.external_id,
    )
    watcher = InProcessHandler(
        "query-handler",
        lambda event: dispatch(event, watcher_ports, query.ACTIONS),
    )
    return Ports(
        run=ports.run,
        execution=starter,
        query=watcher,
        callbacks=ports.callbacks,
    )
