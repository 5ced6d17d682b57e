"""What a conversation shows of what came back."""

import pytest

from postroom.address import AddressEvent
from postroom.feedback.delivery import _SAID


def test_everything_that_a_report_can_mean_has_its_words() -> None:
    assert set(_SAID) == set(AddressEvent) - {AddressEvent.LIFTED, AddressEvent.UNLISTED}


@pytest.mark.parametrize("said", sorted(set(_SAID.values())))
def test_the_words_name_the_recipient(said: str) -> None:
    assert "ann@example.com" in said.format(whom="ann@example.com", why="the mailbox is over its quota", advice="Call.")
