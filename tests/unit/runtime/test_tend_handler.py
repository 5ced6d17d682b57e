"""The tend function fails when a conversation couldn't be changed, so that its alarm tells; others had their turn."""

import pytest

from functions.tend import handler
from postroom.errors import Retryable
from postroom.ids import ConversationId
from postroom.stages.tend import Tended


def test_it_gives_what_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "stage", lambda: lambda: Tended(followed_up=1, closed=2, busy=()))
    assert handler.handle({}, None) == {"followed_up": 1, "closed": 2, "busy": 0}


def test_a_conversation_that_could_not_be_changed_raises_the_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    tended = Tended(followed_up=1, closed=2, busy=(ConversationId("abc"),))
    monkeypatch.setattr(handler, "stage", lambda: lambda: tended)
    with pytest.raises(Retryable, match="could not be changed: 1; the first: abc"):
        handler.handle({}, None)
