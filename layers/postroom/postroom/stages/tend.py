"""tend: what no mail moves. What nobody answers is closed, and what has a day to be looked at again is shown on it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import chain, islice

from postroom.clock import Clock, iso
from postroom.conversation import Conversation, Entry, EntryKind, State
from postroom.errors import Retryable
from postroom.ids import ConversationId
from postroom.ports import Conversations, NotFound
from postroom.threads.life import AFTER, Happening
from postroom.threads.patience import Patience

AUTHOR = "tend"
MOST = 1_000  # conversations that one run changes of each sort; the next run goes on with the rest
_PASSED_OVER = 5_000  # idle ones that a run looks at: some of them wait for a day that is still to come

#: The states in which a conversation closes by itself.
CLOSING = tuple(state for state in State if AFTER[state, Happening.IDLE] is not state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is due in a conversation, since this moment. `at` and `id` are the same at every try."""

    happening: Happening
    at: str
    id: str
    text: str

    def entry(self) -> Entry:
        facts = {"happening": str(self.happening)}
        return Entry(at=self.at, kind=EntryKind.CHANGE, id=self.id, author=AUTHOR, text=self.text, facts=facts)


def nothing() -> int:
    """For a desk that announces nothing, asks nobody, and has no quiet hours."""
    return 0


def as_they_are(found: Iterator[Conversation]) -> Iterator[Conversation]:
    """For a desk that asks no customer for an answer."""
    return found


Judge = Callable[[Conversation], Due | None]


def followed_up(conversation: Conversation, today: str) -> Due | None:
    """The day has come (`today` is one, in UTC) on which somebody should look at it again."""
    day = conversation.follow_up_on
    if not day or day > today:
        return None
    at = max(f"{day}T00:00:00.000Z", conversation.changed_at)  # the day may have been over when it was set
    text = "the day has come to look at it again"
    return Due(happening=Happening.FOLLOW_UP, at=at, id=f"follow_up/{day}", text=text)


def idle(conversation: Conversation, patience: Patience, now: str) -> Due | None:
    """Nothing has happened for so many days, and nobody is waited for until a day."""
    moment, days = conversation.changed_at, patience.days
    at = patience.closes_at(conversation)
    if conversation.state not in CLOSING or conversation.follow_up_on or at > now:
        return None
    return Due(happening=Happening.IDLE, at=at, id=f"idle/{moment}", text=f"nothing has happened for {days} days")


def tended(conversation: Conversation, judge: Judge) -> Conversation:
    """The conversation after what is due in it; the same one where nothing is, since somebody was quicker."""
    due = judge(conversation)
    if due is None:
        return conversation
    return replace(
        conversation,
        state=AFTER[conversation.state, due.happening],
        updated_at=max(conversation.changed_at, due.at),
        follow_up_on=None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tended:
    """What one run did, in conversations. `busy` could not be changed now, since others were changing them. `announced`
    are those whose customers are to be told that they will close, `surveyed` those whose customers are to be asked how
    content they were, `resumed` the mails that quiet hours had held back.
    """

    followed_up: int
    closed: int
    busy: tuple[ConversationId, ...]
    announced: int = 0
    surveyed: int = 0
    resumed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tend:
    """The scheduled run over one desk. Running it twice at once, or again after it broke off, does no harm.

    `announce`, `survey`, `remind` and `resume` hand on what is due to the function that sends
    (`postroom.stages.announcing`).
    """

    conversations: Conversations
    desk: str
    patience: Patience
    clock: Clock
    announce: Callable[[], int] = nothing
    survey: Callable[[], int] = nothing
    resume: Callable[[], int] = nothing
    remind: Callable[[Iterator[Conversation]], Iterator[Conversation]] = as_they_are
    most: int = MOST

    def __call__(self) -> Tended:
        now, busy = iso(self.clock()), list[ConversationId]()
        today = now[:10]
        # First, since what is followed up is the desk's turn again, and closes no more.
        due = self.remind(self.conversations.due(self.desk, today))
        again = self._each(due, partial(followed_up, today=today), busy)
        closed = 0
        if self.patience.days:
            closed = self._each(self._idle(), partial(idle, patience=self.patience, now=now), busy)
        return Tended(
            followed_up=again,
            closed=closed,
            busy=tuple(busy),
            announced=self.announce(),
            surveyed=self.survey(),
            resumed=self.resume(),
        )

    def _idle(self) -> Iterator[Conversation]:
        before = iso(self.clock() - timedelta(days=self.patience.days))
        found = (self.conversations.in_state(self.desk, state, before) for state in CLOSING)
        return islice(chain.from_iterable(found), _PASSED_OVER)

    def _each(self, found: Iterator[Conversation], judge: Judge, busy: list[ConversationId]) -> int:
        """Does what is due in each, as far as it goes in one run; gives in how many."""
        due = ((one.id, what) for one in found if (what := judge(one)) is not None)
        done = 0
        for id_, what in islice(due, self.most):
            try:
                done += self._done(id_, what, judge)
            except NotFound:  # it was forgotten since it was listed
                continue
            except Retryable:  # one that can't be changed now keeps no other from its turn
                busy.append(id_)
        return done

    def _done(self, id_: ConversationId, what: Due, judge: Judge) -> bool:
        """Whether this was still due, and is done. Where a mail was quicker it wasn't: then the entry says so, unless
        another run was quicker, and did it."""
        still = False

        def to(now: Conversation) -> Conversation:
            nonlocal still
            still = judge(now) == what
            return tended(now, judge) if still else now

        added = self.conversations.add(id_, what.entry())  # before the change, which takes it from the list
        after = self.conversations.change(id_, to)
        if added and not still and after.updated_at != what.at:
            told = replace(what.entry(), text=f"{what.text}, but a mail was quicker: nothing was changed")
            self.conversations.amend(id_, what.entry(), told)
        return still
