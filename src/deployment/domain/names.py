"""The names of what is deployed, as templates, bucket and people say them."""

from collections.abc import Mapping
from typing import Final

from deployment.domain.errors import UnknownPackage

# Package name -> the name it has in the templates.
PACKAGES: Final[Mapping[str, str]] = {
    "dr-orchestration-stepfunction": "DrOrchestrationStepFunction",
    "orchestration-stepfunctions": "OrchestrationStepFunctions",
    "execution-handler": "ExecutionHandler",
    "query-handler": "QueryHandler",
    "data-management-handler": "DataManagementHandler",
    "notification-formatter": "NotificationFormatter",
    "frontend-deployer": "FrontendDeployer",
}
PROJECT: Final = "drs-orchestration"
LOCAL: Final = "local"
MAIN_TEMPLATE: Final = "main.yaml"
STATE_MACHINE: Final = "statemachine/orchestration.asl.json"

# The source folder whose name is not the package's with underscores.
_OTHER_SOURCES: Final = {"orchestration": "dr-orchestration-stepfunction"}


def package_named(given: str) -> str:
    """Answer the package that is meant by its own or its folder's name.

    Raises:
        UnknownPackage: There is none.
    """
    name = _OTHER_SOURCES.get(given, given.replace("_", "-"))
    if name not in PACKAGES:
        raise UnknownPackage(
            f"{given} is no package that is deployed. There are "
            f"{', '.join(PACKAGES)}."
        )
    return name


def source_of(package: str) -> str:
    """Answer the folder under src that a package's handler is in."""
    for source, name in _OTHER_SOURCES.items():
        if name == package:
            return source
    return package.replace("-", "_")


def version_parameter(package: str) -> str:
    """Answer the main template's parameter with a package's version."""
    return f"{PACKAGES[package]}Version"


def zip_key(package: str, version: str) -> str:
    """Answer where a version of a package lies in the bucket."""
    return f"lambda/{package}/{version}.zip"


def layer_key(version: str) -> str:
    """Answer where a version of the SDK layer lies in the bucket."""
    return f"layer/sdk/{version}.zip"


def state_machine_key(version: str) -> str:
    """Answer where a version of the state machine lies in the bucket."""
    return f"statemachine/orchestration/{version}.asl.json"
