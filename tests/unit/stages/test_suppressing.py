"""What a person does with an address: held back or taken back, here and at SES, with a reason."""

from dataclasses import dataclass, field

import pytest

from postroom.address import AddressEvent, Channel, Incident, State
from postroom.errors import Retryable
from postroom.memory.outside import MemoryAddressBook, MemorySuppressionList
from postroom.ports import ListReason
from postroom.stages.suppressing import Outcome, Suppressing
from postroom.stages.work import Refused
from tests.contracts.conftest import clock

ANN = "Ann@example.com"


@dataclass
class Office:
    book: MemoryAddressBook = field(default_factory=lambda: MemoryAddressBook(clock=clock))
    ses: MemorySuppressionList = field(default_factory=lambda: MemorySuppressionList(clock=clock))

    @property
    def by_eve(self) -> Suppressing:
        return Suppressing(addresses=self.book, suppression_list=self.ses, clock=clock, agent="eve@staff.example")

    def happened(self, event: AddressEvent, at: str = "2026-11-20T08:00:00.000Z") -> None:
        self.book.move(ANN, Incident(event=event, id=event, at=at))

    def listed(self) -> str:
        found = self.ses.get(ANN)
        return found.reason if found else ""


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.mark.parametrize(
    ("complaint", "state", "reason"), [(False, State.HARD, "BOUNCE"), (True, State.COMPLAINED, "COMPLAINT")]
)
def test_who_is_held_back_is_so_here_and_at_ses(office: Office, complaint: bool, state: State, reason: str) -> None:
    done = office.by_eve.add("Ann@EXAMPLE.com", " left\n the firm ", complaint=complaint)
    assert done == Outcome(address=ANN, before=State.HEALTHY, after=state, listing_changed=True)
    assert office.listed() == reason
    [told] = office.book.history(ANN)
    assert (told.channel, told.by, told.why) == (Channel.PERSON, "eve@staff.example", "left the firm")


def test_a_complaint_stays_one_whatever_else_is_said(office: Office) -> None:
    office.by_eve.add(ANN, "asked on the phone", complaint=True)
    assert office.by_eve.add(ANN, "left") == Outcome(
        address=ANN, before=State.COMPLAINED, after=State.COMPLAINED, listing_changed=False
    )
    assert office.listed() == "COMPLAINT"


@pytest.mark.parametrize("event", [AddressEvent.HARD_BOUNCE, AddressEvent.DOMAIN_ERROR, AddressEvent.LISTED])
def test_who_is_taken_back_is_healthy_and_off_sess_list(office: Office, event: AddressEvent) -> None:
    office.happened(event, "2026-11-24T07:00:00.000Z")
    office.ses.put("ann@example.com", ListReason.BOUNCE)
    done = office.by_eve.lift(ANN, "the mailbox is back")
    assert (done.after, done.listing_changed, office.listed()) == (State.HEALTHY, True, "")


def test_a_complaint_is_lifted_only_where_that_is_said(office: Office) -> None:
    office.happened(AddressEvent.COMPLAINT)
    with pytest.raises(Refused, match="--complaint"):
        office.by_eve.lift(ANN, "I think so")
    assert office.book.state(ANN) is State.COMPLAINED
    assert office.by_eve.lift(ANN, "she asked for it", complaint=True).after is State.HEALTHY


def test_a_complaint_that_only_ses_knows_is_a_wish_too(office: Office) -> None:
    office.ses.put(ANN, ListReason.COMPLAINT)
    with pytest.raises(Refused):
        office.by_eve.lift(ANN, "why not")
    assert office.listed() == "COMPLAINT"


def test_lifting_what_nothing_holds_back_changes_nothing(office: Office) -> None:
    assert not office.by_eve.lift(ANN, "to be sure").listing_changed
    assert list(office.book.history(ANN)) == []


def test_where_ses_does_not_answer_the_same_call_again_does_the_rest(office: Office) -> None:
    office.ses.failure = Retryable("once a second")
    with pytest.raises(Retryable, match=r"held back here.*repeat the command"):
        office.by_eve.add(ANN, "left")
    assert office.book.state(ANN) is State.HARD
    office.ses.failure = None
    assert office.by_eve.add(ANN, "left").listing_changed
    assert office.listed() == "BOUNCE"


def test_late_news_from_before_a_person_took_it_back_suppresses_nobody(office: Office) -> None:
    office.happened(AddressEvent.HARD_BOUNCE)
    office.by_eve.lift(ANN, "back")
    office.book.move(ANN, Incident(event=AddressEvent.HARD_BOUNCE, id="late", at="2026-11-21T08:00:00.000Z"))
    assert office.book.state(ANN) is State.HEALTHY


@pytest.mark.parametrize("text", ["ann", "ann@", "a b@example.com", "=cmd|' /C calc'!A0", "ann@example.com,bob"])
def test_what_is_no_address_is_refused(office: Office, text: str) -> None:
    with pytest.raises(Refused, match="is no address"):
        office.by_eve.add(text, "left")


def test_nobody_is_moved_without_a_reason(office: Office) -> None:
    for act in (office.by_eve.add, office.by_eve.lift):
        with pytest.raises(Refused, match="--reason"):
            act(ANN, " \n ")
