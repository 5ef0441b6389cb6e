"""Toy packages for the real templates: each function answers who it is."""

from pathlib import Path

from local_cloud.artifacts import PACKAGES, Artifacts
from local_cloud.builder import Built
from local_cloud.programs import Pythons
from tests.local_cloud.world import a_zip

HANDLERS = {
    "dr-orchestration-stepfunction": "orchestration",
    "orchestration-stepfunctions": "orchestration_stepfunctions",
    "execution-handler": "execution_handler",
    "query-handler": "query_handler",
    "data-management-handler": "data_management_handler",
    "notification-formatter": "notification_formatter",
}
SOURCE = """
import greeting

def lambda_handler(event, context):
    print("asked")
    return {"package": PACKAGE, "greeting": greeting.TEXT, "event": event}
"""


def toy_artifacts(folder: Path) -> Artifacts:
    """Make packages and a layer beside the real templates."""
    folder.mkdir(parents=True, exist_ok=True)
    for package, module in HANDLERS.items():
        source = f"PACKAGE = {package!r}\n{SOURCE}"
        (folder / f"{package}.zip").write_bytes(
            a_zip({f"{module}/handler.py": source})
        )
    (folder / "sdk.zip").write_bytes(
        a_zip({"python/greeting.py": "TEXT = 'from the layer'"})
    )
    return Artifacts(
        packages={name: folder / f"{name}.zip" for name in PACKAGES},
        layer=folder / "sdk.zip",
        templates=Path.cwd() / "cfn",
    )


def toy_build(folder: Path, pythons: Pythons) -> Built:
    """Answer a build that a cloud can be made of."""
    return Built(artifacts=toy_artifacts(folder), pythons=pythons)
