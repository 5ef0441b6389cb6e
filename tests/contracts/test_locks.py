"""The laws of locks and reservations, on the fake and on DynamoDB."""

from typing import Any

import pytest

from shared.domain import items
from shared.domain.errors import Conflict, NotFound
from shared.domain.plan import Plan
from shared.domain.ports import ServerKey
from shared.domain.record import Key
from shared.domain.status import Status
from tests.contracts.stores import PLAN_ID, Store, a_key, a_record

HUB = "111122223333"
ME = a_key("e-1")
OTHER = a_key("e-2", "p-2")


def a_server(name: str, region: str = "us-east-1") -> ServerKey:
    return ServerKey(HUB, region, f"s-{name}")


def some_servers(count: int) -> list[ServerKey]:
    return [a_server(f"{n:05}") for n in range(count)]


def reserve(
    store: Store,
    owner: Key,
    servers: list[ServerKey],
    *,
    record_exists: bool = False,
) -> dict[ServerKey, str]:
    return store.locks.reserve(
        owner, servers, 1, store.clock.now(), record_exists=record_exists
    )


def has(store: Store, key: Key, **attributes: Any) -> None:
    store.has(
        a_record(
            execution_id=key.execution_id, plan_id=key.plan_id, **attributes
        )
    )


def test_a_free_lock_is_taken(store: Store) -> None:
    now = store.clock.now()

    assert store.locks.acquire_plan(ME, now) is None

    assert store.raw(items.lock_key(PLAN_ID)) == {
        "executionId": "execution-lock-p-1",
        "planId": "p-1",
        "status": "LOCK",
        "ownerExecutionId": "e-1",
        "acquiredAt": now,
        "lockExpiry": now + 330,
    }


def test_a_lock_is_taken_again_by_its_owner(store: Store) -> None:
    store.locks.acquire_plan(ME, store.clock.now())
    store.clock.sleep(10)

    assert store.locks.acquire_plan(ME, store.clock.now()) is None


def test_a_held_lock_names_its_holder(store: Store) -> None:
    store.locks.acquire_plan(ME, store.clock.now())

    held = store.locks.acquire_plan(a_key("e-9"), store.clock.now())

    assert held == "e-1"


def test_a_released_lock_is_free_and_only_its_owner_releases_it(
    store: Store,
) -> None:
    now = store.clock.now()
    store.locks.acquire_plan(ME, now)

    store.locks.release_plan(a_key("e-9"))
    assert store.locks.acquire_plan(a_key("e-9"), now) == "e-1"

    store.locks.release_plan(ME)
    store.locks.release_plan(ME)
    assert store.locks.acquire_plan(a_key("e-9"), now) is None


def test_the_lock_of_an_active_owner_never_expires(store: Store) -> None:
    store.locks.acquire_plan(ME, store.clock.now())
    has(store, ME, status=Status.PAUSED)
    store.clock.sleep(86_400)

    held = store.locks.acquire_plan(a_key("e-9"), store.clock.now())

    assert held == "e-1"


@pytest.mark.parametrize(
    ("waited", "holder"), [(329, "e-1"), (330, "e-1"), (331, None)]
)
def test_the_lock_of_a_missing_owner_is_free_once_expired(
    store: Store, waited: int, holder: str | None
) -> None:
    store.locks.acquire_plan(ME, store.clock.now())
    store.clock.sleep(waited)

    held = store.locks.acquire_plan(a_key("e-9"), store.clock.now())

    assert held == holder


@pytest.mark.parametrize(
    ("status", "finalized_at", "holder"),
    [
        (Status.FAILED, 0, "e-1"),
        (Status.FAILED, 7, None),
        (Status.CANCELLING, 7, "e-1"),
    ],
)
def test_the_expired_lock_of_an_owner_that_is_over_is_free(
    store: Store, status: Status, finalized_at: int, holder: str | None
) -> None:
    store.locks.acquire_plan(ME, store.clock.now())
    has(store, ME, status=status, finalized_at=finalized_at)
    store.clock.sleep(331)

    held = store.locks.acquire_plan(a_key("e-9"), store.clock.now())

    assert held == holder


