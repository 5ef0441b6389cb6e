"""What deploying a page needs of the outside."""

from collections.abc import Sequence
from typing import Any, Protocol

from frontend_deployer.domain.site import File


class Bucket(Protocol):
    """One bucket's objects."""

    def keys(self) -> list[str]:
        """Return the keys of all objects; none where the bucket is gone."""

    def put(self, file: File) -> None:
        """Put a file."""

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; those that are gone already do not matter."""


class Stores(Protocol):
    """Buckets, and what stands before them."""

    def bucket(self, name: str) -> Bucket:
        """Return a bucket."""

    def invalidate(self, distribution: str, reference: str) -> None:
        """Have a distribution ask for everything anew, once a reference."""


class Teller(Protocol):
    """The way back to CloudFormation."""

    def tell(self, url: str, told: dict[str, Any]) -> None:
        """Put the answer where CloudFormation waits for it."""
