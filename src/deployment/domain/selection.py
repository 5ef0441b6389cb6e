"""Which functions a deployment gives a new version."""

from collections.abc import Collection, Mapping

from deployment.domain.names import version_parameter
from deployment.domain.releases import Release


def versions_to_set(
    release: Release,
    deployed: Mapping[str, str],
    names: Collection[str],
) -> dict[str, str]:
    """Answer the version parameters of functions that have other code now.

    Args:
        release: What was built.
        deployed: The hash of the code that each function runs; a function
            that is not there counts as changed.
        names: The packages that may be changed.
    """
    return {
        version_parameter(name): package.version
        for name, package in release.packages.items()
        if name in names and deployed.get(name) != package.sha256
    }


def wanted_by_all(
    release: Release, deployed: Mapping[str, str]
) -> dict[str, str]:
    """Answer the parameters of a whole deployment of a build.

    A function keeps the version it has where its code is the same.
    """
    same = {
        version_parameter(name)
        for name, package in release.packages.items()
        if deployed.get(name) == package.sha256
    }
    return {
        name: value
        for name, value in release.parameters().items()
        if name not in same
    }


def left_out(release: Release, deployed: Mapping[str, str]) -> list[str]:
    """Say what of a build a change of functions alone does not deploy.

    Args:
        release: What was built.
        deployed: The stack's parameters.
    """
    built = release.parameters()
    return [
        f"{said} ({deployed.get(name, 'none')} stays, {built[name]} was built)"
        for name, said in (
            ("TemplatePrefix", "the templates"),
            ("SdkLayerVersion", "the SDK layer"),
            ("StateMachineVersion", "the state machine"),
        )
        if deployed.get(name) != built[name]
    ]
