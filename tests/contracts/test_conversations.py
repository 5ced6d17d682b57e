"""What every store of conversations does: the one in memory, and DynamoDB's on two engines that play it."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from postroom.aws.conversations import DynamoConversations
from postroom.conversation import MOST_PARTICIPANTS, MOST_PARTS, MOST_TAGS, Conversation, Entry, EntryKind, State
from postroom.ids import ConversationId, MessageId, SentId, sent_message_id
from postroom.memory.desk import MemoryConversations
from postroom.ports import Conversations, NotFound

DESK = "support@desk.example"
A, B, C, NOBODY = (ConversationId(name) for name in ("a", "b", "c", "nobody"))


def moment(minute: int) -> str:
    return f"2026-11-24T{7 + minute // 60:02}:{minute % 60:02}:17.120Z"


AT = moment(0)
CONVERSATION = Conversation(
    id=A,
    customer="ann@example.com",
    participants=("ann@example.com", "bob@example.com"),
    subject="Grüße ✉",
    created_at=AT,
    desk=DESK,
    updated_at=AT,
)
FULL = replace(
    CONVERSATION,
    linked_to=B,
    state=State.PENDING,
    mails=3,
    language="de",
    category="order",
    priority="high",
    tags=("late", "twice"),
    assignee="eve@desk.example",
    follow_up_on="2026-12-01",
)
MAIL = Entry(
    at=AT, kind=EntryKind.MAIL, id="mail-1", author="ann@example.com", facts={"subject": "Grüße ✉", "empty": ""}
)
NOTE = Entry(at=moment(1), kind=EntryKind.NOTE, id="note-1", author="eve@desk.example", text="She called.\nTwice.")


@pytest.fixture(params=["memory", "moto", pytest.param("ministack", marks=pytest.mark.journey)])
def store(request: pytest.FixtureRequest) -> Conversations:
    if request.param == "memory":
        return MemoryConversations()
    if request.param == "moto":
        return DynamoConversations(client=request.getfixturevalue("dynamodb"), table="desk")
    played: DynamoConversations = request.getfixturevalue("on_ministack")
    return played


def opened(store: Conversations, *ids: ConversationId, **fields: str) -> None:
    for id_ in ids:
        store.open(replace(CONVERSATION, id=id_, **fields))  # type: ignore[arg-type]  # every field given is a text


def ids_of(found: Iterator[Conversation]) -> list[str]:
    return [conversation.id for conversation in found]


def seen(store: Conversations, id_: ConversationId) -> Conversation:
    found = store.get(id_)
    assert found is not None
    return found


# Opening and finding


@pytest.mark.parametrize(
    "conversation", [CONVERSATION, FULL, replace(CONVERSATION, customer="", updated_at="", desk="")]
)
def test_what_is_opened_is_read_back_whole(store: Conversations, conversation: Conversation) -> None:
    assert store.get(A) is None
    assert store.open(conversation) == conversation
    assert store.get(A) == conversation


def test_opening_twice_keeps_what_was_stored_first(store: Conversations) -> None:
    store.open(CONVERSATION)
    assert store.open(replace(CONVERSATION, customer="eve@example.com")) == CONVERSATION
    assert store.get(A) == CONVERSATION
    assert store.get(NOBODY) is None


def test_each_known_id_leads_to_its_conversation(store: Conversations) -> None:
    opened(store, A, B)
    store.prove(A, [MessageId("one@x"), MessageId("more@x")])
    store.prove(B, [MessageId("two@x")])
    found = store.known([MessageId(id_) for id_ in ("no@x", "two@x", "one@x", "more@x", "two@x")])
    assert {id_: conversation.id for id_, conversation in found.items()} == {"two@x": "b", "one@x": "a", "more@x": "a"}
    assert found[MessageId("one@x")] == CONVERSATION
    assert store.known([MessageId("no@x")]) == store.known([]) == {}


def test_a_hundred_ids_are_looked_up_at_once(store: Conversations) -> None:
    opened(store, A)
    ids = [MessageId(f"{number}@x") for number in range(100)]
    store.prove(A, ids)
    assert set(store.known(ids)) == set(ids)


def test_an_id_stays_with_the_conversation_that_had_it_first(store: Conversations) -> None:
    opened(store, A, B)
    store.prove(A, [MessageId("p@x"), MessageId("p@x")])
    store.prove(B, [MessageId("p@x")])
    assert store.known([MessageId("p@x")]) == {"p@x": CONVERSATION}


def test_an_id_of_ses_is_known_in_all_of_its_forms(store: Conversations) -> None:
    opened(store, A)
    store.prove(A, [sent_message_id(SentId("0100-1"))])
    forms = [MessageId(f"0100-1@{at}.amazonses.com") for at in ("email", "eu-west-1", "EMAIL")]
    assert set(store.known([*forms, MessageId("0100-1@example.com")])) == set(forms)


def test_an_id_of_any_length_and_script_is_a_proof(store: Conversations) -> None:
    strange = MessageId("ü" * 3000 + "\udce4#mail\x00")
    opened(store, A)
    store.prove(A, [strange])
    assert store.known([strange]) == {strange: CONVERSATION}


# Changing


def test_a_change_is_stored_and_given_back(store: Conversations) -> None:
    opened(store, A)
    changed = store.change(A, lambda was: replace(FULL, subject=was.subject, updated_at=moment(5)))
    assert changed == store.get(A) == replace(FULL, updated_at=moment(5))
    assert store.change(A, lambda was: replace(was, assignee=None)) == replace(changed, assignee=None) == store.get(A)


def test_what_is_not_there_cannot_be_changed_nor_added_to(store: Conversations) -> None:
    with pytest.raises(NotFound):
        store.change(NOBODY, lambda was: was)
    with pytest.raises(NotFound):
        store.add(NOBODY, MAIL)
    assert list(store.entries(NOBODY)) == []


# Entries


def test_entries_come_by_time_however_they_were_added(store: Conversations) -> None:
    opened(store, A, B)
    later = replace(MAIL, at=moment(2), kind=EntryKind.REPLY)  # the same id, at another moment
    for entry in (later, NOTE, MAIL):
        assert store.add(A, entry)
    assert store.add(B, NOTE)
    assert list(store.entries(A)) == [MAIL, NOTE, later]


def test_an_entry_that_is_added_twice_is_there_once_as_it_was_first(store: Conversations) -> None:
    opened(store, A)
    assert [store.add(A, entry) for entry in (MAIL, MAIL, replace(MAIL, text="other"))] == [True, False, False]
    assert list(store.entries(A)) == [MAIL]


def test_more_entries_than_a_page_all_come(store: Conversations) -> None:
    opened(store, A)
    added = [replace(MAIL, at=moment(number), id=f"mail-{number}") for number in range(120)]
    for entry in added:
        store.add(A, entry)
    assert list(store.entries(A)) == added


def test_an_entry_may_have_an_id_of_any_length(store: Conversations) -> None:
    opened(store, A)
    long = replace(MAIL, id="i" * 3000)
    assert [store.add(A, long), store.add(A, long)] == [True, False]
    assert list(store.entries(A)) == [long]


def test_an_entry_is_amended_in_its_place_or_taken_out(store: Conversations) -> None:
    opened(store, A, B)
    for id_, entry in ((A, MAIL), (B, NOTE), (B, MAIL)):
        store.add(id_, entry)
    store.merge([B], A, AT)
    amended = replace(NOTE, text="(removed)")
    store.amend(A, NOTE, amended)
    assert list(store.entries(A)) == [MAIL, amended]
    store.amend(A, MAIL, None)  # it stands in both parts
    assert list(store.entries(A)) == [amended]
    for _ in "12":
        store.amend(A, MAIL, None)
        store.amend(A, MAIL, MAIL)  # what isn't there stays away
    assert list(store.entries(A)) == [amended]
    assert store.add(A, MAIL)
    with pytest.raises(NotFound):
        store.amend(NOBODY, MAIL, None)


def test_ids_are_made_to_lead_to_another_conversation_and_only_those_of_this_one(store: Conversations) -> None:
    opened(store, A, B, C)
    p, q, r, sent = MessageId("p@x"), MessageId("q@x"), MessageId("r@x"), sent_message_id(SentId("0100-1"))
    store.prove(A, [p, sent])
    store.prove(B, [q])
    store.prove(C, [r])
    store.merge([B], A, AT)
    whole = seen(store, A)
    for _ in "12":
        store.lead([p, q, r, sent, MessageId("unknown@x")], B, C)
    assert store.known([p, q, r, sent]) == {id_: seen(store, C) for id_ in (p, q, r, sent)}
    store.lead([p], C, A)
    assert store.known([p]) == {p: whole}


def test_ids_are_made_to_lead_nowhere_and_may_then_lead_anywhere(store: Conversations) -> None:
    opened(store, A, B)
    store.prove(A, [MessageId("p@x")])
    store.prove(B, [MessageId("q@x")])
    store.lead([MessageId("p@x"), MessageId("q@x")], A, None)
    assert set(store.known([MessageId("p@x"), MessageId("q@x")])) == {"q@x"}
    store.prove(B, [MessageId("p@x")])
    assert seen(store, B) == store.known([MessageId("p@x")])[MessageId("p@x")]
    for conversation, to in ((A, NOBODY), (NOBODY, A)):
        with pytest.raises(NotFound, match="nobody"):
            store.lead([MessageId("p@x")], conversation, to)


# Lists


def test_a_list_has_the_conversations_of_a_desk_in_a_state_the_last_change_first(store: Conversations) -> None:
    for number in range(60):  # more than a page
        store.open(replace(CONVERSATION, id=ConversationId(f"c{number:02}"), updated_at=moment(number)))
    opened(store, A, desk="sales@desk.example")
    store.change(ConversationId("c07"), lambda was: replace(was, state=State.OPEN))
    store.change(ConversationId("c05"), lambda was: replace(was, updated_at=moment(70)))
    others = [f"c{number:02}" for number in reversed(range(60)) if number not in (5, 7)]
    assert ids_of(store.in_state(DESK, State.NEW)) == ["c05", *others]
    assert ids_of(store.in_state(DESK, State.NEW, before=moment(3))) == ["c02", "c01", "c00"]
    assert ids_of(store.in_state(DESK, State.OPEN)) == ["c07"]
    assert ids_of(store.in_state("sales@desk.example", State.NEW)) == ["a"]
    assert ids_of(store.in_state(DESK, State.CLOSED)) == []


def test_a_list_has_each_conversation_whole(store: Conversations) -> None:
    store.open(FULL)
    assert list(store.in_state(DESK, State.PENDING)) == list(store.of_customer("ann@example.com")) == [FULL]


def test_what_is_to_be_looked_at_again_comes_on_its_day_the_longest_due_first(store: Conversations) -> None:
    days = ["2026-12-01", "2026-11-28", "2026-12-02", None, ""]
    for number, day in enumerate(days):
        store.open(replace(CONVERSATION, id=ConversationId(f"c{number}"), follow_up_on=day))
    opened(store, A, desk="sales@desk.example", follow_up_on="2026-11-01")
    opened(store, B, desk="", follow_up_on="2026-11-01")
    assert ids_of(store.due(DESK, "2026-11-27")) == []
    assert ids_of(store.due(DESK, "2026-12-01")) == ["c1", "c0"]
    store.change(ConversationId("c1"), lambda was: replace(was, follow_up_on=None))
    store.change(ConversationId("c0"), lambda was: replace(was, follow_up_on="2026-12-03"))
    store.merge([ConversationId("c2")], ConversationId("c3"), moment(9))  # the day goes over to the whole
    assert ids_of(store.due(DESK, "2027-01-01")) == ["c3", "c0"]
    store.forget(ConversationId("c0"))
    assert list(store.due(DESK, "2027-01-01")) == [seen(store, ConversationId("c3"))]
    assert list(store.due("", "2027-01-01")) == []


def test_a_customers_conversations_come_the_last_change_first(store: Conversations) -> None:
    for number, id_ in enumerate((A, B, C)):
        store.open(replace(CONVERSATION, id=id_, updated_at=moment(number)))
    store.open(replace(CONVERSATION, id=ConversationId("d"), customer="bob@example.com"))
    store.change(A, lambda was: replace(was, state=State.CLOSED, updated_at=moment(9)))
    assert ids_of(store.of_customer("ann@example.com")) == ["a", "c", "b"]
    assert ids_of(store.of_customer("nobody@example.com")) == []


def test_nobody_is_no_customer(store: Conversations) -> None:
    opened(store, A, customer="")
    assert ids_of(store.of_customer("")) == []
    assert ids_of(store.in_state(DESK, State.NEW)) == ["a"]


def test_a_customer_may_have_an_address_of_any_length(store: Conversations) -> None:
    long = f"{'ü' * 4000}@example.com"
    opened(store, A, customer=long)
    opened(store, B, customer=f"{long}.org")
    assert [each.customer for each in store.of_customer(long)] == [long]


def test_what_was_never_changed_is_listed_by_when_it_was_opened(store: Conversations) -> None:
    opened(store, A, updated_at="", created_at=moment(2))
    opened(store, B, updated_at=moment(1))
    assert ids_of(store.in_state(DESK, State.NEW)) == ["a", "b"]
    assert ids_of(store.in_state(DESK, State.NEW, before=moment(2))) == ["b"]


# Merging


def test_every_id_of_a_merged_conversation_leads_to_where_it_is_now(store: Conversations) -> None:
    opened(store, A, B)
    store.prove(A, [MessageId("one@x")])
    whole = store.merge([A], B, moment(3))
    assert whole.id == "b"
    assert store.get(A) == store.get(B) == whole == store.open(replace(CONVERSATION, id=A))
    assert store.known([MessageId("one@x")]) == {"one@x": whole}
    store.prove(A, [MessageId("two@x")])
    assert store.known([MessageId("two@x")]) == {"two@x": whole}
    assert store.change(A, lambda was: replace(was, subject="New")).id == "b"


def test_what_stands_in_a_merged_conversation_stands_in_the_other(store: Conversations) -> None:
    opened(store, A, B)
    later = replace(MAIL, at=moment(2), id="mail-2")
    for id_, entry in ((A, MAIL), (A, later), (B, NOTE), (B, MAIL)):  # one mail that is in both
        store.add(id_, entry)
    store.merge([A], B, moment(3))
    assert list(store.entries(A)) == list(store.entries(B)) == [MAIL, NOTE, later]
    assert [store.add(A, later), store.add(B, later)] == [False, False]
    last = replace(MAIL, at=moment(4), id="mail-3")
    assert [store.add(A, last), store.add(B, last)] == [True, False]
    assert list(store.entries(A)) == [MAIL, NOTE, later, last]


def test_a_merged_conversation_is_in_no_list(store: Conversations) -> None:
    opened(store, A, B)
    store.merge([A], B, AT)
    assert ids_of(store.in_state(DESK, State.NEW)) == ids_of(store.of_customer("ann@example.com")) == ["b"]


def test_the_one_has_the_people_and_the_mails_of_both_and_its_own_customer(store: Conversations) -> None:
    store.open(replace(CONVERSATION, mails=2, tags=("late",)))
    theirs = {"customer": "eve@example.com", "participants": ("eve@example.com", "bob@example.com")}
    store.open(replace(CONVERSATION, id=B, mails=3, tags=("late", "new"), **theirs))  # type: ignore[arg-type]  # as above
    whole = store.merge([B], A, moment(3))
    assert whole == replace(
        CONVERSATION,
        mails=5,
        tags=("late", "new"),
        participants=("ann@example.com", "bob@example.com", "eve@example.com"),
        updated_at=moment(3),
    )


def test_merging_again_changes_nothing(store: Conversations) -> None:
    store.open(replace(CONVERSATION, mails=2))
    store.open(replace(CONVERSATION, id=B, mails=3))
    whole = store.merge([B], A, moment(3))
    assert store.merge([B, A, B], A, moment(9)) == store.merge([A], B, moment(9)) == store.get(A) == whole
    assert whole.mails == 5


def test_conversations_merged_in_a_row_all_lead_to_the_last(store: Conversations) -> None:
    names = [ConversationId(f"c{number}") for number in range(12)]
    for number, id_ in enumerate(names):
        store.open(replace(CONVERSATION, id=id_, mails=1))
        store.add(id_, replace(MAIL, at=moment(number)))
    for one, next_ in pairwise(names):
        store.merge([one], next_, AT)
    assert {seen(store, id_).id for id_ in names} == {"c11"}
    assert seen(store, names[0]).mails == 12
    assert [entry.at for entry in store.entries(names[3])] == [moment(number) for number in range(12)]


def test_two_that_have_parts_become_one(store: Conversations) -> None:
    names = [ConversationId(name) for name in "abcdef"]
    opened(store, *names)
    store.merge(names[1:3], names[0], AT)
    store.merge(names[4:], names[3], AT)
    store.merge([names[5]], names[2], AT)
    assert {seen(store, id_).id for id_ in names} == {"a"}


def test_merging_in_a_circle_ends_in_one(store: Conversations) -> None:
    opened(store, A, B, C)
    for one, other in ((A, B), (B, C), (C, A)):
        store.merge([one], other, AT)
    assert {seen(store, id_).id for id_ in (A, B, C)} == {"c"}
    assert store.merge([A, B, C], C, AT) == store.get(C)


def test_where_one_is_missing_none_is_merged(store: Conversations) -> None:
    opened(store, A, B)
    for ids, into in (([B, NOBODY], A), ([A], NOBODY)):
        with pytest.raises(NotFound, match="nobody"):
            store.merge(ids, into, AT)
    assert [seen(store, id_).id for id_ in (A, B)] == ["a", "b"]


# Not on moto, which copies a whole table for each of the fifty transactions.
@pytest.mark.parametrize("store", ["memory", pytest.param("ministack", marks=pytest.mark.journey)], indirect=True)
def test_a_conversation_takes_so_many_parts_and_no_more(store: Conversations) -> None:
    """Who sends a thousand mails apart, and one that names them all, makes no item that can't be stored."""
    names = [ConversationId(f"c{number:02}") for number in range(MOST_PARTS + 2)]
    for number, id_ in enumerate(names):
        people = tuple(f"{number}-{each}@example.com" for each in range(3))
        store.open(replace(CONVERSATION, id=id_, mails=1, participants=people, tags=people))
    store.merge(names[-2:-1], names[-1], AT)
    whole = store.merge(names[1:], names[0], AT)
    assert whole.mails == MOST_PARTS
    assert len(whole.participants) == MOST_PARTICIPANTS
    assert len(whole.tags) == MOST_TAGS
    assert seen(store, names[-2]) == seen(store, names[-1])
    assert seen(store, names[-1]).id == names[-1]  # it would have brought one too many
    assert store.merge(names[1:], names[0], AT) == whole
    assert store.merge([names[0]], names[-1], AT).id == names[-1]  # nor can so many parts go to another
    assert seen(store, names[1]).id == names[0]


