"""Replies are cut from quotes: whatever the client, the language and the place of the answer, and nothing is lost."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postroom.mime import clients
from postroom.mime.reply import cut, cut_html

ATTRIBUTIONS = {
    "en": "On Wed, Oct 27, 2021 at 9:31 AM Ann Example <ann@example.com> wrote:",
    "en, Apple": "On 27 Oct 2021, at 09:31, Ann Example <ann@example.com> wrote:",
    "en, Thunderbird": "On 10/27/21 9:31 AM, Ann Example wrote:",
    "en, Zoho": "---- On Wed, 27 Oct 2021 09:31:00 +0200 Ann Example <ann@example.com> wrote ----",
    "old Gmail": "2021/10/27 Ann Example <ann@example.com>",
    "de": "Am Mi., 27. Okt. 2021 um 09:31 Uhr schrieb Ann Example <ann@example.com>:",
    "fr": "Le mer. 27 oct. 2021 à 09:31, Ann Example <ann@example.com> a écrit :",
    "es": "El mié, 27 oct 2021 a las 9:31, Ann Example (<ann@example.com>) escribió:",
    "it": "Il giorno mer 27 ott 2021 alle ore 09:31 Ann Example <ann@example.com> ha scritto:",
    "pt": "Em qua., 27 de out. de 2021 às 09:31, Ann Example <ann@example.com> escreveu:",
    "nl": "Op wo 27 okt. 2021 om 09:31 schreef Ann Example <ann@example.com>:",
    "da": "Den ons. 27. okt. 2021 kl. 09.31 skrev Ann Example <ann@example.com>:",
    "sv": "Den ons 27 okt. 2021 kl 09:31 skrev Ann Example <ann@example.com>:",
    "no": "ons. 27. okt. 2021 kl. 09:31 skrev Ann Example <ann@example.com>:",
    "fi": "ke 27. lokak. 2021 klo 9.31 Ann Example (ann@example.com) kirjoitti:",
    "pl": "śr., 27 paź 2021 o 09:31 Ann Example <ann@example.com> napisał(a):",
    "cs": "st 27. 10. 2021 v 9:31 odesílatel Ann Example <ann@example.com> napsal:",
    "ru": "ср, 27 окт. 2021 г. в 09:31, Ann Example <ann@example.com>:",
    "uk": "ср, 27 жовт. 2021 р. о 09:31 Ann Example <ann@example.com> пише:",
    "ja": "2021年10月27日(水) 9:31 Ann Example <ann@example.com>:",
    "zh": "Ann Example <ann@example.com> 于2021年10月27日周三 09:31写道：",
    "zh, Taiwan": "Ann Example <ann@example.com> 於 2021年10月27日 週三 上午9:31寫道：",
    "ko": "2021년 10월 27일 (수) 오전 9:31, Ann Example <ann@example.com>님이 작성:",
    "tr": "Ann Example <ann@example.com>, 27 Eki 2021 Çar, 09:31 tarihinde şunu yazdı:",
}

HEADER_BLOCKS = {
    "en": "From Sent To Subject",
    "de": "Von Gesendet An Betreff",
    "fr": "De Envoyé À Objet",
    "es": "De Enviado Para Asunto",
    "it": "Da Inviato A Oggetto",
    "pt": "De Enviado Para Assunto",
    "nl": "Van Verzonden Aan Onderwerp",
    "da": "Fra Sendt Til Emne",
    "sv": "Från Skickat Till Ämne",
    "no": "Fra Sendt Til Emne",
    "fi": "Lähettäjä Lähetetty Vastaanottaja Aihe",
    "pl": "Od Wysłano Do Temat",
    "cs": "Od Odesláno Komu Předmět",
    "ru": "От Отправлено Кому Тема",
    "uk": "Від Надіслано Кому Тема",
    "ja": "差出人 送信日時 宛先 件名",
    "zh": "发件人 发送时间 收件人 主题",
    "zh, Taiwan": "寄件者 寄件日期 收件者 主旨",
    "ko": "보낸_사람 보낸_날짜 받는_사람 제목",
    "tr": "Kimden Gönderildi Kime Konu",
}


def header_block(language: str) -> str:
    names = [name.replace("_", " ") for name in HEADER_BLOCKS[language].split()]
    values = ("Ann Example <ann@example.com>", "27.10.2021 09:31", "Support <support@example.com>", "Order 17")
    return "\n".join(f"{name}: {value}" for name, value in zip(names, values, strict=True))


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_the_line_above_a_marked_quote_belongs_to_it(attribution: str) -> None:
    reply = cut(f"Yes, please.\n\n{attribution}\n\n> Shall we send it?\n> Ann\n")
    assert reply.visible == "Yes, please."
    assert reply.quoted == f"{attribution}\n\n> Shall we send it?\n> Ann"


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_without_marks_the_quote_runs_to_the_end(attribution: str) -> None:
    reply = cut(f"Yes, please.\n\n{attribution}\n\nShall we send it?\nAnn\n")
    assert reply.visible == "Yes, please."


@pytest.mark.parametrize("attribution", [line for line in ATTRIBUTIONS.values() if " <" in line])
def test_an_attribution_may_be_wrapped_before_the_address(attribution: str) -> None:
    wrapped = attribution.replace(" <", "\n<", 1)
    reply = cut(f"Yes, please.\n\n{wrapped}\n> Shall we send it?\n")
    assert reply.visible == "Yes, please."


@pytest.mark.parametrize("language", HEADER_BLOCKS)
def test_a_header_block_starts_the_quote_in_every_language(language: str) -> None:
    reply = cut(f"Yes, please.\n\n{header_block(language)}\n\nShall we send it?\n")
    assert reply.visible == "Yes, please."
    assert reply.quoted is not None
    assert reply.quoted.endswith("Shall we send it?")


def test_the_rule_that_outlook_draws_goes_with_the_block() -> None:
    reply = cut(f"Yes.\n\n{'_' * 32}\n{header_block('en')}\n\nShall we?")
    assert reply.visible == "Yes."


BANNERS = [
    "-----Original Message-----",
    "-----Ursprüngliche Nachricht-----",
    "-------- Message d'origine --------",
    "----- 原始邮件 -----",
]


@pytest.mark.parametrize("banner", BANNERS)
def test_an_original_message_banner_starts_the_quote(banner: str) -> None:
    assert cut(f"Yes.\n\n{banner}\nShall we?").visible == "Yes."


def test_answers_below_and_between_quotes_stay_visible() -> None:
    text = "On Monday, Ann wrote:\n> Size?\n\nForty-two.\n\n> Colour?\n\nGreen, please.\n"
    reply = cut(text)
    assert "Forty-two." in reply.visible
    assert "Green, please." in reply.visible
    assert reply.quoted == "On Monday, Ann wrote:\n> Size?\n> Colour?"


def test_an_attribution_that_a_conversion_broke_up_is_whole_again() -> None:
    reply = cut("Yes.\n\nOn Wed, 27 Oct 2021 at 9:31 Ann\n\n<\nmailto:Ann <ann@example.com>\n> wrote:\n\nShall we?")
    assert reply.visible == "Yes."


def test_a_text_on_the_line_of_the_attribution_is_kept() -> None:
    reply = cut("Fine. On Wed, 27 Oct 2021 at 9:31, Ann <ann@example.com> wrote:\n> Shall we?")
    assert reply.visible == "Fine."


def test_a_sentence_that_says_wrote_is_no_attribution() -> None:
    text = "My colleague wrote:\n\nThe parcel never came. On Monday I wrote to you.\n"
    assert cut(text).quoted is None


@pytest.mark.parametrize(
    "text",
    [
        "Hello,\n\non 12.10.2021 your colleague wrote to me:\n\nIt comes tomorrow.\n\nIt never came.",
        "Hello,\n\nplease answer on 12.10.2021 to ann@example.com:\n\nwhere is it?",
        "My booking:\n\nFrom: Hamburg\nTo: Berlin\nDate: 12.10.2021\n\nPlease make it Tuesday.",
        "We have to:\n- call Bob\n\nSubject: none yet",
    ],
)
def test_what_a_person_writes_in_the_manner_of_a_client_stays_visible(text: str) -> None:
    assert cut(text).visible == text


def test_a_form_that_looks_like_headers_keeps_its_message_visible() -> None:
    reply = cut(f"{header_block('en')}\n\nMy order never came.")
    assert reply.visible == "My order never came."


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAnn Example\nExample Ltd",
        "Kind regards,\nAnn",
        "Viele Grüße\nAnn",
        "Med venlig hilsen\nAnn Example",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Ann Example\nann@example.com\n+49 30 1234567",
        "-Ann",
        "_______________________________________________\nsome-list mailing list\nhttps://lists.example.com/some-list",
    ],
)
def test_a_signature_is_told_from_the_text(signature: str) -> None:
    reply = cut(f"The parcel came, and it is green.\n\n{signature}\n\nOn Monday, Bob wrote:\n> Did it come?")
    assert reply.visible == "The parcel came, and it is green."
    assert reply.signature == signature


@pytest.mark.parametrize("text", ["Thanks!", "Sent from my phone", "-- \nAnn", "Kind regards,\nAnn"])
def test_a_mail_is_never_all_signature(text: str) -> None:
    assert cut(text).visible != ""


@pytest.mark.parametrize(
    "text",
    [
        "It came.\n\nThanks\nCall me when the next one is there",
        "Thanks,\n\nbut it is the wrong colour. Can you take it back?",
        "It came.\n\nSent from my desk, which is easier than from my telephone.",
        "Best regards to Bob.\nThe order number is 17.",
    ],
)
def test_a_sentence_after_a_courtesy_is_text(text: str) -> None:
    assert cut(text).visible == text


def test_a_list_is_no_signature() -> None:
    assert cut("Please send\n- bolts\n- nuts\n- washers").signature is None


def test_the_markup_of_a_client_marks_a_quote_in_html() -> None:
    reply = cut_html(
        '<div>Yes, please.</div><div class="gmail_quote"><div class="gmail_attr">Something unheard of</div>'
        '<blockquote class="gmail_quote">Shall we?</blockquote></div>'
    )
    assert reply.visible == "Yes, please."


def test_outlook_on_the_web_marks_where_the_quote_starts() -> None:
    reply = cut_html(
        "<div>Yes.</div><div id='x_appendonsend'></div><hr><div id=divRplyFwdMsg>Ann</div><div>Shall we?</div>"
    )
    assert reply.visible == "Yes."
    assert reply.quoted is not None
    assert "Shall we?" in reply.quoted


def test_an_answer_inside_gmails_container_stays_visible() -> None:
    reply = cut_html(
        "<div class=gmail_quote>On Mon, 25 Oct 2021, Ann wrote:<blockquote class=gmail_quote>Size?</blockquote>"
        "<div>Forty-two.</div><blockquote class=gmail_quote>Colour?</blockquote><div>Green.</div></div>"
    )
    assert reply.visible.split() == ["Forty-two.", "Green."]


LANGUAGES = [
    "en",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "da",
    "sv",
    "no",
    "fi",
    "pl",
    "cs",
    "ru",
    "uk",
    "ja",
    "zh",
    "ko",
    "tr",
]


@pytest.mark.parametrize(
    "table", [clients.WROTE, clients.ORIGINAL, clients.FORWARDED, clients.SENT_FROM, clients.CLOSINGS]
)
def test_every_table_knows_every_language(table: dict[str, str]) -> None:
    assert set(LANGUAGES) <= set(table)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_app_that_signs_in_any_language_is_no_part_of_the_text(language: str) -> None:
    line = clients.SENT_FROM[language].split("|")[0] + " iPhone"
    assert cut(f"The parcel came.\n\n{line}").signature == line


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_closing_in_any_language_starts_the_signature(language: str) -> None:
    for closing in clients.CLOSINGS[language].split("|"):
        assert cut(f"17\n\n{closing.capitalize()},\nAnn Example").signature == f"{closing.capitalize()},\nAnn Example"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_banner_in_any_language_starts_the_quote(language: str) -> None:
    for words_ in (*clients.ORIGINAL[language].split("|"), *clients.FORWARDED[language].split("|")):
        assert cut(f"17\n\n----- {words_.capitalize()} -----\nfrom here on").visible == "17"


def words(text: str | None) -> Counter[str]:
    return Counter((text or "").split())


PIECES = st.sampled_from(
    [
        "Hello",
        "",
        "> quoted",
        ">> deeper",
        "> wrote:",
        "-- ",
        "Regards,",
        "Ann",
        "________________________________",
        "Sent from my iPhone",
        "Yes. On Wed, 27 Oct 2021 at 9:31, Ann <ann@example.com> wrote:",
        "---------- Forwarded message ----------",
        "-----Original Message-----",
        *ATTRIBUTIONS.values(),
        *(header_block(language) for language in HEADER_BLOCKS),
    ]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=40)), max_size=25).map("\n".join))
@settings(max_examples=300)
def test_nothing_is_lost_and_nothing_is_said_twice(text: str) -> None:
    reply = cut(text)
    assert words(reply.visible) + words(reply.quoted) + words(reply.signature) == words(text)


@given(st.lists(PIECES, max_size=25))
def test_every_part_keeps_the_order_of_the_lines(lines: list[str]) -> None:
    text = "\n".join(
        f"{line} #{number}" if line and line[-1] not in ":-> " else line for number, line in enumerate(lines)
    )
    reply = cut(text)
    for part in (reply.visible, reply.quoted or "", reply.signature or ""):
        places = [int(word[1:]) for word in part.split() if word.startswith("#") and word[1:].isdigit()]
        assert places == sorted(places)


HOSTILE = [
    *(
        ">",
        "> \n",
        "On ",
        "On \n",
        "On Monday, Ann <ann@example.com> wrote\n",
        " ",
        "\n",
        "-",
        "_" * 32 + "\n",
        "<",
        "a",
    ),
    *("From: Ann <ann@example.com>\n", header_block("de") + "\n\n", "Sent from my iPhone\n", "Regards,\nAnn\n"),
    *("> wrote:\n", "On 1 May 2021\n<\nmailto:x <a@b.c>\n> wrote:\n", "On \n> wrote:\n"),
    *("Ann: ", "1:", "(\n> ", "> (\nx\n", "On 1 May 2021 at 1:11, a@b.c wrote:\n> x\n"),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_input_is_too_hostile(piece: str) -> None:
    text = "Hello\n" + piece * (200_000 // len(piece))
    reply = cut(text)
    assert words(reply.visible) + words(reply.quoted) + words(reply.signature) == words(text)


def test_a_text_beyond_the_bound_is_kept_whole() -> None:
    text = "Hello\n\n-----Original Message-----\n" + "word\n" * 500_000 + "the end"
    reply = cut(text)
    assert reply.visible == "Hello"
    assert reply.quoted is not None
    assert reply.quoted.endswith("the end")
