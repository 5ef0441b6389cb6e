"""Repeats of one start, and a retry with what it retries."""

import pytest

from shared.domain import items
from shared.domain.errors import Conflict, NotFound
from shared.domain.ports import ServerKey
from shared.domain.record import Change
from tests.contracts.stores import PLAN_ID, Store, a_key, a_plan, a_record

ME = a_key("e-1")
OTHER = a_key("e-2", "p-2")


def a_server(name: str) -> ServerKey:
    return ServerKey("111122223333", "us-east-1", f"s-{name}")


def has_another(store: Store) -> None:
    store.has(a_record(execution_id="e-2", plan_id="p-2"))


class TestAttempts:
    """Before the record exists, the latest attempt alone counts."""

    def start(self, store: Store, attempt: str) -> list[ServerKey]:
        """Take the lock, a snapshot and two servers, as a start does."""
        now = store.clock.now()
        servers = [a_server("00001"), a_server("00002")]
        assert store.locks.acquire_plan(ME, now, attempt) is None
        store.executions.save_plan(ME, a_plan(), attempt)
        assert not store.locks.reserve(
            ME, servers, 1, now, record_exists=False, attempt=attempt
        )
        return servers

    def left(self, store: Store) -> int:
        return len(store.table.all())

    def give_up(
        self, store: Store, servers: list[ServerKey], attempt: str
    ) -> None:
        store.executions.delete_plan(ME, attempt)
        store.locks.give_up(ME, servers, attempt)

    def test_the_latest_attempt_holds_the_lock(self, store: Store) -> None:
        self.start(store, "first")

        self.start(store, "second")

        lock = store.raw(items.lock_key(PLAN_ID))
        assert lock and lock["attempt"] == "second"

    def test_an_attempt_that_gives_up_leaves_nothing(
        self, store: Store
    ) -> None:
        servers = self.start(store, "only")

        self.give_up(store, servers, "only")

        assert self.left(store) == 0

    def test_an_attempt_that_was_overtaken_deletes_nothing(
        self, store: Store
    ) -> None:
        servers = self.start(store, "first")
        self.start(store, "second")
        before = self.left(store)

        self.give_up(store, servers, "first")

        assert self.left(store) == before

    def test_an_attempt_that_was_overtaken_takes_and_creates_nothing(
        self, store: Store
    ) -> None:
        servers = self.start(store, "first")
        self.start(store, "second")
        more = a_server("more")

        with pytest.raises(Conflict):
            store.locks.reserve(
                ME,
                [*servers, more],
                1,
                store.clock.now(),
                record_exists=False,
                attempt="first",
            )
        created = store.executions.create(a_record(), "first")

        assert not created
        assert store.locks.holders([more]) == {}

    def test_nothing_of_a_record_that_exists_is_given_up(
        self, store: Store
    ) -> None:
        servers = self.start(store, "only")
        assert store.executions.create(a_record(), "only")
        before = self.left(store)

        self.give_up(store, servers, "only")

        assert self.left(store) == before

    def test_an_attempt_whose_lock_is_anothers_cleans_up_all_the_same(
        self, store: Store
    ) -> None:
        servers = self.start(store, "only")
        store.clock.sleep(331)
        other = a_key("e-9")
        assert store.locks.acquire_plan(other, store.clock.now(), "x") is None

        self.give_up(store, servers, "only")

        assert self.left(store) == 1


def test_a_retry_and_the_record_it_retries_are_written_together(
    store: Store,
) -> None:
    has_another(store)
    first = store.executions.record(OTHER)
    store.locks.acquire_plan(ME, store.clock.now(), "a")

    assert store.executions.create(a_record(), "a", first)

    retried = store.executions.record(OTHER)
    assert retried.retried_by == ME.execution_id
    assert retried.revision == first.revision + 1


def test_a_retry_of_a_record_that_changed_is_not_written(
    store: Store,
) -> None:
    has_another(store)
    first = store.executions.record(OTHER)
    store.executions.commit(first, Change(set={"hurry_until": 1}))
    store.locks.acquire_plan(ME, store.clock.now(), "a")

    assert not store.executions.create(a_record(), "a", first)

    assert store.executions.record(OTHER).retried_by == ""
    with pytest.raises(NotFound):
        store.executions.record(ME)
