"""What a change set would do, as rows for people, and what is too much.

A replacement of what holds data loses it to the system, even where the
template keeps the old one. It is refused unless it is asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

STATEFUL: Final = frozenset(
    {
        "AWS::Cognito::UserPool",
        "AWS::DynamoDB::Table",
        "AWS::KMS::Key",
        "AWS::S3::Bucket",
    }
)
STACK_TYPE: Final = "AWS::CloudFormation::Stack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One change of a change set.

    Attributes:
        path: The stacks it is in and its own name, with slashes.
        kind: The type of the resource.
        action: `Add`, `Modify`, `Remove`, `Import` or `Dynamic`.
        replacement: `True`, `False`, `Conditional`, or nothing.
        retained: Whether what is removed stays in the account.
    """

    path: str
    kind: str
    action: str
    replacement: str = ""
    retained: bool = False

    @property
    def is_loss(self) -> bool:
        """Tell whether data is lost to the system by it."""
        if self.kind == STACK_TYPE:
            return self.replacement == "True"
        return self.kind in STATEFUL and (
            self.action == "Remove" or self.replacement == "True"
        )

    @property
    def may_be_loss(self) -> bool:
        """Tell whether CloudFormation cannot say yet."""
        return self.kind in STATEFUL and self.replacement == "Conditional"


def losses(rows: Iterable[Row]) -> list[str]:
    """Name what holds data and would be replaced or removed."""
    return [
        f"{row.path} ({row.kind}) would be "
        + ("removed" if row.action == "Remove" else "replaced")
        for row in rows
        if row.is_loss
    ]
