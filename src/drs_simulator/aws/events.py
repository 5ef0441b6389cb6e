"""Carries the service's events to an address, without holding anyone up.

Decides nothing about their content: an event is posted in the form in which
rules see it. Delivery is best effort, as it is at the real service: an event
that cannot be delivered is logged and dropped.
"""

import json
import logging
import queue
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

LOG = logging.getLogger("drs-simulator.events")
PATIENCE_SECONDS = 5.0
MOST_WAITING = 10_000


class HttpEvents:
    """Posts each event as JSON to one address, in order.

    Args:
        address: where events go.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._waiting: queue.Queue[Mapping[str, Any]] = queue.Queue(
            MOST_WAITING
        )
        self._thread = threading.Thread(target=self._deliver, daemon=True)
        self._thread.start()

    def publish(self, event: Mapping[str, Any]) -> None:
        """Take one event; it is dropped when too many wait."""
        try:
            self._waiting.put_nowait(event)
        except queue.Full:
            LOG.warning("event dropped: %s wait already", MOST_WAITING)

    def drain(self) -> None:
        """Wait until every event taken so far has been tried."""
        self._waiting.join()

    def _deliver(self) -> None:
        while True:
            event = self._waiting.get()
            try:
                self._post(event)
            except (urllib.error.URLError, OSError) as error:
                LOG.warning("event not delivered: %s", error)
            finally:
                self._waiting.task_done()

    def _post(self, event: Mapping[str, Any]) -> None:
        request = urllib.request.Request(
            self._address,
            data=json.dumps(event).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(  # nosec B310 # address of our own
            request, timeout=PATIENCE_SECONDS
        ) as answer:
            answer.read()
