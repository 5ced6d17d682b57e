"""Mails that were made to hurt are read, or refused as too complex; what comes out is bounded. bench/hostile.py has
the mails, and measures their time."""

import pytest

from bench.hostile import MAILS
from postroom.errors import Poison
from postroom.memory.raw_mails import MemoryRawMail
from postroom.message import Message
from postroom.mime import second
from postroom.mime.message import read
from postroom.mime.scan import MOST_PARTS
from postroom.reasons import Reason
from postroom.stages import parse

_REFUSED = frozenset({"header_without_end", "nested_messages", "million_boundaries"})
_LARGEST_TEXT = 9 << 20  # characters: of the text and of each thing that is cut from it
_MOST_DEFECTS = 50


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_that_was_made_to_hurt_is_read_or_refused(name: str) -> None:
    mail = MemoryRawMail(body=MAILS[name]())
    if name in _REFUSED:
        with pytest.raises(Poison) as poison:
            parse.read(mail)
        assert poison.value.reason is Reason.TOO_COMPLEX
        return
    message = parse.read(mail)
    assert second.DEFECT not in message.defects
    _check_bounded(message)


def _check_bounded(message: Message) -> None:
    assert message.author is not None
    assert message.author.address == "ana@shop.example"
    assert message.subject
    assert len(message.subject) <= 2_000_000
    assert len(message.to) <= 25_000
    assert len(message.references) <= 1_000
    assert len(message.hops) <= 50
    assert len(message.content_params) <= 20
    assert all(len(value) <= 300 for value in message.content_params.values())
    assert len(message.attachments) <= MOST_PARTS
    assert len(message.defects) <= _MOST_DEFECTS
    texts = (message.text, message.html, message.reply.visible, message.reply.quoted, message.reply.signature)
    assert all(len(text or "") <= _LARGEST_TEXT for text in texts)


@pytest.mark.parametrize("name", ["many_recipients", "groups", "many_comments", "one_name_many_times"])
def test_the_recipients_of_a_flood_are_found(name: str) -> None:
    assert any(address.address.endswith("@desk.example") for address in read(MAILS[name]()).to)


def test_a_subject_of_half_a_megabyte_is_decoded() -> None:
    assert read(MAILS["long_encoded_subject"]()).subject.startswith("café and cups and morecafé and cups")


@pytest.mark.parametrize("name", ["many_headers", "received_flood", "references_flood", "many_parameters"])
def test_the_text_under_a_flood_of_headers_is_read(name: str) -> None:
    assert read(MAILS[name]()).text == "The cups are broken.\n"
