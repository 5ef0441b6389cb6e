"""Which versions run, from the VERSION files inside the artifact."""

from importlib.resources import files


def versions(*packages: str) -> dict[str, str]:
    """Return the version of each package that the artifact holds."""
    return {
        package: files(package).joinpath("VERSION").read_text().strip()
        for package in packages
    }
