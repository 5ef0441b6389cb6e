"""Machines that exist in memory only, for use without EC2.

Decides ids and addresses. A template keeps its versions, so that a test can
see what the service wrote there.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from drs_simulator.domain.ids import derived
from drs_simulator.domain.ports import (
    Launched,
    LaunchOrder,
    MachineRefused,
    Place,
)


class MemoryMachines:
    """Launch templates and instances held in dictionaries."""

    def __init__(self) -> None:
        self.templates: dict[str, list[dict[str, Any]]] = {}
        self.instances: dict[str, Launched] = {}
        self.refusals: dict[str, str] = {}
        self._count = 0

    def create_template(
        self, place: Place, name: str, content: Mapping[str, Any]
    ) -> str:
        """Create a launch template and return its id."""
        template_id = derived("lt", place.account, place.region, name)
        self.templates[template_id] = [dict(content)]
        return template_id

    def update_template(
        self, place: Place, template_id: str, changes: Mapping[str, Any]
    ) -> None:
        """Create a version with these changes and make it the default."""
        versions = self.templates.setdefault(template_id, [{}])
        versions.append({**versions[-1], **changes})

    def launch(self, order: LaunchOrder) -> Launched:
        """Start an instance from the newest version of a template.

        Raises:
            MachineRefused: ``refusals`` names the server.
        """
        if order.server_id in self.refusals:
            raise MachineRefused(self.refusals[order.server_id])
        content = self.templates.get(order.template_id, [{}])[-1]
        networks: list[dict[str, Any]] = content.get("NetworkInterfaces") or []
        network = networks[0] if networks else {}
        self._count += 1
        launched = Launched(
            instance_id=derived(
                "i", order.place.account, order.server_id, str(self._count)
            ),
            private_ip=order.private_ip
            or network.get("PrivateIpAddress")
            or f"10.255.{self._count // 250 % 250}.{self._count % 250 + 4}",
            instance_type=order.instance_type
            or content.get("InstanceType")
            or order.fallback_type,
        )
        self.instances[launched.instance_id] = launched
        return launched

    def terminate(self, place: Place, instance_ids: Sequence[str]) -> None:
        """Terminate instances; one that is gone already is no error."""
        for instance_id in instance_ids:
            self.instances.pop(instance_id, None)
