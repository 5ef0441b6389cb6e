"""What is deployed: packages, layer, state machine, templates.

A version here is the content's own hash, so that a key of the bucket never
holds two contents and CloudFormation sees each change. Nothing is built here.
"""

import base64
import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Package name -> the name it has in the templates.
PACKAGES = {
    "dr-orchestration-stepfunction": "DrOrchestrationStepFunction",
    "orchestration-stepfunctions": "OrchestrationStepFunctions",
    "execution-handler": "ExecutionHandler",
    "query-handler": "QueryHandler",
    "data-management-handler": "DataManagementHandler",
    "notification-formatter": "NotificationFormatter",
}
PROJECT = "drs-orchestration"
ENVIRONMENT = "local"
MAIN_TEMPLATE = "main.yaml"
STATE_MACHINE = "statemachine/orchestration.asl.json"


class MissingArtifact(Exception):
    """Something that is to be deployed was not built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifacts:
    """The files to deploy."""

    packages: Mapping[str, Path]
    layer: Path
    templates: Path

    @classmethod
    def built(cls, dist: Path, templates: Path) -> "Artifacts":
        """Find what Pants has built.

        Raises:
            MissingArtifact: A file is not there.
        """
        artifacts = cls(
            packages={
                name: dist / "lambda" / f"{name}.zip" for name in PACKAGES
            },
            layer=dist / "layer" / "sdk.zip",
            templates=templates,
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

    def keys(self) -> dict[str, Path]:
        """Answer the bucket's keys and the file for each."""
        prefix = self.template_prefix()
        return {
            **{
                f"lambda/{name}/{version(path)}.zip": path
                for name, path in self.packages.items()
            },
            f"layer/sdk/{version(self.layer)}.zip": self.layer,
            "statemachine/orchestration/"
            f"{version(self.state_machine)}.asl.json": self.state_machine,
            **{
                f"{prefix}/{path.name}": path
                for path in sorted(self.templates.glob("*.yaml"))
            },
        }

    def parameters(self, bucket: str, *, original: bool) -> dict[str, str]:
        """Answer the main template's parameters.

        Args:
            bucket: Where the keys are.
            original: Whether the DRS-direct orchestrator is to be called.
        """
        return {
            "ProjectName": PROJECT,
            "Environment": ENVIRONMENT,
            "ArtifactBucket": bucket,
            "TemplatePrefix": self.template_prefix(),
            "SdkLayerVersion": version(self.layer),
            "StateMachineVersion": version(self.state_machine),
            "UseOriginalOrchestrator": "true" if original else "false",
            "ConsoleOrigin": "*",
            "MfaConfiguration": "OFF",
            **{
                f"{PACKAGES[name]}Version": version(path)
                for name, path in self.packages.items()
            },
        }

    def drop_other_layers(self, unpacked: Path) -> None:
        """Remove what was unpacked of other layers; names are hashes."""
        kept = hashlib.sha256(self.layer.read_bytes()).hexdigest()
        for folder in unpacked.glob("*"):
            if folder.name != kept:
                shutil.rmtree(folder)

    def template_prefix(self) -> str:
        """Answer the folder of this set of templates."""
        content = hashlib.sha256()
        for path in sorted(self.templates.glob("*.yaml")):
            content.update(path.name.encode() + path.read_bytes())
        return f"cfn-{content.hexdigest()[:12]}"


def version(path: Path) -> str:
    """Answer the version that a file's content has."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def code_sha256(path: Path) -> str:
    """Answer the hash that Lambda reports for this content."""
    return base64.b64encode(
        hashlib.sha256(path.read_bytes()).digest()
    ).decode()
