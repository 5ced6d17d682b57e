"""Laws of states and counters, for any history: what repetition, order and time may change, and what they may not."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from postroom.address import FADES, AddressEvent, Incident, Record, State
from postroom.clock import from_iso, iso
from postroom.feedback import counting, ses_events
from postroom.feedback.domains import FailingDomain
from postroom.feedback.table import FREES, HEALING, after
from postroom.memory.outside import MemoryAddressBook
from tests.unit.feedback.told import EVENTS, told

E, S = AddressEvent, State
ANN = "ann@example.com"
START = datetime(2026, 11, 1, tzinfo=UTC)
NOW = START + timedelta(days=60)
A_WEEK = timedelta(days=7)

events = st.sampled_from(AddressEvent)
worse = st.sampled_from([event for event in AddressEvent if event not in HEALING])


def histories(of: st.SearchStrategy[AddressEvent], within: timedelta) -> st.SearchStrategy[list[Incident]]:
    """What happened to an address in this time, each at a moment of its own."""
    seconds = int(within.total_seconds()) - 1
    moments = st.lists(st.tuples(st.integers(0, seconds), of), max_size=8, unique_by=lambda each: each[0])
    return moments.map(lambda all_: [happened(event, START + timedelta(seconds=at)) for at, event in all_])


def happened(event: AddressEvent, at: datetime) -> Incident:
    return Incident(event=event, id=f"{event}/{iso(at)}", at=iso(at))


def recorded(incidents: Sequence[Incident], before: Record | None = None) -> Record:
    record = before or Record()
    for each in incidents:
        record = after(record, each)
    return record


def booked(incidents: Sequence[Incident]) -> MemoryAddressBook:
    book = MemoryAddressBook(clock=lambda: NOW)
    for each in incidents:
        book.move(ANN, each)
    return book


def in_order(incidents: Sequence[Incident]) -> list[Incident]:
    return sorted(incidents, key=lambda each: each.at)


# Repetition


@given(histories(events, timedelta(days=40)), st.data())
def test_whatever_is_told_again_changes_nothing(incidents: list[Incident], data: st.DataObject) -> None:
    """But a delivery that was no news when it came is not written down: what heals only then, heals."""
    noted = [each for each in incidents if each.event not in (E.DELIVERED, E.UNLISTED)]
    once = booked(incidents)
    again = data.draw(st.lists(st.sampled_from(noted), max_size=6)) if noted else []
    twice = booked([*incidents, *again])
    assert (twice.records, twice.noted, twice.failing) == (once.records, once.noted, once.failing)


@given(histories(events, timedelta(days=40)), st.data())
def test_whatever_is_told_again_meanwhile_changes_nothing(incidents: list[Incident], data: st.DataObject) -> None:
    """In order of time also a delivery may come again at any moment."""
    told_: list[Incident] = []
    for each in in_order(incidents):
        told_ += [each, *data.draw(st.lists(st.sampled_from([*told_, each]), max_size=2))]
    assert booked(told_).records == booked(in_order(incidents)).records


def test_a_delivery_that_was_no_news_heals_when_it_comes_again_after_an_older_bounce() -> None:
    bounce, delivery = happened(E.SOFT_BOUNCE, START), happened(E.DELIVERED, START + timedelta(hours=1))
    book = booked([delivery, bounce])
    assert book.record(ANN).because == bounce
    book.move(ANN, delivery)
    assert book.record(ANN).because == delivery
    assert book.state(ANN) is booked([bounce, delivery]).state(ANN) is S.HEALTHY


# Order


def commute(incidents: Sequence[Incident]) -> bool:
    """Not where the domain failed and the mailbox was full: each says that the other is not so."""
    return not {E.DOMAIN_ERROR, E.MAILBOX_FULL} <= {each.event for each in incidents}


@given(histories(worse, A_WEEK), st.randoms(use_true_random=False))
def test_without_healing_and_within_a_week_order_changes_no_state(
    incidents: list[Incident], chance: random.Random
) -> None:
    shuffled = list(incidents)
    chance.shuffle(shuffled)
    end = START + A_WEEK
    if commute(incidents):
        # Both at the moment of the last: what is told late may renew, and then it fades a little later.
        last = max((from_iso(each.at) for each in incidents), default=end)
        assert recorded(shuffled).at(last).state is recorded(in_order(incidents)).at(last).state


@given(histories(worse, timedelta(days=40)), st.randoms(use_true_random=False))
def test_whether_it_is_held_back_for_good_depends_on_no_order_and_on_no_time(
    incidents: list[Incident], chance: random.Random
) -> None:
    shuffled = list(incidents)
    chance.shuffle(shuffled)
    for_good = [S.COMPLAINED, S.HARD, S.LISTED]
    known, ordered = recorded(shuffled).state, recorded(in_order(incidents)).state
    assert (known in for_good) == (ordered in for_good)
    if ordered in for_good:
        assert known is ordered


@pytest.mark.parametrize(
    ("one", "other", "days", "in_time", "late"),
    [
        # Each says that the other is not so: the last word counts, and the last told is taken for it.
        (E.DOMAIN_ERROR, E.MAILBOX_FULL, 1, S.MAILBOX_FULL, S.NO_DOMAIN),
        (E.MAILBOX_FULL, E.DOMAIN_ERROR, 1, S.NO_DOMAIN, S.MAILBOX_FULL),
        # What had faded by then can't be seen any more.
        (E.SOFT_BOUNCE, E.SOFT_BOUNCE, 8, S.SOFT_ONCE, S.SOFT_TWICE),
        (E.MAILBOX_FULL, E.SOFT_BOUNCE, 15, S.SOFT_ONCE, S.MAILBOX_FULL),
        (E.DOMAIN_ERROR, E.SOFT_BOUNCE, 8, S.SOFT_ONCE, S.NO_DOMAIN),
        # What heals, heals what is known by then: late news from before stands until the next delivery, or fades.
        (E.SOFT_BOUNCE, E.DELIVERED, 1, S.HEALTHY, S.SOFT_ONCE),
        (E.MAILBOX_FULL, E.DELIVERED, 1, S.HEALTHY, S.MAILBOX_FULL),
        (E.DOMAIN_ERROR, E.DELIVERED, 1, S.HEALTHY, S.NO_DOMAIN),
        (E.LISTED, E.UNLISTED, 1, S.HEALTHY, S.LISTED),
        # Who lifts has not heard of a complaint that nobody had told of.
        (E.COMPLAINT, E.LIFTED, 1, S.HEALTHY, S.COMPLAINED),
    ],
)
def test_pairs_that_do_not_commute(
    one: AddressEvent, other: AddressEvent, days: int, in_time: State, late: State
) -> None:
    first, second = happened(one, START), happened(other, START + timedelta(days=days))
    assert recorded([first, second]).state is in_time
    assert recorded([second, first]).state is late


def test_there_are_no_other_pairs_within_a_week_from_a_healthy_address() -> None:
    named = {
        (E.DOMAIN_ERROR, E.MAILBOX_FULL),
        (E.MAILBOX_FULL, E.DOMAIN_ERROR),
        *((event, E.DELIVERED) for event in (E.SOFT_BOUNCE, E.MAILBOX_FULL, E.DOMAIN_ERROR)),
        (E.LISTED, E.UNLISTED),
        (E.COMPLAINT, E.LIFTED),
    }
    found = set()
    for one in AddressEvent:
        for other in AddressEvent:
            first, second = happened(one, START), happened(other, START + timedelta(days=1))
            if recorded([first, second]).state is not recorded([second, first]).state:
                found.add((one, other))
    assert found == named


@given(histories(events, timedelta(days=40)))
def test_what_happened_before_a_lift_changes_nothing_but_for_a_complaint(incidents: list[Incident]) -> None:
    lifted = recorded([happened(E.HARD_BOUNCE, NOW - timedelta(days=1)), happened(E.LIFTED, NOW)])
    known = [each for each in incidents if each.event is not E.COMPLAINT]
    assert recorded(known, lifted) == lifted


@pytest.mark.parametrize("state", [S.MAILBOX_FULL, S.NO_DOMAIN])
def test_a_delivery_that_is_told_after_a_later_soft_bounce_is_one_step_off(state: State) -> None:
    """One is counted too many after another, and one too few after what says more than it."""
    bounce, delivery, later = (
        happened(event, START + timedelta(days=day))
        for day, event in enumerate((E.SOFT_BOUNCE, E.DELIVERED, E.SOFT_BOUNCE))
    )
    assert recorded([bounce, delivery, later]).state is S.SOFT_ONCE
    assert recorded([bounce, later, delivery]).state is S.SOFT_TWICE
    before = Record(state=state, since=iso(START))
    assert recorded([delivery, later], before).state is S.SOFT_ONCE
    assert recorded([later, delivery], before).state is S.HEALTHY


# Suppression


@given(st.sampled_from([state for state in State if state.suppressed]), histories(events, timedelta(days=40)))
@example(S.NO_DOMAIN, [happened(E.DELAYED, START + A_WEEK - timedelta(seconds=1))])
def test_a_suppressed_address_stays_so_under_everything_but_what_frees_it(
    state: State, incidents: list[Incident]
) -> None:
    record = Record(state=state, since=iso(START))
    for each in in_order(incidents):
        before, record = record.at(from_iso(each.at)), after(record, each)
        if before.state.suppressed and not record.state.suppressed:
            assert (before.state, each.event) in FREES


@given(st.sampled_from(State), st.integers(0, 60))
def test_of_the_suppressed_ones_only_a_missing_domain_is_freed_by_time(state: State, days: int) -> None:
    faded = Record(state=state, since=iso(START)).at(START + timedelta(days=days))
    assert faded.state.suppressed is (state.suppressed and not (state is S.NO_DOMAIN and days >= 7))


@given(st.sampled_from(State), st.floats(0, 60), st.floats(0, 60))
def test_what_has_faded_once_fades_on_as_if_nobody_had_looked(state: State, one: float, other: float) -> None:
    earlier, later = (START + timedelta(days=days) for days in sorted((one, other)))
    record = Record(state=state, since=iso(START))
    assert record.at(earlier).at(later) == record.at(later)


def test_fading_ends() -> None:
    for state in FADES:
        assert Record(state=state, since=iso(START)).at(NOW).state is S.HEALTHY


# Domains


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 86_399)), max_size=6), st.randoms(use_true_random=False))
def test_a_domain_that_fails_within_a_day_is_held_back_in_any_order(
    failures: list[tuple[int, int]], chance: random.Random
) -> None:
    def held(told_: Sequence[tuple[int, int]]) -> tuple[bool, str]:
        domain = FailingDomain()
        for who, second in [*told_, *told_]:  # and told again
            domain = domain.after(f"a{who}@gone.example", happened(E.DOMAIN_ERROR, START + timedelta(seconds=second)))
        return domain.full, domain.at

    shuffled = list(failures)
    chance.shuffle(shuffled)
    last = max((second for _, second in failures), default=-1)
    at = iso(START + timedelta(seconds=last)) if failures else ""
    assert held(shuffled) == held(failures) == (len({who for who, _ in failures}) >= 2, at)


# Counting


@given(st.lists(st.sampled_from(EVENTS), max_size=20), st.randoms(use_true_random=False))
def test_counters_are_those_of_a_plain_model_under_repeats_and_in_any_order(
    happened_: list[tuple[str, int]], chance: random.Random
) -> None:
    """Each happening is told as an event or, where there are such, as a notification, or both, and again."""
    copies = [each for each in happened_ for _ in range(chance.randint(1, 3))]
    chance.shuffle(copies)
    book = MemoryAddressBook()
    for kind, number in copies:
        feedback = ses_events.read(told(kind, number, as_notification=chance.random() < 0.5))
        book.count(counting.counted(feedback, "2026-11-24"))
    assert book.days(["2026-11-24"]).get("2026-11-24", {}) == plain(set(happened_))


def plain(happened_: set[tuple[str, int]]) -> dict[str, int]:
    counters: Counter[str] = Counter()
    for kind, _ in happened_:
        counters.update(NAMES[kind])
    return dict(counters)


NAMES: dict[str, Any] = {
    "Send": ["send"],
    "Reject": ["reject", "reject:content_rejected"],
    "Delivery": ["delivery"],
    "DeliveryDelay": ["deliverydelay", "deliverydelay:mailbox_full"],
    "Bounce": ["bounce", "bounce:no_such_user", "hard_bounce"],
    "Complaint": ["complaint", "complaint:complaint", "held_complaint"],
    "Open": ["open"],
    "Click": ["click"],
    "Rendering Failure": ["rendering_failure"],
    "Subscription": ["subscription"],
    "Something New": ["unknown"],
}
