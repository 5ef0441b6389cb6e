"""The commands of dro, their output and their exit statuses."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.domain.plan_file import published_schema
from cli.domain.ports import Cloud, CommandFailed, Refused
from cli.domain.settings import Chosen, Settings
from cli.frame import Wiring
from cli.main import app
from shared.domain.record import Record
from tests.cli.builders import SMALL, a_record, a_server, a_wave
from tests.cli.fakes import FakeClock, FakeCloud, FakeExecutions, a_run


def dro(cloud: FakeCloud, *arguments: str) -> Result:
    """Run a command against this cloud."""

    def made(chosen: Chosen, say: Callable[[str], None]) -> Cloud:
        cloud.chosen = chosen
        return cloud

    wiring = Wiring(cloud=made, clock=FakeClock())
    return CliRunner().invoke(app, list(arguments), obj=wiring)


def completed() -> Record:
    web = [a_server("web-1", "LAUNCHED"), a_server("web-2", "LAUNCHED")]
    return a_record(
        "COMPLETED",
        [
            a_wave(0, "COMPLETED", [a_server("db-1", "LAUNCHED")]),
            a_wave(1, "COMPLETED", web),
        ],
        endTime=1030,
    )


def failed() -> Record:
    servers = [a_server("db-1", "FAILED", error="LAUNCH_FAILED: no room")]
    return a_record(
        "FAILED",
        [a_wave(0, "FAILED", servers)],
        endTime=1030,
        errorMessage="Wave 1: db-1 failed",
    )


@pytest.fixture(name="plan")
def _plan(tmp_path: Path) -> str:
    path = tmp_path / "plan.yaml"
    path.write_text(SMALL)
    return str(path)


def a_cloud(*records: Record) -> FakeCloud:
    return FakeCloud(FakeExecutions(a_record("PENDING"), *records))


def test_a_good_plan_is_said_to_be_in_order(plan: str) -> None:
    result = dro(FakeCloud(), "plan", "validate", plan)

    assert result.exit_code == 0
    assert (
        result.stdout == f"{plan}: plan small, 2 waves, 3 servers: in order\n"
    )


def test_a_bad_plan_has_exit_status_2(plan: str) -> None:
    Path(plan).write_text(SMALL.replace("planName", "planNam"))

    result = dro(FakeCloud(), "plan", "validate", plan)

    assert result.exit_code == 2
    assert f"{plan}:19:3: unknown key `planNam`; did you" in result.stderr


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_an_unreadable_plan_has_exit_status_2(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "p.yaml"
    if content is not None:
        path.write_bytes(content)

    result = dro(FakeCloud(), "plan", "validate", str(path))

    assert result.exit_code == 2
    assert f"{path}:1:1: " in result.stderr


def test_the_schema_is_written() -> None:
    result = dro(FakeCloud(), "plan", "schema")

    assert result.stdout == json.dumps(published_schema(), indent=2) + "\n"


def test_a_plan_can_be_put_into_a_cloud_that_comes_up(plan: str) -> None:
    cloud = FakeCloud()

    result = dro(cloud, "local", "up", plan)

    assert result.exit_code == 0, result.output
    assert cloud.asked == ["up", "release"]
    assert [seeded.plan_id for seeded in cloud.seeded] == [
        result.stdout.split("small (")[1].split(")")[0]
    ]


def test_a_bad_plan_brings_nothing_up(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("apiVersion: 1\n")
    cloud = FakeCloud()

    result = dro(cloud, "local", "up", str(bad))

    assert result.exit_code == 2
    assert cloud.asked == []


def test_a_drill_that_completes_has_exit_status_0(plan: str) -> None:
    cloud = a_cloud(completed())

    result = dro(cloud, "local", "drill", plan)

    assert result.exit_code == 0, result.output
    assert "Drill of small: COMPLETED after 30 s, 3 of 3" in result.stdout
    assert cloud.asked == ["up", "down"]
    assert cloud.settings() == Settings()


def test_the_report_is_the_last_line_and_alone_on_stdout(plan: str) -> None:
    result = dro(
        a_cloud(completed()),
        *("local", "drill", plan, "--json", "--orchestrator", "direct"),
    )

    told = json.loads(result.stdout)
    assert result.output.rstrip().endswith(result.stdout.strip())
    assert (told["status"], told["orchestrator"]) == ("COMPLETED", "direct")
    assert "Wave 1 (Wave 1) COMPLETED" in result.stderr


def test_a_drill_that_fails_has_exit_status_1_and_says_why(plan: str) -> None:
    executions = FakeExecutions(failed())
    executions.machine_is(None, a_run("FAILED", "PlanExecutionFailed", "no"))
    cloud = FakeCloud(executions)

    result = dro(cloud, "local", "drill", plan, "--fail", "db-1")

    assert result.exit_code == 1
    assert "Failed: db-1 (s-db-1) in wave 1 Wave 1: LAUNCH_FA" in result.stdout
    assert "State machine FAILED: PlanExecutionFailed: no" in result.stdout
    assert cloud.faults[0]["launch"] == "FAILED"


def test_choices_reach_the_cloud(plan: str) -> None:
    cloud = a_cloud(completed())
    fault = '{"op":"StartRecovery","loseReply":true,"times":1}'

    result = dro(
        cloud, "local", "drill", plan, "--speed", "500", "--fault", fault
    )

    assert result.exit_code == 0
    assert cloud.settings() == Settings(speed=500.0)
    assert cloud.faults == [json.loads(fault)]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--fault", "{"),
        ("--fault", "[]"),
        ("--speed", "0"),
        ("--speed", "fast"),
        ("--orchestrator", "other"),
        ("--fail", "web-7"),
        ("--unknown",),
    ],
)
def test_bad_arguments_start_nothing(
    plan: str, arguments: tuple[str, ...]
) -> None:
    cloud = a_cloud(completed())

    result = dro(cloud, "local", "drill", plan, *arguments)

    assert result.exit_code == 2
    assert result.stderr
    assert not (cloud.asked or cloud.seeded or cloud.faults)


def test_a_bad_plan_starts_nothing(plan: str) -> None:
    Path(plan).write_text("apiVersion: 1\n")
    cloud = a_cloud(completed())

    result = dro(cloud, "local", "drill", plan)

    assert result.exit_code == 2
    assert not (cloud.asked or cloud.seeded)


def test_a_kept_cloud_stays_up(plan: str) -> None:
    cloud = a_cloud(failed())

    result = dro(cloud, "local", "drill", plan, "--keep")

    assert result.exit_code == 1
    assert cloud.asked == ["up", "release"]
    assert "stays up" in result.stdout


def test_a_cloud_that_was_up_is_left_up(plan: str) -> None:
    cloud = a_cloud(completed())
    cloud.is_already_up()

    dro(cloud, "local", "drill", plan)

    assert "down" not in cloud.asked


def test_a_cloud_that_does_not_come_up_is_taken_down(plan: str) -> None:
    cloud = a_cloud(completed())
    cloud.will_break(CommandFailed("the stack of tables failed"))

    result = dro(cloud, "local", "drill", plan, "--keep", "--json")

    assert result.exit_code == 1
    assert cloud.asked == ["up", "down"]
    told = json.loads(result.stdout)
    assert (told["status"], told["executionId"]) == ("NOT_STARTED", "")
    assert told["servers"] == 3
    assert "Reason: the stack of tables failed" in result.stderr


def test_a_refused_start_says_the_code(plan: str) -> None:
    executions = FakeExecutions(a_record("PENDING"))
    executions.will_refuse(Refused("SERVER_CONFLICT", "web-1 is busy"))

    result = dro(FakeCloud(executions), "local", "drill", plan)

    assert result.exit_code == 1
    assert "SERVER_CONFLICT: web-1 is busy" in result.stdout


@pytest.mark.parametrize("record", [a_record("RUNNING"), None])
def test_a_stalled_drill_has_exit_status_1(
    plan: str, record: Record | None
) -> None:
    executions = FakeExecutions(record)
    executions.machine_is(None, None)

    result = dro(FakeCloud(executions), "local", "drill", plan, "--json")

    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["status"] == ("RUNNING" if record else "NOT_STARTED")
    assert "nothing changed for 120 s" in result.stderr


@pytest.mark.parametrize("by_signal", [False, True])
def test_an_interrupted_drill_cleans_up(plan: str, by_signal: bool) -> None:
    executions = FakeExecutions(a_record("RUNNING"))

    def interrupt() -> None:
        if by_signal:
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            raise KeyboardInterrupt

    executions.on_look = interrupt
    cloud = FakeCloud(executions)

    result = dro(cloud, "local", "drill", plan, "--keep")

    assert result.exit_code == 130
    assert cloud.asked == ["up", "down"]
    assert executions.cancelled
    assert "Interrupted." in result.stderr


def test_up_says_where_everything_is() -> None:
    cloud = FakeCloud()

    result = dro(cloud, "local", "up", "--orchestrator", "direct")

    assert result.exit_code == 0
    assert cloud.asked == ["up", "release"]
    assert "aws     http://127.0.0.1:1" in result.stdout


def test_down_takes_it_down() -> None:
    cloud = FakeCloud()

    assert dro(cloud, "local", "down").exit_code == 0
    assert cloud.asked == ["down"]


def test_status_has_exit_status_1_where_nothing_is_up() -> None:
    cloud = FakeCloud()
    missing = dro(cloud, "local", "status")
    cloud.is_already_up()
    found = dro(cloud, "local", "status")

    assert missing.exit_code == 1
    assert "start one: dro local up" in missing.stderr
    assert (found.exit_code, cloud.asked) == (0, [])


def test_a_cloud_that_cannot_be_asked_is_an_error() -> None:
    cloud = FakeCloud()
    cloud.will_break(CommandFailed("Pants is missing"))

    result = dro(cloud, "local", "up")

    assert result.exit_code == 1
    assert "Pants is missing" in result.stderr
