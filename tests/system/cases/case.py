"""A row of the table of routes: what is asked, and what must come back.

A row is a route, what stands in its path's places, the query, the body and
the answer. A word in braces stands for something of ``ground``; what is so
while it is asked is one of ``moments``. Every route of the document needs a
row that succeeds; whoever adds a route adds its rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

A_PLAN_ID = "5e1ec7ed-0000-4000-8000-000000000000"
LONG = "x" * 10_000
GROUP = {"groupName": "{new_name}", "region": "us-east-1"}
TAGS = {"serverSelectionTags": {"kind": "quick"}}
WAVE = {"protectionGroupId": "{group}"}
A_ROLE = "arn:aws:iam::123456789012:role/x"
STAGING = "/accounts/targets/{id}/staging-accounts"
SERVER = "/protection-groups/{id}/servers/{serverId}"
STAGED = {"accountId": "666600000000", "externalId": "shop-8"}
MANIFEST = {
    "metadata": {"schemaVersion": "1.1"},
    "protectionGroups": [],
    "recoveryPlans": [],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request and its answer; no code where it succeeds."""

    route: str
    places: Mapping[str, str]
    query: str
    body: Any
    status: int
    code: str
    during: str


def row(
    route: str,
    status: int,
    code: str = "",
    *,
    query: str = "",
    body: Any = None,
    during: str = "",
    **places: str,
) -> Case:
    """Return a row of these."""
    return Case(
        route=route,
        places=places,
        query=query,
        body=body,
        status=status,
        code=code,
        during=during,
    )
