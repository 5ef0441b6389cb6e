"""What a person chooses about a local cloud."""

from dataclasses import dataclass
from enum import StrEnum

# The three-tier example launches for 1380 seconds in all at speed 1.
DEFAULT_SPEED = 200.0
DEFAULT_API_PORT = 8080


class Orchestrator(StrEnum):
    """Which orchestrator the state machine calls."""

    GENERIC = "generic"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a local cloud is; port 0 is any that is free."""

    speed: float = DEFAULT_SPEED
    orchestrator: Orchestrator = Orchestrator.GENERIC
    api_port: int = DEFAULT_API_PORT


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What was said on the command line; None leaves it as it is."""

    speed: float | None = None
    orchestrator: Orchestrator | None = None
    api_port: int | None = None

    def over(self, found: Settings) -> Settings:
        """Return the settings with what was chosen in their place."""
        return Settings(
            speed=found.speed if self.speed is None else self.speed,
            orchestrator=self.orchestrator or found.orchestrator,
            api_port=(
                found.api_port if self.api_port is None else self.api_port
            ),
        )
