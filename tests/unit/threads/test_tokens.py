"""Thread tokens: what we have signed is known again, and nothing else is."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.ids import ConversationId
from postroom.keys import Keys
from postroom.threads.tokens import LOCAL_PART, Token, Tokens, reference, reply_to

OLD, NEW = b"o" * 32, b"n" * 32
DESK = "support@desk.example"
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
CONVERSATION = ConversationId("abcdefghijklmnop")

ids = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=16, max_size=16).map(ConversationId)
days = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (hypothesis adds it)


def _tokens(keys: Keys = Keys(current=NEW), desk: str = DESK) -> Tokens:  # noqa: B008 (frozen)
    return Tokens(keys=keys, desk=desk)


@given(conversation=ids, at=days)
def test_what_was_signed_is_found_again_wherever_it_stands(conversation: ConversationId, at: datetime) -> None:
    token = _tokens().sign(conversation, at)
    for text in (reply_to(DESK, token) or "", reference(DESK, token), f"> [ref:{token}]", token.upper()):
        assert list(_tokens().found([text])) == [Token(conversation=conversation, issued_on=at.date())]


@given(position=st.integers(1, 40), letter=st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_token_with_another_letter_is_none(position: int, letter: str) -> None:
    token = _tokens().sign(CONVERSATION, AT)
    forged = token[:position] + letter + token[position + 1 :]
    assert list(_tokens().found([forged])) == ([] if forged != token else [*_tokens().found([token])])


def test_a_token_of_another_key_or_another_desk_is_none() -> None:
    token = _tokens().sign(CONVERSATION, AT)
    assert not list(_tokens(Keys(current=OLD)).found([token]))
    assert not list(_tokens(desk="sales@desk.example").found([token]))


def test_the_key_before_is_still_believed_and_no_longer_signs() -> None:
    both = _tokens(Keys(current=NEW, previous=OLD))
    assert list(both.found([_tokens(Keys(current=OLD)).sign(CONVERSATION, AT)]))
    assert both.sign(CONVERSATION, AT) == _tokens().sign(CONVERSATION, AT)


def test_a_token_is_fresh_for_so_many_days() -> None:
    token = Token(conversation=CONVERSATION, issued_on=date(2026, 11, 1))
    assert [token.is_fresh(date(2026, 11, 1) + timedelta(days=n), 30) for n in (-2, -1, 0, 30, 31)] == [
        False, True, True, True, False,
    ]  # fmt: skip


def test_a_token_inside_a_longer_word_is_none() -> None:
    token = _tokens().sign(CONVERSATION, AT)
    assert not list(_tokens().found([f"x{token}", f"{token}z"]))


def test_many_words_that_look_like_tokens_are_not_all_tried() -> None:
    forged = " ".join(["t" + "a" * 40] * 50)
    assert not list(_tokens().found([forged, _tokens().sign(CONVERSATION, AT)]))


def test_a_desk_with_a_long_name_gets_no_label() -> None:
    token = _tokens().sign(CONVERSATION, AT)
    assert reply_to("a" * (LOCAL_PART - 42) + "@desk.example", token) is not None
    assert reply_to("a" * (LOCAL_PART - 41) + "@desk.example", token) is None


def test_a_short_key_and_a_strange_id_are_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keys(current=b"short")
    with pytest.raises(ValueError, match="not an id"):
        _tokens().sign(ConversationId("../../etc"), AT)


@given(conversation=ids, at=days)
def test_an_agents_token_is_found_for_that_agent_alone_and_is_no_token_of_anybodys(
    conversation: ConversationId, at: datetime
) -> None:
    token = _tokens().sign_for("eve@staff.example", conversation, at)
    labelled = (reply_to(DESK, token) or "").upper()
    assert list(_tokens().of_agent("eve@staff.example", [labelled])) == [
        Token(conversation=conversation, issued_on=at.date())
    ]
    for other in ("kim@staff.example", "eve@staff.exampl", ""):
        assert not list(_tokens().of_agent(other, [labelled]))
    assert not list(_tokens().found([labelled, f"t{token[1:]}"]))


def test_anybodys_token_is_no_agents() -> None:
    token = _tokens().sign(CONVERSATION, AT)
    assert not list(_tokens().of_agent("eve@staff.example", [token, f"a{token[1:]}"]))
