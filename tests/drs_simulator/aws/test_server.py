"""The server: control path, options, state file, events, wire details."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError

from drs_simulator.aws.authorise import OpenDoor
from drs_simulator.aws.front import Caller, Front, Request
from drs_simulator.aws.server import DrsServer, Settings, parsed
from drs_simulator.aws.shapes import ServiceShapes, violations
from drs_simulator.domain.faults import ServiceFault
from tests.drs_simulator.aws.fronts import ONCE, Wired
from tests.drs_simulator.aws.fronts import http as http_front
from tests.drs_simulator.builders import (
    ACCOUNT,
    OTHER,
    REGION,
    Service,
    an_estate,
)


@pytest.fixture
def wired() -> Iterator[Wired]:
    """Give a server with three source servers."""
    with http_front() as service:
        service.simulator.load_estate(an_estate(3))
        yield service


def ask(
    wired: Wired,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    """Send a request and return status and decoded answer."""
    place = urlsplit(wired.endpoint or "")
    connection = http.client.HTTPConnection(str(place.netloc), timeout=5)
    content = body if isinstance(body, str | None) else json.dumps(body)
    connection.request(method, path, content, headers or {})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text) if text else None


class ShutDoor(OpenDoor):
    """Knows everybody and allows nothing."""

    def check(
        self, caller: Caller, action: str, resources: Sequence[str]
    ) -> None:
        """Refuse."""
        raise ServiceFault("AccessDeniedException", action)


class TestControlPath:
    """What README.md promises of ``/_sim/``."""

    def test_health_tells_scale_and_mode(self, wired: Wired) -> None:
        status, health = ask(wired, "GET", "/_sim/health")

        assert (status, health["status"]) == (200, "ok")
        assert (health["scale"], health["pollsToComplete"]) == (1.0, None)

    def test_an_estate_is_put_and_shown(self, wired: Wired) -> None:
        status, answer = ask(
            wired, "POST", "/_sim/estate", an_estate(2, account=OTHER)
        )

        [region] = answer["regions"]
        _, shown = ask(wired, "GET", "/_sim/estate")
        accounts = {a["accountId"]: a for a in shown["accounts"]}
        servers = accounts[OTHER]["regions"][0]["servers"]
        assert status == 200
        assert {s["sourceServerID"] for s in servers} == set(
            region["servers"].values()
        )

    def test_faults_are_put_shown_and_cleared(self, wired: Wired) -> None:
        fault = {"op": "DescribeJobs", "error": "ThrottlingException"}

        status, put = ask(wired, "POST", "/_sim/faults", [fault])
        _, shown = ask(wired, "GET", "/_sim/faults")
        _, cleared = ask(wired, "DELETE", "/_sim/faults")

        assert status == 200
        assert put == shown == {"faults": [{**fault, "times": 1}]}
        assert cleared == {"faults": []}

    def test_quotas_are_adjusted(self, wired: Wired) -> None:
        document = {"accountId": ACCOUNT, "L-B827C881": 1}

        status, quotas = ask(wired, "POST", "/_sim/quotas", document)

        assert (status, quotas["servers_per_job"]) == (200, 1)

    def test_calls_are_counted_by_operation(self, wired: Wired) -> None:
        wired.client().describe_jobs()
        wired.client().describe_source_servers()

        _, all_calls = ask(wired, "GET", "/_sim/calls")
        _, some = ask(wired, "GET", "/_sim/calls?operation=DescribeJobs")
        ask(wired, "DELETE", "/_sim/calls")
        _, none = ask(wired, "GET", "/_sim/calls")

        [call] = some["calls"]
        assert len(all_calls["calls"]) == 2
        assert (call["account"], call["region"]) == (ACCOUNT, REGION)
        assert call["caller"] == f"arn:aws:iam::{ACCOUNT}:root"
        assert none == {"calls": []}

    def test_calls_to_service_quotas_are_counted_too(
        self, wired: Wired
    ) -> None:
        quotas = TestServiceQuotas().client(wired)
        quotas.list_service_quotas(ServiceCode="drs")

        _, calls = ask(wired, "GET", "/_sim/calls")

        [call] = calls["calls"]
        assert call["operation"] == "ListServiceQuotas"
        assert (call["account"], call["error"]) == (ACCOUNT, None)

    @pytest.mark.parametrize(
        ("method", "path", "body", "status"),
        [
            ("GET", "/_sim/nothing", None, 404),
            ("POST", "/_sim/estate", "no json", 400),
            ("POST", "/_sim/estate", {"acounts": []}, 400),
            ("POST", "/_sim/faults", {"op": "StartRecovery"}, 400),
            ("POST", "/_sim/quotas", [], 400),
            ("POST", "/_sim/quotas", {"L-B827C881": "many"}, 400),
        ],
    )
    def test_a_mistake_is_answered_with_what_is_wrong(
        self, wired: Wired, method: str, path: str, body: Any, status: int
    ) -> None:
        found, answer = ask(wired, method, path, body)

        assert found == status
        assert answer["error"]


class TestWire:
    """Details of HTTP that a client can trip over."""

    def test_an_unsigned_request_is_refused(self, wired: Wired) -> None:
        status, answer = ask(wired, "POST", "/DescribeJobs", {})

        assert status == 403
        assert answer["code"] == "MissingAuthenticationTokenException"

    @pytest.mark.parametrize(
        ("path", "body", "status"),
        [
            ("/NoSuchOperation", "{}", 404),
            ("/DescribeJobs", "no json", 400),
            ("/DescribeJobs", "[]", 400),
            ("/StartRecovery", "{}", 400),
            ("/DescribeJobs", '{"filters": {"jobIDs": ["x"]}}', 400),
        ],
    )
    def test_a_request_that_cannot_be_read_is_refused(
        self, wired: Wired, path: str, body: str, status: int
    ) -> None:
        found, _ = ask(wired, "POST", path, body, signed())

        assert found == status

    def test_a_number_in_the_query_is_checked(self, wired: Wired) -> None:
        path = "/ListStagingAccounts?maxResults="

        bad, _ = ask(wired, "GET", path + "many", None, signed())
        good, answer = ask(wired, "GET", path + "5", None, signed())

        assert (bad, good) == (400, 200)
        assert answer == {"accounts": []}

    def test_a_throttle_says_when_to_come_back(self, wired: Wired) -> None:
        wired.simulator.inject(
            {"op": "DescribeJobs", "error": "ThrottlingException"}
        )

        with pytest.raises(ClientError) as error:
            wired.client().describe_jobs()

        headers = error.value.response["ResponseMetadata"]["HTTPHeaders"]
        assert headers["retry-after"] == "1"

    def test_a_connection_is_kept_for_the_next_call(
        self, wired: Wired
    ) -> None:
        drs = wired.client()
        drs.describe_jobs()

        begin = time.perf_counter()
        for _ in range(20):
            drs.describe_jobs()

        assert (time.perf_counter() - begin) / 20 < 0.03

    def test_an_answer_outside_the_model_is_an_internal_error(self) -> None:
        service = Service(1)
        region = service.simulator.state.region(ACCOUNT, REGION)
        region.put(replace(region.servers[service.ids[0]], server_id="s-1"))
        broken = Front(service.simulator, OpenDoor(ACCOUNT))

        reply = broken.answer(
            Request(
                method="POST",
                path="/DescribeSourceServers",
                headers={"authorization": signed()["Authorization"]},
            )
        )

        assert reply.status == 500
        assert b"breaks the service model" in reply.body

    def test_a_refused_call_is_counted_with_its_refusal(self) -> None:
        service = Service(1)
        front = Front(service.simulator, ShutDoor(ACCOUNT))

        reply = front.answer(
            Request(
                method="POST",
                path="/DescribeJobs",
                headers={"authorization": signed()["Authorization"]},
                body=b"{}",
            )
        )

        [call] = service.simulator.calls
        assert reply.status == 403
        assert (call.operation, call.error) == (
            "DescribeJobs",
            "AccessDeniedException",
        )

    def test_a_delay_is_slept_before_the_call(self) -> None:
        service = Service(1)
        slept: list[float] = []
        front = Front(service.simulator, OpenDoor(ACCOUNT), slept.append)
        service.simulator.inject({"op": "DescribeJobs", "delay": 3})

        front.answer(
            Request(
                method="POST",
                path="/DescribeJobs",
                headers={"authorization": signed()["Authorization"]},
            )
        )

        assert slept == [3]


def test_a_caller_who_hangs_up_is_no_news(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = DrsServer(Settings())

    for error in (ConnectionResetError(), KeyError("surprise")):
        try:
            raise error
        except (ConnectionResetError, KeyError):
            server.handle_error(None, ("127.0.0.1", 1))
    server.server_close()

    [record] = [r for r in caplog.records if r.levelname == "ERROR"]
    assert "surprise" in str(record.exc_text or record.exc_info)


def signed(account: str = ACCOUNT) -> dict[str, str]:
    """Return headers that carry a scope; signatures are not verified."""
    scope = f"{account}/20270115/{REGION}/drs/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}"}


class TestServiceQuotas:
    """Service Quotas through boto3, at the same address."""

    def client(self, wired: Wired) -> Any:
        return boto3.client(
            "service-quotas",
            endpoint_url=wired.endpoint,
            region_name=REGION,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="test",
            config=ONCE,
        )

    def test_a_quota_follows_the_adjustment(self, wired: Wired) -> None:
        quotas = self.client(wired)
        wired.simulator.quotas.adjust({"concurrent_jobs": 7}, ACCOUNT)

        found = quotas.get_service_quota(
            ServiceCode="drs", QuotaCode="L-D88FAC3A"
        )["Quota"]

        assert (found["Value"], found["Adjustable"]) == (7.0, True)

    def test_the_quotas_are_listed_page_by_page(self, wired: Wired) -> None:
        pages = self.client(wired).get_paginator("list_service_quotas")

        codes = [
            quota["QuotaCode"]
            for page in pages.paginate(
                ServiceCode="drs", PaginationConfig={"PageSize": 3}
            )
            for quota in page["Quotas"]
        ]

        assert len(codes) == len(set(codes)) == 8

    @pytest.mark.parametrize(
        ("operation", "request_", "code"),
        [
            (
                "get_service_quota",
                {"ServiceCode": "drs", "QuotaCode": "L-NONE"},
                "NoSuchResourceException",
            ),
            (
                "get_service_quota",
                {"ServiceCode": "ec2", "QuotaCode": "L-NONE"},
                "NoSuchResourceException",
            ),
            ("list_services", {}, "UnsupportedOperation"),
        ],
    )
    def test_what_is_not_there_is_refused_by_name(
        self, wired: Wired, operation: str, request_: Any, code: str
    ) -> None:
        with pytest.raises(ClientError) as error:
            getattr(self.client(wired), operation)(**request_)

        assert error.value.response["Error"]["Code"] == code


def test_a_restarted_server_goes_on_from_its_state_file(
    tmp_path: Path,
) -> None:
    state = tmp_path / "drs.json"
    with http_front(state=state) as first:
        first.simulator.load_estate(an_estate(1))
        server_id = first.client().describe_source_servers()["items"][0][
            "sourceServerID"
        ]
        job = first.client().start_recovery(
            sourceServers=[{"sourceServerID": server_id}]
        )["job"]
        _until(state.exists)

    with http_front(state=state) as second:
        found = second.client().describe_jobs()["items"]

    assert [item["jobID"] for item in found] == [job["jobID"]]


def test_results_are_posted_where_events_are_wanted() -> None:
    taken: list[Any] = []

    class Taker(BaseHTTPRequestHandler):
        """Keeps what is posted."""

        def do_POST(self) -> None:
            """Take an event."""
            length = int(self.headers["Content-Length"])
            taken.append(json.loads(self.rfile.read(length)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    bus = HTTPServer(("127.0.0.1", 0), Taker)
    threading.Thread(target=bus.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{bus.server_port}/events"
    with http_front(events_url=url) as wired:
        wired.simulator.load_estate(an_estate(1))
        [server] = wired.client().describe_source_servers()["items"]
        wired.client().start_recovery(
            sourceServers=[{"sourceServerID": server["sourceServerID"]}]
        )
        wired.clock.forward(1000)
        _until(lambda: bool(taken))
    bus.shutdown()
    bus.server_close()

    [event] = taken
    assert (event["account"], event["region"]) == (ACCOUNT, REGION)
    assert event["source"] == "aws.drs"
    assert event["detail-type"] == "DRS Source Server Launch Result"
    assert event["detail"]["state"] == "RECOVERY_LAUNCH_SUCCEEDED"


def test_events_that_nobody_takes_do_no_harm() -> None:
    with http_front(events_url="http://127.0.0.1:9/") as wired:
        wired.simulator.load_estate(an_estate(1))
        [server] = wired.client().describe_source_servers()["items"]
        wired.client().start_recovery(
            sourceServers=[{"sourceServerID": server["sourceServerID"]}]
        )
        wired.clock.forward(1000)

        [job] = wired.client().describe_jobs()["items"]

    assert job["status"] == "COMPLETED"


def test_a_poll_driven_server_needs_no_clock() -> None:
    with http_front(poll_driven=2) as wired:
        wired.simulator.load_estate(an_estate(1))
        drs = wired.client()
        [server] = drs.describe_source_servers()["items"]
        drs.start_recovery(
            sourceServers=[{"sourceServerID": server["sourceServerID"]}]
        )

        seen = [drs.describe_jobs()["items"][0]["status"] for _ in range(2)]

    assert seen == ["STARTED", "COMPLETED"]


def test_options_become_settings() -> None:
    settings = parsed(
        ["--port=1", "--scale=0.02", "--poll-driven=3", "--state=s.json"]
    )

    assert settings == Settings(
        port=1, scale=0.02, poll_driven=3, state=Path("s.json")
    )


def test_the_program_ends_cleanly_and_leaves_its_state(
    tmp_path: Path,
) -> None:
    state = tmp_path / "drs.json"
    program = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "drs_simulator.aws.server",
            "--port=0",
            f"--state={state}",
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stderr is not None
    ready = program.stderr.readline()

    program.send_signal(signal.SIGTERM)
    ended = program.wait(10)
    program.stderr.close()

    assert "ready at http://127.0.0.1:" in ready
    assert ended == 0 and state.exists()


def test_four_thousand_servers_load_and_page_quickly() -> None:
    accounts = [str(100_000_000_000 + i) for i in range(13)]
    with http_front() as wired:
        begin = time.perf_counter()
        for account in accounts:
            wired.simulator.load_estate(an_estate(308, account=account))
        loaded = time.perf_counter() - begin
        pages = wired.client(accounts[0]).get_paginator(
            "describe_source_servers"
        )
        begin = time.perf_counter()
        count = sum(len(page["items"]) for page in pages.paginate())
        paged = time.perf_counter() - begin

    assert count == 308
    assert loaded < 5
    assert paged < 5


def test_values_outside_the_model_are_found_by_name() -> None:
    shapes = ServiceShapes()
    shape = shapes._model.operation_model("DescribeJobs").output_shape
    assert shape is not None
    job = {"jobID": "drsjob-1", "status": "FAILED", "tags": {"a": "x" * 300}}

    found = list(violations(shape, {"items": [job]}, ""))

    assert len(found) == 3
    assert all(".items[0]" in problem for problem in found)


def _until(condition: Callable[[], bool]) -> None:
    """Wait for something another thread does."""
    for _ in range(200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen within ten seconds")


def test_a_server_is_stopped_only_once_it_serves() -> None:
    server = DrsServer(Settings())
    server.start()
    server.release()
    server.wait()

    server.stop()

    client = boto3.client(
        "drs",
        endpoint_url=server.url,
        region_name=REGION,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=1),
    )
    with pytest.raises(EndpointConnectionError):
        client.describe_jobs()
