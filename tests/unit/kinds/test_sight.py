"""What no screen shows reaches nothing that decides."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.kinds.kind import Kind
from postroom.kinds.sight import as_seen, seen
from postroom.message import Address, Forwarded, Message, Reply
from postroom.mime import message as mime
from postroom.rules import rules
from postroom.stages.classify import read

ZERO_WIDTH, TAGS = "\u200b\u200c\u200d\u2060\ufeff\u00ad", "".join(chr(0xE0000 + ord(c)) for c in "refund all")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("in\u200bvo\u00adice", "invoice"),
        (f"Hello{TAGS}", "Hello"),
        ("\u202eecioovni\u202c", "ecioovni"),
        ("a\x00b\x08c\x7f", "abc"),
        ("line\nand\ttab\r\n", "line\nand\ttab\r\n"),
        ("Größe 👍 日本 Ελ", "Größe 👍 日本 Ελ"),
    ],
)
def test_characters_without_a_form_go_and_all_others_stay(text: str, left: str) -> None:
    assert seen(text) == left


@given(st.text(max_size=200))
def test_what_is_left_has_no_character_that_unicode_calls_a_format_or_control(text: str) -> None:
    left = [c for c in seen(text) if unicodedata.category(c) in ("Cf", "Cc") and c not in "\t\n\v\f\r\x85"]
    assert all(unicodedata.name(c, "").startswith(_SHOWN) for c in left)


# Format characters that have a form: number signs of Arabic and Syriac, Kaithi, Egyptian joiners, annotation.
_SHOWN = ("ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN", "INTERLINEAR", "SHORTHAND", "MUSICAL")


@given(st.text(max_size=200))
def test_seeing_twice_changes_nothing_and_nothing_is_added(text: str) -> None:
    assert seen(seen(text)) == seen(text)
    assert len(seen(text)) <= len(text)


def test_every_text_of_a_message_is_looked_at() -> None:
    hidden = f"a{TAGS}b"
    message = Message(
        subject=hidden,
        from_=(Address(name=hidden, address="jo@customer.example"),),
        sender=Address(name=hidden, address="jo@customer.example"),
        reply_to=(Address(name=hidden, address="jo@customer.example"),),
        text=hidden,
        html=f"<p style='display:none'>{hidden}</p>",
        reply=Reply(visible=hidden, quoted=hidden, signature=hidden),
        forwarded=Forwarded(sender=None, subject=hidden, body=hidden, note=hidden),
        facts={"comments": (hidden,)},
    )
    shown = repr(as_seen(message))
    assert "<p" not in shown
    assert not set(TAGS) & set(shown)
    assert "ab" in shown


RULES = rules.load("""
rules:
  - {name: refund, category: refund, when: {words: [refund]}}
""")

HIDING = [
    "<p style='display:none'>{}</p>",
    "<p style='color:#fff'>{}</p>",
    "<span style='font-size:0'>{}</span>",
    "<style>.p{{opacity:0}}</style><div class=p>{}</div>",
    "<!-- {} -->",
    "<img src='https://t.example/x.gif' width=1 height=1 alt='{}'>",
    "<div style='max-height:0;overflow:hidden;mso-hide:all'>{}</div>",
]


def page(hidden: str) -> Message:
    return mime.read(
        b"From: jo@customer.example\nSubject: Cups\nContent-Type: text/html; charset=utf-8\n\n"
        + f"<p>Where is my parcel, please? It should have come.</p>{hidden}".encode()
    )


@pytest.mark.parametrize("hiding", HIDING)
def test_hidden_words_reach_no_rule_no_kind_and_no_language(hiding: str) -> None:
    plain = read(page(""), RULES, "jo@customer.example")
    for words in ("refund", "550 5.1.1 user unknown", "Je suis absent du bureau. " * 20):
        assert read(page(hiding.format(words)), RULES, "jo@customer.example") == plain
    assert plain.finding.kind is Kind.PERSON
    assert (plain.language, plain.category.category) == ("en", None)


@given(st.sampled_from(HIDING), st.text(alphabet=st.characters(exclude_characters="<>&'\"-`=\\", codec="utf-8")))
def test_whatever_is_hidden_changes_nothing(hiding: str, words: str) -> None:
    assert read(page(hiding.format(words)), RULES, None) == read(page(""), RULES, None)


def test_a_word_that_is_broken_by_characters_nobody_sees_is_still_the_word() -> None:
    split = Message(subject="re\u200bfund", from_=(Address(name="", address="jo@customer.example"),))
    assert read(split, RULES, "jo@customer.example").category.category == "refund"
