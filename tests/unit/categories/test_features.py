"""What a model sees of a text."""

from hypothesis import given
from hypothesis import strategies as st

from postroom.categories.features import LONGEST_TEXT, hashes, units


def test_words_and_pairs_of_neighbours_each_once() -> None:
    assert units("Credit card", "My CREDIT card!") == ("credit", "card", "my", "credit card", "card my", "my credit")


def test_forms_of_a_letter_and_of_a_digit_are_one() -> None:
    assert units("ＩＮＶＯＩＣＥ 4711", "") == units("invoice 1234", "") == ("invoice", "0000", "invoice 0000")


def test_signs_of_languages_without_spaces_are_words() -> None:
    assert units("", "退款 abc") == ("退", "款", "abc", "退 款", "款 abc")


def test_what_comes_late_in_a_long_mail_is_not_looked_at() -> None:
    assert "late" not in units("", "a " * LONGEST_TEXT + "late")
    assert "late" not in units("b " * LONGEST_TEXT, "late")


def test_a_word_has_pieces_and_a_pair_has_none() -> None:
    assert len(hashes("refund")) == 1 + 6 + 5 + 4  # itself; of <refund> the threes, fours and fives
    assert len(hashes("credit card")) == 1


def test_a_hash_is_the_same_on_every_machine() -> None:
    """A model trained elsewhere must find its features: these numbers never change within form 1."""
    assert hashes("refund")[0] == 0x5B2C1458
    assert sorted(hashes("ab")) == [0x68A861CF, 0x69DC8A0C, 0x9E83486D, 0xDD772C93]


@given(st.text(max_size=60), st.text(max_size=300))
def test_any_text_has_bounded_features(subject: str, text: str) -> None:
    found = units(subject, text)
    assert len(found) == len(set(found))
    assert all(1 <= len(hashes(unit)) <= 1 + 3 * 26 for unit in found)
    assert all(0 <= each < 1 << 32 for unit in found for each in hashes(unit))
