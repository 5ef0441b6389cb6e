"""Entry point of the data management handler: one front a shape, wiring."""

import os
from dataclasses import replace
from functools import cache
from typing import Any

from data_management_handler.operations import OPERATIONS
from data_management_handler.ports import Ports
from data_management_handler.routes import ROUTES
from data_management_handler.wiring import connected
from shared import log, metrics
from shared.aws.wiring import worker
from shared.domain.errors import UnknownEvent
from shared.domain.execution import Wire
from shared.domain.replies import public_error
from shared.http import Front, answer
from shared.routing import Shape, invoked, operate, shape
from shared.settings import (
    DataManagementSettings,
    HttpSettings,
    account_id_of,
    region_of,
)
from shared.versions import versions


@cache
def ports(own_arn: str) -> Ports:
    """Connect the ports once per container."""
    log.start(
        "data_management_handler",
        versions("data_management_handler", "drs", "shared"),
    )
    metrics.start("data_management_handler", os.environ)
    return replace(
        connected(
            DataManagementSettings.read(os.environ),
            account_id=account_id_of(own_arn),
            region=region_of(own_arn),
        ),
        worker=worker(own_arn),
    )


@cache
def http_settings() -> HttpSettings:
    """Read the settings of HTTP once per container that needs them."""
    return HttpSettings.read(os.environ)


def lambda_handler(event: Wire, context: Any) -> Any:
    """Answer a request or an operation, or go on with one."""
    kept = ports(context.invoked_function_arn)
    left = context.get_remaining_time_in_millis() // 1000
    mine = replace(kept, deadline=kept.clock.now() + left)
    with invoked(event, public_error):
        return _answer(event, mine)


def _answer(event: Wire, mine: Ports) -> Any:
    match shape(event):
        case Shape.HTTP:
            return _answer_http(event, mine)
        case Shape.OPERATION | Shape.WORKER:
            return operate(event, mine, OPERATIONS)
        case other:
            raise UnknownEvent(
                f"This function does not answer {other} events; send a "
                "request or an operation."
            )


def _answer_http(event: Wire, mine: Ports) -> Wire:
    settings = http_settings()
    front = Front(settings=settings, audit=mine.audit, clock=mine.clock)
    limit = mine.clock.now() + settings.budget_seconds
    hurried = replace(mine, deadline=min(mine.deadline, limit))
    return answer(event, hurried, ROUTES, front)
