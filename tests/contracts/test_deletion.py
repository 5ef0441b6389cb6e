"""Deleting an execution, on the fake and on DynamoDB."""

import pytest

from shared.domain import items
from shared.domain.record import (
    Change,
    IntentChange,
    Record,
    Reserved,
    TerminateJob,
)
from shared.domain.status import Status
from tests.contracts.stores import (
    Store,
    a_key,
    a_plan,
    a_record,
    a_started,
    an_entry,
    an_intent,
    commit,
    ended,
    servers,
)


def over(store: Store, record: Record) -> Record:
    """End an execution and finalize it."""
    done = store.executions.finalize(ended(store, record), store.clock.now())
    assert done is not None
    return done


def items_of(store: Store, execution_id: str) -> list[tuple[str, str]]:
    """Return the keys of all that lies there under an execution's name."""
    return sorted(
        items.key_of(item)
        for item in store.table.all()
        if execution_id in item["executionId"]
        and not item["executionId"].startswith("execution-lock-")
    )


def test_an_execution_goes_with_every_item_of_it(store: Store) -> None:
    ids = tuple(servers(600))
    store.locks.acquire_plan(a_key(), store.clock.now())
    store.executions.save_plan(a_key(), a_plan())
    assert store.executions.create(
        a_record(
            large=True,
            reserved=(Reserved(wave_number=0, server_ids=ids),),
        )
    )
    record = store.executions.record(a_key())
    record = commit(
        store,
        record,
        Change(wave=an_entry(0, server_ids=ids)),
        [IntentChange(before=None, after=an_intent())],
    )
    other = a_started(store, execution_id="e-2", plan_id="p-2")
    done = over(store, record)
    assert len(items_of(store, "e-1")) > 4

    assert store.executions.delete(done)

    assert items_of(store, "e-1") == []
    assert store.executions.record(other.key) == other


def test_an_execution_of_more_items_than_a_transaction_takes_goes_too(
    store: Store,
) -> None:
    record = a_started(store)
    for job in range(230):
        intent = IntentChange(before=None, after=an_intent(job=job))
        assert store.executions.commit_intent(record.key, intent)

    assert store.executions.delete(over(store, record))

    assert items_of(store, "e-1") == []


def test_an_execution_that_was_changed_since_it_was_read_stays(
    store: Store,
) -> None:
    done = over(store, a_started(store))
    commit(store, done, Change(set={"termination_initiated_at": 1}))

    assert not store.executions.delete(done)

    assert store.executions.record(done.key).termination_initiated_at == 1


def test_an_execution_is_deleted_once(store: Store) -> None:
    done = over(store, a_started(store))

    assert store.executions.delete(done)
    assert not store.executions.delete(done)


@pytest.mark.parametrize("status", [Status.RUNNING, Status.COMPLETED])
def test_what_is_not_over_is_never_asked_for(
    store: Store, status: Status
) -> None:
    record = a_started(store, status=status)

    with pytest.raises(ValueError, match="it is kept"):
        store.executions.delete(record)


def test_jobs_that_end_instances_read_back_as_they_were_noted(
    store: Store,
) -> None:
    jobs = (
        TerminateJob(job_id="j-1", region="eu-west-1", server_count=3),
        TerminateJob(job_id="j-2", region="us-east-1", status="COMPLETED"),
    )

    commit(store, a_started(store), Change(set={"terminate_jobs": jobs}))

    assert store.executions.record(a_key()).terminate_jobs == jobs
    item = store.raw(a_key())
    assert item is not None
    assert item["terminateJobs"][0] == {
        "jobId": "j-1",
        "region": "eu-west-1",
        "type": "TERMINATE",
        "status": "PENDING",
        "serverCount": 3,
    }
