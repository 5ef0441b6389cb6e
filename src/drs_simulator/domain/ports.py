"""What the model needs from outside: machines, and somewhere for its events.

Decides the questions only. EC2 answers them in a running system, and
``drs_simulator.domain.machines`` where there is no EC2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The account and Region something belongs to."""

    account: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchOrder:
    """One recovery instance that is to exist.

    ``instance_type`` overrules the template; ``fallback_type`` is taken
    where neither says one.
    """

    place: Place
    template_id: str
    server_id: str
    instance_type: str | None
    fallback_type: str
    private_ip: str | None
    stopped: bool
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """The instance that came of a launch order."""

    instance_id: str
    private_ip: str
    instance_type: str


class MachineRefused(Exception):
    """EC2 did not do what the service asked; the text says why."""


class Machines(Protocol):
    """Launch templates and instances."""

    def create_template(
        self, place: Place, name: str, content: Mapping[str, Any]
    ) -> str:
        """Create a launch template and return its id."""

    def update_template(
        self, place: Place, template_id: str, changes: Mapping[str, Any]
    ) -> None:
        """Create a version with these changes and make it the default."""

    def launch(self, order: LaunchOrder) -> Launched:
        """Start an instance from the default version of a template."""

    def terminate(self, place: Place, instance_ids: Sequence[str]) -> None:
        """Terminate instances; one that is gone already is no error."""


class Events(Protocol):
    """Where the service publishes what has happened."""

    def publish(self, event: Mapping[str, Any]) -> None:
        """Take one event in the shape of EventBridge."""
