"""Entry point of the data management handler: wiring, nothing else."""

import os
from dataclasses import replace
from functools import cache
from typing import Any

from data_management_handler.operations import OPERATIONS
from data_management_handler.ports import Ports
from data_management_handler.wiring import connected
from shared import log
from shared.domain.errors import UnknownEvent
from shared.domain.execution import Wire
from shared.domain.replies import public_error
from shared.routing import Shape, operate, reported, shape
from shared.settings import DataManagementSettings
from shared.versions import versions


@cache
def ports(own_arn: str) -> Ports:
    """Connect the ports once per container."""
    log.start(
        "data_management_handler",
        versions("data_management_handler", "drs", "shared"),
    )
    return connected(DataManagementSettings.read(os.environ), own_arn)


def lambda_handler(event: Wire, context: Any) -> Any:
    """Answer an operation."""
    kept = ports(context.invoked_function_arn)
    left = context.get_remaining_time_in_millis() // 1000
    mine = replace(kept, deadline=kept.clock.now() + left)
    with reported(public_error):
        asked = shape(event)
        if asked is not Shape.OPERATION:
            raise UnknownEvent(
                f"This function does not answer {asked} events; send an "
                "operation."
            )
        return operate(event, mine, OPERATIONS)
