"""Entry point of the execution handler: one front a shape, and wiring."""

import os
from dataclasses import replace
from functools import cache
from typing import Any

from execution_handler.actions import ACTIONS, EVENTS, OPERATIONS
from execution_handler.ports import Ports
from execution_handler.wiring import connected
from execution_handler.worker import start_machine
from shared import log
from shared.domain.errors import UnknownEvent
from shared.domain.execution import Wire
from shared.domain.replies import public_error
from shared.domain.wire import shown, text_in
from shared.routing import Shape, dispatch, operate, reported, shape
from shared.settings import ExecutionHandlerSettings
from shared.versions import versions


@cache
def ports(own_arn: str) -> Ports:
    """Connect the ports once per container."""
    log.start(
        "execution_handler", versions("execution_handler", "drs", "shared")
    )
    return connected(ExecutionHandlerSettings.read(os.environ), own_arn)


def lambda_handler(event: Wire, context: Any) -> Any:
    """Answer an action, an operation, an event or background work."""
    kept = ports(context.invoked_function_arn)
    left = context.get_remaining_time_in_millis() // 1000
    mine = replace(kept, deadline=kept.run.clock.now() + left)
    with reported(public_error):
        return _answer(event, mine)


def _answer(event: Wire, mine: Ports) -> Any:
    match shape(event):
        case Shape.ACTION:
            return dispatch(event, mine, ACTIONS)
        case Shape.OPERATION:
            return operate(event, mine, OPERATIONS)
        case Shape.WORKER:
            return start_machine(event, mine)
        case Shape.EVENT:
            return _told(event, mine)
        case other:
            raise UnknownEvent(
                f"This function does not answer {other} events."
            )


def _told(event: Wire, mine: Ports) -> Wire:
    told = EVENTS.get(text_in(event, "detail-type"))
    if told is None:
        raise UnknownEvent(
            f"This function does not answer events whose 'detail-type' is "
            f"{shown(event['detail-type'])}."
        )
    return told(event, mine)
