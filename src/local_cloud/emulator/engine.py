"""The parts of MiniStack that the overlay replaces or calls, in one place.

The emulator ships no types, so everything here is `Any`; the modules beside
this one give it types. Nothing else imports `ministack`. This module decides
one thing: which version of the emulator the overlay was written for.
"""

from importlib.metadata import version

from ministack import app  # type: ignore[import-untyped]
from ministack.core import (  # type: ignore[import-untyped]
    iam_actions,
    iam_evaluator,
    lambda_runtime,
    responses,
)
from ministack.services import (  # type: ignore[import-untyped]
    apigateway_v1,
    cloudformation,
    dynamodb,
    ec2,
    eventbridge,
    lambda_svc,
    stepfunctions,
    sts,
    tagging,
)
from ministack.services.cloudformation import (  # type: ignore[import-untyped]
    changesets,
    provisioners,
)

__all__ = [
    "apigateway_v1",
    "app",
    "changesets",
    "cloudformation",
    "dynamodb",
    "ec2",
    "eventbridge",
    "iam_actions",
    "iam_evaluator",
    "lambda_runtime",
    "lambda_svc",
    "provisioners",
    "responses",
    "stepfunctions",
    "sts",
    "tagging",
]

PINNED = "1.5.33"


class WrongEmulator(Exception):
    """The installed emulator is not the one the overlay was written for."""


def require_pinned(installed: str | None = None) -> None:
    """Refuse any other version: the overlay replaces private names.

    Raises:
        WrongEmulator: Another version is installed.
    """
    found = installed or version("ministack")
    if found != PINNED:
        raise WrongEmulator(
            f"ministack {found} is installed and the overlay is written for "
            f"{PINNED}. Install the locked version, or run the tests of "
            "local_cloud/emulator against the other one and change PINNED in "
            "engine.py."
        )
