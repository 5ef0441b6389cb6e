"""Entry point of the DRS-direct orchestrator: wiring, nothing else."""

import os
from dataclasses import replace
from functools import cache
from typing import Any

from execution_handler.ports import Ports as ExecutionPorts
from execution_handler.wiring import connected
from orchestration_stepfunctions.composition import ACTIONS, compose
from shared import log, metrics
from shared.domain.execution import Wire
from shared.domain.replies import retryable_error
from shared.routing import act, invoked
from shared.settings import ExecutionHandlerSettings
from shared.versions import versions


@cache
def ports(own_arn: str) -> ExecutionPorts:
    """Connect the ports once per container."""
    log.start(
        "orchestration_stepfunctions",
        versions("orchestration_stepfunctions", "orchestration", "shared"),
    )
    metrics.start("orchestration_stepfunctions", os.environ)
    return connected(ExecutionHandlerSettings.read(os.environ), own_arn)


def lambda_handler(event: Wire, context: Any) -> Any:
    """Answer one action of the state machine."""
    kept = ports(context.invoked_function_arn)
    left = context.get_remaining_time_in_millis() // 1000
    mine = replace(kept, deadline=kept.run.clock.now() + left)
    with invoked(event, retryable_error):
        return act(event, compose(mine), ACTIONS)
