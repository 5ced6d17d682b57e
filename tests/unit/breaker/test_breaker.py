"""The circuit breaker: what opens it, what lets it try again, and what closes it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom import breaker
from postroom.breaker import (
    AFTER,
    DAYS,
    LIMITS,
    REPRESENTATIVE,
    Breaker,
    Circuit,
    Fault,
    Finding,
    Mark,
    Tally,
    told_rates,
)
from postroom.clock import iso

NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
TODAY = "2026-11-24"
SES_REVIEWS = {Fault.BOUNCE: 0.05, Fault.COMPLAINT: 0.001}

tallies = st.builds(
    Tally, sent=st.integers(0, 20_000), bounces=st.integers(0, 20_000), complaints=st.integers(0, 20_000)
)


def after(now: Breaker, tally: Tally, hours: float = 0.0) -> Breaker:
    return breaker.judged(now, {TODAY: tally}, NOW + timedelta(hours=hours), "test")


def half_open() -> Breaker:
    return Breaker(circuit=Circuit.HALF_OPEN, since=iso(NOW), mark=Mark(day=TODAY))


def test_the_table_is_total() -> None:
    assert set(AFTER) == {(circuit, finding) for circuit in Circuit for finding in Finding}


@pytest.mark.parametrize("fault", list(Fault))
def test_it_opens_well_before_ses_looks_at_the_account_and_closes_well_below_that(fault: Fault) -> None:
    assert LIMITS[fault].closes * 2 <= LIMITS[fault].opens < SES_REVIEWS[fault] * 0.7


@pytest.mark.parametrize(
    ("tally", "circuit"),
    [
        (Tally(sent=1_000, bounces=30), Circuit.OPEN),
        (Tally(sent=1_000, bounces=29), Circuit.CLOSED),
        (Tally(sent=20, bounces=9), Circuit.CLOSED),  # nine of twenty are no rate yet
        (Tally(sent=20, bounces=10), Circuit.OPEN),
        (Tally(sent=3_333, complaints=2), Circuit.OPEN),
        (Tally(sent=3_334, complaints=2), Circuit.CLOSED),
        (Tally(sent=100, complaints=1), Circuit.CLOSED),  # one person's button stops no desk
        (Tally(), Circuit.CLOSED),
    ],
)
def test_a_closed_one_opens_at_its_limits(tally: Tally, circuit: Circuit) -> None:
    assert after(Breaker(), tally).circuit is circuit


def test_it_says_why_it_opened() -> None:
    opened = after(Breaker(), Tally(sent=1_000, bounces=34))
    assert opened.why == "bounces 3.40% (34 of 1000); the limit is 3.00%"
    assert (opened.since, opened.by) == (iso(NOW), "test")


def test_an_open_one_waits_a_day_whatever_the_rates_are() -> None:
    opened = after(Breaker(), Tally(sent=1_000, bounces=34))
    assert after(opened, Tally(sent=50_000, bounces=34), hours=23.9) == opened
    assert after(opened, Tally(sent=1_000, bounces=34), hours=24).circuit is Circuit.HALF_OPEN


@pytest.mark.parametrize(
    ("tally", "circuit"),
    [
        (Tally(sent=99), Circuit.HALF_OPEN),  # not enough to say
        (Tally(sent=100, bounces=1), Circuit.CLOSED),
        (Tally(sent=100, bounces=2), Circuit.HALF_OPEN),  # between the two limits nothing moves
        (Tally(sent=100, bounces=3), Circuit.OPEN),
        (Tally(sent=100, complaints=1), Circuit.OPEN),
    ],
)
def test_a_half_open_one_is_judged_by_what_went_out_on_trial(tally: Tally, circuit: Circuit) -> None:
    assert after(half_open(), tally).circuit is circuit


def test_what_was_counted_before_a_person_reset_it_counts_no_more() -> None:
    bad = Tally(sent=1_000, bounces=100)
    closed = breaker.reset(after(Breaker(), bad), {TODAY: bad}, NOW, "ann@desk.example", "the list was cleaned")
    assert (closed.circuit, closed.by, closed.why) == (Circuit.CLOSED, "ann@desk.example", "the list was cleaned")
    assert after(closed, bad) == closed
    assert after(closed, bad + Tally(sent=100, bounces=9)) == closed
    assert after(closed, bad + Tally(sent=100, bounces=10)).circuit is Circuit.OPEN


def test_only_so_many_days_count_as_make_a_representative_volume() -> None:
    counted = {"2026-11-24": Tally(sent=10), "2026-11-23": Tally(sent=REPRESENTATIVE), "2026-11-22": Tally(bounces=999)}
    assert breaker.volume(Breaker(), counted, NOW) == Tally(sent=REPRESENTATIVE + 10)


def test_older_days_than_a_month_never_count() -> None:
    oldest = (NOW - timedelta(days=DAYS)).date().isoformat()
    older = (NOW - timedelta(days=DAYS + 1)).date().isoformat()
    counted = {oldest: Tally(sent=1), older: Tally(sent=7)}
    assert breaker.volume(Breaker(), counted, NOW) == Tally(sent=1)
    assert len(breaker.days(Breaker(), NOW)) == DAYS + 1


@given(tallies, st.sampled_from(Circuit), st.floats(0, 72))
def test_no_look_closes_an_open_one_and_whatever_changed_looks_the_same_again(
    tally: Tally, circuit: Circuit, hours: float
) -> None:
    before = Breaker(circuit=circuit, since=iso(NOW), mark=Mark(day=TODAY))
    now = after(before, tally, hours)
    assert (before.circuit, now.circuit) != (Circuit.OPEN, Circuit.CLOSED)
    assert after(now, tally, hours) == now


@given(tallies, tallies)
def test_it_is_never_closed_at_a_rate_that_ses_would_review(before: Tally, tally: Tally) -> None:
    """Where there are enough of them to be a rate."""
    now = after(Breaker(), tally)
    for fault, limit in LIMITS.items():
        if tally.of(fault) >= limit.least and tally.rate(fault) >= SES_REVIEWS[fault]:
            assert now.circuit is Circuit.OPEN


@pytest.mark.parametrize(
    ("tally", "rates"),
    [
        (Tally(), {Fault.BOUNCE: 0.0, Fault.COMPLAINT: 0.0}),
        (Tally(sent=3, bounces=1, complaints=1), {Fault.BOUNCE: 0.0, Fault.COMPLAINT: 0.0}),
        (Tally(sent=250, bounces=5), {Fault.BOUNCE: 2.0, Fault.COMPLAINT: 0.0}),
        (Tally(sent=4_000, bounces=4, complaints=2), {Fault.BOUNCE: 0.0, Fault.COMPLAINT: 0.05}),
    ],
)
def test_the_alarms_are_told_of_rates_in_per_cent_and_of_a_few_of_few_nothing(
    tally: Tally, rates: dict[Fault, float]
) -> None:
    assert told_rates(tally) == rates
