"""The tend function fails when a conversation couldn't be changed, so that its alarm tells; others had their turn."""

from dataclasses import fields

import pytest

from functions.tend import handler
from postroom.breaker import Circuit
from postroom.errors import Retryable
from postroom.ids import ConversationId
from postroom.memory.outside import MemoryAddressBook, MemoryBreakers
from postroom.ports import Count
from postroom.runtime import settings
from postroom.stages.breaking import Breaking
from postroom.stages.listing import Exchanged
from postroom.stages.tend import Tended
from tests.contracts.conftest import clock

QUIET = Breaking(breakers=MemoryBreakers(book=MemoryAddressBook()), clock=clock, by="tend")


@pytest.fixture(autouse=True)
def exchanges(monkeypatch: pytest.MonkeyPatch) -> list[Exchanged]:
    """What was exchanged with SES's list."""
    done = list[Exchanged]()
    monkeypatch.setattr(handler, "exchanged", lambda: done.append(Exchanged()))
    return done


def test_it_gives_what_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    tended = Tended(followed_up=1, closed=2, busy=(), announced=3, surveyed=5, resumed=4)
    monkeypatch.setattr(handler, "stage", lambda: (lambda: tended, QUIET))
    assert handler.handle({}, None) == {
        "followed_up": 1,
        "closed": 2,
        "busy": 0,
        "announced": 3,
        "surveyed": 5,
        "resumed": 4,
    }


def test_a_conversation_that_could_not_be_changed_raises_the_alarm(
    monkeypatch: pytest.MonkeyPatch, exchanges: list[Exchanged]
) -> None:
    tended = Tended(followed_up=1, closed=2, busy=(ConversationId("abc"),))
    monkeypatch.setattr(handler, "stage", lambda: (lambda: tended, QUIET))
    with pytest.raises(Retryable, match="could not be changed: 1; the first: abc"):
        handler.handle({}, None)
    assert len(exchanges) == 1  # SES's list had its turn all the same


def test_what_keeps_the_conversations_from_their_turn_does_not_keep_the_breaker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = MemoryAddressBook()
    for number in range(10):
        book.count(Count(day="2026-11-24", id=f"b{number}", names=["hard_bounce"]))
    tended = Tended(followed_up=0, closed=0, busy=(ConversationId("abc"),))
    looked_at = Breaking(breakers=MemoryBreakers(book=book), clock=clock, by="tend")
    monkeypatch.setattr(handler, "stage", lambda: (lambda: tended, looked_at))
    with pytest.raises(Retryable):
        handler.handle({}, None)
    assert book.moved[-1].circuit is Circuit.OPEN


def test_where_the_lists_are_not_kept_alike_ses_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the real one
    given = {f.metadata["variable"]: "1" for f in fields(settings.Tend)}
    given |= {"POSTROOM_DESK_ADDRESS": "support@desk.example", "POSTROOM_REPLIES": "on", "POSTROOM_QUIET_HOURS": ""}
    given |= {"POSTROOM_REPLY_QUEUE": "https://sqs.example/1", "POSTROOM_SUPPRESSION_SYNC": "off"}
    given |= {"POSTROOM_SURVEY_URL": "", "POSTROOM_FOLLOW_UPS": "agents"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("postroom.runtime.listing.listing", lambda table: pytest.fail("SES was asked"))
    assert handler.exchanged() == Exchanged()
