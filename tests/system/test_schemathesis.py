"""Requests made up from the API's description, good and bad ones.

Schemathesis makes them up from a seed that never changes. Checks left out:

- positive_data_acceptance: what a description allows may still be refused for
  what is stored (an id that is not there, a server that is busy).
- unsupported_method, allow_header_conformance: API Gateway answers 403 to a
  method that it does not have, without a list of those it has.
- missing_required_header: no route requires one; the token's is ignored_auth.
- object_level_authorization: nothing belongs to a single user.
- max_response_time: timing is never asserted.
"""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from local_cloud import cloud
from tests.support.api_document import document
from tests.system import made_up
from tests.system.api import ADMIN, Api
from tests.system.world import System

SEED = 20
EXAMPLES = 20
# A guard of CI's time, with room for a machine that is busy.
MOST_SECONDS = 1800
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "ignored_auth",
    "use_after_free",
    "ensure_resource_availability",
    "negative_data_rejection",
    made_up.only_an_account_is_out_of_reach.__name__,
)
REGION = "us-east-1"
ESTATE = {
    "accounts": [
        {
            "accountId": "123456789012",
            "regions": [
                {
                    "region": REGION,
                    "initialized": True,
                    "servers": [
                        {"hostname": f"made-up-{n}", "tags": {"made": "up"}}
                        for n in range(3)
                    ],
                }
            ],
        }
    ]
}
# What a created thing's id is called, and what takes it.
CREATED = {
    "/accounts/targets": "accountId",
    "/protection-groups": "groupId",
    "/recovery-plans": "planId",
}
CONFIGURATION = """\
hooks = "{hooks}"
seed = {seed}

[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 503]

[phases.stateful.inference]
algorithms = []
"""


def with_links() -> dict[str, Any]:
    """Return the document, saying which ids its answers give to others.

    API Gateway knows no links, so the document itself has none. The Region
    is the one that the local cloud has servers in.
    """
    found = copy.deepcopy(dict(document()))
    for path, name in CREATED.items():
        links = {
            operation["operationId"]: {
                "operationId": operation["operationId"],
                "parameters": {"id": f"$response.body#/{name}"},
            }
            for other, item in found["paths"].items()
            if other.startswith(f"{path}/{{id}}")
            for method, operation in item.items()
            if method != "options"
        }
        found["paths"][path]["post"]["responses"]["201"]["links"] = links
    return found


def test_what_is_made_up_is_answered_as_the_description_says(
    api: Api, system: System, tmp_path: Path
) -> None:
    cloud.load_estate(system.endpoints, ESTATE)
    description = tmp_path / "openapi.json"
    description.write_text(json.dumps(with_links()))
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(
        CONFIGURATION.format(hooks=made_up.__file__, seed=SEED)
    )

    done = schemathesis(
        *("--config-file", str(configuration), "run", str(description)),
        *("--url", api.url, "--header", f"Authorization:{api.tokens[ADMIN]}"),
        *("--checks", ",".join(CHECKS), "--max-examples", str(EXAMPLES)),
        *("--request-timeout", "60", "--continue-on-failure", "--no-shrink"),
    )

    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Tested: {operations()}" in done.stdout


def operations() -> int:
    """Count the operations of the document."""
    return sum(len(item) for item in document()["paths"].values())


def schemathesis(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the program that this environment has."""
    return subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", *arguments],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=MOST_SECONDS,
    )