# Forgetting


def test_what_is_forgotten_is_gone_with_all_that_stood_in_it(store: Conversations) -> None:
    opened(store, A, B, C)
    for id_ in (A, B, C):
        store.prove(id_, [MessageId(f"{id_}@x")])
        for minute in range(30):
            store.add(id_, replace(MAIL, at=moment(minute), id=f"{id_}-{minute}"))
    store.merge([A], B, AT)
    store.forget(A)
    assert store.get(A) is store.get(B) is None
    assert list(store.entries(A)) == list(store.entries(B)) == []
    assert set(store.known([MessageId(f"{id_}@x") for id_ in (A, B, C)])) == {"c@x"}
    assert ids_of(store.in_state(DESK, State.NEW)) == ids_of(store.of_customer("ann@example.com")) == ["c"]
    assert len(list(store.entries(C))) == 30
    for id_ in (A, B, NOBODY):
        store.forget(id_)


def test_what_is_forgotten_can_be_opened_anew_and_is_empty(store: Conversations) -> None:
    opened(store, A, B)
    store.add(A, MAIL)
    store.merge([B], A, AT)
    store.forget(A)
    assert store.open(FULL) == FULL == store.get(A)
    assert list(store.entries(A)) == []
    assert store.get(B) is None
    with pytest.raises(NotFound):
        store.merge([B], A, AT)
