"""Gives a wheel the version of its package: the line in its VERSION file."""

from pants.backend.python.util_rules.package_dists import (
    SetupKwargs,
    SetupKwargsRequest,
)
from pants.engine.fs import DigestContents, PathGlobs
from pants.engine.rules import Get, collect_rules, rule
from pants.engine.target import Target
from pants.engine.unions import UnionRule


class PackageVersionRequest(SetupKwargsRequest):
    """What `setup()` is told about a wheel of ours."""

    @classmethod
    def is_applicable(cls, target: Target) -> bool:
        """Every wheel of this repository is a package with a VERSION."""
        return True


@rule
async def add_package_version(request: PackageVersionRequest) -> SetupKwargs:
    """Read VERSION beside the BUILD file; a wheel without one fails here."""
    address = request.target.address
    (version,) = await Get(
        DigestContents, PathGlobs([f"{address.spec_path}/VERSION"])
    )
    return SetupKwargs(
        {
            **request.explicit_kwargs,
            "version": version.content.decode().strip(),
        },
        address=address,
    )


def rules():
    """What Pants learns from this plugin."""
    return [
        *collect_rules(),
        UnionRule(SetupKwargsRequest, PackageVersionRequest),
    ]
