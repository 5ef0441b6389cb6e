"""Entry point of the generic orchestrator: wiring, nothing else."""

import os
from functools import cache
from typing import Any

from orchestration.actions import ACTIONS
from orchestration.ports import Ports
from shared import log, metrics
from shared.aws import wiring
from shared.domain.execution import Wire
from shared.domain.replies import retryable_error
from shared.routing import act, invoked
from shared.settings import OrchestrationSettings
from shared.versions import versions


@cache
def ports(own_arn: str) -> Ports:
    """Connect the ports once per container."""
    log.start("orchestration", versions("orchestration", "shared"))
    metrics.start("orchestration", os.environ)
    settings = OrchestrationSettings.read(os.environ)
    return Ports(
        run=wiring.run_ports(settings, own_arn),
        execution=wiring.execution_handler(settings.execution_handler_arn),
        query=wiring.query_handler(settings.query_handler_arn),
        callbacks=wiring.callbacks(),
    )


def lambda_handler(event: Wire, context: Any) -> Any:
    """Answer one action of the state machine."""
    connected = ports(context.invoked_function_arn)
    with invoked(event, retryable_error):
        return act(event, connected, ACTIONS)
