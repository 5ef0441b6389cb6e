"""The command: what it refuses, which stages it takes, how it ends."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.command_line import read
from pipeline.domain.course import StageNumber
from pipeline.domain.gate import GateResult, Kind, Outcome
from pipeline.domain.options import Options, Orchestrator, Rollback
from pipeline.gates import Report
from pipeline.main import Stage, deploy, main
from tests.pipeline.builders import a_result, an_options


@dataclass
class Course:
    """Stages that end as they are told, and what was run."""

    ends: Mapping[StageNumber, GateResult] = field(default_factory=dict)
    ran: list[StageNumber] = field(default_factory=list)
    said: io.StringIO = field(default_factory=io.StringIO)

    def run(self, options: Options) -> int:
        """Deploy over these stages."""
        stages = {number: self._stage(number) for number in StageNumber}
        return deploy(options, stages, Console(file=self.said, width=120))

    def _stage(self, number: StageNumber) -> Stage:
        def stage(options: Options, report: Report) -> list[GateResult]:
            self.ran.append(number)
            return [self.ends.get(number, a_result(Outcome.OK))]

        return stage


def test_every_stage_runs_where_each_passes() -> None:
    course = Course()

    assert course.run(an_options()) == 0
    assert course.ran == list(StageNumber)


@pytest.mark.parametrize("number", StageNumber)
def test_a_blocking_gate_that_fails_stops_before_the_next_stage(
    number: StageNumber,
) -> None:
    course = Course(ends={number: a_result(Outcome.FAILED)})

    assert course.run(an_options()) == (3 if number == 5 else 1)
    assert course.ran == [one for one in StageNumber if one <= number]
    assert "FAILED" in course.said.getvalue()


def test_a_reported_gate_that_could_not_run_is_shown_and_stops_nothing() -> (
    None
):
    end = a_result(Outcome.NOT_RUN, Kind.REPORTED, "audit")
    course = Course(ends={StageNumber.SECURITY: end})

    assert course.run(an_options()) == 0
    assert course.ran == list(StageNumber)
    assert "NOT RUN" in course.said.getvalue()
    assert "for a reason" in course.said.getvalue()


def test_a_strict_deployment_stops_at_it() -> None:
    end = a_result(Outcome.NOT_RUN, Kind.REPORTED, "audit")
    course = Course(ends={StageNumber.SECURITY: end})

    assert course.run(an_options(strict=True)) == 1
    assert course.ran == [StageNumber.VALIDATION, StageNumber.SECURITY]


def test_an_interruption_shows_what_was_done() -> None:
    course = Course()

    def interrupted(options: Options, report: Report) -> list[GateResult]:
        raise KeyboardInterrupt

    stages = {
        StageNumber.VALIDATION: course._stage(StageNumber.VALIDATION),
        StageNumber.SECURITY: interrupted,
    }
    said = io.StringIO()

    assert deploy(an_options(), stages, Console(file=said)) == 130
    assert "interrupted" in said.getvalue()


def test_options_are_read() -> None:
    options = read(
        [
            "dev",
            "--orchestrator=direct",
            "--yes",
            "--strict",
            "--no-push",
            "--lambda-only",
            "query-handler",
            "execution-handler",
        ],
        Path("/checkout"),
    )

    assert options == an_options(
        orchestrator=Orchestrator.DIRECT,
        yes=True,
        strict=True,
        no_push=True,
        lambda_only=True,
        functions=("query-handler", "execution-handler"),
    )


def test_a_rollback_names_a_package_and_a_version() -> None:
    options = read(["dev", "--rollback", "query-handler", "1.2.0"], Path("/"))

    assert options.rollback == Rollback(
        package="query-handler", version="1.2.0"
    )


@pytest.mark.parametrize(
    "words",
    [[], ["--lambda-only", "dev"], ["dev", "--orchestrator", "x"], ["a", "b"]],
)
def test_what_cannot_be_read_is_a_usage_error(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read(words, Path("/"))

    assert ended.value.code == 2


def test_what_is_refused_runs_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DRO_CHECKOUT", str(tmp_path))

    assert main(["prod", "--skip-tests", "--validate-only"]) == 2
    assert "Nothing was run." in capsys.readouterr().err


def test_a_list_of_gates_that_cannot_be_had_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scripts").mkdir()
    check = tmp_path / "scripts/check"
    check.write_text("#!/bin/sh\nexit 1\n")
    check.chmod(0o755)
    monkeypatch.setenv("DRO_CHECKOUT", str(tmp_path))

    assert main(["dev", "--validate-only"]) == 2
