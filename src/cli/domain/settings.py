"""What a person chooses about a local cloud."""

from dataclasses import dataclass
from enum import StrEnum

# The three-tier example launches for 1380 seconds in all at speed 1.
DEFAULT_SPEED = 100.0


class Orchestrator(StrEnum):
    """Which orchestrator the state machine calls."""

    GENERIC = "generic"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The choices of one command."""

    speed: float = DEFAULT_SPEED
    orchestrator: Orchestrator = Orchestrator.GENERIC
