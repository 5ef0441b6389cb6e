"""Instances that earlier launches left running, and what they mean.

Decides which recovery instances count, how one is told, and whether a new
launch would replace a server that is in use. Who launched them is found out
elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from drs.domain.servers import Instance, RecoveryInstance


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingInstance:
    """A live recovery instance, in EC2's words too, and who launched it.

    An instance whose job nobody knows any more has no execution; one that
    EC2 does not show yet has no details.
    """

    region: str
    recovery: RecoveryInstance
    details: Instance | None = None
    execution_id: str = ""
    plan_name: str = ""

    def row(self) -> dict[str, Any]:
        """Return the instance as the API shows it."""
        known = self.details or Instance(
            instance_id=self.recovery.ec2_instance_id
        )
        return {
            "sourceServerId": self.recovery.source_server_id,
            "recoveryInstanceId": self.recovery.recovery_instance_id,
            "ec2InstanceId": self.recovery.ec2_instance_id,
            "ec2InstanceState": self.recovery.ec2_state,
            "name": known.name,
            "privateIp": known.private_ip,
            "instanceType": known.instance_type,
            "isDrill": self.recovery.is_drill,
            "launchTime": known.launched_at,
            "region": self.region,
            "sourceExecutionId": self.execution_id,
            "sourcePlanName": self.plan_name,
        }


def can_proceed(existing: Iterable[ExistingInstance]) -> bool:
    """Tell whether a new launch replaces nothing that is in use.

    A drill's instances are there to be replaced; those of a recovery do
    the work of their servers.
    """
    return all(one.recovery.is_drill for one in existing)
