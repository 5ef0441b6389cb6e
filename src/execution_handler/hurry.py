"""Hurrying the poll of an execution, because DRS says that a server is up.

Events are best effort: one that does not arrive, or that finds the record
busy, costs nothing but the hurry. What happened is seen by the poll alone.
"""

from typing import Any

from execution_handler.ports import Ports
from shared import log
from shared.domain.errors import NotFound
from shared.domain.execution import Wire
from shared.domain.ports import ServerKey
from shared.domain.record import Change
from shared.domain.wire import text_in, wrong_type

HURRY_SECONDS = 60
# Hundreds of servers may come up within seconds. A write for each would keep
# everybody else from writing the record.
SPARED_SECONDS = 30


def server_launched(event: Wire, ports: Ports) -> Wire:
    """Note that something happened to a server of a running execution.

    Accounts that are not ours, and servers that no execution holds, are
    left alone.
    """
    account, region = text_in(event, "account"), text_in(event, "region")
    servers = [one for one in map(_server_of, _resources(event)) if one]
    if not _is_ours(account, ports):
        log.event("event_of_foreign_account", account_id=account)
        return {"hurried": []}
    keys = [ServerKey(account, region, server) for server in servers]
    owners = sorted(set(ports.run.locks.holders(keys).values()))
    return {"hurried": [one for one in owners if _hurry(one, ports)]}


def _is_ours(account: str, ports: Ports) -> bool:
    if account == ports.run.hub_account_id:
        return True
    return bool(account) and ports.accounts.account(account) is not None


def _resources(event: Wire) -> list[Any]:
    value = event.get("resources")
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong_type("resources", "a list", value)
    return value


def _server_of(arn: object) -> str:
    """Return the id in ``arn:aws:drs:…:source-server/s-…``, or nothing."""
    kind, _, server = str(arn).rpartition("/")
    return server if kind.endswith(":source-server") else ""


def _hurry(execution_id: str, ports: Ports) -> bool:
    try:
        record = ports.run.executions.find(execution_id)
    except NotFound:
        return False
    if record.status.is_terminal:
        return False
    until = ports.run.clock.now() + HURRY_SECONDS
    if record.hurry_until >= until - SPARED_SECONDS:
        return True
    change = Change(set={"hurry_until": until})
    return ports.run.executions.commit(record, change) is not None
