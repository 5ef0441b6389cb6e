"""Writes protection groups and recovery plans into the tables.

It uses the table code of the handlers, so that an item has one form. What the
items hold is the caller's matter.
"""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from local_cloud.aws.clients import Account
from local_cloud.endpoints import Endpoints
from shared.aws.catalogue import DynamoCatalogue
from shared.clock import SystemClock
from shared.domain.audit import (
    AuditResult,
    audit_to_item,
    changes_between,
    entry_at,
)
from shared.domain.catalogue import GROUPS, PLANS, Kind
from shared.domain.errors import NotFound

_STAMPS = frozenset({"createdDate", "lastModifiedDate", "version"})

type Item = Mapping[str, Any]


class SeedRefused(Exception):
    """Something in the tables is in the way."""


def put_items(
    endpoints: Endpoints, *, groups: Iterable[Item], plans: Iterable[Item]
) -> None:
    """Store groups and plans whole, over older ones of the same id.

    What is there already is left alone.

    Raises:
        SeedRefused: Another group or plan has the name, or a plan is being
            started.
    """
    account = Account(
        url=endpoints.aws_url,
        account_id=endpoints.account_id,
        region=endpoints.region,
    )
    tables, clock = account.table_resource(), SystemClock()
    names = endpoints.tables
    history = tables.Table(names["execution-history"])
    for kind, table, items in (
        (GROUPS, "protection-groups", groups),
        (PLANS, "recovery-plans", plans),
    ):
        to = DynamoCatalogue(kind, tables.Table(names[table]), history, clock)
        for item in items:
            _put(to, kind, dict(item), clock.now())


def _put(
    to: DynamoCatalogue, kind: Kind, item: dict[str, Any], now: int
) -> None:
    try:
        before = to.find(item[kind.id_name])
    except NotFound:
        before = {}
    if before and not set(changes_between(before, item)) - _STAMPS:
        return
    entry = entry_at(
        now,
        user="system:seed",
        action="seed",
        resource_type=kind.resource_type,
        resource_id=item[kind.id_name],
        result=AuditResult.ALLOWED,
        changes=changes_between(before, item),
    )
    audit = audit_to_item(entry, str(uuid.uuid4()), now)
    refusal = (
        to.replace(before, item, audit) if before else to.create(item, audit)
    )
    if refusal is not None:
        raise SeedRefused(
            f"The {kind.said} {item[kind.name_name]} cannot be stored: "
            f"{refusal}. Delete what has its name, or wait for its start."
        )
