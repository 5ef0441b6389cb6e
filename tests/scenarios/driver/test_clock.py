"""Laws of virtual time."""

import pytest

from tests.support.scenario_driver.clock import NothingHappens, VirtualClock


def test_events_run_in_order_of_time_and_of_booking() -> None:
    clock, seen = VirtualClock(0), list[str]()
    clock.call_later(5, lambda: seen.append("late"))
    clock.call_later(1, lambda: seen.append("first"))
    clock.call_later(1, lambda: seen.append("second"))

    clock.advance(10)

    assert seen == ["first", "second", "late"]
    assert clock.now() == 10


def test_an_event_sees_its_own_moment() -> None:
    clock, seen = VirtualClock(100), list[float]()
    clock.call_later(7, lambda: seen.append(clock.now()))

    clock.advance(50)

    assert seen == [107]


def test_time_stands_still_between_events_of_one_moment() -> None:
    clock, seen = VirtualClock(0), list[float]()
    clock.call_later(
        0, lambda: clock.call_later(0, lambda: seen.append(clock.now()))
    )
    clock.call_later(1, lambda: seen.append(clock.now()))

    clock.settle()

    assert seen == [0]


def test_an_event_that_is_called_off_never_runs() -> None:
    clock, seen = VirtualClock(0), list[str]()
    event = clock.call_later(1, lambda: seen.append("never"))
    event.cancel()

    assert clock.next_at() is None
    assert not clock.step()
    assert seen == []


def test_a_schedule_goes_on_for_ever() -> None:
    clock, seen = VirtualClock(0), list[float]()
    clock.call_every(60, lambda: seen.append(clock.now()))

    clock.advance_to(200)

    assert seen == [60, 120, 180]


def test_waiting_for_what_cannot_come_true_is_an_error() -> None:
    clock = VirtualClock(0)
    clock.call_later(1, lambda: None)

    with pytest.raises(NothingHappens, match="did not come true"):
        clock.run_until(lambda: False)


def test_waiting_gives_up_at_its_limit() -> None:
    clock = VirtualClock(0)
    clock.call_every(60, lambda: None)

    with pytest.raises(NothingHappens):
        clock.run_until(lambda: False, within=600)

    assert clock.now() == 600


def test_the_past_cannot_be_booked() -> None:
    with pytest.raises(ValueError, match="past"):
        VirtualClock(0).call_later(-1, lambda: None)
