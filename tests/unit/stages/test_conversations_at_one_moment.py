"""Two things happen to a conversation at one moment: whatever comes between, nothing is lost or counted twice."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from postroom.clock import iso
from postroom.conversation import Conversation, EntryKind, State
from postroom.errors import Poison, Retryable
from postroom.events import MessageClassified
from postroom.ids import ConversationId, MessageId, SesId
from postroom.memory.desk import MemoryConversations
from postroom.ports import NotFound
from postroom.stages.erasure import Erasure
from postroom.stages.tend import Tend
from postroom.stages.work import Work
from postroom.threads.patience import Patience
from tests.contracts.conftest import NOW, clock
from tests.unit.stages.desk import OURS, MemoryDesk, mail

DESK = "support@desk.example"
CALLS = range(12)  # more than any of these make
AGENT = "carl@staff.example"


@dataclass
class Meanwhile:
    """The conversations, where somebody else does something before the call that has this number."""

    there: MemoryConversations
    at: int
    then: Callable[[], object]
    calls: int = 0

    def __getattr__(self, name: str) -> Callable[..., object]:
        found = getattr(self.there, name)

        def call(*args: object, **named: object) -> object:
            self.calls += 1
            if self.calls == self.at + 1:
                self.then()
            return found(*args, **named)

        return call


@dataclass
class Moment:
    """A desk at which two things happen at once."""

    desk: MemoryDesk = field(default_factory=MemoryDesk)
    events: dict[str, MessageClassified] = field(default_factory=dict)

    def comes(self, name: str, answers: str = "", own: str = "", sender: str = "ann@example.com") -> None:
        """A mail comes; what fails passes the queue again."""
        extra = f"References: {' '.join(f'<{each}@example.com>' for each in answers.split())}\r\n" if answers else ""
        raw = mail(sender=sender, message_id=f"{own or name}@example.com", extra=extra)
        parsed = self.desk.parse(self.desk.arrived(raw, f"ses-{name}", sender))
        for _ in range(3):
            try:
                event = self.desk.classify(parsed)
            except (Retryable, NotFound):
                continue
            except Poison:  # it was erased with its author: quarantined, and nothing of it is left
                assert f"parsed/ses-{name}.json" not in self.desk.objects.bodies
                return
            assert isinstance(event, MessageClassified)
            self.events[name] = event
            return
        raise AssertionError(f"{name} failed three times")

    def at_once(self, one: Callable[[], object], other: Callable[[], object], at: int) -> None:
        """Does `one`, and `other` in the middle of it; where `one` has ended before, behind it."""
        there, done = self.desk.conversations, False

        def then() -> None:
            nonlocal done
            between, self.desk.conversations, done = self.desk.conversations, there, True
            other()
            self.desk.conversations = between

        self.desk.conversations = Meanwhile(there, at, then)  # type: ignore[assignment]  # it passes all calls on
        one()
        self.desk.conversations = there
        if not done:
            other()

    @property
    def work(self) -> Work:
        return Work(
            conversations=self.desk.conversations, objects=self.desk.objects, ledger=self.desk.ledger,
            sends=self.desk.sends, desk=OURS, clock=clock, agent=AGENT,
        )  # fmt: skip

    def erase(self) -> None:
        desk = self.desk
        erasure = Erasure(
            conversations=desk.conversations, objects=desk.objects, ledger=desk.ledger, sends=desk.sends,
            addresses=desk.addresses, holders=desk.holders, erasures=desk.erasures, desk=OURS, clock=clock, agent=AGENT,
        )  # fmt: skip
        erasure.erase(erasure.find("ann@example.com", "2026-01-01T00:00:00.000Z"))

    @property
    def living(self) -> list[Conversation]:
        return [each for each in self.desk.conversations.conversations.values() if each.merged_into is None]

    def mails(self, id_: ConversationId) -> list[str]:
        return [each.id for each in self.desk.conversations.entries(id_) if each.kind is EntryKind.MAIL]

    def stands(self) -> dict[str, int]:
        """How many mails each conversation counts; each mail stands in one, and is counted there."""
        standing = [each for one in self.living for each in self.mails(one.id)]
        assert sorted(standing) == sorted(set(standing))
        assert {one.id: one.mails for one in self.living} == {one.id: len(self.mails(one.id)) for one in self.living}
        return {one.id: one.mails for one in self.living}


MailOf = dict[str, str]
PAIRS: dict[str, tuple[MailOf, MailOf]] = {
    "a mail and its answer": ({"name": "a"}, {"name": "b", "answers": "a"}),
    "an answer and its mail": ({"name": "b", "answers": "a"}, {"name": "a"}),
    "two answers to one": ({"name": "a", "answers": "x"}, {"name": "b", "answers": "x"}),
    "the same mail twice": ({"name": "a", "own": "m"}, {"name": "b", "own": "m"}),
    "the same notification twice": ({"name": "a"}, {"name": "a"}),
}


@pytest.mark.parametrize("at", CALLS)
@pytest.mark.parametrize("pair", PAIRS)
def test_two_mails_at_one_moment_are_one_conversation_once_a_third_names_both(pair: str, at: int) -> None:
    moment, (one, other) = Moment(), PAIRS[pair]
    moment.at_once(lambda: moment.comes(**one), lambda: moment.comes(**other), at)
    both = len({one["name"], other["name"]})
    assert sum(moment.stands().values()) == both
    first = " ".join(dict.fromkeys((one.get("own", one["name"]), other.get("own", other["name"]))))
    moment.comes("c", answers=first)
    assert max(moment.stands().values()) >= both + 1 or pair == "the same mail twice"
    assert sum(moment.stands().values()) == both + 1


@pytest.mark.parametrize("at", CALLS)
def test_a_mail_that_comes_while_its_conversation_is_merged_stands_in_the_whole(at: int) -> None:
    moment = Moment()
    moment.comes("a")
    moment.comes("b")
    one, two = moment.events["a"].conversation, moment.events["b"].conversation
    moment.at_once(lambda: moment.comes("c", answers="a"), lambda: moment.work.merge([one], two), at)
    assert moment.stands() == {two: 3}


@pytest.mark.parametrize("at", range(40))
def test_a_mail_that_comes_while_it_is_split_is_lost_on_neither_side(at: int) -> None:
    moment = Moment()
    moment.comes("a")
    moment.comes("b", answers="a")
    whole = moment.events["a"].conversation
    moment.at_once(lambda: moment.work.split(whole, [SesId("ses-b")]), lambda: moment.comes("c", answers="b"), at)
    assert sum(moment.stands().values()) == 3
    assert len(moment.stands()) == 2


@pytest.mark.parametrize("at", range(40))
def test_two_who_merge_and_split_at_once_lose_nothing(at: int) -> None:
    moment = Moment()
    for name, answers in (("a", ""), ("b", "a"), ("x", "")):
        moment.comes(name, answers)
    whole, other = moment.events["a"].conversation, moment.events["x"].conversation
    moment.at_once(lambda: moment.work.split(whole, [SesId("ses-b")]), lambda: moment.work.merge([whole], other), at)
    assert sum(moment.stands().values()) == 3


@pytest.mark.parametrize("at", CALLS)
def test_a_mail_in_whose_midst_its_author_is_erased_stands_in_a_whole_conversation_or_none(at: int) -> None:
    moment = Moment()
    moment.comes("a")
    moment.at_once(lambda: moment.comes("b", answers="a"), moment.erase, at)
    moment.stands()
    moment.erase()
    assert moment.living == []
    assert moment.desk.objects.bodies == {}
    assert "ann@example.com" not in repr(moment.desk.ledger.rows_by_id)


@pytest.mark.parametrize("at", range(30))
def test_an_erasure_in_whose_midst_a_mail_comes_ends_and_a_repeat_leaves_nothing(at: int) -> None:
    moment = Moment()
    moment.comes("a")
    moment.at_once(moment.erase, lambda: moment.comes("b", answers="a"), at)
    moment.erase()
    assert moment.living == []
    assert moment.desk.objects.bodies == {}
    assert moment.desk.conversations.known([MessageId("a@example.com"), MessageId("b@example.com")]) == {}


@pytest.mark.parametrize("at", CALLS)
@pytest.mark.parametrize("mail_first", [True, False])
def test_a_mail_that_comes_while_its_conversation_closes_leaves_it_open_and_only_what_was_done_is_told(
    mail_first: bool, at: int
) -> None:
    moment = Moment()
    moment.comes("a")
    id_ = moment.events["a"].conversation
    old = iso(NOW - timedelta(days=20))
    moment.desk.conversations.change(id_, lambda now: replace(now, state=State.PENDING, updated_at=old))

    there, closed = moment.desk.conversations, list[bool]()

    def tend() -> None:
        Tend(conversations=moment.desk.conversations, desk=DESK, patience=Patience(days=14), clock=clock)()
        if mail_first:
            closed.append(there.conversations[id_].state is State.CLOSED)

    def comes() -> None:
        if not mail_first:
            closed.append(there.conversations[id_].state is State.CLOSED)
        moment.comes("b", answers="a")

    moment.at_once(*((comes, tend) if mail_first else (tend, comes)), at)
    moment.stands()
    found = moment.desk.conversations.get(id_)
    assert found is not None
    assert found.state is State.OPEN
    told = [each.text for each in moment.desk.conversations.entries(id_) if each.author == "tend"]
    assert [any(each == "nothing has happened for 14 days" for each in told)] == closed
    assert len(told) <= 1
