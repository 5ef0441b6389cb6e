"""Entry point of the query handler: wiring, nothing else."""

import os
from functools import cache
from typing import Any

from drs.aws.region import default_regions
from query_handler.actions import ACTIONS
from query_handler.ports import Ports
from shared import log
from shared.aws import wiring
from shared.domain.execution import Wire
from shared.domain.replies import public_error
from shared.routing import act, reported
from shared.settings import QueryHandlerSettings
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


def lambda_handler(event: Wire, context: Any) -> Any:
    """Answer one action of the orchestrator."""
    connected = ports(context.invoked_function_arn)
    with reported(public_error):
        return act(event, connected, ACTIONS)
