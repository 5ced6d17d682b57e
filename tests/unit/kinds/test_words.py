"""Phrases are compared word by word, without case, width and punctuation."""

import pytest

from postroom.kinds.words import begins, flat, phrase, says


@pytest.mark.parametrize(
    ("wanted", "text", "there"),
    [
        ("invoice", "The INVOICE, please", True),
        ("invoice", "invoices", False),
        ("invoice*", "invoices", True),
        ("*rechnung", "Die Monatsrechnung fehlt", True),
        ("*rechnung*", "Monatsrechnungen", True),
        ("does not work", "it does\n  not work!", True),
        ("does not work", "it does not quite work", False),
        ("can't log in", "I can’t log in", True),
        ("Straße", "STRASSE", True),
        ("不在", "ただいま不在にしております", True),
        ("ｉｎｖｏｉｃｅ", "invoice", True),
    ],
)
def test_a_phrase_is_there_or_not(wanted: str, text: str, there: bool) -> None:
    assert says(flat(text), [phrase(wanted)]) is there


def test_a_text_begins_with_whole_words() -> None:
    assert begins(flat("Automatic reply: order"), (phrase("automatic reply"),))
    assert not begins(flat("Re: Automatic reply"), (phrase("automatic reply"),))
    assert not begins(flat("Readable"), (phrase("read"),))
    assert begins(flat("自動返信: 注文"), (phrase("自動返信"),))


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert not says(flat("x " * 20_000 + "invoice"), [phrase("invoice")])
