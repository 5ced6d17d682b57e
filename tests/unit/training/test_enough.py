"""Too little to learn from is refused, with what is missing."""

import pytest

from cli.training.enough import TooLittle, enough
from postroom.categories.example import Example


def some(**counts: int) -> list[Example]:
    return [Example(subject="", text="text", label=label) for label, count in counts.items() for _ in range(count)]


def test_ten_of_each_suffice() -> None:
    assert len(enough(some(billing=10, login=12))) == 22


def test_no_mail_at_all_is_told() -> None:
    with pytest.raises(TooLittle, match=r"two categories with 10 mails each at least: there is no mail at all"):
        enough([])


def test_one_category_is_too_few() -> None:
    with pytest.raises(TooLittle, match=r"there are billing 50, login 3"):
        enough(some(billing=50, login=3))


def test_rare_categories_are_named_with_their_numbers() -> None:
    with pytest.raises(TooLittle, match=r"login has 9, vip has 1: collect more, or leave them out with --skip-rare"):
        enough(some(billing=10, delivery=10, login=9, vip=1))


def test_rare_categories_are_left_out_when_asked() -> None:
    kept = enough(some(billing=10, delivery=10, login=9), skip_rare=True)
    assert {each.label for each in kept} == {"billing", "delivery"}


def test_too_many_categories_are_refused() -> None:
    with pytest.raises(TooLittle, match="200 categories at most, and there are 201"):
        enough(some(**{f"c{n}": 10 for n in range(201)}))


def test_mails_without_a_word_are_no_mails_to_learn_from() -> None:
    empty = [Example(subject="?!", text=" ", label="login") for _ in range(50)]
    assert enough([*some(billing=10, delivery=10), *empty], skip_rare=True) == some(billing=10, delivery=10)
    with pytest.raises(TooLittle, match="there is no mail at all"):
        enough(empty)
