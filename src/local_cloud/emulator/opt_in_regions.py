"""Keeps EC2 out of Regions that nobody has opted into, which stock does not.

AWS enables its newer Regions for an account only when asked to, and EC2
answers AuthFailure there until then. Nothing here can opt in, so that what
is done about such a Region can be seen.
"""

from collections.abc import Mapping
from typing import Any, Final

from local_cloud.emulator import engine

OPT_IN: Final = frozenset(
    {
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-south-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-west-1",
        "eu-central-2",
        "eu-south-1",
        "eu-south-2",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "mx-central-1",
    }
)


def install() -> None:
    """Let EC2 refuse everybody in those Regions."""
    stock = engine.ec2.handle_request

    async def handle_request(
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query_params: Mapping[str, Any],
    ) -> Any:
        if engine.responses.get_region() in OPT_IN:
            return engine.ec2._error(
                "AuthFailure",
                "AWS was not able to validate the provided access "
                "credentials",
                401,
            )
        return await stock(method, path, headers, body, query_params)

    engine.ec2.handle_request = handle_request
