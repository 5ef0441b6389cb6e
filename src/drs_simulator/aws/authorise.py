"""Who calls, by the access key, and whether their role allows it.

Decides account, role and permission. Three kinds of door: open to everyone,
or guarded by the IAM of an emulator; moto's is in ``moto_backend``.
"""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from drs_simulator.aws.front import Caller, Request
from drs_simulator.domain.faults import ServiceFault

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

REMEMBERED_SECONDS = 5.0
PATIENCE_SECONDS = 5.0


def root_of(access_key: str) -> Caller | None:
    """Return the root of an account whose twelve digits are the key."""
    if len(access_key) != 12 or not access_key.isdigit():
        return None
    return Caller(
        account=access_key,
        arn=f"arn:aws:iam::{access_key}:root",
        is_root=True,
    )


class OpenDoor:
    """Lets everyone in: a twelve-digit key names its account.

    Args:
        account: the account of all other keys.
    """

    def __init__(self, account: str) -> None:
        self._account = account

    def caller(self, request: Request, access_key: str) -> Caller:
        """Return who holds an access key."""
        return root_of(access_key) or Caller(
            account=self._account,
            arn=f"arn:aws:iam::{self._account}:user/{access_key}",
        )

    def check(
        self, caller: Caller, action: str, resources: Sequence[str]
    ) -> None:
        """Allow everything."""


class GuardedDoor:
    """Asks an emulator who holds a key and what its policies allow.

    Args:
        whoami: address answering ``GET <whoami>/<key>`` with ``{"Arn": …}``.
        iam_endpoint: where IAM's SimulatePrincipalPolicy is answered; it is
            called as the root of the caller's account. Empty allows all
            that the key look-up knows.
        clock: time for the few seconds that answers are remembered.
    """

    def __init__(
        self,
        whoami: str,
        iam_endpoint: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._whoami = whoami.rstrip("/")
        self._endpoint = iam_endpoint
        self._clock = clock
        self._callers: dict[str, tuple[float, Caller]] = {}
        self._verdicts: dict[tuple[str, ...], tuple[float, str]] = {}
        self._clients: dict[str, IAMClient] = {}

    def caller(self, request: Request, access_key: str) -> Caller:
        """Return who holds an access key.

        Raises:
            ServiceFault: nobody holds it, or it cannot be found out.
        """
        root = root_of(access_key)
        if root is not None:
            return root
        until, known = self._callers.get(access_key, (0.0, None))
        if known is not None and self._clock() < until:
            return known
        caller = self._looked_up(access_key)
        until = self._clock() + REMEMBERED_SECONDS
        self._callers[access_key] = (until, caller)
        return caller

    def check(
        self, caller: Caller, action: str, resources: Sequence[str]
    ) -> None:
        """Refuse an action that the caller's policies do not allow.

        Raises:
            ServiceFault: not allowed; it names the action and the role.
        """
        if caller.is_root or not self._endpoint:
            return
        key = (caller.arn, action, *resources)
        until, verdict = self._verdicts.get(key, (0.0, ""))
        if self._clock() >= until:
            verdict = self._asked(caller, action, resources)
            until = self._clock() + REMEMBERED_SECONDS
            self._forget_old()
            self._verdicts[key] = (until, verdict)
        if verdict != "allowed":
            raise ServiceFault(
                "AccessDeniedException",
                f"User: {caller.arn} is not authorized to perform: {action}"
                f" on resource: {resources[0]} because no identity-based"
                f" policy allows the {action} action ({verdict})",
            )

    def _forget_old(self) -> None:
        now = self._clock()
        self._verdicts = {
            key: kept for key, kept in self._verdicts.items() if kept[0] > now
        }

    def _looked_up(self, access_key: str) -> Caller:
        address = f"{self._whoami}/{quote(access_key, safe='')}"
        try:
            with urllib.request.urlopen(  # nosec B310 # address of our own
                address, timeout=PATIENCE_SECONDS
            ) as answer:
                arn = json.load(answer).get("Arn")
        except (urllib.error.URLError, ValueError, OSError) as error:
            raise ServiceFault(
                "InternalServerException",
                f"The caller could not be looked up at {self._whoami}:"
                f" {error}",
            ) from error
        if not arn:
            raise ServiceFault(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            )
        return Caller(account=str(arn).split(":")[4], arn=str(arn))

    def _asked(
        self, caller: Caller, action: str, resources: Sequence[str]
    ) -> str:
        iam = self._client(caller.account)
        try:
            answer = iam.simulate_principal_policy(
                PolicySourceArn=_principal(iam, caller),
                ActionNames=[action],
                ResourceArns=list(dict.fromkeys(resources)),
            )
        except (BotoCoreError, ClientError) as error:
            raise ServiceFault(
                "InternalServerException",
                f"IAM could not be asked whether {caller.arn} may {action}:"
                f" {error}",
            ) from error
        verdicts = [r["EvalDecision"] for r in answer["EvaluationResults"]]
        refusals = [v for v in verdicts if v != "allowed"]
        return refusals[0] if refusals else (verdicts or ["implicitDeny"])[0]

    def _client(self, account: str) -> "IAMClient":
        if account not in self._clients:
            self._clients[account] = boto3.client(
                "iam",
                endpoint_url=self._endpoint,
                region_name="us-east-1",
                aws_access_key_id=account,
                aws_secret_access_key="simulator",  # nosec B106 # no secret
            )
        return self._clients[account]


def _principal(iam: "IAMClient", caller: Caller) -> str:
    """Return the ARN of the role behind a session, or of the user."""
    head, _, rest = caller.arn.partition(":assumed-role/")
    if not rest:
        return caller.arn
    role = rest.split("/")[0]
    try:
        return str(iam.get_role(RoleName=role)["Role"]["Arn"])
    except ClientError:
        partition = head.split(":")[1]
        return f"arn:{partition}:iam::{caller.account}:role/{role}"
