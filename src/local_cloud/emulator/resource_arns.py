"""Names the resources of calls where stock names them as AWS does not.

Decides nothing of a service: it asks the one that says it knows, and where
that has no answer, the emulator.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.emulator import engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call, as far as it tells which resource it is about."""

    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, Any]
    region: str
    account_id: str

    def parameter(self, name: str) -> str:
        """Return a parameter of a query protocol, empty where absent."""
        read = engine.iam_actions._query_param
        return str(read(self.query, name) or "")


def name_by(service: str, arn_of: Callable[[Asked], str]) -> None:
    """Let a function name what calls of a service are about; empty: stock."""
    stock = engine.iam_actions.extract_resource_arn

    def resource_arn(
        called: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query: Mapping[str, Any],
        region: str,
        account_id: str,
    ) -> str:
        asked = Asked(
            headers=headers,
            body=body,
            query=query,
            region=region,
            account_id=account_id,
        )
        found = arn_of(asked) if called == service else ""
        named: str = found or stock(
            called, method, path, headers, body, query, region, account_id
        )
        return named

    engine.iam_actions.extract_resource_arn = resource_arn
