"""What the console's bucket is to hold, and in which order it gets there.

A page is put last, after all that it asks for, and what no build of now
needs goes after that. So whoever reads meanwhile finds the one build or the
other.
"""

import mimetypes
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from frontend_deployer.domain.request import Properties

CONFIG: Final = "aws-config.json"
ALWAYS_ASKED: Final = "no-cache"
KEPT: Final = "public, max-age=31536000, immutable"
_HASHED: Final = "assets/"
_PAGE: Final = ".html"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as it is put into the bucket."""

    key: str
    body: bytes
    content_type: str
    cache: str


def files(
    contents: Mapping[str, bytes],
    properties: Properties,
    installation: Mapping[str, str],
) -> list[File]:
    """Return the files of a build with their configuration, in order."""
    config = msgspec.json.encode(config_of(properties, installation))
    every = {**contents, CONFIG: config}
    return [
        File(
            key=key,
            body=every[key],
            content_type=content_type(key),
            cache=KEPT if key.startswith(_HASHED) else ALWAYS_ASKED,
        )
        for key in sorted(every, key=lambda key: (key.endswith(_PAGE), key))
    ]


def config_of(
    properties: Properties, installation: Mapping[str, str]
) -> dict[str, Any]:
    """Return what the page reads when it starts; nothing in it is secret."""
    return {
        "apiEndpoint": properties.api_endpoint.rstrip("/"),
        "region": properties.region,
        "userPoolId": properties.user_pool_id,
        "userPoolClientId": properties.user_pool_client_id,
        "identityPoolId": properties.identity_pool_id,
        "version": properties.frontend_build_version,
        **installation,
    }


def outdated(present: Iterable[str], build: Sequence[File]) -> list[str]:
    """Return the keys in the bucket that the build does not have."""
    needed = {file.key for file in build}
    return sorted(key for key in present if key not in needed)


def content_type(key: str) -> str:
    """Return the type that a browser is told."""
    known = mimetypes.guess_type(key)[0] or "application/octet-stream"
    if known.startswith("text/") or known.endswith(("/json", "javascript")):
        return f"{known}; charset=utf-8"
    return known