def test_a_finalized_owner_keeps_an_unexpired_lock(store: Store) -> None:
    store.locks.acquire_plan(ME, store.clock.now())
    has(store, ME, status=Status.FAILED, finalized_at=7)

    assert store.locks.acquire_plan(a_key("e-9"), store.clock.now()) == "e-1"


def test_a_lock_without_an_owner_is_free_once_expired(store: Store) -> None:
    key = items.lock_key(PLAN_ID)
    store.table.put(
        {
            "executionId": key[0],
            "planId": key[1],
            "status": "LOCK",
            "lockExpiry": store.clock.now(),
        }
    )
    assert store.locks.acquire_plan(ME, store.clock.now()) == ""
    store.clock.sleep(1)

    assert store.locks.acquire_plan(ME, store.clock.now()) is None


def test_taking_from_a_missing_owner_deletes_what_it_left(
    store: Store,
) -> None:
    plan = Plan(plan_id=PLAN_ID, plan_name="", waves=())
    store.locks.acquire_plan(ME, store.clock.now())
    store.executions.save_plan(ME, plan)
    store.clock.sleep(331)

    store.locks.acquire_plan(a_key("e-9"), store.clock.now())

    with pytest.raises(NotFound):
        store.executions.plan(ME)


def test_taking_from_a_finalized_owner_deletes_nothing(store: Store) -> None:
    plan = Plan(plan_id=PLAN_ID, plan_name="", waves=())
    store.locks.acquire_plan(ME, store.clock.now())
    store.executions.save_plan(ME, plan)
    has(store, ME, status=Status.COMPLETED, finalized_at=3)
    store.clock.sleep(331)

    assert store.locks.acquire_plan(a_key("e-9"), store.clock.now()) is None

    assert store.executions.plan(ME) == plan
    assert store.executions.record(ME).finalized_at == 3


def test_a_reservation_says_whose_it_is(store: Store) -> None:
    now = store.clock.now()

    assert reserve(store, ME, [a_server("abc12")]) == {}

    assert store.raw(
        (
            f"server-lock-{HUB}-us-east-1-s-abc12",
            f"server-lock-{HUB}-12",
        )
    ) == {
        "executionId": f"server-lock-{HUB}-us-east-1-s-abc12",
        "planId": f"server-lock-{HUB}-12",
        "ownerExecutionId": "e-1",
        "ownerPlanId": "p-1",
        "waveNumber": 1,
        "lockExpiry": now + 330,
    }


def test_what_is_held_is_named_and_the_rest_is_taken(store: Store) -> None:
    servers = some_servers(5)
    reserve(store, OTHER, servers[1:3])

    held = reserve(store, ME, servers)

    assert held == {servers[1]: "e-2", servers[2]: "e-2"}
    assert store.locks.holders(servers) == {
        servers[0]: "e-1",
        servers[1]: "e-2",
        servers[2]: "e-2",
        servers[3]: "e-1",
        servers[4]: "e-1",
    }


def test_everything_held_is_named(store: Store) -> None:
    servers = some_servers(3)
    reserve(store, OTHER, servers)

    held = reserve(store, ME, servers)

    assert held == dict.fromkeys(servers, "e-2")


def test_reserving_again_is_reserving_once(store: Store) -> None:
    servers = some_servers(3)
    reserve(store, ME, servers)

    assert reserve(store, ME, [*servers, *servers]) == {}

    assert set(store.locks.holders(servers).values()) == {"e-1"}


def test_many_servers_are_reserved_over_several_transactions(
    store: Store,
) -> None:
    servers = some_servers(230)
    reserve(store, OTHER, [servers[150]])

    held = reserve(store, ME, servers)

    assert held == {servers[150]: "e-2"}
    assert len(store.locks.holders(servers)) == 230
    store.locks.release(ME, servers)
    assert store.locks.holders(servers) == {servers[150]: "e-2"}


def test_the_same_id_in_another_region_is_another_server(
    store: Store,
) -> None:
    reserve(store, OTHER, [a_server("1", "eu-west-1")])

    assert reserve(store, ME, [a_server("1", "us-east-1")]) == {}


