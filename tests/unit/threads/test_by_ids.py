"""Threads by ids: the same groups in whatever order the mails come, and however often."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from postroom.ids import MessageId
from postroom.message import Message
from postroom.threads.by_ids import threads

IDS = [MessageId(f"{name}@example.org") for name in "abcdefgh"]
ids = st.lists(st.sampled_from(IDS), max_size=3).map(tuple)
messages = st.lists(
    st.builds(Message, message_id=st.one_of(st.none(), st.sampled_from(IDS)), in_reply_to=ids, references=ids),
    max_size=12,
)


def _groups(named: list[str], order: list[int]) -> set[frozenset[int]]:
    return {frozenset(i for i, n in zip(order, named, strict=True) if n == name) for name in named}


@given(mails=messages, data=st.data())
def test_the_order_changes_no_group(mails: list[Message], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(mails))))
    assert _groups(threads(mails), list(range(len(mails)))) == _groups(threads([mails[i] for i in order]), order)


@given(mails=messages)
def test_a_copy_is_where_the_first_is(mails: list[Message]) -> None:
    assert threads([*mails, *mails]) == [*threads(mails), *threads(mails)]


def test_an_answer_is_found_by_either_field_and_by_either_domain_of_ses() -> None:
    sent = MessageId("0100018-uuid-000000@email.amazonses.com")
    mails = [
        Message(message_id=IDS[0]),
        Message(message_id=IDS[1], in_reply_to=(IDS[0],)),
        Message(message_id=IDS[2], references=(IDS[1],)),
        Message(message_id=sent),
        Message(message_id=IDS[3], references=(MessageId("0100018-uuid-000000@eu-west-1.amazonses.com"),)),
        Message(subject="one"),
        Message(subject="two"),
    ]
    found = threads(mails)
    assert len({*found[:3]}) == len({*found[3:5]}) == 1
    assert len({*found}) == 4


def test_a_long_chain_is_one_thread_in_either_direction() -> None:
    chain = [MessageId(f"{number}@example.org") for number in range(20_000)]
    mails = [Message(message_id=b, in_reply_to=(a,)) for a, b in pairwise(chain)]
    assert len({*threads(mails)}) == len({*threads(mails[::-1])}) == 1
