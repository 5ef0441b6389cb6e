"""What AWS Elastic Disaster Recovery may answer instead of a result.

BadRequest
└── LaunchConfigRefused a launch configuration that cannot work
Conflict
└── DrsConflict         a server is busy in another job
LimitExceeded
└── DrsQuotaExceeded    nothing was started: a quota leaves no room
NotFound
└── DrsNotFound         DRS or EC2 does not know the named thing
Unavailable
├── DrsThrottled        nothing was done: called too often
└── DrsUnavailable
    └── DrsAnswerLost   the call may have been carried out all the same
DrError
└── DrsRefused          refused for good: rights, Region, initialisation, input

Whether a call may be repeated follows from the class; who repeats it is
the caller's to decide.
"""

from typing import Any, ClassVar

from shared.domain.errors import (
    BadRequest,
    Conflict,
    DrError,
    DrsUnavailable,
    LimitExceeded,
    NotFound,
    Unavailable,
)

DRS_NOT_INITIALIZED = "DRS_NOT_INITIALIZED"
REGION_NOT_ENABLED = "REGION_NOT_ENABLED"
ACCESS_DENIED = "ACCESS_DENIED"
VALIDATION_ERROR = "VALIDATION_ERROR"


class LaunchConfigRefused(BadRequest):
    """A launch configuration that must not be stored."""

    default_code: ClassVar[str] = "INVALID_LAUNCH_CONFIG"

    def body(self) -> dict[str, Any]:
        """Return the error body; the code has two names in it."""
        return {**super().body(), "code": self.code}


class DrsConflict(Conflict):
    """The resource is busy in another job."""

    default_code: ClassVar[str] = "SERVER_CONFLICT"


class DrsQuotaExceeded(LimitExceeded):
    """A quota of DRS leaves no room now; nothing was started."""

    default_code: ClassVar[str] = "QUOTA_EXCEEDED"


class DrsNotFound(NotFound):
    """DRS or EC2 does not know the named resource."""


class DrsThrottled(Unavailable):
    """Called too often; nothing was done."""

    default_code: ClassVar[str] = "THROTTLED"


class DrsAnswerLost(DrsUnavailable):
    """No answer, or a server fault: the call may have been carried out."""


class DrsRefused(DrError):
    """Refused for good; the message names account, Region and action."""

    status: ClassVar[int] = 400
    default_code: ClassVar[str] = VALIDATION_ERROR


def may_repeat(error: DrError) -> bool:
    """Tell whether a repeatable call is worth another try."""
    return isinstance(error, Unavailable)
