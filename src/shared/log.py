"""Log events as JSON lines, one object a line.

Decides the form of a line and what never gets into one. What is worth a
line is decided where it happens. Adapters log through the standard
library's logger ``dr`` and get the same form.
"""

import logging
import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any, TextIO

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from shared.context import bound, fields
from shared.domain.batches import BATCH_OF

NAME = "dr"
_WITHHELD = frozenset(
    {
        "application",
        "authorization",
        "claims",
        "event",
        "external_id",
        "password",
        "payload",
        "secret",
        "state",
        "task_token",
        "taskToken",
        "token",
    }
)
_LEVELS = {"WARNING": "WARN", "CRITICAL": "ERROR"}


class _Lines(LambdaPowertoolsFormatter):
    """Powertools' form with the names of the contract."""

    def serialize(self, log: dict[str, Any]) -> str:  # type: ignore[override]
        """Return the line."""
        line = {
            "timestamp": str(log.pop("timestamp")).replace("+00:00", "Z"),
            "level": _LEVELS.get(log["level"], log["level"]),
            "handler": log.pop("handler", ""),
            "function": log.pop("location"),
            **_batch(sys._getframe(1)),
            "message": log["message"],
            **fields(),
            **log.pop("fields", {}),
        }
        log.pop("service", None)
        return super().serialize(
            {
                name: "[withheld]" if name in _WITHHELD else value
                for name, value in {
                    **line,
                    **log,
                    "level": line["level"],
                }.items()
            }
        )


def _batch(frame: FrameType | None) -> dict[str, int]:
    """Return the batch of the innermost function that has one."""
    while frame is not None:
        batch = BATCH_OF.get(frame.f_code.co_name)
        if batch is not None:
            return {"batch": batch}
        frame = frame.f_back
    return {}


class _Stdout(logging.StreamHandler[TextIO]):
    """Writes to whatever standard output is at the moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """Return standard output."""
        return sys.stdout


_logger = Logger(
    service=NAME,
    logger_formatter=_Lines(
        use_rfc3339=True,
        utc=True,
        location="%(funcName)s",
        serialize_stacktrace=False,
    ),
    logger_handler=_Stdout(),
)


def start(handler: str, versions: Mapping[str, str]) -> None:
    """Name the Lambda and its versions on every line from now on."""
    _logger.append_keys(handler=handler, versions=dict(versions))


def event(name: str, /, **fields: Any) -> None:
    """Log a decision or an operation."""
    _logger.info(name, extra={"fields": fields}, stacklevel=3)


def warning(name: str, /, **fields: Any) -> None:
    """Log a retry, missing data or deprecated use."""
    _logger.warning(name, extra={"fields": fields}, stacklevel=3)


def error(name: str, /, **fields: Any) -> None:
    """Log a failure."""
    _logger.error(name, extra={"fields": fields}, stacklevel=3)


def exception(name: str, /, **fields: Any) -> None:
    """Log a failure with the traceback of what is being handled."""
    _logger.exception(name, extra={"fields": fields}, stacklevel=3)


__all__ = ["bound", "error", "event", "exception", "start", "warning"]
