"""Whatever is done to both stores, they answer and keep the same."""

from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)
from moto import mock_aws

from shared.domain import items
from shared.domain.errors import DrError
from shared.domain.plan import Plan, PlanWave
from shared.domain.ports import ServerKey
from shared.domain.record import (
    Change,
    Intent,
    IntentChange,
    Key,
    Record,
    Reserved,
)
from shared.domain.status import TRANSITIONS, IntentState, WaveStatus
from tests.contracts.conftest import a_dynamo_store, a_fake_store
from tests.contracts.stores import (
    Store,
    a_key,
    a_record,
    an_entry,
    an_intent,
    servers,
    statuses,
)

KEYS = (a_key("e-1", "p-1"), a_key("e-2", "p-1"), a_key("e-3", "p-2"))
SERVERS = [ServerKey("111122223333", "us-east-1", f"s-{n}") for n in range(4)]
keys = st.sampled_from(KEYS)
waves = st.integers(0, 2)
sets = st.fixed_dictionaries(
    {},
    optional={
        "task_token": st.sampled_from(["", "t"]),
        "paused_before_wave": st.none() | waves,
        "end_time": st.none() | st.integers(0, 9),
        "large": st.just(True),
        "outcome": st.dictionaries(
            st.sampled_from(["servers", "share"]),
            st.none() | st.integers() | st.sampled_from([0.5, 1.25]),
        ),
        "reserved": st.lists(
            st.builds(
                lambda wave, count: Reserved(
                    wave_number=wave, server_ids=tuple(servers(count))
                ),
                waves,
                st.integers(1, 3),
            ),
            unique_by=lambda r: r.wave_number,
        ).map(tuple),
    },
)


@st.composite
def entries(draw: st.DrawFn) -> Any:
    ids = tuple(servers(draw(st.integers(0, 3))))
    return an_entry(
        draw(waves),
        status=draw(st.sampled_from(WaveStatus)),
        server_ids=ids,
        server_statuses=statuses(ids, launched=draw(st.integers(0, 3))),
        job_id=draw(st.none() | st.just("j-1")),
    )


def by_key(store: Store) -> dict[Any, Any]:
    return {items.key_of(item): item for item in store.table.all()}


