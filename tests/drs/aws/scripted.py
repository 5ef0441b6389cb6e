"""Clients whose answers a test writes down."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from drs.aws.calls import Calls
from shared.domain.account import AccountContext

ACCOUNT = AccountContext(account_id="111122223333")


class Scripted:
    """Clients whose every method gives the next scripted answer.

    The SDK has tried each call again ``retried`` times by then.
    """

    def __init__(self, *answers: dict[str, Any] | str) -> None:
        self.answers = list(answers)
        self.requests: list[dict[str, Any]] = []
        self.once: list[bool] = []
        self.forgotten = 0
        self.retried = 0

    def client(
        self,
        service: str,
        region: str,
        account: AccountContext | None = None,
        *,
        once: bool = False,
    ) -> Any:
        self.once.append(once)
        return self

    def forget(self, account: AccountContext | None) -> None:
        self.forgotten += 1

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return self._answer

    def _answer(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        answer = self.answers.pop(0)
        metadata = {"RetryAttempts": self.retried}
        if isinstance(answer, str):
            refusal: Any = {
                "Error": {"Code": answer, "Message": "no"},
                "ResponseMetadata": metadata,
            }
            raise ClientError(refusal, "Operation")
        if self.retried:
            return {**answer, "ResponseMetadata": metadata}
        return answer


def calls(clients: Scripted) -> Calls:
    """Return the calls of one account's Region that reach the clients."""
    return Calls(clients=clients, account=ACCOUNT, region="eu-west-1")
