"""What people call the account that this function runs in."""

import logging
from functools import cache
from typing import TYPE_CHECKING

from shared.aws.clients import SDK_ERRORS

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_LOG = logging.getLogger("dr.account_names")


class AliasName:
    """The account's alias, kept once it is known."""

    def __init__(self, client: "IAMClient") -> None:
        self._alias = cache(lambda: self._read(client))

    def own(self) -> str:
        """Return the alias; empty where there is none or it is not told."""
        try:
            return self._alias()
        except SDK_ERRORS:
            # A name is a courtesy; whoever asks still has the id.
            _LOG.warning("account_alias_unreadable", exc_info=True)
            return ""

    @staticmethod
    def _read(client: "IAMClient") -> str:
        aliases = client.list_account_aliases()["AccountAliases"]
        return aliases[0] if aliases else ""