class BothStores(RuleBasedStateMachine):
    """One command to both; the answers and the tables are compared."""

    def __init__(self) -> None:
        super().__init__()
        self.aws = mock_aws()
        self.aws.start()
        self.stores: tuple[Store, Store] = (a_fake_store(), a_dynamo_store())
        self.read: dict[Key, Record] = {}

    def teardown(self) -> None:
        self.aws.stop()

    def both(self, ask: Any) -> Any:
        """Ask both, and return what both answered."""
        answers = []
        for store in self.stores:
            try:
                answers.append(ask(store))
            except (DrError, ValueError) as error:
                answers.append((type(error), str(error)))
        assert answers[0] == answers[1]
        return answers[0]

    @initialize(large=st.booleans(), key=keys)
    def first(self, large: bool, key: Key) -> None:
        self.acquire(key)
        self.create(key, large)

    @rule(key=keys)
    def acquire(self, key: Key) -> None:
        self.both(lambda s: s.locks.acquire_plan(key, s.clock.now()))

    @rule(key=keys)
    def release(self, key: Key) -> None:
        self.both(lambda s: s.locks.release_plan(key))

    @rule(key=keys, large=st.booleans())
    def create(self, key: Key, large: bool) -> None:
        noted = Reserved(wave_number=0, server_ids=tuple(servers(2)))
        record = a_record(
            execution_id=key.execution_id,
            plan_id=key.plan_id,
            large=large,
            reserved=(noted,),
        )
        self.both(lambda s: s.executions.create(record))
        self.look(key)

    @rule(key=keys)
    def look(self, key: Key) -> None:
        record = self.both(lambda s: s.executions.record(key))
        if isinstance(record, Record):
            self.read[key] = record

    @rule(
        key=keys,
        data=st.data(),
        values=sets,
        wave=st.none() | entries(),
        drop=st.none() | waves,
        keep=st.booleans(),
    )
    def commit(
        self,
        key: Key,
        data: st.DataObject,
        values: dict[str, Any],
        wave: Any,
        drop: int | None,
        keep: bool,
    ) -> None:
        before = self.read.get(key, a_record(execution_id="e-0"))
        reachable = sorted({*TRANSITIONS[before.status].values()})
        status = data.draw(st.none() | st.sampled_from([*reachable, None]))
        change = Change(status=status, set=values, wave=wave, drop_wave=drop)
        after = self.both(lambda s: s.executions.commit(before, change))
        if isinstance(after, Record) and keep:
            self.read[key] = after

    @rule(
        key=keys,
        wave=waves,
        job=st.integers(0, 1),
        state=st.sampled_from(IntentState),
        attempt=st.integers(1, 3),
        alone=st.booleans(),
    )
    def write_intent(
        self,
        key: Key,
        wave: int,
        job: int,
        state: IntentState,
        attempt: int,
        alone: bool,
    ) -> None:
        known: list[Intent] = self.both(
            lambda s: s.executions.intents(key, wave)
        )
        seen = next((i for i in known if i.job_index == job), None)
        if seen is not None and attempt == 3:
            seen = msgspec.structs.replace(seen, attempt=9)
        after = an_intent(wave, job, intent_state=state, attempt=attempt)
        change = IntentChange(before=seen, after=after)
        if alone:
            self.both(lambda s: s.executions.commit_intent(key, change))
            return
        before = self.read.get(key, a_record(execution_id="e-0"))
        self.both(lambda s: s.executions.commit(before, Change(), [change]))

    @rule(key=keys)
    def finalize(self, key: Key) -> None:
        if key in self.read:
            before = self.read[key]
            self.both(lambda s: s.executions.finalize(before, s.clock.now()))

    @rule(key=keys, count=st.integers(0, 2))
    def save_plan(self, key: Key, count: int) -> None:
        plan = Plan(
            plan_id=key.plan_id,
            plan_name="x",
            waves=tuple(PlanWave(wave_number=n) for n in range(count)),
        )
        self.both(lambda s: s.executions.save_plan(key, plan))
        self.both(lambda s: s.executions.plan(key))

    @rule(key=keys)
    def delete_plan(self, key: Key) -> None:
        self.both(lambda s: s.executions.delete_plan(key))

    @rule(
        key=keys,
        some=st.lists(st.sampled_from(SERVERS), unique=True),
        record_exists=st.booleans(),
    )
    def reserve(
        self, key: Key, some: list[ServerKey], record_exists: bool
    ) -> None:
        self.both(
            lambda s: s.locks.reserve(
                key, some, 0, s.clock.now(), record_exists=record_exists
            )
        )

    @rule(key=keys, some=st.lists(st.sampled_from(SERVERS), unique=True))
    def give_back(self, key: Key, some: list[ServerKey]) -> None:
        self.both(lambda s: s.locks.release(key, some))

    @rule(seconds=st.sampled_from([1, 60, 331]))
    def wait(self, seconds: int) -> None:
        for store in self.stores:
            store.clock.sleep(seconds)

    @invariant()
    def both_hold_the_same_items(self) -> None:
        fake, dynamo = self.stores
        assert by_key(fake) == by_key(dynamo)

    @invariant()
    def both_tell_the_same(self) -> None:
        self.both(lambda s: s.executions.live())
        self.both(lambda s: s.executions.active())
        self.both(lambda s: s.locks.holders(SERVERS))
        for key, record in self.read.items():
            self.both(lambda s, key=key: s.executions.find(key.execution_id))
            self.both(lambda s, r=record: s.executions.reserved(r))
            for entry in record.waves:
                number = entry.wave_number
                self.both(
                    lambda s, r=record, n=number: s.executions.entry(r, n)
                )


TestBothStores = BothStores.TestCase
TestBothStores.settings = settings(
    # Shrinking over moto takes minutes, and the steps say enough.
    phases=[Phase.explicit, Phase.generate],
    max_examples=12,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
