"""The custom resource over S3 of moto and an address that takes answers."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files
from typing import Any

import boto3
import pytest
from moto import mock_aws

from frontend_deployer import handler
from frontend_deployer.aws.stores import AwsStores, HttpTeller
from frontend_deployer.deploy import Ports
from frontend_deployer.domain.site import CONFIG
from shared.domain.errors import BadRequest, Unavailable

BUCKET = "console-test"
PROPERTIES = {
    "ServiceToken": "arn:aws:lambda:us-east-1:1:function:f",
    "BucketName": BUCKET,
    "ApiEndpoint": "https://api.example/prod/",
    "UserPoolId": "us-east-1_a",
    "UserPoolClientId": "client",
    "Region": "us-east-1",
    "FrontendBuildVersion": "7",
}


class CloudFormation:
    """Keeps what it is told; ``refuses`` that many times first."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.types: list[str | None] = []
        self.refuses = 0
        outer = self

        class Answers(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                size = int(self.headers["Content-Length"])
                body = self.rfile.read(size)
                status = 200
                if outer.refuses:
                    outer.refuses -= 1
                    status = 503
                else:
                    outer.told.append(json.loads(body))
                    outer.types.append(self.headers["Content-Type"])
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server.server_port}/?signed=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def formation() -> Iterator[CloudFormation]:
    found = CloudFormation()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        found = boto3.resource("s3").Bucket(BUCKET)
        found.create()
        yield found


def ports(seconds: float = 900) -> Ports:
    return Ports(
        contents=handler.contents(files("frontend_deployer") / "ui"),
        installation={"projectName": "dro", "environment": "test"},
        stores=AwsStores(),
        teller=HttpTeller(lambda seconds: None),
        seconds_left=lambda: seconds,
    )


def asked(formation: CloudFormation, kind: str, **more: Any) -> Any:
    properties = {**PROPERTIES, **more.pop("properties", {})}
    return {
        "RequestType": kind,
        "ResponseURL": formation.url,
        "StackId": "arn:aws:cloudformation:us-east-1:1:stack/s/1",
        "RequestId": "r-1",
        "LogicalResourceId": "Console",
        "ResourceProperties": properties,
        **more,
    }


def keys(bucket: Any) -> set[str]:
    return {one.key for one in bucket.objects.all()}


def test_a_create_uploads_the_page_and_its_configuration(
    bucket: Any, formation: CloudFormation
) -> None:
    handler.answered(asked(formation, "Create"), ports())

    assert keys(bucket) == {"index.html", "page.js", "style.css", CONFIG}
    page = bucket.Object("index.html").get()
    assert page["ContentType"] == "text/html; charset=utf-8"
    assert page["CacheControl"] == "no-cache"
    config = json.loads(bucket.Object(CONFIG).get()["Body"].read())
    assert config == {
        "apiEndpoint": "https://api.example/prod",
        "region": "us-east-1",
        "userPoolId": "us-east-1_a",
        "userPoolClientId": "client",
        "identityPoolId": "",
        "version": "7",
        "projectName": "dro",
        "environment": "test",
    }
    (told,) = formation.told
    assert told == {
        "Status": "SUCCESS",
        "PhysicalResourceId": f"console-in-{BUCKET}",
        "StackId": "arn:aws:cloudformation:us-east-1:1:stack/s/1",
        "RequestId": "r-1",
        "LogicalResourceId": "Console",
        "Data": {"Version": "7", "Files": "4"},
    }
    assert formation.types == [""]


def test_an_update_removes_what_an_older_build_left(
    bucket: Any, formation: CloudFormation
) -> None:
    for number in range(3):
        bucket.put_object(Key=f"assets/old-{number}.js", Body=b"x")

    handler.answered(
        asked(formation, "Update", PhysicalResourceId="console-in-other"),
        ports(),
    )

    assert keys(bucket) == {"index.html", "page.js", "style.css", CONFIG}
    assert formation.told[0]["PhysicalResourceId"] == f"console-in-{BUCKET}"


def test_a_delete_empties_the_bucket_and_may_be_repeated(
    bucket: Any, formation: CloudFormation
) -> None:
    handler.answered(asked(formation, "Create"), ports())
    gone = asked(formation, "Delete", PhysicalResourceId="console-in-x")

    handler.answered(gone, ports())
    assert keys(bucket) == set()
    bucket.delete()
    handler.answered(gone, ports())

    assert [one["Status"] for one in formation.told] == ["SUCCESS"] * 3
    assert formation.told[-1]["PhysicalResourceId"] == "console-in-x"


@pytest.mark.parametrize(
    "properties",
    [
        {"BucketName": ""},
        {"BucketName": None},
        {"ApiEndpoint": 7},
        {"UserPoolId": ""},
        {"Region": []},
    ],
)
def test_bad_properties_are_told_and_nothing_is_uploaded(
    bucket: Any, formation: CloudFormation, properties: dict[str, Any]
) -> None:
    handler.answered(
        asked(formation, "Create", properties=properties), ports()
    )

    (told,) = formation.told
    assert told["Status"] == "FAILED"
    assert "ResourceProperties" in told["Reason"]
    assert keys(bucket) == set()


def test_a_failed_create_is_deleted_without_a_trace(
    bucket: Any, formation: CloudFormation
) -> None:
    bad = asked(formation, "Create", properties={"BucketName": "nobody-has"})
    handler.answered(bad, ports())
    failed = formation.told[0]

    handler.answered(
        {
            **bad,
            "RequestType": "Delete",
            "PhysicalResourceId": failed["PhysicalResourceId"],
        },
        ports(),
    )

    assert failed["Status"] == "FAILED"
    assert "nobody-has" in failed["Reason"]
    assert formation.told[1]["Status"] == "SUCCESS"


def test_too_little_time_is_told_instead_of_running_out(
    bucket: Any, formation: CloudFormation
) -> None:
    handler.answered(asked(formation, "Create"), ports(seconds=5))

    assert "time" in formation.told[0]["Reason"]
    assert keys(bucket) == set()


def test_a_fault_of_ours_is_told_too(
    bucket: Any, formation: CloudFormation
) -> None:
    broken: Any = None
    with pytest.raises(AttributeError):
        handler.answered(
            asked(formation, "Create"), replace(ports(), stores=broken)
        )

    assert formation.told[0]["Status"] == "FAILED"
    assert formation.told[0]["Reason"] == handler.BUG


@pytest.mark.parametrize("kind", ["", "Drop", None])
def test_an_unknown_request_is_refused_with_an_answer(
    bucket: Any, formation: CloudFormation, kind: Any
) -> None:
    handler.answered(asked(formation, kind), ports())

    assert "RequestType" in formation.told[0]["Reason"]


def test_an_answer_that_is_not_taken_is_tried_again(
    bucket: Any, formation: CloudFormation
) -> None:
    formation.refuses = 2

    handler.answered(asked(formation, "Create"), ports())

    assert formation.told[0]["Status"] == "SUCCESS"


def test_an_answer_that_is_never_taken_is_an_error(
    bucket: Any, formation: CloudFormation
) -> None:
    formation.refuses = 99

    with pytest.raises(Unavailable, match="did not take"):
        handler.answered(asked(formation, "Create"), ports())


def test_who_is_not_cloudformation_is_told_so(bucket: Any) -> None:
    with pytest.raises(BadRequest, match="ResponseURL"):
        handler.answered({"RequestType": "Create"}, ports())
