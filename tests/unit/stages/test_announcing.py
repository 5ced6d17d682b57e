"""Before a conversation closes its customer is told, once; what quiet hours held back goes out when they are over."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from email import message_from_bytes
from email.message import Message
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.address import State as AddressState
from postroom.breaker import Breaker, Circuit
from postroom.clock import iso
from postroom.conversation import Conversation, Entry, EntryKind, State
from postroom.errors import Retryable
from postroom.events import Event, MessageClassified, NoticeDue, ReplySent, ReplyWithheld
from postroom.ids import ConversationId, sent_message_id
from postroom.memory.desk import MemoryConversations
from postroom.outcome import Stage
from postroom.ports import Account
from postroom.quiet import QuietHours
from postroom.reasons import Reason
from postroom.stages.announcing import Announcing, HandingOn, Reminding, Resuming
from postroom.stages.customer_notice import PASSING
from postroom.stages.tend import Tend, Tended, as_they_are
from postroom.threads.patience import Patience, decided
from tests.contracts.conftest import NOW
from tests.unit.stages.desk import MemoryDesk, mail
from tests.unit.stages.test_crashes import FAILURES, Fault, Killed, Line

DESK = "support@desk.example"
PATIENCE = Patience(days=14, notice=3)
NIGHT = QuietHours(begin=time(22), end=time(7), zone=ZoneInfo("Europe/Berlin"))


def after(days: float = 0, hours: float = 0) -> datetime:
    return NOW + timedelta(days=days, hours=hours)


@dataclass
class Waiting:
    """A desk with one conversation: Ann wrote, was acknowledged and answered, and it is her turn since NOW."""

    desk: MemoryDesk = field(default_factory=MemoryDesk)
    patience: Patience = PATIENCE
    asks: bool = False  # the customer, on the follow-up day

    def __post_init__(self) -> None:
        self.mail = self.desk.classified(mail())
        self.desk.reply(self.mail)
        self.id = self.mail.conversation
        self.waits()

    def waits(self, since: datetime = NOW) -> None:
        self.change(state=State.PENDING, updated_at=iso(since))

    def change(self, **fields: object) -> None:
        self.desk.conversations.change(self.id, lambda was: replace(was, **fields))  # type: ignore[arg-type] # any field

    @property
    def now(self) -> Conversation:
        found = self.desk.conversations.get(self.id)
        assert found is not None
        return found

    @property
    def notices(self) -> list[Message]:
        sent = [message_from_bytes(raw) for raw, *_ in self.desk.mailer.sent]
        return [each for each in sent if each["Auto-Submitted"] == "auto-generated"]

    def tended(self, at: datetime) -> Tended:
        """One run, and what the reply function makes of what it hands on."""
        ran = self.run(at)
        self.delivered(at)
        return ran

    def run(self, at: datetime) -> Tended:
        there, outgoing = self.desk.conversations, self.desk.outgoing
        hand_on = HandingOn(conversations=there, outgoing=outgoing, clock=lambda: at)
        announce = Announcing(hand_on=hand_on, desk=DESK, patience=self.patience, clock=lambda: at)
        closes = self.patience.days > 0
        remind = Reminding(hand_on=hand_on, closes=closes, quiet=self.desk.quiet, clock=lambda: at)
        resume = Resuming(postponed=self.desk.postponed, outgoing=outgoing, quiet=self.desk.quiet, clock=lambda: at)
        return Tend(
            conversations=there,
            desk=DESK,
            patience=self.patience,
            clock=lambda: at,
            announce=announce,
            resume=resume,
            remind=remind if self.asks else as_they_are,
        )()

    def delivered(self, at: datetime) -> list[Event | None]:
        events, self.desk.outgoing.events = self.desk.outgoing.events, []
        return [self.sent(event, at) for event in events]

    def sent(self, event: Event, at: datetime) -> Event | None:
        if isinstance(event, NoticeDue):
            return self.desk.done(self.desk.noticed(event, at))
        assert isinstance(event, MessageClassified)
        return self.desk.done(self.desk.decided(event, at))

    def entries(self, kind: EntryKind) -> list[Entry]:
        return [each for each in self.desk.conversations.entries(self.id) if each.kind is kind]


# When the customer is told


def test_three_days_before_it_closes_the_customer_is_told_and_then_it_closes() -> None:
    waiting = Waiting()
    assert waiting.tended(after(10.9)).announced == 0
    assert waiting.tended(after(11.1)).announced == 1
    (notice,) = waiting.notices
    assert (notice["To"], notice["In-Reply-To"]) == ("ann@example.com", "<m1@example.com>")
    assert notice["Reply-To"].partition("<")[2].startswith("support+")
    assert b"So we will close it soon" in waiting.desk.mailer.sent[-1][0]
    assert waiting.now.state is State.PENDING
    assert (waiting.now.changed_at, waiting.now.notice_at) == (iso(NOW), iso(after(11.1)))
    assert waiting.tended(after(13.9)) == Tended(followed_up=0, closed=0, busy=())
    assert waiting.tended(after(14.2)) == Tended(followed_up=0, closed=1, busy=())
    assert len(waiting.notices) == 1


def test_it_stands_in_the_conversation_and_an_answer_to_it_finds_that() -> None:
    waiting = Waiting()
    waiting.tended(after(11.1))
    notice = waiting.entries(EntryKind.REPLY)[-1]
    assert (notice.facts["template"], notice.at) == ("auto_close_notice", iso(after(11.1)))
    id_ = sent_message_id(waiting.desk.sends.states["mail-1/auto_close_notice"].sent_id)  # type: ignore[arg-type] # sent
    assert waiting.desk.conversations.known([id_])[id_].id == waiting.id


def test_the_row_of_the_mail_keeps_what_became_of_its_acknowledgement() -> None:
    waiting = Waiting()
    waiting.tended(after(11.1))
    assert waiting.desk.ledger.rows_by_id[waiting.mail.ses_id].records[Stage.REPLY].reason is Reason.ACKNOWLEDGED


@pytest.mark.parametrize("patience", [Patience(days=14), Patience(days=0, notice=3)])
def test_a_desk_that_wants_none_sends_none(patience: Patience) -> None:
    waiting = Waiting(patience=patience)
    assert waiting.tended(after(12)).announced == 0
    assert not waiting.notices


@pytest.mark.parametrize("state", [state for state in State if state is not State.PENDING])
def test_nobody_is_told_of_what_does_not_wait_for_them(state: State) -> None:
    waiting = Waiting()
    waiting.change(state=state)
    assert waiting.tended(after(12)).announced == 0


def test_who_is_waited_for_until_a_day_is_not_told() -> None:
    waiting = Waiting()
    waiting.change(follow_up_on="2027-06-01")
    assert waiting.tended(after(12)).announced == 0


def test_a_customer_is_told_once_for_a_mail_of_theirs_however_often_the_desk_asks_again() -> None:
    waiting = Waiting()
    waiting.tended(after(11.1))
    waiting.waits(since=after(12))
    waiting.tended(after(23.1))
    assert len(waiting.notices) == 1
    assert waiting.now.notice_at == iso(after(23.1))
    assert waiting.tended(after(26.2)).closed == 1


def test_when_they_have_written_again_they_are_told_again() -> None:
    waiting = Waiting()
    waiting.tended(after(11.1))
    waiting.desk.classified(mail(message_id="m2@example.com", extra="References: <m1@example.com>\r\n"), "mail-2")
    waiting.waits(since=after(12))
    waiting.tended(after(23.1))
    assert [each["In-Reply-To"] for each in waiting.notices] == ["<m1@example.com>", "<m2@example.com>"]


# When it is not right to tell them


@pytest.mark.parametrize(
    "change",
    [
        {"state": State.OPEN},
        {"updated_at": iso(after(11.1, 1))},
        {"follow_up_on": "2027-06-01"},
        {"notice_at": iso(after(11.1, 1))},
    ],
)
def test_what_happened_between_the_run_and_the_send_ends_what_was_due(change: dict[str, object]) -> None:
    waiting = Waiting()
    waiting.run(after(11.1))
    waiting.change(**change)
    (event,) = waiting.delivered(after(11.1, 2))
    assert isinstance(event, ReplyWithheld)
    assert event.reason is Reason.NO_LONGER_DUE
    assert not waiting.notices


def test_a_conversation_that_was_forgotten_meanwhile_is_left_alone() -> None:
    waiting = Waiting()
    waiting.run(after(11.1))
    waiting.desk.conversations.forget(waiting.id)
    waiting.delivered(after(11.1))
    assert not waiting.notices


def test_whose_mails_retention_has_taken_gets_none_and_it_says_so_once() -> None:
    waiting = Waiting()
    waiting.desk.objects.bodies.clear()
    for hours in range(3):
        waiting.tended(after(11.1, hours))
    (entry,) = waiting.entries(EntryKind.CHANGE)
    assert entry.text.startswith("the customer gets no notice before it closes: ")
    assert entry.facts["reason"] == Reason.DOCUMENT_UNUSABLE
    assert decided(waiting.now)
    assert waiting.tended(after(14.1)).closed == 1


def test_what_a_robot_wrote_last_is_answered_by_nothing() -> None:
    waiting = Waiting()
    away = "References: <m1@example.com>\r\nAuto-Submitted: auto-replied\r\n"
    waiting.desk.classified(mail("Out of office", message_id="m2@example.com", extra=away, body="I am away."), "mail-2")
    waiting.waits()
    waiting.tended(after(11.1))
    assert not waiting.notices
    (entry,) = waiting.entries(EntryKind.CHANGE)
    assert entry.facts["reason"] in (Reason.AUTO_REPLY, Reason.OUT_OF_OFFICE)


def test_who_never_wrote_is_not_told_for_nothing_shows_that_the_address_is_theirs() -> None:
    waiting = Waiting()
    waiting.change(customer="bob@example.com")
    waiting.tended(after(11.1))
    assert not waiting.notices
    assert [each.facts["reason"] for each in waiting.entries(EntryKind.CHANGE)] == [Reason.NO_SENDER]
    assert decided(waiting.now)


def test_an_address_that_bounced_gets_none() -> None:
    waiting = Waiting()
    waiting.desk.addresses.states["ann@example.com"] = AddressState.HARD
    waiting.tended(after(11.1))
    assert not waiting.notices
    assert decided(waiting.now)


# What passes


def open_breaker(desk: MemoryDesk) -> None:
    desk.addresses.moved.append(Breaker(circuit=Circuit.OPEN, since=iso(NOW), why="bounces"))


def test_an_open_breaker_is_waited_for_for_as_long_as_the_notice_is_and_told_of_once() -> None:
    waiting = Waiting()
    open_breaker(waiting.desk)
    for hours in (0, 1, 2):
        waiting.tended(after(11.1, hours))
    (entry,) = waiting.entries(EntryKind.CHANGE)
    assert entry.text == f"the notice before closing waits: {Reason.BREAKER_OPEN.text}"
    assert not decided(waiting.now)
    assert waiting.tended(after(16.9)).closed == 0
    assert waiting.tended(after(17.1)).closed == 1
    assert not waiting.notices


def test_who_is_told_late_still_has_the_whole_notice() -> None:
    waiting = Waiting()
    waiting.desk.account.known = Account(sending=False)
    waiting.tended(after(12))
    waiting.desk.account.known = Account()
    waiting.tended(after(13))
    assert len(waiting.notices) == 1
    assert waiting.tended(after(15.9)).closed == 0
    assert waiting.tended(after(16.1)).closed == 1


def test_what_passes_is_what_says_nothing_of_the_mail_or_its_author() -> None:
    assert Reason.SEND_UNCERTAIN not in PASSING  # it may have gone out: it is never sent again
    assert Reason.SUPPRESSED not in PASSING


# Breaking off


@pytest.mark.parametrize(("failure", "late"), [(failure, late) for failure, when in FAILURES for late in when])
def test_a_run_that_ends_at_any_call_sends_no_second_notice_and_says_what_it_does_not_know(
    failure: type[BaseException], late: bool
) -> None:
    for number in range(25):
        waiting = Waiting()
        line = Line(Fault(number, failure, late))
        whole = waiting.desk
        waiting.desk = replace(
            whole, **{port: line.through(port, getattr(whole, port)) for port in ("sends", "mailer", "conversations")}
        )
        with suppress(Killed, TimeoutError, Retryable):
            waiting.tended(after(11.1))
        waiting.desk = replace(whole, outgoing=type(whole.outgoing)())
        for hours in (1, 2):
            waiting.tended(after(11.1, hours))
        assert len(waiting.notices) <= 1
        assert decided(waiting.now)
        told = [each.facts["reason"] for each in waiting.entries(EntryKind.CHANGE)]
        stands = [each for each in waiting.entries(EntryKind.REPLY) if each.facts["template"] == "auto_close_notice"]
        assert (len(stands), told) in [(1, []), (0, [Reason.SEND_UNCERTAIN])]


# Quiet hours


def quiet_desk() -> MemoryDesk:
    return MemoryDesk(quiet=NIGHT)


NIGHT_HOURS, MORNING_HOURS = 15.0, 23.5  # after NOW, which is 08:30 in Berlin


def test_what_comes_at_night_is_acknowledged_in_the_morning_once() -> None:
    desk = quiet_desk()
    classified = desk.classified(mail())
    held = desk.reply(classified, NIGHT_HOURS)
    assert isinstance(held, ReplyWithheld)
    assert held.reason is Reason.QUIET_HOURS
    assert not desk.mailer.sent
    resuming = [
        Resuming(postponed=desk.postponed, outgoing=desk.outgoing, quiet=NIGHT, clock=partial(after, hours=at))
        for at in (NIGHT_HOURS, MORNING_HOURS, MORNING_HOURS + 1)
    ]
    assert [resume() for resume in resuming] == [0, 1, 0]
    (again,) = desk.outgoing.events
    assert again == classified
    assert isinstance(desk.reply(classified, MORNING_HOURS), ReplySent)
    assert isinstance(desk.reply(classified, MORNING_HOURS), ReplySent)  # a run that broke off hands it on twice
    assert len(desk.mailer.sent) == 1


def test_whom_somebody_has_answered_by_then_gets_no_acknowledgement() -> None:
    desk = quiet_desk()
    classified = desk.classified(mail())
    desk.reply(classified, NIGHT_HOURS)
    desk.conversations.change(classified.conversation, lambda was: replace(was, state=State.PENDING))
    late = desk.reply(classified, MORNING_HOURS)
    assert isinstance(late, ReplyWithheld)
    assert late.reason is Reason.ANSWERED_MEANWHILE


def test_what_is_never_answered_does_not_wait() -> None:
    desk = quiet_desk()
    held = desk.reply(desk.classified(mail(extra="Precedence: bulk\r\n")), NIGHT_HOURS)
    assert isinstance(held, ReplyWithheld)
    assert held.reason is Reason.BULK_MAIL
    assert not desk.postponed.waiting


def test_a_mail_is_kept_before_anybody_notes_that_it_is_held_back() -> None:
    desk = quiet_desk()
    classified = desk.classified(mail())
    desk.decided(classified, after(hours=NIGHT_HOURS))  # and the function ends before it notes anything
    assert list(desk.postponed.waiting) == [classified.ses_id]


def test_a_mail_that_waited_too_long_is_not_acknowledged() -> None:
    desk = quiet_desk()
    classified = desk.classified(mail())
    desk.reply(classified, NIGHT_HOURS)
    late = desk.reply(classified, MORNING_HOURS + 72)
    assert isinstance(late, ReplyWithheld)
    assert late.reason is Reason.TOO_OLD


def test_a_notice_that_is_due_at_night_goes_out_in_the_morning() -> None:
    waiting = Waiting(desk=quiet_desk())
    waiting.tended(after(11.1, NIGHT_HOURS))
    assert not waiting.notices
    waiting.tended(after(11.1, MORNING_HOURS))
    assert len(waiting.notices) == 1


# In general


@given(
    st.sampled_from(State),
    st.integers(1, 30),
    st.integers(0, 40),
    st.none() | st.integers(-5, 60),
    st.integers(0, 90),
)
def test_no_customer_who_is_told_has_less_than_the_notice(
    state: State, days: int, notice: int, told: int | None, now: int
) -> None:
    patience = Patience(days=days, notice=notice)
    one = Conversation(
        id=ConversationId("a"),
        customer="ann@example.com",
        participants=(),
        subject="",
        created_at=iso(NOW),
        state=state,
        notice_at=iso(after(told)) if told is not None else None,
    )
    closes = patience.closes_at(one)
    assert closes >= iso(after(days))
    tells = patience.tells_at(one)
    if tells is not None:
        assert state is State.PENDING
        assert iso(NOW) <= tells <= iso(after(days))
        assert closes == iso(after(days + notice))
    elif notice and state is State.PENDING and told is not None:
        assert closes >= iso(after(told + notice))


def test_a_run_hands_on_so_many_and_the_next_goes_on() -> None:
    there = MemoryConversations()
    desk = MemoryDesk(conversations=there)
    for number in range(5):
        made = desk.classified(mail(message_id=f"m{number}@example.com", subject=f"Nr {number}"), f"mail-{number}")
        there.change(made.conversation, lambda was: replace(was, state=State.PENDING, updated_at=iso(NOW)))
    at = lambda: after(11.1)  # noqa: E731 - a clock
    hand_on = HandingOn(conversations=there, outgoing=desk.outgoing, clock=at)
    run = Announcing(hand_on=hand_on, desk=DESK, patience=PATIENCE, clock=at, most=3)
    counts = []
    for _ in range(3):
        counts.append(run())
        for event in desk.outgoing.events:
            assert isinstance(event, NoticeDue)
            desk.noticed(event, after(11.1))
        desk.outgoing.events.clear()
    assert counts == [3, 2, 0]


# The follow-up day

DAY = f"{after(2):%Y-%m-%d}"


def asking(**changes: object) -> Waiting:
    """The same desk, which asks the customer on the follow-up day, and that is in two days."""
    waiting = Waiting(asks=True, **changes)  # type: ignore[arg-type] # any field
    waiting.change(follow_up_on=DAY)
    return waiting


def asked(waiting: Waiting) -> list[str]:
    return [e.facts["template"] for e in waiting.entries(EntryKind.REPLY) if e.facts["template"] == "follow_up"]


def test_on_the_follow_up_day_the_customer_is_asked_and_it_is_their_turn_again() -> None:
    waiting = asking()
    assert waiting.tended(after(1)).followed_up == 0
    assert waiting.tended(after(2.1)).followed_up == 1
    (mail_,) = waiting.notices
    assert (mail_["To"], mail_["In-Reply-To"]) == ("ann@example.com", "<m1@example.com>")
    assert b"If we don't hear from you, we will close the request." in waiting.desk.mailer.sent[-1][0]
    assert (waiting.now.state, waiting.now.follow_up_on) == (State.PENDING, None)
    assert [each.text for each in waiting.entries(EntryKind.CHANGE)] == ["the day has come to look at it again"]
    assert waiting.tended(after(2.2)).followed_up == 0
    assert len(asked(waiting)) == 1


def test_it_is_called_the_last_notice_only_where_the_desk_closes_what_nobody_answers() -> None:
    waiting = asking(patience=Patience(days=0))
    waiting.tended(after(2.1))
    assert len(asked(waiting)) == 1
    assert b"we will close the request" not in waiting.desk.mailer.sent[-1][0]


def test_a_desk_whose_agents_are_reminded_writes_to_nobody() -> None:
    waiting = Waiting()
    waiting.change(follow_up_on=DAY)
    assert waiting.tended(after(2.1)).followed_up == 1
    assert not asked(waiting)
    assert waiting.now.state is State.OPEN


@pytest.mark.parametrize("state", [State.NEW, State.OPEN, State.SOLVED, State.CLOSED])
def test_where_it_is_not_the_customers_turn_nobody_asks_them(state: State) -> None:
    waiting = asking()
    waiting.change(state=state)
    assert waiting.tended(after(2.1)).followed_up == 1
    assert not asked(waiting)


def test_who_can_not_be_asked_stays_on_the_desks_list_and_it_says_why() -> None:
    waiting = asking()
    waiting.desk.addresses.states["ann@example.com"] = AddressState.HARD
    waiting.tended(after(2.1))
    assert not asked(waiting)
    assert waiting.now.state is State.OPEN
    told = {each.text for each in waiting.entries(EntryKind.CHANGE)}
    assert f"the customer is not asked for an answer: {Reason.SUPPRESSED.text}" in told


def test_one_mail_is_asked_about_once_and_on_a_later_day_it_is_the_desks_turn() -> None:
    waiting = asking()
    waiting.tended(after(2.1))
    waiting.change(follow_up_on=f"{after(5):%Y-%m-%d}", updated_at=iso(after(3)))
    waiting.tended(after(5.1))
    assert len(asked(waiting)) == 1
    assert waiting.now.state is State.OPEN
    assert Reason.FOLLOWED_UP_BEFORE in {each.facts.get("reason") for each in waiting.entries(EntryKind.CHANGE)}


def test_in_quiet_hours_the_day_waits() -> None:
    waiting = asking()
    waiting.desk.quiet = NIGHT
    night = after(2).replace(hour=2)
    assert waiting.tended(night).followed_up == 0
    assert waiting.now.follow_up_on == DAY
    assert waiting.tended(night.replace(hour=9)).followed_up == 1
    assert len(asked(waiting)) == 1


def test_what_happened_since_ends_it() -> None:
    waiting = asking()
    waiting.run(after(2.1))
    waiting.desk.classified(mail(message_id="m2@example.com", extra="References: <m1@example.com>\r\n"), "mail-2")
    waiting.change(updated_at=iso(after(2.1)))
    waiting.delivered(after(2.1))
    assert not asked(waiting)
    assert waiting.now.state is State.OPEN


def test_that_the_reply_function_is_quicker_than_tend_changes_nothing() -> None:
    waiting = asking()
    there, outgoing = waiting.desk.conversations, waiting.desk.outgoing
    remind = Reminding(
        hand_on=HandingOn(conversations=there, outgoing=outgoing, clock=lambda: after(2.1)),
        closes=True,
        quiet=None,
        clock=lambda: after(2.1),
    )
    list(remind(there.due(DESK, DAY)))  # and broke off before it changed anything
    waiting.delivered(after(2.1))
    assert len(asked(waiting)) == 1
    assert (waiting.now.state, waiting.now.follow_up_on) == (State.PENDING, None)
    assert waiting.tended(after(2.2)).followed_up == 0
    assert len(asked(waiting)) == 1
