"""What schemathesis is told beside the description; it loads this file."""

import urllib.parse
from collections.abc import Mapping
from typing import Any

import schemathesis

# API Gateway takes 10,240 bytes of request line and headers, and a token is
# long; it refuses more before any of this is asked.
MOST_OF_A_QUERY = 6_000


@schemathesis.hook
def filter_query(
    ctx: schemathesis.HookContext, query: Mapping[str, Any] | None
) -> bool:
    """Leave out what never arrives."""
    if not query:
        return True
    return len(urllib.parse.urlencode(query, doseq=True)) <= MOST_OF_A_QUERY


@schemathesis.check
def only_an_account_is_out_of_reach(
    ctx: schemathesis.CheckContext,
    response: schemathesis.Response,
    case: schemathesis.Case[Any],
) -> None:
    """Let 503 say that an account's role refuses, and nothing else.

    A made-up account can be registered, and then has no role. That anything
    else cannot be asked would be a fault of the local cloud or of ours.
    """
    if response.status_code == 503:
        assert response.json()["error"] == "ACCOUNT_UNREACHABLE", response.text
