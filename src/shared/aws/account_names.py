"""What people call accounts: this one by its alias, others by their name.

A name is a courtesy. Where it is not told, whoever asks still has the id.
"""

import logging
from functools import cache
from typing import TYPE_CHECKING, Any

from shared.aws.clients import SDK_ERRORS, code_of

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_LOG = logging.getLogger("dr.account_names")


class AwsAccountNames:
    """The names of accounts, kept once they are known."""

    def __init__(self, iam: "IAMClient", organizations: Any) -> None:
        """Keep the way to them.

        Args:
            iam: A client of this account's IAM.
            organizations: A client of Organizations, which tells names only
                to the management account and those that it lets.
        """
        self._alias = cache(lambda: _alias(iam))
        self._name = cache(lambda one: _name(organizations, one))

    def own(self) -> str:
        """Return the alias; empty where there is none or it is not told."""
        try:
            return self._alias()
        except SDK_ERRORS:
            _LOG.warning("account_alias_unreadable", exc_info=True)
            return ""

    def of(self, account_id: str) -> str:
        """Return an account's name; empty where it is not told."""
        try:
            return self._name(account_id)
        except SDK_ERRORS as error:
            _LOG.info(
                "account_name_unreadable",
                extra={
                    "fields": {
                        "account_id": account_id,
                        "error_code": code_of(error),
                    }
                },
            )
            return ""


def _alias(iam: "IAMClient") -> str:
    aliases = iam.list_account_aliases()["AccountAliases"]
    return aliases[0] if aliases else ""


def _name(organizations: Any, account_id: str) -> str:
    answer = organizations.describe_account(AccountId=account_id)
    return str(answer["Account"].get("Name", ""))
