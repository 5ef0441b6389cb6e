"""Looking at many Regions of some accounts at once, within a time.

The one rule of what a Region means in a sweep: one that is not enabled, or
in which DRS is not in use, has nothing; one that could not be asked, or not
in time, is named. An account whose role lets nobody in is unreachable as a
whole, and is not asked again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from drs.domain.ports import DrsRegion, DrsRegions
from drs.looks import OF_THE_REGION, look
from shared.context import carried
from shared.domain.account import AccountContext
from shared.domain.errors import (
    AccountUnreachable,
    BadRequest,
    DrError,
    DrsUnavailable,
)

AT_A_TIME: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept[T]:
    """What the Regions of one account answered.

    Attributes:
        found: The answer of each Region that gave one.
        failed: Why each other Region, in which DRS may be in use, did not.
        unreachable: Why the account as a whole could not be asked.
    """

    found: Mapping[str, T] = field(default_factory=dict)
    failed: Mapping[str, DrError] = field(default_factory=dict)
    unreachable: AccountUnreachable | None = None

    def checked(self) -> "Swept[T]":
        """Return it where at least one Region could be asked.

        Raises:
            AccountUnreachable: The account's role could not be assumed.
            Unavailable: No Region answered, and at least one should have.
        """
        if self.unreachable is not None:
            raise self.unreachable
        if self.failed and not self.found:
            raise next(iter(self.failed.values()))
        return self

    def unread(self) -> list[str]:
        """Return why a Region, or the account as a whole, was not read."""
        if self.unreachable is not None:
            return [self.unreachable.message]
        return [error.message for _, error in sorted(self.failed.items())]


class _Closed[T]:
    """Asks one account's Regions until it turns out to be unreachable."""

    def __init__(self, asks: Callable[[DrsRegion], T]) -> None:
        self._asks = asks
        self._error: AccountUnreachable | None = None

    def ask(self, region: Callable[[], DrsRegion]) -> T:
        """Return what a Region answers."""
        if self._error is not None:
            raise self._error
        try:
            return look(lambda: self._asks(region()))
        except AccountUnreachable as error:
            self._error = error
            raise


def sweep[T](
    regions: DrsRegions,
    accounts: Iterable[AccountContext],
    names: Sequence[str],
    asks: Callable[[DrsRegion], T],
    *,
    seconds: float,
) -> dict[AccountContext, Swept[T]]:
    """Ask the same of every Region of some accounts.

    Args:
        regions: The way to any account's Region.
        accounts: Whose Regions.
        names: The Regions, those first that matter most.
        asks: What to ask of a Region; it may be asked in any thread.
        seconds: How long it may take; what has not answered by then failed.
    """
    pool = ThreadPoolExecutor(AT_A_TIME, "sweep")
    asked: dict[AccountContext, dict[str, Future[T]]] = {}
    doors = {account: _Closed(asks) for account in accounts}
    for name in names:
        for account, door in doors.items():
            region = partial(regions, account, name)
            answers = asked.setdefault(account, {})
            answers[name] = pool.submit(carried(door.ask), region)
    wait([one for of in asked.values() for one in of.values()], seconds)
    # What still runs ends by the limits of its client; nobody waits for it.
    pool.shutdown(wait=False, cancel_futures=True)
    return {
        account: _swept(account, asked.get(account, {})) for account in doors
    }


def _swept[T](
    account: AccountContext, answers: Mapping[str, Future[T]]
) -> Swept[T]:
    found: dict[str, T] = {}
    failed: dict[str, DrError] = {}
    for name, answer in answers.items():
        if not answer.done() or answer.cancelled():
            failed[name] = _late(account, name)
            continue
        try:
            found[name] = answer.result()
        except AccountUnreachable as error:
            return Swept(unreachable=error)
        except BadRequest as error:
            if error.code not in OF_THE_REGION:
                raise
        except DrError as error:
            failed[name] = error
    return Swept(found=found, failed=failed)


def _late(account: AccountContext, region: str) -> DrError:
    return DrsUnavailable(
        f"DRS in account {account.account_id}, {region}, did not answer "
        "within the time of the request; ask again.",
        accountId=account.account_id,
        region=region,
    )
