"""Looks at DRS and EC2, and what it means that one cannot be made.

A look that fails ends the request; it is never taken for an empty answer.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from drs.domain.errors import (
    DRS_NOT_INITIALIZED,
    REGION_NOT_ENABLED,
    DrsRefused,
    DrsThrottled,
)
from shared.context import carried
from shared.domain.errors import (
    AccountUnreachable,
    BadRequest,
    CheckUnavailable,
    DrError,
    DrsUnavailable,
)

# Whoever names such a Region can choose another.
OF_THE_REGION = frozenset({DRS_NOT_INITIALIZED, REGION_NOT_ENABLED})


def look_within[T](asks: Callable[[], T], seconds: float) -> T:
    """Return what DRS answers, if it does so within a time.

    Raises:
        DrsUnavailable: It does not; others as ``look``.
    """
    pool = ThreadPoolExecutor(1, "look")
    try:
        return pool.submit(carried(look), asks).result(max(1.0, seconds))
    except TimeoutError as error:
        raise DrsUnavailable(
            "AWS did not answer within the time of the request; ask again."
        ) from error
    finally:
        # What still runs ends by the limits of its client.
        pool.shutdown(wait=False)


def look[T](asks: Callable[[], T]) -> T:
    """Return what DRS answers.

    Raises:
        BadRequest: ``DRS_NOT_INITIALIZED``, ``REGION_NOT_ENABLED``.
        CheckUnavailable: DRS refuses to answer us.
        DrsUnavailable: DRS does not answer.
        AccountUnreachable: The account's role could not be assumed.
    """
    try:
        return asks()
    except DrsRefused as error:
        kind = BadRequest if error.code in OF_THE_REGION else CheckUnavailable
        code = error.code if kind is BadRequest else None
        raise kind(error.message, code=code, **error.details) from error
    except DrsThrottled as error:
        raise DrsUnavailable(error.message, **error.details) from error


def checked[T](asks: Callable[[], T]) -> T:
    """Return what a check is made from.

    Raises:
        CheckUnavailable: AWS refuses to answer us, or does not answer.
        AccountUnreachable: The account's role could not be assumed.
    """
    try:
        return asks()
    except AccountUnreachable:
        raise
    except DrError as error:
        raise CheckUnavailable(error.message, **error.details) from error
