"""Entry point of the query handler: one front a shape, and wiring."""

import os
from functools import cache
from typing import Any

from drs.aws.region import default_regions
from query_handler.actions import ACTIONS
from query_handler.ports import Lookups, Ports
from shared import log
from shared.aws import wiring
from shared.clock import SystemClock
from shared.domain.execution import Wire
from shared.domain.replies import public_error
from shared.routing import Shape, act, reported, shape
from shared.settings import (
    HttpSettings,
    QueryHandlerSettings,
    account_id_of,
)
from shared.versions import versions


@cache
def ports(own_arn: str) -> Ports:
    """Connect the ports once per container."""
    log.start("query_handler", versions("query_handler", "drs", "shared"))
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
    """Connect what the routes reach, once per container that needs it."""
    settings = QueryHandlerSettings.read(os.environ)
    return Lookups(
        names=wiring.account_names(),
        hub_account_id=account_id_of(own_arn),
        audit=wiring.audit(settings.execution_history_table),
        clock=SystemClock(),
    )


def lambda_handler(event: Wire, context: Any) -> Any:
    """Answer a request, or one action of the orchestrator."""
    connected = ports(context.invoked_function_arn)
    with reported(public_error):
        if shape(event) is Shape.HTTP:
            return _answer_http(event, context.invoked_function_arn)
        return act(event, connected, ACTIONS)


def _answer_http(event: Wire, own_arn: str) -> Wire:
    # Imported here, so that a poll does not pay for it.
    from query_handler.routes import ROUTES
    from shared.http import Front, answer

    mine = lookups(own_arn)
    front = Front(settings=http_settings(), audit=mine.audit, clock=mine.clock)
    return answer(event, mine, ROUTES, front)
