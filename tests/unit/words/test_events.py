"""The pipeline's events on the bus."""

import dataclasses
from typing import Any

import pytest

from postroom.errors import Poison
from postroom.events import EVENTS, Event, MessageParsed, decode, encode
from postroom.ids import SesId
from postroom.reasons import Reason

PARSED = MessageParsed(
    ses_id=SesId("m"), bucket="b", raw_key="raw/m", parsed_key="parsed/m.json", size=1, attachments=0
)


def test_an_event_is_read_back_as_it_was_published() -> None:
    assert decode("MessageParsed", encode(PARSED)) == PARSED


def test_a_reader_ignores_fields_that_it_does_not_know() -> None:
    assert decode("MessageParsed", {**encode(PARSED), "added_later": [1]}) == PARSED


@pytest.mark.parametrize(
    ("type_", "detail"),
    [
        ("MessageEaten", encode(PARSED)),
        ("MessageParsed", {**encode(PARSED), "version": 99}),
        ("MessageParsed", {"version": 1}),
        ("MessageParsed", {**encode(PARSED), "size": "large"}),
    ],
)
def test_an_unknown_type_version_or_shape_is_poison(type_: str, detail: dict[str, Any]) -> None:
    with pytest.raises(Poison) as caught:
        decode(type_, detail)
    assert caught.value.reason is Reason.UNREADABLE_EVENT


@pytest.mark.parametrize("cls", EVENTS.values())
def test_no_event_carries_content(cls: type[Event]) -> None:
    content = {"subject", "text", "html", "body", "from_", "to", "name", "address"}
    assert not content & {field.name for field in dataclasses.fields(cls)}
