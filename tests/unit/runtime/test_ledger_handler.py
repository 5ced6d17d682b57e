"""The ledger's function fails when a mail couldn't be read, so that its alarm tells; the others had their turn."""

import pytest

from functions.ledger import handler
from postroom.errors import Retryable
from postroom.stages.ledger import Checked


def test_a_mail_that_could_not_be_read_raises_the_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = Checked(looked_at=2, again=(), lost=(), unread=("give kms:Decrypt on the key",))
    monkeypatch.setattr(handler, "stage", lambda: lambda: checked)
    with pytest.raises(Retryable, match="could not be read: 1; the first: give kms:Decrypt"):
        handler.handle({}, None)
