"""The simulated week is told twice, late and in disorder, and the check of it can fail."""

import random
from dataclasses import replace

import pytest

from bench import feedback_week, simulated_week
from bench.feedback_week import Checked, check, in_memory, run
from bench.simulated_week import Telling
from postroom.address import AddressEvent, Incident, State
from postroom.clock import iso
from postroom.ports import Count

TOLD = 1_500


@pytest.fixture(scope="module")
def tellings() -> list[Telling]:
    return simulated_week.week(TOLD, random.Random(1))  # noqa: S311 (the same week each time)


def checked(tellings: list[Telling]) -> Checked:
    return run(in_memory(), tellings)


def test_a_week_in_memory_is_as_the_plain_model_has_it(tellings: list[Telling]) -> None:
    done = checked(tellings)
    assert (done.right, done.wrong, done.told) == (True, (), TOLD)


def test_it_is_told_twice_by_two_ways_and_out_of_order(tellings: list[Telling]) -> None:
    happened = {each.happening for each in tellings}
    assert len(happened) < 0.9 * TOLD
    times = [each.happening.at for each in tellings]
    assert times != sorted(times)
    ways = {each.happening.type for each in tellings if "notificationType" in each.body}
    assert ways == {"Bounce", "Complaint", "Delivery"}


def test_it_has_every_state(tellings: list[Telling]) -> None:
    assert set(simulated_week.states(tellings).values()) >= {
        State.HEALTHY,
        State.SOFT_ONCE,
        State.MAILBOX_FULL,
        State.NO_DOMAIN,
        State.HARD,
        State.LISTED,
        State.COMPLAINED,
    }


def test_one_counter_too_many_or_one_state_too_bad_is_found(tellings: list[Telling]) -> None:
    desk = in_memory()
    run(desk, tellings)
    desk.book.count(
        Count(day=simulated_week.DAYS[0], id="one", names=("send",), domains={"d1.example": ("delivered",)})
    )
    excused = simulated_week.misordered(tellings)
    healthy = next(
        whom
        for whom, state in simulated_week.states(tellings).items()
        if state is State.HEALTHY and whom not in excused
    )
    desk.book.move(healthy, Incident(event=AddressEvent.HARD_BOUNCE, id="one", at=iso(simulated_week.END)))
    found = check(desk, tellings, 1.0)
    assert (found.counters, found.domains, found.wrong, found.right) == (False, False, (healthy,), False)


def test_only_what_was_told_in_the_wrong_order_is_excused(tellings: list[Telling]) -> None:
    in_order = sorted(tellings, key=lambda each: each.happening.at)
    assert simulated_week.misordered(in_order) == set()
    done = checked(in_order)
    assert (done.right, done.late) == (True, 0)


def test_it_asks_for_the_table_as_the_template_has_it() -> None:
    asked = feedback_week._address_table()
    assert [index["IndexName"] for index in asked["GlobalSecondaryIndexes"]] == ["by_state", "by_day"]


def test_a_message_is_one_happening_however_it_is_told(tellings: list[Telling]) -> None:
    twice = [replace(each) for each in tellings[:50]]
    assert simulated_week.counters([*tellings[:50], *twice]) == simulated_week.counters(tellings[:50])
