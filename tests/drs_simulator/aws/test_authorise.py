"""Callers are told apart by key, and held to what IAM says."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from drs_simulator.aws.authorise import GuardedDoor, OpenDoor
from drs_simulator.aws.front import Caller, Request
from drs_simulator.domain.faults import ServiceFault
from tests.drs_simulator.builders import ACCOUNT, OTHER, Clock

NO_REQUEST = Request(method="POST", path="/")
SESSION = f"arn:aws:sts::{OTHER}:assumed-role/Handler/session"
VERDICTS = """<SimulatePrincipalPolicyResponse
 xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
 <SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>
 <EvaluationResults>{}</EvaluationResults></SimulatePrincipalPolicyResult>
</SimulatePrincipalPolicyResponse>"""
VERDICT = """<member><EvalActionName>a</EvalActionName>
 <EvalDecision>{}</EvalDecision></member>"""
NO_ROLE = """<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
 <Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>m</Message>
 </Error></ErrorResponse>"""


class Emulator:
    """Sessions and verdicts behind HTTP, and what was asked."""

    def __init__(self) -> None:
        self.sessions = {"ASIAHANDLER": SESSION}
        self.allowed = {"drs:DescribeJobs"}
        self.asked: list[dict[str, list[str]]] = []
        self.lookups = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(
            target=self.server.serve_forever,
            kwargs={"poll_interval": 0.02},
            daemon=True,
        ).start()

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Return the handler class bound to this emulator."""
        emulator = self

        class Handler(BaseHTTPRequestHandler):
            """Answers whoami by GET and IAM by POST."""

            def do_GET(self) -> None:
                """Answer whose key this is."""
                emulator.lookups += 1
                arn = emulator.sessions.get(self.path.rpartition("/")[2])
                self.reply(200, json.dumps({"Arn": arn}))

            def do_POST(self) -> None:
                """Answer IAM."""
                length = int(self.headers["Content-Length"])
                asked = parse_qs(self.rfile.read(length).decode())
                if asked["Action"] == ["GetRole"]:
                    self.reply(404, NO_ROLE)
                    return
                emulator.asked.append(asked)
                [action] = asked["ActionNames.member.1"]
                good = action in emulator.allowed
                verdict = "allowed" if good else "implicitDeny"
                self.reply(200, VERDICTS.format(VERDICT.format(verdict)))

            def reply(self, status: int, text: str) -> None:
                """Send an answer."""
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *args: object) -> None:
                """Stay silent."""

        return Handler


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Give an emulator for a while."""
    running = Emulator()
    yield running
    running.server.shutdown()
    running.server.server_close()


def test_an_open_door_takes_twelve_digits_for_the_account() -> None:
    door = OpenDoor(ACCOUNT)

    root, user = (door.caller(NO_REQUEST, k) for k in (OTHER, "AKIAME"))
    door.check(user, "drs:Anything", ["*"])

    assert (root.account, root.is_root) == (OTHER, True)
    assert (user.account, user.is_root) == (ACCOUNT, False)


def test_a_session_belongs_to_the_account_of_its_role(
    emulator: Emulator,
) -> None:
    door = GuardedDoor(emulator.url, emulator.url)

    caller = door.caller(NO_REQUEST, "ASIAHANDLER")

    assert caller == Caller(account=OTHER, arn=SESSION)


def test_a_key_nobody_holds_is_not_recognised(emulator: Emulator) -> None:
    door = GuardedDoor(emulator.url, emulator.url)

    with pytest.raises(ServiceFault) as error:
        door.caller(NO_REQUEST, "ASIANOBODY")

    assert error.value.code == "UnrecognizedClientException"


def test_what_the_role_may_not_do_is_denied_by_name(
    emulator: Emulator,
) -> None:
    door = GuardedDoor(emulator.url, emulator.url)
    caller = door.caller(NO_REQUEST, "ASIAHANDLER")

    with pytest.raises(ServiceFault) as error:
        door.check(caller, "drs:StartRecovery", ["*"])

    assert (error.value.code, error.value.status) == (
        "AccessDeniedException",
        403,
    )
    assert "drs:StartRecovery" in error.value.message
    assert "assumed-role/Handler" in error.value.message


def test_iam_is_asked_about_the_role_behind_the_session(
    emulator: Emulator,
) -> None:
    door = GuardedDoor(emulator.url, emulator.url)

    door.check(
        door.caller(NO_REQUEST, "ASIAHANDLER"), "drs:DescribeJobs", ["*"]
    )

    [asked] = emulator.asked
    assert asked["PolicySourceArn"] == [f"arn:aws:iam::{OTHER}:role/Handler"]


def test_verdicts_are_remembered_for_a_few_seconds(
    emulator: Emulator,
) -> None:
    clock = Clock(0)
    door = GuardedDoor(emulator.url, emulator.url, clock)

    for _ in range(3):
        caller = door.caller(NO_REQUEST, "ASIAHANDLER")
        door.check(caller, "drs:DescribeJobs", ["*"])
    remembered = (emulator.lookups, len(emulator.asked))
    clock.forward(6)
    emulator.allowed.clear()

    with pytest.raises(ServiceFault):
        door.check(caller, "drs:DescribeJobs", ["*"])
    assert remembered == (1, 1)


def test_the_root_of_an_account_may_do_everything(
    emulator: Emulator,
) -> None:
    door = GuardedDoor(emulator.url, emulator.url)

    door.check(door.caller(NO_REQUEST, ACCOUNT), "drs:StartRecovery", ["*"])

    assert emulator.asked == []


def test_an_unreachable_emulator_fails_closed() -> None:
    door = GuardedDoor("http://127.0.0.1:9", "http://127.0.0.1:9")
    caller = Caller(account=OTHER, arn=f"arn:aws:iam::{OTHER}:user/me")

    with pytest.raises(ServiceFault) as unknown:
        door.caller(NO_REQUEST, "ASIAHANDLER")
    with pytest.raises(ServiceFault) as undecided:
        door.check(caller, "drs:DescribeJobs", ["*"])

    codes = {unknown.value.code, undecided.value.code}
    assert codes == {"InternalServerException"}
