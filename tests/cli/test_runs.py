"""Plans are run, watched and steered through the functions alone."""

import json
from typing import Any

import pytest
from typer.testing import Result

from shared.domain.status import Status
from tests.cli.installation import Running, WorldClock


@pytest.fixture
def shop() -> Running:
    """An installation with a plan of two waves, paused before the second."""
    made = Running()
    made.world.has_servers("db", 2)
    made.world.has_servers("web", 2)
    made.world.has_plan(
        {"protectionGroupId": "db", "waveName": "Databases"},
        {
            "protectionGroupId": "web",
            "waveName": "Web",
            "pauseBeforeWave": True,
        },
    )
    return made


def watched(shop: Running, *arguments: str) -> Result:
    """Run a command that watches, the world going on meanwhile."""
    return shop.dro(*arguments, by=WorldClock(shop.world))


def started(shop: Running, *options: str) -> str:
    told = shop.json("run", "Three tiers", *options)
    return str(told["executionId"])


def paused(shop: Running) -> str:
    execution = started(shop)
    shop.world.pauses(execution)
    return execution


def test_a_run_is_a_drill_and_says_how_to_watch_it(shop: Running) -> None:
    result = shop.dro("run", "Three tiers")

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("PENDING: ")
    assert "Watch it with: dro watch " in result.stdout
    (event,) = [e for o, e in shop.asked if o == "start_execution"]
    assert event["executionType"] == "DRILL"


def test_the_same_token_starts_nothing_twice(shop: Running) -> None:
    first = started(shop, "--token", "nightly")
    second = started(shop, "--token", "nightly")

    assert first == second


def test_a_recovery_is_asked_about(shop: Running) -> None:
    refused = shop.dro("run", "Three tiers", "--recovery", says="n\n")
    assert shop.operations() == []
    meant = shop.dro("run", "Three tiers", "--recovery", "--yes")

    assert (refused.exit_code, meant.exit_code) == (1, 0)
    assert shop.asked[-1][1]["executionType"] == "RECOVERY"


def test_a_second_start_is_refused_with_its_code(shop: Running) -> None:
    started(shop)

    result = shop.dro("run", "Three tiers")

    assert result.exit_code == 1
    assert "PLAN_ALREADY_EXECUTING" in result.stderr


def test_a_watch_shows_waves_until_the_end(shop: Running) -> None:
    execution = paused(shop)
    shop.dro("resume", execution)

    result = watched(shop, "watch", execution)

    assert result.exit_code == 0, result.output
    assert "Wave 1 (Databases) COMPLETED, 2 of 2 launched" in result.stdout
    assert "Wave 2 (Web) COMPLETED" in result.stdout
    assert "Drill of Three tiers: COMPLETED after" in result.stdout


def test_a_watch_that_finds_a_pause_says_the_way_on(shop: Running) -> None:
    execution = paused(shop)

    class Resuming(WorldClock):
        def sleep(self, seconds: float) -> None:
            if shop.world.record(execution).status is Status.PAUSED:
                shop.dro("resume", execution)
            super().sleep(seconds)

    result = shop.dro("watch", execution, by=Resuming(shop.world))

    assert result.exit_code == 0
    assert result.stdout.count(f"Resume it with: dro resume {execution}") == 1


def test_a_watch_that_is_interrupted_leaves_the_execution_alone(
    shop: Running,
) -> None:
    execution = started(shop)

    class Interrupting(WorldClock):
        def sleep(self, seconds: float) -> None:
            raise KeyboardInterrupt

    result = shop.dro("watch", execution, by=Interrupting(shop.world))

    assert result.exit_code == 130
    assert result.stderr == "Interrupted.\n"
    assert shop.operations() == ["start_execution"]


