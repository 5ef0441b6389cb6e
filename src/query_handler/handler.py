"""Entry point of the query handler: one front a shape, and wiring."""

import os
from dataclasses import replace
from functools import cache
from typing import Any, Final

from drs.aws.region import default_regions
from query_handler.actions import ACTIONS
from query_handler.ports import Lookups, Ports
from shared import log, metrics
from shared.aws import wiring
from shared.domain.errors import UnknownEvent
from shared.domain.execution import Wire
from shared.domain.replies import public_error
from shared.routing import Shape, dispatch, invoked, operate, shape
from shared.settings import (
    HttpSettings,
    QueryHandlerSettings,
    account_id_of,
    region_of,
)
from shared.versions import versions

# What a reply needs once everything was looked at.
SPARE_SECONDS: Final = 2


@cache
def ports(own_arn: str) -> Ports:
    """Connect the ports once per container."""
    log.start("query_handler", versions("query_handler", "drs", "shared"))
    metrics.start("query_handler", os.environ)
    settings = QueryHandlerSettings.read(os.environ)
    return Ports(
        run=wiring.run_ports(settings, own_arn),
        execution=wiring.execution_handler(settings.execution_handler_arn),
        drs=default_regions(),
        external_id=settings.external_id,
    )


@cache
def http_settings() -> HttpSettings:
    """Read the settings of HTTP once per container that needs them."""
    return HttpSettings.read(os.environ)


@cache
def lookups(own_arn: str) -> Lookups:
    """Connect what look-ups reach, once per container that needs it."""
    from query_handler.wiring import connected

    mine = connected(
        QueryHandlerSettings.read(os.environ),
        account_id=account_id_of(own_arn),
        region=region_of(own_arn),
    )
    return replace(mine, aliases=http_settings().aliases)


def lambda_handler(event: Wire, context: Any) -> Any:
    """Answer a request, an operation, or an action of the orchestrator."""
    connected = ports(context.invoked_function_arn)
    with invoked(event, public_error):
        match shape(event):
            case Shape.HTTP:
                return _answer_http(event, context)
            case Shape.OPERATION:
                return _operate(event, context)
            case Shape.ACTION:
                return dispatch(event, connected, ACTIONS)
            case other:
                raise UnknownEvent(
                    f"This function does not answer {other} events; send an "
                    "action or an operation."
                )


def _operate(event: Wire, context: Any) -> Wire:
    # Imported here, so that a poll does not pay for it.
    from query_handler.operations import OPERATIONS

    mine = lookups(context.invoked_function_arn)
    left = context.get_remaining_time_in_millis() // 1000 - SPARE_SECONDS
    timed = replace(mine, deadline=mine.clock.now() + left)
    return operate(event, timed, OPERATIONS)


def _answer_http(event: Wire, context: Any) -> Wire:
    # Imported here, so that a poll does not pay for it.
    from query_handler.routes import ROUTES
    from shared.http import Front, answer

    mine = lookups(context.invoked_function_arn)
    settings = http_settings()
    front = Front(settings=settings, audit=mine.audit, clock=mine.clock)
    limit = mine.clock.now() + settings.budget_seconds - SPARE_SECONDS
    return answer(event, replace(mine, deadline=limit), ROUTES, front)
