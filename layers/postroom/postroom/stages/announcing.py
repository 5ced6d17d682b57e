"""What tend has the reply function send: what customers are to be told, and what quiet hours held back. Mail goes out
by itself there alone, and there it is decided whether it is right to send."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice, takewhile

from postroom.clock import Clock, iso
from postroom.conversation import Conversation, Entry, EntryKind, State
from postroom.events import NoticeDue
from postroom.ids import SesId
from postroom.ports import Conversations, Outgoing, Postponed
from postroom.quiet import QuietHours
from postroom.stages.tend import followed_up
from postroom.threads.patience import Patience, decided

MOST = 200  # notices of one run: the desk's hour has 500 automatic mails, and mail that comes in shall have its share
# Values of `automatic.Purpose`, which brings with it all that sends.
CLOSING, FOLLOW_UP, SURVEY = "auto_close_notice", "follow_up", "satisfaction_survey"
_SETTLED = timedelta(days=1)  # for so long, before its customer is asked how content they were
_PAST = timedelta(days=8)  # and by then it is too late: nobody is asked about what was settled long ago
_PASSED_OVER = 5_000  # conversations that a run looks at, those that changed last first
_READ = 5_000  # entries of one
_POSTPONED = 1_000  # mails that one run lets go on


@dataclass(frozen=True, slots=True, kw_only=True)
class HandingOn:
    """Hands on what a customer is to be told. It may be done again, by several at once: what is sent is sent once."""

    conversations: Conversations
    outgoing: Outgoing
    clock: Clock

    def __call__(self, one: Conversation, purpose: str, at: str, last: bool = False) -> bool:
        """Whether it was; else the customer has no mail that it could answer, and the conversation says so."""
        mail = self._last_of_customer(one)
        due = NoticeDue(
            ses_id=SesId(mail.id if mail else ""),
            conversation=one.id,
            kind=mail.facts.get("kind", "unknown") if mail else "unknown",
            since=one.changed_at,
            at=at,
            purpose=purpose,
            last=last,
        )
        if mail is None:
            self._nobody(due)
            return False
        self.outgoing.put(due)
        return True

    def _nobody(self, due: NoticeDue) -> None:
        """They never wrote, so nothing shows that the address is theirs."""
        # Here: it is seldom wanted, and brings with it all that composes a mail.
        from postroom.stages.customer_notice import unaddressed

        unaddressed(self.conversations, due, iso(self.clock()))

    def _last_of_customer(self, one: Conversation) -> Entry | None:
        """The last mail that is their own: one that an agent forwarded for them is not."""
        last = None
        for entry in islice(self.conversations.entries(one.id), _READ):
            if entry.kind is EntryKind.MAIL and entry.author == one.customer and "forwarded_by" not in entry.facts:
                last = entry
        return last


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcing:
    """Hands on the notices before closing that are due."""

    hand_on: HandingOn
    desk: str
    patience: Patience
    clock: Clock
    most: int = MOST

    def __call__(self) -> int:
        """How many were handed on."""
        if not (self.patience.days and self.patience.notice):
            return 0
        return sum(self.hand_on(one, CLOSING, at) for one, at in islice(self._due(), self.most))

    def _due(self) -> Iterator[tuple[Conversation, str]]:
        now = iso(self.clock())
        before = iso(self.clock() - timedelta(days=max(self.patience.days - self.patience.notice, 0)))
        found = islice(self.hand_on.conversations.in_state(self.desk, State.PENDING, before), _PASSED_OVER)
        return ((one, at) for one in found if (at := self.patience.tells_at(one)) is not None and at <= now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminding:
    """Where the customer is asked for an answer on the follow-up day: hands that on, and keeps the day in quiet hours.

    `closes`: whether the desk closes what nobody answers.
    """

    hand_on: HandingOn
    closes: bool
    quiet: QuietHours | None
    clock: Clock

    def __call__(self, due: Iterator[Conversation]) -> Iterator[Conversation]:
        """Of those whose day has come, those that may be followed up now: before that it is handed on. A run that
        breaks off between the two hands it on again."""
        today, quiet = iso(self.clock())[:10], self.quiet is not None and self.quiet.cover(self.clock())
        for one in due:
            what = followed_up(one, today)
            if what is None or one.state is not State.PENDING:  # it is the desk's turn anyway
                yield one
            elif not quiet:
                self.hand_on(one, FOLLOW_UP, what.at, last=self.closes)
                yield one


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveying:
    """Hands on whom to ask whether they were content: those whose conversation has been solved for a day."""

    hand_on: HandingOn
    desk: str
    clock: Clock
    most: int = MOST

    def __call__(self) -> int:
        """How many were handed on."""
        return sum(self.hand_on(one, SURVEY, one.changed_at) for one in islice(self._due(), self.most))

    def _due(self) -> Iterator[Conversation]:
        now = self.clock()
        found = self.hand_on.conversations.in_state(self.desk, State.SOLVED, iso(now - _SETTLED))
        recent = takewhile(lambda one: one.changed_at > iso(now - _PAST), islice(found, _PASSED_OVER))
        return (one for one in recent if not decided(one))


@dataclass(frozen=True, slots=True, kw_only=True)
class Resuming:
    """Lets go on what was held back in quiet hours, once they are over."""

    postponed: Postponed
    outgoing: Outgoing
    quiet: QuietHours | None
    clock: Clock

    def __call__(self) -> int:
        """How many go on. What breaks off between the two steps goes on twice, and is sent once."""
        if self.quiet and self.quiet.cover(self.clock()):
            return 0
        count = 0
        for event in islice(self.postponed.all(), _POSTPONED):
            self.outgoing.put(event)
            self.postponed.remove(event.ses_id)
            count += 1
        return count
