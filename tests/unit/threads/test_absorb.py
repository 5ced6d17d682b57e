"""What two conversations are once they are one."""

from dataclasses import replace
from functools import reduce
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.conversation import MOST_PARTICIPANTS, MOST_RECENT, MOST_TAGS, Conversation, State, absorb
from postroom.ids import ConversationId

AT, LATER = "2026-11-24T07:03:17.120Z", "2026-11-25T07:03:17.120Z"
WHOLE = Conversation(
    id=ConversationId("a"),
    customer="ann@example.com",
    participants=("ann@example.com",),
    subject="Hello",
    created_at=AT,
    updated_at=AT,
    mails=1,
)
PART = replace(
    WHOLE, id=ConversationId("b"), customer="bob@example.com", participants=("bob@example.com",), subject="?"
)


def state_of(*states: State) -> State:
    whole, *parts = (replace(WHOLE, state=state) for state in states)
    return reduce(lambda one, other: absorb(one, other, AT), parts, whole).state


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (State.NEW, State.NEW, State.NEW),
        (State.NEW, State.CLOSED, State.OPEN),  # somebody was answered, and somebody waits
        (State.CLOSED, State.OPEN, State.OPEN),
        (State.SOLVED, State.PENDING, State.PENDING),
        (State.CLOSED, State.SOLVED, State.SOLVED),
    ],
)
def test_what_the_desk_still_has_to_do_is_not_merged_away(one: State, other: State, both: State) -> None:
    assert state_of(one, other) is state_of(other, one) is both


@pytest.mark.parametrize(("one", "other"), list(product(State, State)))
def test_where_it_is_the_desks_turn_in_one_it_is_the_desks_turn_in_both(one: State, other: State) -> None:
    waits = {State.NEW, State.OPEN}
    assert (state_of(one, other) in waits) == bool({one, other} & waits)


@given(states=st.lists(st.sampled_from(State), min_size=1, max_size=6), data=st.data())
def test_the_order_of_merging_makes_no_difference_to_the_state(states: list[State], data: st.DataObject) -> None:
    assert state_of(*states) is state_of(*data.draw(st.permutations(states)))


def test_the_whole_stays_what_it_is_and_has_everybody() -> None:
    whole = absorb(WHOLE, PART, LATER)
    people = ("ann@example.com", "bob@example.com")
    assert whole == replace(WHOLE, participants=people, mails=2, updated_at=LATER)
    assert absorb(replace(WHOLE, updated_at=LATER), PART, AT).updated_at == LATER


def test_what_is_to_be_done_by_a_day_is_done_by_the_first() -> None:
    early, late = (replace(WHOLE, follow_up_on=day) for day in ("2026-12-01", "2026-12-09"))
    assert absorb(early, late, AT).follow_up_on == absorb(late, early, AT).follow_up_on == "2026-12-01"
    assert absorb(WHOLE, late, AT).follow_up_on == "2026-12-09"
    assert absorb(WHOLE, PART, AT).follow_up_on is None


def test_who_works_on_either_works_on_both() -> None:
    eve, dan = (replace(WHOLE, assignee=name) for name in ("eve", "dan"))
    assert (absorb(WHOLE, eve, AT).assignee, absorb(dan, eve, AT).assignee) == ("eve", "dan")


def test_people_and_tags_of_many_stay_within_bounds_and_the_customer_is_among_them() -> None:
    many = tuple(f"{number}@example.com" for number in range(200))
    whole = absorb(WHOLE, replace(PART, participants=many, tags=many), AT)
    assert whole.participants == ("ann@example.com", *many)[:MOST_PARTICIPANTS]
    assert whole.tags == many[:MOST_TAGS]


def test_a_mail_that_came_last_to_either_is_known_when_it_comes_again() -> None:
    ours, theirs = (replace(WHOLE, recent=tuple(f"{name}-{number}" for number in range(16))) for name in "ab")
    whole = absorb(ours, theirs, AT)
    assert {"a-15", "b-15"} <= set(whole.recent)
    assert len(whole.recent) == MOST_RECENT
    assert absorb(replace(WHOLE, recent=("x", "y")), replace(PART, recent=("y",)), AT).recent == ("x", "y")
