"""Identifiers and ARNs with the lengths and alphabets of the service.

Decides what an id looks like. A derived id is the same on every machine and
in every run; a drawn id comes from the injected random source.
"""

from hashlib import sha256
from random import Random


def derived(prefix: str, *parts: str) -> str:
    """Return the id that always belongs to these parts."""
    digest = sha256("/".join(parts).encode()).hexdigest()
    return f"{prefix}-{digest[:17]}"


def drawn(prefix: str, rng: Random) -> str:
    """Return a new id."""
    return f"{prefix}-{rng.getrandbits(68):017x}"


def partition(region: str) -> str:
    """Return the AWS partition of a Region."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def arn(account: str, region: str, kind: str, resource: str) -> str:
    """Return the ARN of a resource of the service."""
    return f"arn:{partition(region)}:drs:{region}:{account}:{kind}/{resource}"


def split_arn(text: str) -> tuple[str, str, str, str] | None:
    """Return account, Region, kind and id, or None for another ARN."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[2] != "drs":
        return None
    kind, _, resource = parts[5].partition("/")
    return (parts[4], parts[3], kind, resource) if resource else None
