"""Work that goes on after the reply, as an invocation of oneself."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from shared.aws.clients import SDK_ERRORS, unavailable
from shared.aws.handlers import function_name, signed

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class LambdaWorker:
    """This same function, invoked asynchronously."""

    def __init__(self, client: "LambdaClient", own_arn: str) -> None:
        self._client = client
        self._arn = own_arn

    def later(self, payload: Mapping[str, Any]) -> None:
        """Hand the work over.

        Raises:
            HandlerUnavailable: It was not taken.
        """
        try:
            self._client.invoke(
                FunctionName=self._arn,
                InvocationType="Event",
                Payload=msgspec.json.encode(
                    signed({"worker": True, **payload})
                ),
            )
        except SDK_ERRORS as error:
            raise unavailable(function_name(self._arn), error) from error
