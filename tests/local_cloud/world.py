"""An emulator under test, and small things to put into it."""

import io
import json
import urllib.request
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from local_cloud import programs
from local_cloud.programs import ACCOUNT_ID, REGION, Ports, Pythons
from local_cloud.supervisor import Places, Running, free_ports

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": service, "AWS": ACCOUNT_ID},
                "Action": "sts:AssumeRole",
            }
            for service in ("lambda.amazonaws.com", "states.amazonaws.com")
        ],
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulator:
    """A running emulator and clients for it."""

    ports: Ports

    def client(
        self,
        service: str,
        session: Mapping[str, str] | None = None,
        region: str = REGION,
    ) -> Any:
        """Answer a client, of the account's root unless a session is given."""
        keys = session or {
            "AccessKeyId": ACCOUNT_ID,
            "SecretAccessKey": "local",
        }
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.ports.aws_url,
            region_name=region,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
        )

    def a_role(self, *allowed: tuple[str, str]) -> str:
        """Make a role that holds these actions on these resources."""
        iam = self.client("iam")
        name = a_name("role")
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        if allowed:
            iam.put_role_policy(
                RoleName=name,
                PolicyName="allowed",
                PolicyDocument=json.dumps(
                    {"Version": "2012-10-17", "Statement": _allow(allowed)}
                ),
            )
        return str(made["Role"]["Arn"])

    def a_session(self, role_arn: str) -> dict[str, str]:
        """Answer keys of the role."""
        sts = self.client("sts")
        got = sts.assume_role(RoleArn=role_arn, RoleSessionName="test")
        return dict(got["Credentials"])

    def a_function(
        self, source: str, *, layers: tuple[str, ...] = (), **settings: Any
    ) -> str:
        """Deploy a one-file function; answer its name."""
        name = a_name("function")
        functions = self.client("lambda")
        functions.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=settings.pop("role", None) or self.a_role(),
            Handler="index.handler",
            Code={"ZipFile": a_zip({"index.py": source})},
            Layers=list(layers),
            **settings,
        )
        functions.get_waiter("function_active_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 1}
        )
        return name

    def invoke(self, name: str, payload: object = None) -> Any:
        """Invoke a function and answer what came back."""
        answer = self.client("lambda").invoke(
            FunctionName=name, Payload=json.dumps(payload)
        )
        return json.loads(answer["Payload"].read())

    def a_stack(self, template: Mapping[str, Any], name: str = "") -> str:
        """Create a stack and answer how it ended."""
        stacks = self.client("cloudformation")
        stack = name or a_name("stack")
        stacks.create_stack(StackName=stack, TemplateBody=json.dumps(template))
        return self.settled(stack)

    def settled(self, stack: str) -> str:
        """Wait for a stack's end; answer its status."""
        stacks = self.client("cloudformation")
        while True:
            [found] = stacks.describe_stacks(StackName=stack)["Stacks"]
            status = str(found["StackStatus"])
            if not status.endswith("IN_PROGRESS"):
                return status

    def who(self, access_key: str) -> Any:
        """Ask the overlay's door whom a key belongs to."""
        return self.ask(f"/{access_key}")

    def ask(
        self, path: str, body: object = None, method: str | None = None
    ) -> Any:
        """Ask the overlay's door."""
        request = urllib.request.Request(
            self.ports.whoami_url + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
        )
        with urllib.request.urlopen(  # nosec B310  # loopback
            request, timeout=5
        ) as answer:
            return json.load(answer)


@contextmanager
def run_emulator(
    pythons: Pythons, home: Path, without: tuple[str, ...] = ()
) -> Iterator[Emulator]:
    """Run an emulator for as long as the block."""
    aws, drs, whoami, api = free_ports(4)
    ports = Ports(aws=aws, drs=drs, whoami=whoami, api=api)
    places = Places(state_dir=home)
    program = programs.emulator(
        ports=ports,
        pythons=pythons,
        run=places.run,
        logs=places.logs,
        layers=places.layers,
        wait_scale=0,
        without=without,
    )
    running = Running.start(places, [program])
    try:
        running.wait_for({"emulator": f"{ports.aws_url}/_ministack/ready"})
        yield Emulator(ports=ports)
    finally:
        running.stop()


def a_name(kind: str) -> str:
    """Answer a name that nothing else has."""
    return f"{kind}-{uuid.uuid4().hex[:8]}"


def a_zip(files: Mapping[str, str]) -> bytes:
    """Answer an archive of these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def _allow(allowed: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [
        {"Effect": "Allow", "Action": action, "Resource": resource}
        for action, resource in allowed
    ]
