"""The day on which somebody is back, out of an out-of-office."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.kinds.absence import returns_on

SENT = date(2026, 11, 24)

TOLD = [
    ("I am out of the office until 4 December. For urgent matters call 555 123.", date(2026, 12, 5), None),
    ("I will be back on Monday, December 7th.", date(2026, 12, 7), None),
    ("I'm on annual leave from 1st to 11th December 2026 and will return on 14 December.", date(2026, 12, 14), None),
    ("Out of office: returning 2027-01-04.", date(2027, 1, 4), None),
    ("Away through January 3, 2027.", date(2027, 1, 4), None),
    ("Vielen Dank für Ihre Nachricht. Ich bin bis einschließlich 5. Dezember nicht im Büro.", date(2026, 12, 6), None),
    ("Ich bin vom 24.11. bis 04.12.2026 im Urlaub.", date(2026, 12, 5), None),
    ("Ab dem 7. Dezember bin ich wieder für Sie da.", date(2026, 12, 7), None),
    ("Ich bin am 30.11.2026 wieder im Büro.", date(2026, 11, 30), None),
    ("Je suis absent du bureau jusqu'au 4 décembre inclus.", date(2026, 12, 5), None),
    ("Je serai de retour le lundi 7 décembre 2026.", date(2026, 12, 7), None),
    ("Absent du 23 au 27 novembre.", date(2026, 11, 28), None),
    ("Estaré fuera de la oficina hasta el 4 de diciembre.", date(2026, 12, 5), None),
    ("Regreso el 7 de diciembre de 2026.", date(2026, 12, 7), None),
    ("Sono in ferie fino al 4 dicembre.", date(2026, 12, 5), None),
    ("Rientrerò lunedì 7 dicembre.", date(2026, 12, 7), None),
    ("Estarei ausente até 4 de dezembro.", date(2026, 12, 5), None),
    ("Estarei de volta no dia 07/12/2026.", date(2026, 12, 7), "pt"),
    ("Ik ben afwezig t/m 4 december.", date(2026, 12, 5), None),
    ("Vanaf 7 december ben ik weer aanwezig.", date(2026, 12, 7), None),
    ("Ik ben op 7-12-2026 weer op kantoor.", date(2026, 12, 7), None),
    ("Jag är på semester till och med den 4 december.", date(2026, 12, 5), None),
    ("Jag är åter på kontoret den 7 december.", date(2026, 12, 7), None),
    ("Jeg er på ferie til og med 4. desember 2026 og tilbake 7.12.", date(2026, 12, 7), None),
    ("Jeg er tilbage på kontoret mandag den 7. december.", date(2026, 12, 7), None),
    ("Olen lomalla 4.12. asti. Palaan töihin 7.12.2026.", date(2026, 12, 7), None),
    ("Olen lomalla 4.12.2026 saakka.", date(2026, 12, 5), None),
    ("Jestem na urlopie do 4 grudnia. Wracam 7 grudnia 2026.", date(2026, 12, 7), None),
    ("Jsem na dovolené do 4. prosince 2026.", date(2026, 12, 5), None),
    ("Я в отпуске до 4 декабря. Вернусь 7 декабря.", date(2026, 12, 7), None),
    ("4 Aralık tarihine kadar izindeyim.", date(2026, 12, 5), None),
    ("12月4日まで不在にしております。", date(2026, 12, 5), None),
    ("12月7日(月)より出社いたします。", date(2026, 12, 7), None),
    ("我将于12月7日返回办公室", date(2026, 12, 7), None),
    ("休假至2026年12月4日", date(2026, 12, 5), None),
    ("12월 4일까지 휴가입니다.", date(2026, 12, 5), None),
    ("I will return 12/13/2026.", date(2026, 12, 13), None),
    ("Back 13/12.", date(2026, 12, 13), None),
]


@pytest.mark.parametrize(("text", "day", "language"), TOLD)
def test_the_day_is_read(text: str, day: date, language: str | None) -> None:
    assert returns_on(text, SENT, language) == day


@pytest.mark.parametrize(
    "text",
    [
        "Order 12/11 shipped. Our fax is 12.11.20. Thanks!",
        "I was away until 3 May 2019.",
        "I'm away and will be back on 31 February.",
        "The meeting on 12 December is cancelled. Best, Ann",
        "I am on parental leave until January 2027.",
        "I return on 1/4.",
    ],
)
def test_what_says_no_day_or_one_in_two_ways_gives_none(text: str) -> None:
    assert returns_on(text, SENT) is None


@given(
    text=st.text("0123456789./- :,untilbackon月日年decembr\n", max_size=400),
    sent_on=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
)
def test_whatever_stands_there_the_day_is_after_the_mail_and_not_for_ever(text: str, sent_on: date) -> None:
    day = returns_on(text, sent_on)
    assert day is None or timedelta(days=-1) <= day - sent_on <= timedelta(days=401)
