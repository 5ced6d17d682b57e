"""The table of states: total, and odd only where a comment says why."""

import pytest

from postroom.address import AddressEvent, State, fold
from postroom.feedback.report import BounceReason, Permanence, Report
from postroom.feedback.table import FREES, TABLE, event_of, next_state

FAILED = "5.1.1"


def test_every_pair_of_state_and_event_has_a_row() -> None:
    assert {(state, event) for state, row in TABLE.items() for event in row} == {
        (state, event) for state in State for event in AddressEvent
    }


@pytest.mark.parametrize("event", [event for event in AddressEvent if event is not AddressEvent.LIFTED])
def test_a_complaint_is_only_ever_lifted_by_a_person(event: AddressEvent) -> None:
    assert next_state(State.COMPLAINED, event) is State.COMPLAINED


@pytest.mark.parametrize("state", list(State))
def test_a_person_can_lift_every_state(state: State) -> None:
    assert next_state(state, AddressEvent.LIFTED) is State.HEALTHY


@pytest.mark.parametrize("state", list(State))
def test_our_own_fault_never_changes_an_address(state: State) -> None:
    assert next_state(state, AddressEvent.BLAMED_ON_US) is state


@pytest.mark.parametrize("state", list(State))
def test_a_delay_never_changes_an_address(state: State) -> None:
    assert next_state(state, AddressEvent.DELAYED) is state


def test_hardly_anything_but_a_lift_frees_a_suppressed_address() -> None:
    """Why it does is said in the table."""
    assert {pair for pair in FREES if pair[1] is not AddressEvent.LIFTED} == {
        (State.NO_DOMAIN, AddressEvent.DELIVERED),
        (State.NO_DOMAIN, AddressEvent.MAILBOX_FULL),
        (State.LISTED, AddressEvent.UNLISTED),
    }


def test_a_delivery_heals_soft_bounces_but_no_hard_one() -> None:
    assert next_state(State.SOFT_OFTEN, AddressEvent.DELIVERED) is State.HEALTHY
    assert next_state(State.MAILBOX_FULL, AddressEvent.DELIVERED) is State.HEALTHY
    assert next_state(State.HARD, AddressEvent.DELIVERED) is State.HARD


def test_soft_bounces_are_counted_and_never_suppress() -> None:
    state = State.HEALTHY
    seen = []
    for _ in range(5):
        state = next_state(state, AddressEvent.SOFT_BOUNCE)
        seen.append(state)
    assert seen == [State.SOFT_ONCE, State.SOFT_TWICE, State.SOFT_OFTEN, State.SOFT_OFTEN, State.SOFT_OFTEN]
    assert not state.suppressed


@pytest.mark.parametrize("reason", list(BounceReason))
def test_only_three_reasons_suppress_by_a_bounce_and_only_where_permanent(reason: BounceReason) -> None:
    suppress = {
        BounceReason.NO_SUCH_USER: AddressEvent.HARD_BOUNCE,
        BounceReason.MAILBOX_INACTIVE: AddressEvent.HARD_BOUNCE,
        BounceReason.DOMAIN_ERROR: AddressEvent.DOMAIN_ERROR,
    }
    for permanence in Permanence:
        report = Report(recipient="jane@example.com", status=FAILED, reason=reason, permanence=permanence)
        expected = suppress.get(reason) if permanence is Permanence.PERMANENT else None
        found = event_of(report)
        assert (found if found in suppress.values() else None) is expected


def test_a_delayed_mail_to_an_unknown_user_is_only_a_delay() -> None:
    report = Report(action="delayed", reason=BounceReason.NO_SUCH_USER, permanence=Permanence.PERMANENT)
    assert event_of(report) is AddressEvent.DELAYED


def test_an_out_of_office_is_no_bounce() -> None:
    assert event_of(Report(reason=BounceReason.VACATION)) is None


def test_a_transient_bounce_without_one_word_of_a_failure_counts_for_nothing() -> None:
    assert event_of(Report(action="failed", permanence=Permanence.TRANSIENT)) is None
    assert event_of(Report(action="failed", permanence=Permanence.PERMANENT)) is AddressEvent.SOFT_BOUNCE


def test_a_not_spam_report_is_no_complaint() -> None:
    assert event_of(Report(reason=BounceReason.COMPLAINT, feedback_type="not-spam")) is None
    assert event_of(Report(reason=BounceReason.COMPLAINT, feedback_type="abuse")) is AddressEvent.COMPLAINT
    assert event_of(Report(reason=BounceReason.COMPLAINT)) is AddressEvent.COMPLAINT


def test_folding_lowers_the_domain_and_never_the_local_part() -> None:
    assert fold("<Jane.Doe+Tag@EXAMPLE.Com>") == "Jane.Doe+Tag@example.com"
    assert fold("jane@") == "jane@"


def test_every_reason_has_a_text() -> None:
    assert all(reason.text for reason in BounceReason)
