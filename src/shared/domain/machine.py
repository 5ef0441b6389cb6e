"""What the state machine's service may refuse for good."""

from typing import ClassVar

from shared.domain.errors import DrError


class MachineRefused(DrError):
    """The state machine refused to start; no execution exists."""

    default_code: ClassVar[str] = "HANDLER_ERROR"
