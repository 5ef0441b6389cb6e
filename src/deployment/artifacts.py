"""The files that are deployed, and what they say of themselves.

Versions and keys are decided in `domain.releases`; nothing is built here.
"""

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deployment.domain.errors import MissingArtifact
from deployment.domain.names import (
    MAIN_TEMPLATE,
    PACKAGES,
    STATE_MACHINE,
    layer_key,
    state_machine_key,
    zip_key,
)
from deployment.domain.releases import (
    Package,
    Published,
    Release,
    content_version,
    template_prefix,
)

_NOT_FRAGMENTS = frozenset({"README.md", ".gitkeep"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifacts:
    """The files to deploy.

    Attributes:
        packages: Each package's zip.
        layer: The SDK layer's zip.
        templates: The directory of the main template.
        unreleased: The folders under src with changes that no release has;
            None where that is not known.
    """

    packages: Mapping[str, Path]
    layer: Path
    templates: Path
    unreleased: frozenset[str] | None = None

    @classmethod
    def built(
        cls, dist: Path, templates: Path, sources: Path | None = None
    ) -> "Artifacts":
        """Find what Pants has built.

        Args:
            dist: Where the packages lie as Pants names them.
            templates: The directory of the main template.
            sources: The folder src they were built from, where it is there.

        Raises:
            MissingArtifact: A file is not there.
        """
        artifacts = cls(
            packages={
                name: dist / "lambda" / f"{name}.zip" for name in PACKAGES
            },
            layer=dist / "layer" / "sdk.zip",
            templates=templates,
            unreleased=unreleased_in(sources) if sources else None,
        )
        for path in artifacts.files():
            if not path.is_file():
                raise MissingArtifact(
                    f"{path} is not there. Build it with `./pants package ::`."
                )
        return artifacts

    def files(self) -> list[Path]:
        """Answer every file that must exist."""
        return [
            *self.packages.values(),
            self.layer,
            self.templates / MAIN_TEMPLATE,
            self.state_machine,
        ]

    @property
    def state_machine(self) -> Path:
        """The state machine's definition."""
        return self.templates / STATE_MACHINE

    def release(self) -> Release:
        """Answer the versions of everything."""
        return Release(
            packages={
                name: self._published(path)
                for name, path in self.packages.items()
            },
            layer=_by_content(self.layer),
            state_machine=_by_content(self.state_machine),
            template_prefix=self._template_prefix(),
        )

    def keys(self, release: Release) -> dict[str, Path]:
        """Answer the bucket's keys of a release and the file for each."""
        return {
            **{
                zip_key(name, release.packages[name].version): path
                for name, path in self.packages.items()
            },
            layer_key(release.layer.version): self.layer,
            state_machine_key(
                release.state_machine.version
            ): self.state_machine,
            **{
                f"{release.template_prefix}/{path.name}": path
                for path in sorted(self.templates.glob("*.yaml"))
            },
        }

    def _published(self, path: Path) -> Published:
        package = inspect(path)
        return Published(
            version=package.published_version(self.unreleased),
            sha256=package.sha256,
        )

    def _template_prefix(self) -> str:
        content = hashlib.sha256()
        for path in sorted(self.templates.glob("*.yaml")):
            content.update(path.name.encode() + path.read_bytes())
        return template_prefix(content.hexdigest())


def fragments_in(package: Path) -> list[Path]:
    """Answer the files that tell of a package's unreleased changes."""
    return [
        path
        for path in sorted((package / "changes").glob("*"))
        if path.name not in _NOT_FRAGMENTS
    ]


def unreleased_in(sources: Path) -> frozenset[str]:
    """Answer the folders under src with changes that no release has."""
    return frozenset(
        changes.parent.name
        for changes in sources.glob("*/changes")
        if fragments_in(changes.parent)
    )


def inspect(path: Path) -> Package:
    """Read a function's zip: its package is the one with the handler.

    Raises:
        MissingArtifact: It is no zip of a function.
    """
    try:
        with zipfile.ZipFile(path) as opened:
            versions = {
                name.split("/")[0]: opened.read(name).decode().strip()
                for name in opened.namelist()
                if name.count("/") == 1 and name.endswith("/VERSION")
            }
            entry = opened.read("lambda_function.py").decode()
        source = entry.split()[1].split(".")[0]
        version = versions.pop(source)
    except (KeyError, IndexError, zipfile.BadZipFile) as error:
        raise MissingArtifact(
            f"{path} is no function with its VERSION ({error}). Build it "
            "anew with `./pants package ::`."
        ) from error
    return Package(
        name=path.stem,
        source=source,
        version=version,
        libraries=dict(sorted(versions.items())),
        sha256=sha256_of(path),
    )


def sha256_of(path: Path) -> str:
    """Answer the hash of a file, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _by_content(path: Path) -> Published:
    digest = sha256_of(path)
    return Published(version=content_version(digest), sha256=digest)
