"""What a person of the desk does with conversations, and what they are told that can't be done."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from postroom.conversation import LONGEST_TEXT, MOST_TAGS, Conversation, EntryKind, State
from postroom.events import MessageClassified
from postroom.ids import ConversationId, SesId
from postroom.keys import Keys
from postroom.outcome import Stage
from postroom.ports import NotFound
from postroom.stages.work import Refused, Work
from postroom.threads.tokens import Tokens
from tests.contracts.conftest import NOW, clock
from tests.unit.stages.desk import OURS, MemoryDesk, mail

EVE = "eve@staff.example"


@dataclass
class Shift:
    """A desk, and Eve at work there."""

    desk: MemoryDesk = field(default_factory=MemoryDesk)

    @property
    def work(self) -> Work:
        return Work(
            conversations=self.desk.conversations,
            objects=self.desk.objects,
            ledger=self.desk.ledger,
            sends=self.desk.sends,
            desk=OURS,
            clock=clock,
            agent=EVE,
        )

    def came(self, number: int, answers: str = "", sender: str = "ann@example.com", **more: str) -> MessageClassified:
        extra = f"References: <{answers}>\r\n" if answers else ""
        raw = mail(sender=sender, message_id=f"m{number}@example.com", extra=extra, **more)
        return self.desk.classified(raw, f"mail-{number}", sender)

    def of(self, id_: str) -> Conversation:
        return self.work.there(ConversationId(id_))

    def told(self, id_: str) -> list[tuple[str, str, str]]:
        entries = self.desk.conversations.entries(ConversationId(id_))
        return [(e.kind, e.id if e.kind in (EntryKind.MAIL, EntryKind.REPLY) else e.text, e.author) for e in entries]


@pytest.fixture
def shift() -> Shift:
    return Shift()


@pytest.fixture
def one(shift: Shift) -> ConversationId:
    return shift.came(1).conversation


def test_a_note_stands_in_the_conversation_and_changes_nothing_else(shift: Shift, one: ConversationId) -> None:
    before = shift.of(one)
    note = shift.work.note(one, "  She called.\nTwice. ")
    assert (note.text, note.author, note.kind) == ("She called.\nTwice.", EVE, EntryKind.NOTE)
    assert shift.told(one)[-1] == ("note", "She called.\nTwice.", EVE)
    assert shift.of(one) == before


@pytest.mark.parametrize("text", ["", " \n", "x" * (LONGEST_TEXT + 1)])
def test_an_empty_or_endless_note_is_refused(shift: Shift, one: ConversationId, text: str) -> None:
    with pytest.raises(Refused, match="a note"):
        shift.work.note(one, text)
    assert len(shift.told(one)) == 1


def test_who_works_at_the_desk_may_have_a_conversation_and_nobody_too(shift: Shift, one: ConversationId) -> None:
    assert shift.work.assign(one, "Bob@Staff.example").assignee == "bob@staff.example"
    assert shift.work.assign(one, None).assignee is None
    told = {text for _, text, _ in shift.told(one)[1:]}
    assert told == {"assigned to bob@staff.example", "assigned to nobody"}
    with pytest.raises(Refused, match=r"none of the desk's agents: those are staff\.example"):
        shift.work.assign(one, "bob@example.com")


def test_tags_are_folded_and_there_once_and_go_again(shift: Shift, one: ConversationId) -> None:
    assert shift.work.tag(one, "Late", "late", "über-fällig").tags == ("late", "über-fällig")
    assert shift.work.untag(one, "LATE", "never").tags == ("über-fällig",)
    assert {text for _, text, _ in shift.told(one)[1:]} == {"tagged late, über-fällig", "untagged late"}


@pytest.mark.parametrize("tag", ["", " ", "two words", "x" * 41, "<b>", "\x1b[1m"])
def test_what_is_no_tag_is_refused(shift: Shift, one: ConversationId, tag: str) -> None:
    with pytest.raises(Refused, match="is no tag"):
        shift.work.tag(one, tag)


def test_one_tag_too_many_is_refused_and_none_is_put(shift: Shift, one: ConversationId) -> None:
    shift.work.tag(one, *(f"t{number}" for number in range(MOST_TAGS)))
    with pytest.raises(Refused, match="30 tags at most"):
        shift.work.tag(one, "more")
    assert len(shift.of(one).tags) == MOST_TAGS


@pytest.mark.parametrize("state", list(State))
def test_a_person_sets_any_state(shift: Shift, one: ConversationId, state: State) -> None:
    assert shift.work.state(one, state).state is state
    told = [(text, author) for _, text, author in shift.told(one)[1:]]
    assert told == ([] if state is State.NEW else [(f"new to {state}", EVE)])


def test_what_changes_nothing_is_not_recorded(shift: Shift, one: ConversationId) -> None:
    shift.work.tag(one, "late")
    before = shift.told(one), shift.of(one)
    shift.work.tag(one, "LATE")
    shift.work.untag(one, "never")
    shift.work.assign(one, None)
    shift.work.state(one, State.NEW)
    assert (shift.told(one), shift.of(one)) == before


ACTS: dict[str, Callable[[Work, ConversationId, ConversationId], object]] = {
    "note": lambda work, nobody, _: work.note(nobody, "x"),
    "assign": lambda work, nobody, _: work.assign(nobody, None),
    "tag": lambda work, nobody, _: work.tag(nobody, "x"),
    "state": lambda work, nobody, _: work.state(nobody, State.OPEN),
    "merge": lambda work, nobody, there: work.merge([nobody], there),
    "merge into": lambda work, nobody, there: work.merge([there], nobody),
    "split": lambda work, nobody, _: work.split(nobody, [SesId("mail-1")]),
}


@pytest.mark.parametrize("act", ACTS)
def test_an_unknown_id_is_told_with_what_lists_the_known_ones(shift: Shift, one: ConversationId, act: str) -> None:
    with pytest.raises(NotFound, match="no conversation nobody: `postroom conversations` lists them"):
        ACTS[act](shift.work, ConversationId("nobody"), one)


@pytest.mark.parametrize("agent", ["", "eve", "eve @x.example", "eve@x.example\n", "@", f"{'e' * 70}@x.example"])
def test_who_acts_has_an_address(shift: Shift, agent: str) -> None:
    with pytest.raises(Refused, match="is no address"):
        Work(
            conversations=shift.desk.conversations, objects=shift.desk.objects, ledger=shift.desk.ledger,
            sends=shift.desk.sends, desk=OURS, clock=clock, agent=agent,
        )  # fmt: skip


# Merging


def test_merged_conversations_are_one_and_it_says_so_once(shift: Shift, one: ConversationId) -> None:
    two, three = shift.came(2).conversation, shift.came(3).conversation
    whole = shift.work.merge([two, three, two], one)
    assert (whole.id, whole.mails) == (one, 3)
    assert shift.told(two)[-1] == ("change", f"{', '.join(sorted((two, three)))} merged into it; new from then on", EVE)
    shift.work.merge([three], one)
    shift.work.merge([one, two], three)
    assert len(shift.told(one)) == 4


def test_one_is_not_merged_into_itself(shift: Shift, one: ConversationId) -> None:
    for ids in ([one], [one, one], []):
        with pytest.raises(Refused, match="into itself"):
            shift.work.merge(ids, one)


# Splitting


def _thread(shift: Shift) -> ConversationId:
    """Ann's first mail, our answer to it, and two more of hers; the last answers the second."""
    first = shift.came(1)
    shift.desk.reply(first)
    assert shift.came(2, answers="m1@example.com").conversation == first.conversation
    assert shift.came(3, answers="m2@example.com", subject="Re: Another thing").conversation == first.conversation
    return first.conversation