def test_expired_reservations_of_gone_owners_are_taken_over(
    store: Store,
) -> None:
    gone, over, alive = some_servers(3)
    reserve(store, OTHER, [gone])
    reserve(store, a_key("e-3"), [over])
    reserve(store, a_key("e-4"), [alive])
    has(store, a_key("e-3"), status=Status.CANCELLED, finalized_at=1)
    has(store, a_key("e-4"), status=Status.POLLING)
    store.executions.save_plan(
        OTHER, Plan(plan_id="p-2", plan_name="", waves=())
    )
    store.clock.sleep(331)

    held = reserve(store, ME, [gone, over, alive])

    assert held == {alive: "e-4"}
    assert store.locks.holders([gone, over]) == {gone: "e-1", over: "e-1"}
    with pytest.raises(NotFound):
        store.executions.plan(OTHER)


def test_an_active_owner_may_reserve_more(store: Store) -> None:
    has(store, ME, status=Status.RUNNING)
    servers = some_servers(2)
    reserve(store, OTHER, servers[:1])

    held = reserve(store, ME, servers, record_exists=True)

    assert held == {servers[0]: "e-2"}


@pytest.mark.parametrize("status", [None, Status.FAILED])
def test_an_owner_that_is_not_active_reserves_nothing(
    store: Store, status: Status | None
) -> None:
    if status is not None:
        has(store, ME, status=status)

    with pytest.raises(Conflict, match="e-1 is not active"):
        reserve(store, ME, some_servers(2), record_exists=True)

    assert store.locks.holders(some_servers(2)) == {}


def test_nothing_is_reserved_of_nothing(store: Store) -> None:
    assert reserve(store, ME, [], record_exists=True) == {}
    assert store.locks.holders([]) == {}
    store.locks.release(ME, [])


def test_a_free_server_has_no_holder(store: Store) -> None:
    assert store.locks.holders([a_server("1")]) == {}


def test_only_ones_own_reservations_are_released(store: Store) -> None:
    mine, others, free = some_servers(3)
    reserve(store, ME, [mine])
    reserve(store, OTHER, [others])

    store.locks.release(ME, [mine, others, free])
    store.locks.release(ME, [mine, others, free])

    assert store.locks.holders([mine, others, free]) == {others: "e-2"}


def test_locks_are_no_executions(store: Store) -> None:
    store.locks.acquire_plan(ME, store.clock.now())
    reserve(store, ME, some_servers(2))

    assert store.executions.active() == []
    assert store.executions.live() == []


class TestAWholeStart:
    """Reservations that are taken together, in everybody's order."""

    def takes(
        self, store: Store, owner: Key, servers: list[ServerKey]
    ) -> dict[ServerKey, str]:
        return store.locks.reserve_all(
            owner,
            {server: n for n, server in enumerate(servers)},
            store.clock.now(),
            record_exists=False,
        )

    def test_all_are_taken_each_with_its_wave(self, store: Store) -> None:
        servers = some_servers(120)

        assert self.takes(store, ME, servers[::-1]) == {}

        assert set(store.locks.holders(servers).values()) == {"e-1"}
        stored = store.raw(items.server_lock_key(*servers[0]))
        assert stored is not None and stored["waveNumber"] == 119

    def test_they_are_taken_again_by_their_owner(self, store: Store) -> None:
        servers = some_servers(120)
        self.takes(store, ME, servers)

        assert self.takes(store, ME, servers) == {}

    def test_nothing_behind_one_that_is_held_is_taken(
        self, store: Store
    ) -> None:
        servers = some_servers(250)
        self.takes(store, OTHER, servers[150:151])

        assert self.takes(store, ME, servers) == {servers[150]: "e-2"}

        mine = [
            s for s in store.locks.holders(servers).items() if s[1] != "e-2"
        ]
        assert sorted(key for key, _ in mine) == servers[:98]

    def test_a_lock_that_ran_out_is_taken_over(self, store: Store) -> None:
        servers = some_servers(3)
        self.takes(store, OTHER, servers)
        store.clock.sleep(331)

        assert self.takes(store, ME, servers) == {}

        assert set(store.locks.holders(servers).values()) == {"e-1"}

    def test_an_owner_that_is_not_active_takes_nothing(
        self, store: Store
    ) -> None:
        has(store, ME, status=Status.CANCELLED)

        with pytest.raises(Conflict):
            store.locks.reserve_all(
                ME,
                dict.fromkeys(some_servers(3), 0),
                store.clock.now(),
                record_exists=True,
            )

        assert store.locks.holders(some_servers(3)) == {}
