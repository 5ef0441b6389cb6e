"""EC2 in memory, as far as DRS and our adapters use it.

Launch templates keep all their versions and know their default; instances
are launched from the default version. It is both sides at once: the
``Machines`` that the DRS simulator launches on, and, per account and
Region, an EC2 client with the methods our adapters call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from drs_simulator.domain.ports import (
    Launched,
    LaunchOrder,
    MachineRefused,
    Place,
)


@dataclass(slots=True, kw_only=True)
class Template:
    """A launch template; version n is at index n - 1."""

    versions: list[dict[str, Any]]
    default: int = 1

    @property
    def content(self) -> dict[str, Any]:
        """Return the default version's content."""
        return self.versions[self.default - 1]


@dataclass(slots=True, kw_only=True)
class FakeMachines:
    """The launch templates and instances of every account and Region."""

    templates: dict[tuple[Place, str], Template] = field(default_factory=dict)
    described: dict[tuple[Place, str], dict[str, Any]] = field(
        default_factory=dict
    )
    refusals: dict[str, str] = field(default_factory=dict)
    launched_at: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def create_template(
        self, place: Place, name: str, content: Mapping[str, Any]
    ) -> str:
        """Create a launch template and return its id."""
        template_id = f"lt-{len(self.templates) + 1:017x}"
        self.templates[place, template_id] = Template(versions=[dict(content)])
        return template_id

    def update_template(
        self, place: Place, template_id: str, changes: Mapping[str, Any]
    ) -> None:
        """Create a version with these changes and make it the default."""
        template = self.templates[place, template_id]
        template.versions.append({**template.content, **changes})
        template.default = len(template.versions)

    def launch(self, order: LaunchOrder) -> Launched:
        """Start an instance from the default version of a template."""
        if order.server_id in self.refusals:
            raise MachineRefused(self.refusals[order.server_id])
        content = self.templates[order.place, order.template_id].content
        number = len(self.described) + 1
        launched = Launched(
            instance_id=f"i-{number:017x}",
            private_ip=order.private_ip
            or _address(content)
            or f"10.255.{number // 250}.{number % 250 + 4}",
            instance_type=order.instance_type
            or content.get("InstanceType")
            or order.fallback_type,
        )
        self.described[order.place, launched.instance_id] = {
            "InstanceId": launched.instance_id,
            "InstanceType": launched.instance_type,
            "PrivateIpAddress": launched.private_ip,
            "State": {"Name": "stopped" if order.stopped else "running"},
            "LaunchTime": self.launched_at,
            "Tags": [{"Key": k, "Value": v} for k, v in order.tags.items()],
        }
        return launched

    def terminate(self, place: Place, instance_ids: Sequence[str]) -> None:
        """Terminate instances; one that is gone already is no error."""
        for instance_id in instance_ids:
            if (place, instance_id) in self.described:
                state = {"Name": "terminated"}
                self.described[place, instance_id]["State"] = state

    def client(self, place: Place) -> "FakeEc2":
        """Return an EC2 client of one account's Region."""
        return FakeEc2(machines=self, place=place)


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeEc2:
    """The methods of boto3's EC2 client that our adapters call."""

    machines: FakeMachines
    place: Place

    def describe_instances(
        self, *, Filters: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Answer by the filter on instance ids."""
        wanted = {one for chosen in Filters for one in chosen["Values"]}
        found = [
            item
            for (place, one), item in self.machines.described.items()
            if place == self.place and one in wanted
        ]
        return {"Reservations": [{"Instances": [item]} for item in found]}

    def describe_launch_template_versions(
        self, *, LaunchTemplateId: str, Versions: Sequence[str]
    ) -> dict[str, Any]:
        """Answer the default version, the only one ever asked for."""
        assert list(Versions) == ["$Default"]
        template = self._template(LaunchTemplateId)
        version = {
            "VersionNumber": template.default,
            "LaunchTemplateData": template.content,
        }
        return {"LaunchTemplateVersions": [version]}

    def create_launch_template_version(
        self,
        *,
        LaunchTemplateId: str,
        SourceVersion: str,
        VersionDescription: str,
        LaunchTemplateData: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Add a version on top of its source."""
        template = self._template(LaunchTemplateId)
        source = template.versions[int(SourceVersion) - 1]
        template.versions.append({**source, **LaunchTemplateData})
        number = len(template.versions)
        return {"LaunchTemplateVersion": {"VersionNumber": number}}

    def modify_launch_template(
        self, *, LaunchTemplateId: str, DefaultVersion: str
    ) -> dict[str, Any]:
        """Make a version the default one."""
        self._template(LaunchTemplateId).default = int(DefaultVersion)
        return {}

    def _template(self, template_id: str) -> Template:
        return self.machines.templates[self.place, template_id]


def _address(content: Mapping[str, Any]) -> str | None:
    interfaces: list[dict[str, Any]] = content.get("NetworkInterfaces") or []
    return interfaces[0].get("PrivateIpAddress") if interfaces else None
