"""A bug that is planted is found within so many runs.

Each is a mistake that systems of this kind have made: a call before its
intent, a call repeated without looking first, a page that is not read.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from drs.aws.calls import Calls
from drs.domain.intent_tags import intent_tags
from drs.domain.job import Job
from execution_handler import launch
from shared.domain.record import Intent, Key, Record
from tests.campaign.campaign import Result, run
from tests.support.fake_executions import FakeExecutions

WITHIN = 500


def found() -> Result:
    """Return the first run that finds something."""
    for seed in range(WITHIN):
        result = run(seed)
        if result.broken:
            return result
    raise AssertionError(f"{WITHIN} runs found nothing")


def test_a_call_without_its_intent_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    intend = launch.intend

    def calls_first(
        record: Record,
        wave: int,
        server_ids: tuple[str, ...],
        launcher: launch.Launcher,
    ) -> Intent | None:
        entry = record.entry(wave)
        index = entry.intent_count if entry is not None else 0
        job_id = launcher.region.start_recovery(
            server_ids,
            is_drill=launcher.is_drill,
            tags=intent_tags(*launcher.key, wave, index),
        )
        intent = intend(record, wave, server_ids, launcher)
        if intent is None:
            return None
        return launch.confirm(intent, job_id, launcher)

    def confirmed(intent: Intent, launcher: launch.Launcher) -> Intent:
        return intent

    monkeypatch.setattr(launch, "intend", calls_first)
    monkeypatch.setattr(launch, "call", confirmed)

    assert found().broken


def test_a_call_that_is_repeated_without_a_look_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def blind(intent: Intent, launcher: launch.Launcher) -> Job | None:
        return None

    monkeypatch.setattr(launch, "find_job", blind)

    assert found().broken


def test_a_page_of_drs_that_is_not_read_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def first_page(
        calls: Calls,
        service: str,
        method: str,
        *,
        key: str = "items",
        token: str = "nextToken",
        **request: Any,
    ) -> Iterator[dict[str, Any]]:
        yield from calls.call(service, method, **request).get(key, ())

    monkeypatch.setattr(Calls, "items", first_page)

    assert found().broken


def test_a_page_of_intents_that_is_not_read_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    intents = FakeExecutions.intents

    def first_page(
        executions: FakeExecutions, key: Key, wave: int | None = None
    ) -> Sequence[Intent]:
        return intents(executions, key, wave)[:2]

    monkeypatch.setattr(FakeExecutions, "intents", first_page)

    assert found().broken
