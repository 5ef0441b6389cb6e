"""Entry point of the frontend deployer: wiring, and an answer always.

CloudFormation waits for an hour where it is told nothing, so whatever
becomes of a request it is told, a bug of ours included.
"""

import os
import time
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from frontend_deployer.aws.stores import AwsStores, HttpTeller
from frontend_deployer.deploy import Ports, carry_out
from frontend_deployer.domain.request import answer, physical_id
from shared import log, metrics
from shared.domain.errors import BadRequest, DrError
from shared.domain.execution import Wire
from shared.routing import invoked
from shared.versions import versions

BUG: Final = "A fault within; the log of the function tells which."


@cache
def start() -> None:
    """Say once per container which function this is."""
    log.start("frontend_deployer", versions("frontend_deployer", "shared"))
    metrics.start("frontend_deployer", os.environ)


def lambda_handler(event: Wire, context: Any) -> Wire:
    """Carry out a request of CloudFormation and tell it the end.

    Raises:
        BadRequest: The event has no address to answer to.
    """
    start()
    ports = Ports(
        contents=contents(files("frontend_deployer") / "ui"),
        installation={
            "projectName": os.environ.get("PROJECT_NAME", ""),
            "environment": os.environ.get("ENVIRONMENT", ""),
        },
        stores=AwsStores(),
        teller=HttpTeller(time.sleep),
        seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
    )
    with invoked(event):
        return answered(event, ports)


def answered(event: Wire, ports: Ports) -> Wire:
    """Carry out a request, and tell CloudFormation on every path."""
    url = event.get("ResponseURL")
    if not isinstance(url, str) or not url.startswith("http"):
        raise BadRequest(
            "This function answers CloudFormation; the event has no "
            "'ResponseURL'."
        )
    told = answer(event, failure=BUG)
    try:
        told = answer(event, data=carry_out(event, ports))
    except DrError as error:
        log.error("failed", error_code=error.code, reason=error.message)
        told = answer(event, failure=error.message)
    finally:
        ports.teller.tell(url, told)
    log.event("answered", status=told["Status"])
    return {"Status": told["Status"], "PhysicalResourceId": physical_id(event)}


def contents(folder: Traversable, within: str = "") -> dict[str, bytes]:
    """Return the files of a folder by their path."""
    found: dict[str, bytes] = {}
    for one in folder.iterdir():
        if one.is_dir():
            found |= contents(one, f"{within}{one.name}/")
        else:
            found[f"{within}{one.name}"] = one.read_bytes()
    return found
