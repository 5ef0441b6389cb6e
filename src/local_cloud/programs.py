"""The command lines and environments of the local cloud's programs.

Each environment is written out in full: nothing of the machine's own reaches
the emulator or a function. Every address is on the loopback interface. The
speed has one meaning for both programs: waits and recovery times are divided
by it.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from local_cloud.processes import Program, search_path

REGION = "us-east-1"
ACCOUNT_ID = "123456789012"
_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The loopback ports of one local cloud."""

    aws: int
    drs: int
    whoami: int
    api: int

    @property
    def api_url(self) -> str:
        """The deployed API."""
        return f"http://{_HOST}:{self.api}"

    @property
    def aws_url(self) -> str:
        """Every AWS service but two."""
        return f"http://{_HOST}:{self.aws}"

    @property
    def drs_url(self) -> str:
        """AWS DRS and Service Quotas."""
        return f"http://{_HOST}:{self.drs}"

    @property
    def whoami_url(self) -> str:
        """Who an access key belongs to, and events of AWS services."""
        return f"http://{_HOST}:{self.whoami}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pythons:
    """The interpreters of the two environments that are not ours.

    `search_path` is set where the emulator's environment does not hold the
    overlay itself.
    """

    emulator: Path
    runtime: Path
    search_path: str = ""


def emulator(
    *,
    ports: Ports,
    pythons: Pythons,
    run: Path,
    logs: Path,
    layers: Path,
    wait_scale: float,
    without: tuple[str, ...] = (),
) -> Program:
    """Answer how to start the emulator with the overlay."""
    state = run / "emulator"
    argv = [
        str(pythons.emulator),
        "-P",
        "-m",
        "local_cloud.emulator.launch",
        f"--runtime-python={pythons.runtime}",
        f"--state={state}",
        f"--layers={layers}",
        f"--whoami-port={ports.whoami}",
        *(f"--without={piece}" for piece in without),
    ]
    return Program(
        name="emulator",
        argv=argv,
        env=_emulator_environment(ports, pythons, state, wait_scale),
        cwd=str(run),
        log=str(logs / "emulator.log"),
    )


def simulator(*, ports: Ports, run: Path, logs: Path, scale: float) -> Program:
    """Answer how to start the DRS simulator."""
    argv = [
        sys.executable,
        "-P",
        "-m",
        "drs_simulator.aws.server",
        f"--port={ports.drs}",
        f"--scale={scale:g}",
        f"--sts-endpoint={ports.aws_url}",
        f"--ec2-endpoint={ports.aws_url}",
        f"--whoami={ports.whoami_url}",
        f"--events-url={ports.whoami_url}/events",
        f"--account={ACCOUNT_ID}",
    ]
    return Program(
        name="drs-simulator",
        argv=argv,
        env={
            **_plain_environment(run),
            # Our own code is found where this process finds it.
            "PYTHONPATH": search_path(),
            "AWS_ACCESS_KEY_ID": ACCOUNT_ID,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": REGION,
        },
        cwd=str(run),
        log=str(logs / "drs-simulator.log"),
    )


def gateway(
    *, ports: Ports, run: Path, logs: Path, endpoints: Path
) -> Program:
    """Answer how to start what serves the API at its own address."""
    argv = [
        sys.executable,
        "-P",
        "-m",
        "local_cloud.gateway",
        f"--port={ports.api}",
        f"--endpoints={endpoints}",
    ]
    return Program(
        name="gateway",
        argv=argv,
        env={**_plain_environment(run), "PYTHONPATH": search_path()},
        cwd=str(run),
        log=str(logs / "gateway.log"),
    )


def _emulator_environment(
    ports: Ports, pythons: Pythons, state: Path, wait_scale: float
) -> dict[str, str]:
    found = {"PYTHONPATH": pythons.search_path} if pythons.search_path else {}
    return {
        **_plain_environment(state.parent),
        **found,
        "AUTH": "true",
        "AWS_ENDPOINT_URL": ports.aws_url,
        "AWS_ENDPOINT_URL_DRS": ports.drs_url,
        "AWS_ENDPOINT_URL_SERVICE_QUOTAS": ports.drs_url,
        "BIND_HOST": _HOST,
        "GATEWAY_PORT": str(ports.aws),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "INFO",
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": "0",
        "S3_DATA_DIR": str(state / "s3"),
        "S3_PERSIST": "0",
        "SFN_WAIT_SCALE": f"{wait_scale:g}",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(state / "state"),
    }


def _plain_environment(run: Path) -> dict[str, str]:
    return {
        "HOME": str(run),
        "LANG": "C.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONUNBUFFERED": "1",
        # What a program unpacks goes with the run.
        "TMPDIR": str(run / "tmp"),
    }
