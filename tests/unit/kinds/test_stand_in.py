"""Whom an out-of-office names to write to until its author is back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.kinds.absence import Absence, absence_of
from postroom.kinds.stand_in import stand_in
from postroom.message import Address, Message, Reply


def nobody(address: str) -> bool:
    return False


ANN = "ann.lee@firm.example"


@pytest.mark.parametrize(
    "text",
    [
        "I am away until Friday. In urgent cases please contact my colleague Ann Lee (ann.lee@firm.example).",
        "Out of office. For anything urgent: Ann, ann.lee@firm.example, +44 20 7946 0000",
        "I'm on leave. ann.lee@firm.example is covering for me.",
        "Please reach out to Ann\n(mailto:ann.lee@FIRM.example).",
        "Ich bin im Urlaub. In dringenden Fällen wenden Sie sich bitte an Frau Lee: ann.lee@firm.example",
        "Meine Vertretung ist Ann Lee <ann.lee@firm.example>.",
        "En cas d'urgence, veuillez contacter Ann Lee : ann.lee@firm.example.",
        "Para cualquier urgencia póngase en contacto con ann.lee@firm.example",
        "Per urgenze rivolgersi a ann.lee@firm.example.",
        "Em caso de urgência, contate ann.lee@firm.example",
        "Neem bij spoed contact op met ann.lee@firm.example.",
        "Vid brådskande ärenden, kontakta ann.lee@firm.example.",
        "Kontakt venligst ann.lee@firm.example i mellemtiden.",
        "W pilnych sprawach proszę o kontakt: ann.lee@firm.example",
        "По срочным вопросам обращайтесь к ann.lee@firm.example",
        "お急ぎの場合は担当の李（ann.lee@firm.example）までご連絡ください。",
        "如有急事请联系 ann.lee@firm.example。",
    ],
)
def test_the_address_beside_a_cue_is_the_stand_ins(text: str) -> None:
    assert stand_in(text, nobody) == ANN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I am away until Friday.",
        "Regards, Bo Holm, bo@firm.example",
        "Your mail to bo@firm.example has arrived.",
        "Please contact noreply@firm.example",
        "Please contact ann@firm",
        "Please contact ann@firm..example or @firm.example or ann@-firm.example",
        "Please contact ann.lee@firm.example@evil.test",
    ],
)
def test_any_other_address_is_none(text: str) -> None:
    assert stand_in(text, nobody) is None


def test_neither_the_author_nor_the_desk_stands_in() -> None:
    text = "Contact me urgently at bo@firm.example, or contact help@desk.example, or contact ann.lee@firm.example."
    message = Message(
        from_=(Address(name="", address="Bo@firm.example"),),
        to=(Address(name="", address="support@desk.example"),),
        text=text,
        reply=Reply(visible=text),
        date="2026-11-24T10:00:00+01:00",
    )
    assert absence_of(message, "en", lambda address: address.endswith("@desk.example")) == Absence(stand_in=ANN)


def test_a_mail_without_a_date_has_no_day_of_return() -> None:
    text = "I will be back on Monday, December 7th."
    assert absence_of(Message(text=text, reply=Reply(visible=text)), "en").back_on is None
    dated = Message(text=text, reply=Reply(visible=text), date="2026-11-24T10:00:00+01:00")
    assert str(absence_of(dated, "en").back_on) == "2026-12-07"


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_text_names_more_than_an_address(before: str, after: str) -> None:
    found = stand_in(f"{before} contact ann.lee@firm.example {after}", nobody)
    assert found is None or (len(found) <= 320 and found.isascii() and found.count("@") == 1)


@pytest.mark.parametrize("text", ["a@" * 3_000, "a." * 3_000 + "@x.example", "contact a@b.co " * 400, "@" * 6_000])
def test_hostile_texts_are_read_in_bounded_time(text: str) -> None:
    assert stand_in(text, nobody) in (None, "a@b.co")
