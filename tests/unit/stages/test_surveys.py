"""A day after it was solved a customer is asked how content they were: seldom, and never who wants no more of it."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import Message
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from postroom.address import State as AddressState
from postroom.clock import iso
from postroom.conversation import Conversation, Entry, EntryKind, State
from postroom.errors import Retryable
from postroom.events import MessageClassified, NoticeDue, ReplySent, ReplyWithheld
from postroom.ids import ConversationId
from postroom.memory.thread_keys import MemoryKeys
from postroom.outcome import Stage
from postroom.quiet import QuietHours
from postroom.reasons import Reason
from postroom.stages import surveys
from postroom.stages.announcing import HandingOn, Surveying
from postroom.threads.tokens import Tokens
from tests.contracts.conftest import NOW
from tests.unit.stages.desk import MemoryDesk, mail
from tests.unit.stages.test_announcing import DESK, NIGHT
from tests.unit.stages.test_crashes import FAILURES, PORTS, Fault, Killed, Line

URL = "https://survey.example.com/desk"
DUE = 1.1  # days


def after(days: float) -> datetime:
    return NOW + timedelta(days=days)


@dataclass
class Solved:
    """A desk that asks: Ann wrote, a person answered, and it was solved at NOW."""

    desk: MemoryDesk = field(default_factory=lambda: MemoryDesk(survey_url=URL))
    answered: bool = True

    def __post_init__(self) -> None:
        self.id = self.opened("mail-1")

    def opened(self, ses_id: str, sender: str = "ann@example.com", at: datetime = NOW) -> ConversationId:
        raw = mail(subject=f"About {ses_id}", sender=sender, message_id=f"{ses_id}@example.com")
        event = self.desk.classified(raw, ses_id, sender)
        if self.answered:
            answer = Entry(at=iso(at), kind=EntryKind.REPLY, id=f"answer-{ses_id}", author="eve@staff.example")
            self.desk.conversations.add(event.conversation, answer)
        self.change(event.conversation, state=State.SOLVED, updated_at=iso(at))
        return event.conversation

    def change(self, id_: ConversationId, **fields: object) -> None:
        self.desk.conversations.change(id_, lambda was: replace(was, **fields))  # type: ignore[arg-type] # any field

    @property
    def now(self) -> Conversation:
        found = self.desk.conversations.get(self.id)
        assert found is not None
        return found

    @property
    def surveys(self) -> list[Message]:
        return [message_from_bytes(raw, policy=policy.default) for raw, *_ in self.desk.mailer.sent]

    def run(self, days: float) -> int:
        """What tend hands on then."""
        at = lambda: after(days)  # noqa: E731 - a clock
        hand_on = HandingOn(conversations=self.desk.conversations, outgoing=self.desk.outgoing, clock=at)
        return Surveying(hand_on=hand_on, desk=DESK, clock=at)()

    def asked(self, days: float = DUE) -> list[Reason | None]:
        """One run, and what the reply function makes of it: why not, each, or None where the survey went out."""
        self.run(days)
        return self.delivered(days)

    def delivered(self, days: float = DUE) -> list[Reason | None]:
        events, self.desk.outgoing.events = self.desk.outgoing.events, []
        return [self._sent(event, days) for event in events if isinstance(event, NoticeDue)]

    def _sent(self, due: NoticeDue, days: float) -> Reason | None:
        event = self.desk.done(self.desk.noticed(due, after(days)))
        assert isinstance(event, ReplySent | ReplyWithheld)
        return event.reason if isinstance(event, ReplyWithheld) else None

    def told(self) -> list[str]:
        there = self.desk.conversations.entries(self.id)
        return [each.text for each in there if each.kind is EntryKind.CHANGE]

    def unsubscribes(self, subject: str = "", ses_id: str = "wish-1") -> MessageClassified:
        """Ann's mail program does what List-Unsubscribe of the survey wants, and the desk takes it in."""
        raw = mail(subject=subject or self.wish(), message_id=f"{ses_id}@example.com", body="")
        event = self.desk.classified(raw, ses_id)
        self.desk.reply(event)
        return event

    def wish(self) -> str:
        address = urlsplit(str(self.surveys[0]["List-Unsubscribe"]).strip("<>"))
        assert (address.scheme, unquote(address.path)) == ("mailto", DESK)
        return parse_qs(address.query)["subject"][0]


