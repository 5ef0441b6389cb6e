"""A check of ours for schemathesis, which loads this file as its hooks."""

from typing import Any

import schemathesis


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
