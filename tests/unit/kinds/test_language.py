"""The language of a text, and when nobody can tell."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.kinds import language_model
from postroom.kinds.language import LANGUAGES, language_of

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
    assert language_of(text) in {None, *LANGUAGES}


@pytest.mark.parametrize(("language", "sentence"), _SENTENCES.items())
def test_capitals_change_nothing(language: str, sentence: str) -> None:
    assert language_of(sentence.upper()) == language


def test_a_text_that_is_half_in_another_language_has_none() -> None:
    english = "Please send the invoice again, it is not in my mail. "
    polish = "Nie otrzymałem jeszcze mojego zamówienia, kiedy przyjdzie? "
    assert language_of(english + polish) is None


def test_an_answer_on_top_of_much_more_in_another_language_goes_with_what_there_is_more_of() -> None:
    assert language_of("Merci ! " + 6 * "Please send the invoice again, it is not in my mail. ") == "en"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("da", "Kan du hjælpe mig med min faktura?"), ("no", "Kan du hjelpe meg med fakturaen min?")],
)
def test_danish_and_norwegian_are_told_apart_by_their_spelling(language: str, sentence: str) -> None:
    assert language_of(sentence) in (language, None)


def test_only_a_text_in_a_shared_script_loads_the_model() -> None:
    code = (
        "import sys; from postroom.kinds.language import language_of as of; of({!r}); print('fasttext' in sys.modules)"
    )
    loaded = [
        subprocess.run([sys.executable, "-c", code.format(text)], capture_output=True, text=True, check=True).stdout  # noqa: S603
        for text in ("注文した商品がまだ届いていません。", "12345", "Where is my order, please?")
    ]
    assert loaded == ["False\n", "False\n", "True\n"]


def test_a_missing_model_is_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language_model, "_PACKAGE", "no_such_package_here")
    with pytest.raises(ModuleNotFoundError, match="requirements/vendor"):
        language_model._path()
