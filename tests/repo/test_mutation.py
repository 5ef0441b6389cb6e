"""The report of the mutation check counts what it read, and nothing else."""

import json
from pathlib import Path

import pytest

from scripts.mutation import Tally, lines, main, tallies, tally

SURVIVED, FAILED, TIME_UP, UNREACHED = 0, 1, 36, 33


def _a_run(folder: Path) -> Path:
    verdicts: dict[str, dict[str, int | None]] = {
        "src/drs/domain/job.py": {"job.one": FAILED, "job.two": TIME_UP},
        "src/shared/domain/plan.py": {
            "plan.one": FAILED,
            "plan.two": SURVIVED,
            "plan.three": UNREACHED,
            "plan.four": None,
        },
        "src/shared/domain/__init__.py": {},
    }
    for path, codes in verdicts.items():
        meta = folder / f"{path}.meta"
        meta.parent.mkdir(parents=True, exist_ok=True)
        meta.write_text(json.dumps({"exit_code_by_key": codes}))
    return folder


@pytest.mark.parametrize("code", [FAILED, TIME_UP])
def test_a_failing_test_and_a_spent_time_limit_kill(code: int) -> None:
    assert tally({"one": code}) == Tally(killed=1)


@pytest.mark.parametrize("code", [SURVIVED, UNREACHED, -11])
def test_whatever_else_ended_a_mutants_tests_lets_it_survive(
    code: int,
) -> None:
    assert tally({"one": code}) == Tally(survivors=("one",))


def test_the_score_is_of_the_decided_mutants(tmp_path: Path) -> None:
    plan = tallies(_a_run(tmp_path))["src/shared/domain/plan.py"]

    assert plan.score == pytest.approx(100 / 3)
    assert plan.open == 1


def test_a_module_without_mutants_is_not_listed(tmp_path: Path) -> None:
    assert "src/shared/domain/__init__.py" not in tallies(_a_run(tmp_path))


def test_the_report_sums_up_by_directory_and_names_the_survivors(
    tmp_path: Path,
) -> None:
    report = lines(tallies(_a_run(tmp_path)))

    assert "  60.0%       3         2      1  all" in report
    assert "  33.3%       1         2      1  src/shared/domain" in report
    assert report[-2:] == ["plan.two", "plan.three"]


def test_only_the_survivors_names_are_written_on_demand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(_a_run(tmp_path)), "--names"])

    assert capsys.readouterr().out == "plan.two\nplan.three\n"
