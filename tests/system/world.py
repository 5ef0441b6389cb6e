"""A local cloud of the built artifacts, used as a person does: with `dro`."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import boto3
from boto3.dynamodb.types import TypeDeserializer
from typer.testing import CliRunner, Result

from cli.aws.sign_in import id_token, pool_client
from cli.clock import SystemClock
from cli.domain.ports import Cloud, Functions
from cli.domain.settings import Chosen
from cli.domain.target import Target
from cli.frame import Wiring
from cli.installation import TOKEN, functions_of
from cli.local import LocalCloud
from cli.main import app
from local_cloud import cloud
from local_cloud.aws.clients import Account
from local_cloud.builder import Built
from local_cloud.endpoints import Endpoints
from tests.system.asking import asked
from tests.system.evidence import Evidence

EXAMPLE = Path.cwd() / "examples" / "three-tier.yaml"
SPEED = 2000

type Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """What a drill left: on the screen, in the tables, in AWS."""

    exit_status: int
    screen: str
    report: Item
    record: Item
    items: Sequence[Item]
    machine: Item
    calls: Sequence[Item]

    @property
    def execution_id(self) -> str:
        """The id that the report names."""
        return str(self.report["executionId"])

    def called(self, operation: str) -> int:
        """Count the calls of a DRS operation."""
        return sum(call["operation"] == operation for call in self.calls)


class System:
    """One local cloud; up for the length of a `with` block.

    `evidence` is what the clouds that have ended told of their roles.
    """

    evidence: ClassVar[Evidence] = Evidence()

    def __init__(
        self, home: Path, built: Built, orchestrator: str = "generic"
    ) -> None:
        self.home = home
        self._orchestrator = orchestrator
        self._built = built
        self._share("layers", "linted")

    def __enter__(self) -> Self:
        result = self.dro("local", "up", *self._kind())
        assert result.exit_code == 0, result.output
        return self

    def __exit__(self, *_: object) -> None:
        self.evidence.take(self.endpoints)
        result = self.dro("local", "down")
        assert result.exit_code == 0, result.output

    @property
    def endpoints(self) -> Endpoints:
        """Where the cloud is, while it is up."""
        found = cloud.status(self.home / ".local-cloud").endpoints
        assert found is not None, "The local cloud is not up."
        return found

    def dro(
        self, *arguments: str, token: str = "", says: str | None = None
    ) -> Result:
        """Run a command against this cloud.

        Args:
            arguments: The command.
            token: Who asks the API.
            says: What a person types.
        """

        def this_cloud(chosen: Chosen, report: Callable[[str], None]) -> Cloud:
            return LocalCloud(self.home, chosen, report, self._built)

        def these(target: Target) -> Functions:
            if target.api_url:
                return functions_of(target)
            assert target.local, "Only this cloud is meant."
            return LocalCloud(self.home, Chosen(), _unheard).functions()

        def enters(
            target: Target, client: str, user: str, ask: Callable[[str], str]
        ) -> str:
            here = LocalCloud(self.home, Chosen(), _unheard)
            region, url, client_id = here.pool()
            pools = pool_client(region=region, url=url)
            return id_token(pools, client or client_id, user, ask)

        wiring = Wiring(
            cloud=this_cloud,
            clock=SystemClock(),
            functions=these,
            sign_in=enters,
        )
        return CliRunner().invoke(
            app,
            list(arguments),
            obj=wiring,
            env={TOKEN: token},
            input=says,
        )

    def run(self, *options: str, plan: Path = EXAMPLE) -> Result:
        """Run a plan as a drill, bringing the cloud up if need be."""
        drill = ("local", "drill", str(plan), "--json")
        return self.dro(*drill, *self._kind(), *options)

    def drill(self, *options: str, plan: Path = EXAMPLE) -> Drill:
        """Run a plan in the cloud that is up; answer what it left."""
        self.control("DELETE", "calls")
        result = self.run(*options, plan=plan)
        assert result.stdout, result.output
        report = json.loads(result.stdout.splitlines()[-1])
        items = self.items(report["executionId"])
        [record] = [item for item in items if "status" in item]
        return Drill(
            exit_status=result.exit_code,
            screen=result.stderr,
            report=report,
            record=record,
            items=items,
            machine=self.client("stepfunctions").describe_execution(
                executionArn=record["stateMachineArn"]
            ),
            calls=self.control("GET", "calls")["calls"],
        )

    def client(self, service: str, account_id: str = "") -> Any:
        """Answer a client of an account's root, of the hub's by default."""
        known = cloud.environment(self.endpoints)
        own = f"AWS_ENDPOINT_URL_{service.upper()}"
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=known["AWS_REGION"],
            aws_access_key_id=account_id or known["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=known["AWS_SECRET_ACCESS_KEY"],
            endpoint_url=known.get(own, known["AWS_ENDPOINT_URL"]),
        )

    def account(self, account_id: str) -> Account:
        """Answer the clients of any account's root."""
        known = self.endpoints
        return Account(
            url=known.aws_url, account_id=account_id, region=known.region
        )

    def log_lines(self, function: str, message: str) -> list[Item]:
        """Read a function's JSON log lines with this message."""
        found: list[Item] = []
        logs = self.client("logs").get_paginator("filter_log_events")
        group = f"/aws/lambda/drs-orchestration-{function}-local"
        for page in logs.paginate(logGroupName=group):
            for event in page["events"]:
                if event["message"].lstrip().startswith("{"):
                    found.append(json.loads(event["message"]))
        return [line for line in found if line.get("message") == message]

    def _share(self, *names: str) -> None:
        """Do once for all clouds what depends on the artifacts alone."""
        own = self.home / ".local-cloud"
        own.mkdir()
        for name in names:
            common = Path.cwd() / ".local-cloud" / name
            common.mkdir(parents=True, exist_ok=True)
            (own / name).symlink_to(common)

    def control(self, method: str, path: str, document: Any = None) -> Any:
        """Ask the DRS simulator's control path."""
        address = f"{self.endpoints.drs_url}/_sim/{path}"
        return asked(address, method, document)

    def items(self, execution_id: str) -> list[Item]:
        """Read everything that the history table has of an execution."""
        pages = self.client("dynamodb").get_paginator("query")
        read = TypeDeserializer().deserialize
        return [
            {key: read(value) for key, value in item.items()}
            for page in pages.paginate(
                TableName=self.endpoints.tables["execution-history"],
                KeyConditionExpression="executionId = :e",
                ExpressionAttributeValues={":e": {"S": execution_id}},
            )
            for item in page["Items"]
        ]

    def _kind(self) -> list[str]:
        kind = ["--speed", str(SPEED), "--orchestrator", self._orchestrator]
        # Two clouds at once, and whatever else this machine serves.
        return [*kind, "--api-port", "0"]


def _unheard(line: str) -> None:
    """Take what nobody needs to read."""
