"""Writes cfn/api.yaml: the stack of cfn/api/stack.yaml around the document.

CloudFormation takes the API's description as part of a template, and a
deployment of API Gateway shows a change only under another logical id. Both
are done here, on texts; a test tells when it was not run after a change.
"""

import hashlib
import textwrap
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
STACK: Final = ROOT / "cfn/api/stack.yaml"
DOCUMENT: Final = ROOT / "cfn/api/openapi.yaml"
TEMPLATE: Final = ROOT / "cfn/api.yaml"

_BODY: Final = "      Body: openapi.yaml\n"
_DEPLOYMENT: Final = "  Deployment:\n"
_DEPLOYED: Final = "DeploymentId: !Ref Deployment\n"
_NOTE: Final = """\
# Written by `scripts/python -m scripts.api_template` from api/stack.yaml and
# api/openapi.yaml; change those.
"""


def template_of(stack: str, document: str) -> str:
    """Return the template of a stack with the document in its place.

    Raises:
        ValueError: The stack has no place for it.
    """
    for mark in (_BODY, _DEPLOYMENT, _DEPLOYED):
        if stack.count(mark) != 1:
            raise ValueError(f"api/stack.yaml must hold {mark!r} once.")
    version = hashlib.sha256((stack + document).encode()).hexdigest()[:12]
    name = f"Deployment{version}"
    body = textwrap.indent(document, " " * 8)
    return _NOTE + (
        stack.replace(_DEPLOYMENT, f"  {name}:\n")
        .replace(_DEPLOYED, f"DeploymentId: !Ref {name}\n")
        .replace(_BODY, f"      Body:\n{body}")
    )


def main() -> None:
    """Write the template."""
    TEMPLATE.write_text(
        template_of(
            STACK.read_text(encoding="utf-8"),
            DOCUMENT.read_text(encoding="utf-8"),
        ),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
