"""What tend has the reply function send: the notices that are due, and what quiet hours held back. Mail goes out by
itself there alone, and there it is decided whether it is right to send."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from postroom.clock import Clock, iso
from postroom.conversation import Conversation, Entry, EntryKind, State
from postroom.events import NoticeDue
from postroom.ids import SesId
from postroom.ports import Conversations, Outgoing, Postponed
from postroom.quiet import QuietHours
from postroom.threads.patience import Patience

MOST = 200  # notices of one run: the desk's hour has 500 automatic mails, and mail that comes in shall have its share
_PASSED_OVER = 5_000  # conversations that a run looks at, those that changed last first
_READ = 5_000  # entries of one
_POSTPONED = 1_000  # mails that one run lets go on


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcing:
    """Hands on the notices that are due. It may be done again, by several at once: what is sent is sent once."""

    conversations: Conversations
    outgoing: Outgoing
    desk: str
    patience: Patience
    clock: Clock
    most: int = MOST

    def __call__(self) -> int:
        """How many were handed on."""
        if not (self.patience.days and self.patience.notice):
            return 0
        return sum(self._handed_on(one, at) for one, at in islice(self._due(), self.most))

    def _due(self) -> Iterator[tuple[Conversation, str]]:
        now = iso(self.clock())
        before = iso(self.clock() - timedelta(days=max(self.patience.days - self.patience.notice, 0)))
        found = islice(self.conversations.in_state(self.desk, State.PENDING, before), _PASSED_OVER)
        return ((one, at) for one in found if (at := self.patience.tells_at(one)) is not None and at <= now)

    def _handed_on(self, one: Conversation, at: str) -> bool:
        mail = self._last_of_customer(one)
        due = NoticeDue(
            ses_id=SesId(mail.id if mail else ""),
            conversation=one.id,
            kind=mail.facts.get("kind", "unknown") if mail else "unknown",
            since=one.changed_at,
            at=at,
        )
        if mail is None:
            self._nobody(due)
            return False
        self.outgoing.put(due)
        return True

    def _nobody(self, due: NoticeDue) -> None:
        """They never wrote, so nothing shows that the address is theirs."""
        # Here: it is seldom wanted, and brings with it all that composes a mail.
        from postroom.stages.closing_notice import unaddressed

        unaddressed(self.conversations, due, iso(self.clock()))

    def _last_of_customer(self, one: Conversation) -> Entry | None:
        """The last mail that is their own: one that an agent forwarded for them is not."""
        last = None
        for entry in islice(self.conversations.entries(one.id), _READ):
            if entry.kind is EntryKind.MAIL and entry.author == one.customer and "forwarded_by" not in entry.facts:
                last = entry
        return last


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