# What is sent


def test_a_day_after_it_was_solved_the_customer_is_asked_once() -> None:
    solved = Solved()
    assert solved.run(0.9) == 0
    assert solved.asked() == [None]
    (survey,) = solved.surveys
    assert (survey["To"], survey["Auto-Submitted"]) == ("ann@example.com", "auto-generated")
    assert solved.run(2) == 0
    assert (solved.now.state, solved.now.changed_at) == (State.SOLVED, iso(NOW))
    entries = [e for e in solved.desk.conversations.entries(solved.id) if e.kind is EntryKind.REPLY]
    assert entries[-1].facts["template"] == "satisfaction_survey"


@pytest.mark.parametrize("url", [URL, f"{URL}?desk=1"])
def test_its_links_have_a_token_that_gets_nobody_into_the_conversation(url: str) -> None:
    solved = Solved(desk=MemoryDesk(survey_url=url))
    solved.asked()
    body = solved.surveys[0].get_body(("plain",)).get_content()  # type: ignore[attr-defined] # of an EmailMessage
    links = re.findall(r"https://\S+", body)
    assert all(link.startswith(url) for link in links)
    queries = [parse_qs(urlsplit(link).query) for link in links]
    assert [each["answer"] for each in queries] == [["good"], ["fair"], ["poor"]]
    ours = Tokens(keys=MemoryKeys().keys(), desk=DESK)
    (token,) = {each["c"][0] for each in queries}
    assert token == ours.sign_survey(solved.id, after(DUE))
    assert not list(ours.found([token]))
    assert not list(ours.wishes([token]))
    assert not list(ours.found([solved.wish()]))


# When nobody is asked


def test_a_desk_without_a_survey_asks_nobody() -> None:
    assert Solved(desk=MemoryDesk()).asked() == [Reason.REPLIES_OFF]


@pytest.mark.parametrize("state", [state for state in State if state is not State.SOLVED])
def test_only_who_has_a_solved_conversation_is_asked(state: State) -> None:
    solved = Solved()
    solved.change(solved.id, state=state)
    assert solved.run(DUE) == 0


def test_what_was_solved_long_ago_is_not_asked_about() -> None:
    assert Solved().run(8.1) == 0


def test_where_no_person_has_answered_nobody_is_asked_and_it_says_so_once() -> None:
    solved = Solved(answered=False)
    assert solved.asked() == [Reason.NOBODY_ANSWERED]
    assert solved.run(2) == 0
    assert solved.told() == [f"the customer is not asked how content they were: {Reason.NOBODY_ANSWERED.text}"]


def test_whose_last_mail_was_a_robots_is_not_asked() -> None:
    solved = Solved()
    away = "References: <mail-1@example.com>\r\nAuto-Submitted: auto-replied\r\n"
    solved.desk.classified(mail("Away", message_id="m2@example.com", extra=away, body="I am away."), "mail-2")
    solved.change(solved.id, updated_at=iso(NOW))
    (reason,) = solved.asked()
    assert reason in (Reason.AUTO_REPLY, Reason.OUT_OF_OFFICE)


def test_whose_address_bounced_is_not_asked() -> None:
    solved = Solved()
    solved.desk.addresses.states["ann@example.com"] = AddressState.HARD
    assert solved.asked() == [Reason.SUPPRESSED]


def test_who_has_written_since_is_not_asked() -> None:
    solved = Solved()
    solved.run(DUE)
    solved.desk.classified(mail(message_id="m2@example.com", extra="References: <mail-1@example.com>\r\n"), "mail-2")
    assert solved.delivered() == [Reason.NO_LONGER_DUE]


def test_quiet_hours_are_waited_for() -> None:
    solved = Solved()
    solved.desk.quiet = QuietHours(begin=NIGHT.begin, end=NIGHT.end, zone=NIGHT.zone)
    night = (after(2).replace(hour=2) - NOW) / timedelta(days=1)
    assert solved.asked(night) == [Reason.QUIET_HOURS]
    assert solved.asked(night + 7 / 24) == [None]


# Once in 90 days


@pytest.mark.parametrize("days", [0, 1, 45, 88])
def test_a_person_is_asked_once_in_90_days_in_whatever_conversation(days: float) -> None:
    solved = Solved()
    solved.asked()
    solved.opened("mail-2", at=after(days))
    assert solved.asked(days + DUE) == [Reason.SURVEYED_BEFORE]
    assert len(solved.surveys) == 1