def _split(shift: Shift, id_: ConversationId, *numbers: int) -> Conversation:
    return shift.work.split(id_, [SesId(f"mail-{number}") for number in numbers])


def test_mails_that_are_split_off_leave_with_their_count_and_both_sides_say_so(shift: Shift) -> None:
    whole = _thread(shift)
    new = _split(shift, whole, 2, 3)
    assert (new.mails, shift.of(whole).mails, new.split_from) == (2, 1, whole)
    assert (new.customer, new.participants) == ("ann@example.com", ("ann@example.com",))
    assert [id_ for kind, id_, _ in shift.told(new.id) if kind == "mail"] == ["mail-2", "mail-3"]
    assert [id_ for kind, id_, _ in shift.told(whole) if kind == "mail"] == ["mail-1"]
    assert ("change", f"2 mails split off into {new.id}", EVE) in shift.told(whole)
    assert ("change", f"split off from {whole}", EVE) in shift.told(new.id)
    row = shift.desk.ledger.row(SesId("mail-3"))
    assert row is not None
    assert row.fact(Stage.CLASSIFY, "conversation") == new.id


def test_answers_to_what_was_split_off_go_there_and_the_others_stay(shift: Shift) -> None:
    whole = _thread(shift)
    new = _split(shift, whole, 2, 3)
    assert shift.came(4, answers="m3@example.com").conversation == new.id
    assert shift.came(5, answers="m1@example.com").conversation == whole
    assert shift.came(6, answers="m1@example.com> <m2@example.com").conversation == new.id
    assert (shift.of(whole).mails, shift.of(new.id).mails) == (2, 4)


