"""Where a running local cloud is, and what is deployed in it.

The values are what a command needs to speak to the cloud as it would to a
real account. They are written to a file so that another command finds them.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from deployment.domain.names import PACKAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Addresses, account, Region and the stack's outputs.

    The API's paths begin at `api_url`.
    """

    aws_url: str
    api_url: str
    drs_url: str
    quotas_url: str
    events_url: str
    region: str
    account_id: str
    orchestrator: str
    speed: float
    outputs: Mapping[str, str]

    @property
    def tables(self) -> Mapping[str, str]:
        """The tables' names: protection-groups, recovery-plans, …"""
        return {
            name: self.outputs[f"{key}TableName"]
            for name, key in (
                ("protection-groups", "ProtectionGroups"),
                ("recovery-plans", "RecoveryPlans"),
                ("execution-history", "ExecutionHistory"),
                ("target-accounts", "TargetAccounts"),
            )
        }

    @property
    def functions(self) -> Mapping[str, str]:
        """The aliases' ARNs by package name."""
        return {
            name: self.outputs[f"{key}AliasArn"]
            for name, key in PACKAGES.items()
        }

    @property
    def state_machine_arn(self) -> str:
        """The state machine that runs plans."""
        return self.outputs["StateMachineArn"]

    @property
    def decisions_url(self) -> str:
        """What each role was allowed and refused since the cloud is up."""
        return f"{self.events_url.rpartition('/')[0]}/decisions"

    @property
    def api_port(self) -> int:
        """The port of `api_url`."""
        return int(self.api_url.rpartition(":")[2])

    @property
    def deployed_api_url(self) -> str:
        """Where the emulator serves the API; `api_url` leads there."""
        api = self.outputs["ApiId"]
        return f"{self.aws_url}/restapis/{api}/live/_user_request_"

    def write(self, path: Path) -> None:
        """Write the values so that a reader never sees half of them."""
        scratch = path.with_suffix(".new")
        scratch.write_text(json.dumps(asdict(self), indent=1))
        scratch.replace(path)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Read what `write` wrote; None where there is nothing."""
        try:
            return cls(**json.loads(path.read_text()))
        except FileNotFoundError:
            return None


def environment(endpoints: Endpoints) -> dict[str, str]:
    """Answer what boto3 and the AWS command line take from a process.

    The access key is the account's number, which is how the emulator and the
    simulator know its root; there is no secret.
    """
    return {
        "AWS_ACCESS_KEY_ID": endpoints.account_id,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": endpoints.region,
        "AWS_DEFAULT_REGION": endpoints.region,
        "AWS_ENDPOINT_URL": endpoints.aws_url,
        "AWS_ENDPOINT_URL_DRS": endpoints.drs_url,
        "AWS_ENDPOINT_URL_SERVICE_QUOTAS": endpoints.quotas_url,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