def test_after_two_windows_they_may_be_asked_again_but_not_in_that_conversation() -> None:
    solved = Solved()
    solved.asked()
    solved.opened("mail-2", at=after(181))
    solved.change(solved.id, updated_at=iso(after(181)))
    solved.asked(181 + DUE)
    assert [each["In-Reply-To"] for each in solved.surveys] == ["<mail-1@example.com>", "<mail-2@example.com>"]


def test_others_are_asked_at_the_same_time() -> None:
    solved = Solved()
    solved.opened("mail-2", sender="bob@example.com")
    assert solved.asked() == [None, None]


# Who wants no more


def test_who_unsubscribes_is_asked_no_more_for_good() -> None:
    solved = Solved()
    solved.asked()
    solved.unsubscribes()
    for days in (181, 1_000):
        solved.opened(f"mail-{days}", at=after(days))
        assert solved.asked(days + DUE) == [Reason.UNSUBSCRIBED]
    assert len(solved.surveys) == 1


def test_the_mail_opens_nothing_gets_no_answer_and_its_row_says_what_it_was() -> None:
    solved = Solved()
    solved.asked()
    before = set(solved.desk.conversations.conversations)
    event = solved.unsubscribes()
    assert (event.conversation, event.opened, event.kind) == (solved.id, False, "notification")
    assert set(solved.desk.conversations.conversations) == before
    assert solved.now.state is State.SOLVED
    records = solved.desk.ledger.rows_by_id[event.ses_id].records
    assert records[Stage.CLASSIFY].rule == "unsubscribes"
    assert records[Stage.REPLY].reason is Reason.UNSUBSCRIBES
    assert len(solved.desk.mailer.sent) == 1


def test_a_repeat_of_it_changes_nothing() -> None:
    solved = Solved()
    solved.asked()
    event = solved.unsubscribes()
    states = dict(solved.desk.sends.states)
    solved.desk.reply(event)
    assert solved.desk.sends.states == states


def other_last_letter(subject: str) -> str:
    return subject[:-1] + ("a" if subject[-1] != "a" else "b")


@pytest.mark.parametrize(
    ("changed", "heard"),
    [(str.upper, True), ("Re: {}".format, True), (other_last_letter, False), (lambda _: "unsubscribe", False)],
)
def test_a_mail_without_our_token_is_a_mail_like_any(changed: Callable[[str], str], heard: bool) -> None:
    solved = Solved()
    solved.asked()
    event = solved.unsubscribes(changed(solved.wish()))
    assert (event.conversation == solved.id) is heard
    solved.opened("mail-2", at=after(181))
    assert (Reason.UNSUBSCRIBED in solved.asked(181 + DUE)) is heard


def test_who_is_erased_leaves_no_wish_behind() -> None:
    solved = Solved()
    solved.asked()
    solved.unsubscribes()
    assert any(key.startswith("no_survey/") for key in solved.desk.sends.states)
    surveys.forget(solved.desk.sends, "ann@example.com")
    assert not any(key.startswith("no_survey/") for key in solved.desk.sends.states)


# When it breaks off


def sent_in_tries(fault: Fault | None) -> tuple[int, int]:
    """How many surveys went out in three tries of which the first is cut, and how many calls that one had."""
    solved = Solved()
    solved.run(DUE)
    (due,) = solved.desk.outgoing.events
    assert isinstance(due, NoticeDue)
    line = Line(fault)
    tapped = replace(solved.desk, **{port: line.through(port, getattr(solved.desk, port)) for port in PORTS})
    with suppress(Killed, TimeoutError, Retryable):
        tapped.noticed(due, after(DUE))
    for hours in (1, 2):
        solved.desk.noticed(due, after(DUE) + timedelta(hours=hours))
    return len(solved.desk.mailer.sent), len(line.calls)


def test_wherever_a_run_breaks_off_the_survey_goes_out_once_at_most() -> None:
    whole, calls = sent_in_tries(None)
    assert whole == 1
    for number in range(calls):
        for failure, when in FAILURES:
            for late in when:
                assert sent_in_tries(Fault(number, failure, late))[0] <= 1
