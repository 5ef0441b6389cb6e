"""Toy packages for the real templates: each function answers who it is."""

from dataclasses import replace
from pathlib import Path

from deployment.artifacts import Artifacts
from deployment.domain.names import PACKAGES
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
    "frontend-deployer": "frontend_deployer",
}
SOURCE = """
import greeting

def lambda_handler(event, context):
    print("asked")
    return {"package": PACKAGE, "greeting": greeting.TEXT, "event": event}
"""

ENTRY = "from {}.handler import lambda_handler as handler\n"


def toy_artifacts(folder: Path) -> Artifacts:
    """Make packages and a layer beside the real templates."""
    folder.mkdir(parents=True, exist_ok=True)
    for package, module in HANDLERS.items():
        source = f"PACKAGE = {package!r}\n{SOURCE}"
        (folder / f"{package}.zip").write_bytes(
            a_zip(
                {
                    f"{module}/VERSION": "0.1.0\n",
                    f"{module}/handler.py": source,
                    "lambda_function.py": ENTRY.format(module),
                }
            )
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


def other_query_handler(artifacts: Artifacts, folder: Path) -> Artifacts:
    """Answer the same artifacts with a line added in the query handler."""
    path = folder / "query-handler.zip"
    content = {
        "query_handler/VERSION": "0.1.0\n",
        "query_handler/handler.py": f"# Other.\nPACKAGE = 'other'\n{SOURCE}",
        "lambda_function.py": ENTRY.format("query_handler"),
    }
    path.write_bytes(a_zip(content))
    packages = {**artifacts.packages, "query-handler": path}
    return replace(artifacts, packages=packages)
