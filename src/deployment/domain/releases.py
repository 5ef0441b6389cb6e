"""Which version what was built has, and what a deployment of it sets.

A package keeps the version of its VERSION file only where nothing of it and
of the libraries in its zip is unreleased. Everything else has its content in
its version, so that no key of the bucket ever holds two contents.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from deployment.domain.names import version_parameter

_SHORT = 12
_USUAL = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A built zip and what the VERSION files in it say.

    Attributes:
        name: The package's name in the bucket.
        source: The folder under src that its handler is in.
        version: What that folder's VERSION says.
        libraries: The versions of the other folders in the zip.
        sha256: The hash of the zip, in hexadecimal digits.
    """

    name: str
    source: str
    version: str
    libraries: Mapping[str, str]
    sha256: str

    def published_version(self, unreleased: frozenset[str] | None) -> str:
        """Answer the version that the zip is published as.

        Args:
            unreleased: The folders under src with changes that are in no
                release; None where that is not known, which is as if all had.
        """
        made_of = {self.source, *self.libraries}
        if unreleased is not None and not made_of & unreleased:
            return self.version
        return f"{self.version}-dev.{self.sha256[:_SHORT]}"

    def manifest(self, version: str, commit: str) -> dict[str, object]:
        """Answer what lies beside the zip of a published version."""
        return {
            "name": self.name,
            "version": version,
            "libraries": dict(sorted(self.libraries.items())),
            "sha256": self.sha256,
            "commit": commit,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A version and the hash of its content, in hexadecimal digits."""

    version: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Everything that a deployment of one build consists of."""

    packages: Mapping[str, Published]
    layer: Published
    state_machine: Published
    template_prefix: str

    def parameters(self) -> dict[str, str]:
        """Answer the main template's parameters that name the build."""
        return {
            "TemplatePrefix": self.template_prefix,
            "SdkLayerVersion": self.layer.version,
            "StateMachineVersion": self.state_machine.version,
            **{
                version_parameter(name): package.version
                for name, package in self.packages.items()
            },
        }


def content_version(sha256: str) -> str:
    """Answer the version of what has none but its content."""
    return sha256[:_USUAL]


def template_prefix(sha256: str) -> str:
    """Answer the folder of a set of templates with this hash."""
    return f"cfn-{sha256[:_SHORT]}"


def code_sha256(sha256: str) -> str:
    """Answer the hash as Lambda reports it."""
    return base64.b64encode(bytes.fromhex(sha256)).decode()
