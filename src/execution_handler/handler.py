"""Entry point of the execution handler: one front a shape, and wiring."""

import os
from dataclasses import replace
from functools import cache
from typing import Any

from execution_handler.actions import ACTIONS, EVENTS, OPERATIONS
from execution_handler.ports import Ports
from execution_handler.wiring import connected
from execution_handler.worker import start_machine
from shared import log, metrics
from shared.domain.errors import UnknownEvent
from shared.domain.execution import Wire
from shared.domain.replies import public_error
from shared.domain.wire import shown, text_in
from shared.routing import Shape, dispatch, invoked, operate, shape
from shared.settings import ExecutionHandlerSettings, HttpSettings
from shared.versions import versions


@cache
def ports(own_arn: str) -> Ports:
    """Connect the ports once per container."""
    log.start(
        "execution_handler", versions("execution_handler", "drs", "shared")
    )
    metrics.start("execution_handler", os.environ)
    return connected(ExecutionHandlerSettings.read(os.environ), own_arn)


def lambda_handler(event: Wire, context: Any) -> Any:
    """Answer a request, an action, an operation, an event or own work."""
    kept = ports(context.invoked_function_arn)
    left = context.get_remaining_time_in_millis() // 1000
    mine = replace(kept, deadline=kept.run.clock.now() + left)
    with invoked(event, public_error):
        return _answer(event, mine)


@cache
def http_settings() -> HttpSettings:
    """Read the settings of HTTP once per container that needs them."""
    return HttpSettings.read(os.environ)


def _answer_http(event: Wire, mine: Ports) -> Wire:
    # Imported here, so that a poll or a wave's start does not pay for it.
    from execution_handler.routes import ROUTES
    from shared.http import Front, answer

    settings = http_settings()
    front = Front(settings=settings, audit=mine.audit, clock=mine.run.clock)
    limit = mine.run.clock.now() + settings.budget_seconds
    hurried = replace(mine, deadline=min(mine.deadline, limit))
    return answer(event, hurried, ROUTES, front)


def _answer(event: Wire, mine: Ports) -> Any:
    match shape(event):
        case Shape.ACTION:
            return dispatch(event, mine, ACTIONS)
        case Shape.HTTP:
            return _answer_http(event, mine)
        case Shape.OPERATION:
            return operate(event, mine, OPERATIONS)
        case Shape.WORKER if "operation" in event:
            # What a request had no time for goes on.
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
