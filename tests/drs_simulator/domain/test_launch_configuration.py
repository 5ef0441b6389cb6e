"""Launch settings and what they do to the EC2 launch template."""

from collections.abc import Mapping
from typing import Any

import pytest

from drs_simulator.domain.faults import ServiceFault
from drs_simulator.domain.machines import MemoryMachines
from drs_simulator.domain.ports import MachineRefused, Place
from tests.drs_simulator.builders import Service


class Refusing(MemoryMachines):
    """EC2 on a bad day."""

    def create_template(
        self, place: Place, name: str, content: Mapping[str, Any]
    ) -> str:
        """Refuse."""
        raise MachineRefused("RequestLimitExceeded")


class Fixed(MemoryMachines):
    """EC2 that lets templates be created and not changed."""

    def update_template(
        self, place: Place, template_id: str, changes: Mapping[str, Any]
    ) -> None:
        """Refuse."""
        raise MachineRefused("UnauthorizedOperation")


def templates(service: Service) -> list[dict[str, Any]]:
    [versions] = service.machines.templates.values()
    return versions


def update(service: Service, **settings: Any) -> None:
    service.call(
        "UpdateLaunchConfiguration",
        sourceServerID=service.ids[0],
        **settings,
    )


def test_an_update_writes_a_version_of_the_template() -> None:
    service = Service(1, instanceType="r5.xlarge")

    update(service, copyTags=True)

    assert templates(service) == [{"InstanceType": "r5.xlarge"}] * 2


def test_right_sizing_overrules_the_type_of_the_template() -> None:
    service = Service(
        1, instanceType="m5.large", launchTemplate={"InstanceType": "c5.large"}
    )

    service.launch_all(*service.ids)
    update(service, targetInstanceTypeRightSizingMethod="NONE")
    template = templates(service)
    template.append({**template[-1], "InstanceType": "c5.xlarge"})
    service.launch_all(*service.ids)

    types = [m.instance_type for m in service.machines.instances.values()]
    assert template[0] == {"InstanceType": "c5.large"}
    assert types == ["c5.xlarge"]


def test_a_copied_address_is_the_source_machines() -> None:
    service = Service(1, ips=["10.9.8.7"])
    update(service, copyPrivateIp=True)

    service.launch_all(*service.ids)

    [machine] = service.machines.instances.values()
    assert machine.private_ip == "10.9.8.7"


def test_the_address_of_the_template_is_used_otherwise() -> None:
    service = Service(
        1,
        launchTemplate={
            "NetworkInterfaces": [{"PrivateIpAddress": "10.1.2.3"}]
        },
    )

    service.launch_all(*service.ids)

    [machine] = service.machines.instances.values()
    assert machine.private_ip == "10.1.2.3"


def test_a_template_that_cannot_be_created_is_an_internal_error() -> None:
    service = Service(1)
    service.simulator.machines = Refusing()

    with pytest.raises(ServiceFault) as error:
        update(service, copyTags=True)

    assert error.value.code == "InternalServerException"
    assert "RequestLimitExceeded" in error.value.message


def test_a_template_that_cannot_be_changed_is_a_conflict() -> None:
    service = Service(1)
    service.simulator.machines = Fixed()

    with pytest.raises(ServiceFault) as error:
        update(service, copyTags=True)

    assert error.value.code == "ConflictException"


def test_a_launch_without_a_template_fails_with_the_reason() -> None:
    service = Service(1)
    service.simulator.machines = Refusing()

    job = service.launch_all(*service.ids)

    [participant] = job["participatingServers"]
    assert participant["launchStatus"] == "FAILED"
