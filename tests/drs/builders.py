"""Waves and intents as tests need them."""

from typing import Any

from shared.domain.record import Intent, ServerStatus, WaveEntry
from shared.domain.status import IntentState, WaveStatus
from tests.support.fakes import NOON


def an_entry(*servers: str) -> WaveEntry:
    """Return a wave that has just begun, of these servers."""
    return WaveEntry(
        wave_number=0,
        wave_name="Databases",
        status=WaveStatus.STARTED,
        start_time=NOON,
        region="eu-west-1",
        server_ids=servers,
        server_statuses=tuple(
            ServerStatus(source_server_id=one, server_name=one, hostname=one)
            for one in servers
        ),
    )


def an_intent(*servers: str, index: int = 0, **more: Any) -> Intent:
    """Return an intent whose job is known."""
    fields: dict[str, Any] = {
        "wave_number": 0,
        "job_index": index,
        "intent_state": IntentState.CONFIRMED,
        "server_ids": servers,
        "region": "eu-west-1",
        "attempt": 1,
        "lease_expiry": NOON,
        "called_at": NOON,
        "created_at": NOON,
        "job_id": f"drsjob-{index}",
    }
    return Intent(**{**fields, **more})
