"""The language of a text, and when nobody can tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.kinds.language import language_of
from postroom.kinds.stop_words import STOP_WORDS

_SENTENCES = {
    "en": "Please send the invoice again, it is not in my mail.",
    "de": "Wo bleibt meine Bestellung?",
    "fr": "Je n'ai pas reçu ma commande, pouvez-vous m'aider ?",
    "es": "No he recibido mi pedido todavía.",
    "it": "Non ho ancora ricevuto il mio ordine.",
    "nl": "Ik heb mijn bestelling nog niet ontvangen.",
    "pt": "Ainda não recebi a minha encomenda.",
    "pl": "Nie otrzymałem jeszcze mojego zamówienia.",
    "sv": "Jag har inte fått min beställning ännu.",
    "da": "Jeg har ikke modtaget min ordre endnu, hvornår kommer den?",
    "no": "Jeg har ikke mottatt bestillingen min ennå, når kommer den?",
    "fi": "En ole vielä saanut tilaustani.",
    "cs": "Ještě jsem neobdržel svou objednávku, kdy přijde?",
    "tr": "Siparişim henüz gelmedi, ne zaman gelecek?",
    "ru": "Я до сих пор не получил свой заказ.",
    "uk": "Я ще не отримав своє замовлення, коли воно буде?",
    "ja": "注文した商品がまだ届いていません。",
    "zh": "我还没有收到我的订单。",
    "ko": "아직 주문을 받지 못했습니다.",
    "el": "Δεν έχω λάβει την παραγγελία μου.",
    "ar": "لم أستلم طلبي بعد",
    "he": "עדיין לא קיבלתי את ההזמנה שלי",
}


@pytest.mark.parametrize(("language", "sentence"), _SENTENCES.items())
def test_one_sentence_is_enough(language: str, sentence: str) -> None:
    assert language_of(sentence) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345 / 118",
        "Thanks",
        "OK, danke",
        "Re: Re:",
        "asdf qwer zxcv uiop",
        "https://example.com/de/der/die/das/und/ist",
        "ich.und.du@der.example die.und.das@ist.example",
    ],
)
def test_what_is_too_short_or_no_language_is_not_guessed(text: str) -> None:
    assert language_of(text) is None


def test_a_name_in_another_script_changes_nothing() -> None:
    assert language_of("Dear team, please send the invoice to 田中 as well. Thank you.") == "en"


@given(st.text(max_size=300))
def test_any_text_has_a_known_language_or_none(text: str) -> None:
    language = language_of(text)
    assert language is None or len(language) == 2


@given(st.sampled_from(sorted(STOP_WORDS)))
def test_one_word_is_never_enough(language: str) -> None:
    assert all(language_of(word) is None for word in STOP_WORDS[language])