def test_a_run_can_be_watched_at_once_and_fails_with_status_1(
    shop: Running,
) -> None:
    for server in ("s-1", "s-2"):
        shop.world.drs.will_fail(server, "no capacity")

    result = watched(shop, "run", "Three tiers", "--watch", "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert told["status"] == "FAILED"
    assert "FAILED" in result.stderr and "no capacity" in result.stderr


def test_a_plan_that_was_deleted_leaves_its_waves_nameless(
    shop: Running,
) -> None:
    execution = paused(shop)
    shop.dro("cancel", execution, "--yes")
    shop.answers["data-management-handler"] = lambda event: shop._plan(
        {**event, "pathParameters": {"id": "gone"}}
    )

    result = watched(shop, "watch", execution)

    assert result.exit_code == 1
    assert "Wave 2 Wave 2: NOT_STARTED" in result.stdout


def test_executions_are_listed_newest_first_and_by_plan(
    shop: Running,
) -> None:
    execution = started(shop)

    result = shop.dro("executions")

    told = shop.json("executions", "--plan", "Three tiers")
    assert execution in result.stdout and "Three tiers" in result.stdout
    assert [one["executionId"] for one in told["items"]] == [execution]
    assert shop.json("executions", "--status", "failed")["items"] == []


def test_an_execution_is_paused_and_resumed(shop: Running) -> None:
    execution = started(shop)
    shop.world.runs_until(lambda: len(shop.world.drs.jobs_started) == 1)

    result = shop.dro("pause", execution, "--reason", "looking")
    record = shop.world.pauses(execution)
    resumed = shop.json("resume", execution)

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("PAUSE_PENDING: ")
    assert record.pause_reason == "looking"
    assert resumed["status"] == "RESUMING"


def test_a_wave_is_skipped_by_its_place_from_1(shop: Running) -> None:
    execution = paused(shop)

    result = shop.dro("skip", execution, "2", "--reason", "not today")

    entry = shop.world.record(execution).entry(1)
    assert result.exit_code == 0, result.output
    assert entry is not None and entry.status == "SKIPPED"
    assert entry.status_message == "not today"


def test_a_cancel_is_asked_about_and_done(shop: Running) -> None:
    execution = paused(shop)

    kept = shop.dro("cancel", execution, says="n\n")
    assert shop.world.record(execution).status is Status.PAUSED
    done = shop.json("cancel", execution, "--yes")

    assert kept.exit_code == 1
    assert done["status"] == "CANCELLED"


def test_what_failed_is_retried_as_a_new_execution(shop: Running) -> None:
    for server in ("s-1", "s-2"):
        shop.world.drs.will_fail(server, "no capacity")
    first = started(shop)
    shop.world.finishes(first)

    told = shop.json("retry", first)

    assert told["retryOf"] == first != told["executionId"]


def test_instances_are_terminated_after_a_yes(shop: Running) -> None:
    execution = paused(shop)
    shop.dro("resume", execution)
    shop.world.finishes(execution)

    kept = shop.dro("terminate", execution, says="n\n")
    told = shop.json("terminate", execution, "--yes")
    again = shop.dro("terminate", execution, "--yes")

    assert kept.exit_code == 1
    assert (told["totalFound"], told["totalFailed"]) == (4, 0)
    assert again.exit_code == 0, again.output


def test_the_ending_of_instances_can_be_watched(shop: Running) -> None:
    execution = paused(shop)
    shop.dro("resume", execution)
    shop.world.finishes(execution)

    result = watched(shop, "terminate", execution, "--yes", "--watch")

    assert result.exit_code == 0, result.output
    assert "4 of 4 instances are being terminated" in result.stdout
    assert "4 of 4 instances are gone (100 %)" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("watch", "nobody"), "EXECUTION_NOT_FOUND"),
        (("pause", "nobody"), "EXECUTION_NOT_FOUND"),
        (("resume", "nobody"), "EXECUTION_NOT_FOUND"),
        (("cancel", "nobody", "--yes"), "EXECUTION_NOT_FOUND"),
        (("terminate", "nobody", "--yes"), "EXECUTION_NOT_FOUND"),
        (("retry", "nobody"), "EXECUTION_NOT_FOUND"),
        (("skip", "nobody", "1", "--reason", "x"), "EXECUTION_NOT_FOUND"),
        (("executions", "--status", "odd"), "INVALID_FORMAT"),
        (("run", "Three tiers", "--token", "x" * 65), "INVALID_FORMAT"),
    ],
)
def test_a_refusal_is_one_line_with_its_code(
    shop: Running, arguments: tuple[str, ...], code: str
) -> None:
    result = shop.dro(*arguments)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"{code}: ")
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "nothing"),
        ("executions", "--plan", "nothing"),
    ],
)
def test_a_plan_that_is_not_there_is_named(
    shop: Running, arguments: tuple[str, ...]
) -> None:
    result = shop.dro(*arguments)

    assert result.exit_code == 1
    assert "There is no recovery plan 'nothing'" in result.stderr


def test_a_recovery_warns_in_words(shop: Running) -> None:
    def answered(event: dict[str, Any]) -> Any:
        return {
            "executionId": "e-1",
            "status": "PENDING",
            "message": "accepted",
            "warnings": [{"code": "CHECKS_CONTINUE", "message": "soon"}],
        }

    shop.answers["execution-handler"] = answered

    result = shop.dro("run", "Three tiers")

    assert "Warning: CHECKS_CONTINUE: soon" in result.stdout