def test_our_answer_leaves_with_its_mail_and_an_answer_to_it_goes_there_though_its_token_is_older(shift: Shift) -> None:
    whole = _thread(shift)
    new = _split(shift, whole, 1)
    assert [kind for kind, _, _ in shift.told(new.id)].count("reply") == 1
    assert [kind for kind, _, _ in shift.told(whole)].count("reply") == 0
    token = Tokens(keys=Keys(current=b"k" * 32), desk=OURS.address).sign(whole, NOW)
    sent = shift.desk.sends.states["mail-1/acknowledgement"].sent_id
    answer = shift.came(4, answers=f"{token}@desk.example> <{sent}@email.amazonses.com")
    assert answer.conversation == new.id
    assert shift.of(whole).mails == 2  # and no mail puts together what a person took apart
    assert shift.came(5, answers=f"{token}@desk.example").conversation == whole


def test_splitting_again_changes_nothing(shift: Shift) -> None:
    whole = _thread(shift)
    new = _split(shift, whole, 2)
    before = shift.told(whole), shift.told(new.id), shift.of(whole), shift.of(new.id)
    assert _split(shift, whole, 2) == new
    assert (shift.told(whole), shift.told(new.id), shift.of(whole), shift.of(new.id)) == before


def test_what_was_split_off_and_merged_back_is_split_off_anew(shift: Shift) -> None:
    whole = _thread(shift)
    new = _split(shift, whole, 2)
    shift.work.merge([new.id], whole)
    again = _split(shift, whole, 2)
    assert again.id not in (new.id, whole)
    assert (again.mails, shift.of(whole).mails) == (1, 2)
    assert [id_ for kind, id_, _ in shift.told(again.id) if kind == "mail"] == ["mail-2"]


@pytest.mark.parametrize(
    ("numbers", "told"), [((), "name the mails"), ((9,), "mail-9 is not in"), ((1, 2, 3), "no mail would stay")]
)
def test_what_cannot_be_split_off_is_refused_and_nothing_changes(
    shift: Shift, numbers: tuple[int, ...], told: str
) -> None:
    whole = _thread(shift)
    before = shift.told(whole)
    with pytest.raises(Refused, match=told):
        _split(shift, whole, *numbers)
    assert shift.told(whole) == before
    assert len(shift.desk.conversations.conversations) == 1


class EndOfProcess(Exception):
    pass


@pytest.mark.parametrize("step", ["open", "add", "lead", "record", "change", "amend"])
@pytest.mark.parametrize("calls", [0, 1])
def test_a_split_that_was_cut_off_has_lost_nothing_and_a_repeat_ends_it(
    shift: Shift, step: str, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _thread(shift)
    store = type(shift.desk.ledger if step == "record" else shift.desk.conversations)
    done, left = getattr(store, step), iter(range(calls))

    def ends(*args: object) -> object:
        if next(left, None) is None:
            raise EndOfProcess
        return done(*args)

    with monkeypatch.context() as patched:
        patched.setattr(store, step, ends)
        try:
            _split(shift, whole, 1, 2)
        except EndOfProcess:
            mails = {e.id for c in shift.desk.conversations.standing for e in shift.desk.conversations.entries(c)}
            assert {"mail-1", "mail-2", "mail-3"} <= mails
    new = _split(shift, whole, 1, 2)
    assert (shift.of(whole).mails, new.mails) == (1, 2)
    assert [id_ for kind, id_, _ in shift.told(whole) if kind == "mail"] == ["mail-3"]
    assert [id_ for kind, id_, _ in shift.told(new.id) if kind == "mail"] == ["mail-1", "mail-2"]
    assert shift.came(4, answers="m2@example.com").conversation == new.id
