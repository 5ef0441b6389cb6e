"""Serves the deployed API at an address that stays: passes requests on.

What the API answers, its refusals too, is decided behind: by the emulator
from the deployed description, and by the functions. This knows no route. It
logs nothing, since paths, headers and bodies are the callers'.
"""

import argparse
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from yarl import URL

from local_cloud.endpoints import Endpoints

HOST: Final = "127.0.0.1"

# API Gateway's own limit.
_BODY_LIMIT: Final = 10 * 1024 * 1024
# More than API Gateway takes, so that it is not this that refuses.
_LINE_LIMIT: Final = 1024 * 1024
# A function has 29 seconds; the emulator answers for it before this.
_PATIENCE: Final = ClientTimeout(total=60)
# They belong to one connection (RFC 9110, 7.6.1), and are set anew.
_OF_A_CONNECTION: Final = frozenset(
    {
        "connection",
        "content-length",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_OF_A_CLIENT: Final = ("Accept", "Accept-Encoding", "User-Agent")
_SESSION: Final = web.AppKey("session", ClientSession)
_ENDPOINTS: Final = web.AppKey("endpoints", Path)


def application(endpoints: Path) -> web.Application:
    """Answer the application that passes every request on.

    Args:
        endpoints: The file that says where the API is, once it is deployed.
    """
    app = web.Application(client_max_size=_BODY_LIMIT)
    app[_ENDPOINTS] = endpoints
    app.cleanup_ctx.append(_session)
    # A path may hold a line break, which a dot would not match.
    app.router.add_route("*", r"/{path:[\s\S]*}", _pass_on)
    return app


def main(arguments: Sequence[str]) -> None:
    """Serve until a signal ends the process."""
    parser = argparse.ArgumentParser(prog="local_cloud.gateway")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--endpoints", type=Path, required=True)
    options = parser.parse_args(arguments)
    web.run_app(
        application(options.endpoints),
        host=HOST,
        port=options.port,
        access_log=None,
        print=None,
        max_line_size=_LINE_LIMIT,
        max_field_size=_LINE_LIMIT,
    )


async def _session(app: web.Application) -> AsyncIterator[None]:
    async with ClientSession(
        timeout=_PATIENCE,
        auto_decompress=False,
        skip_auto_headers=_OF_A_CLIENT,
    ) as session:
        app[_SESSION] = session
        yield


async def _pass_on(request: web.Request) -> web.Response:
    known = Endpoints.read(request.app[_ENDPOINTS])
    if known is None:
        return _unavailable("The API is being deployed. Try again soon.")
    body = await request.read()
    # The path as it was written: an escaped slash is part of an id.
    url = URL(known.deployed_api_url + request.raw_path, encoded=True)
    try:
        async with request.app[_SESSION].request(
            request.method,
            url,
            headers=_passed_on(request.headers),
            data=body or None,
            allow_redirects=False,
        ) as answer:
            return web.Response(
                status=answer.status,
                headers=_passed_on(answer.headers),
                body=await answer.read(),
            )
    except (ClientError, TimeoutError) as error:
        return _unavailable(
            f"The emulator did not answer ({type(error).__name__}). "
            "`dro local status` tells whether it runs."
        )


def _passed_on(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in headers.items()
        if name.lower() not in _OF_A_CONNECTION
    ]


def _unavailable(message: str) -> web.Response:
    return web.json_response(
        {"error": "CHECK_UNAVAILABLE", "message": message}, status=503
    )


if __name__ == "__main__":
    main(sys.argv[1:])
