"""A gate is run as a program, and its exit status is how it ended."""

from pathlib import Path

import pytest

from pipeline.domain.gate import BadGateList, Gate, Outcome
from pipeline.gates import listed, run

CHECK = """\
#!/bin/sh
[ "$1" = --list ] && { [ -e broken ] && exit 1; \
echo "black validation blocking"; exit 0; }
echo "asked $1"
[ "$1" = audit ] && echo "NOT RUN: no network"
exit $(cat status)
"""


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/check").write_text(CHECK)
    (tmp_path / "scripts/check").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (0, Outcome.OK),
        (1, Outcome.FAILED),
        (2, Outcome.NOT_RUN),
        (3, Outcome.NOT_RUN),
        (127, Outcome.NOT_RUN),
    ],
)
def test_only_a_gate_that_ran_and_ended_well_passed(
    checkout: Path, status: int, outcome: Outcome
) -> None:
    (checkout / "status").write_text(str(status))

    result = run(checkout, Gate(name="black"), lambda line: None)

    assert result.outcome is outcome


def test_a_gate_that_could_not_run_says_why(checkout: Path) -> None:
    (checkout / "status").write_text("3")

    result = run(checkout, Gate(name="audit"), lambda line: None)

    assert result.reason == "no network"


def test_what_a_failed_gate_said_is_shown_and_kept(checkout: Path) -> None:
    (checkout / "status").write_text("1")
    shown: list[str] = []

    result = run(checkout, Gate(name="black"), shown.append)

    assert "    asked black" in shown
    kept = checkout / result.reason.removeprefix("see ")
    assert kept.read_text() == "asked black\n"


def test_the_list_of_gates_is_that_of_the_checkout(checkout: Path) -> None:
    assert listed(checkout, "validation") == [Gate(name="black")]


def test_a_list_that_cannot_be_had_is_no_list_without_gates(
    checkout: Path,
) -> None:
    (checkout / "broken").touch()

    with pytest.raises(BadGateList):
        listed(checkout, "validation")
