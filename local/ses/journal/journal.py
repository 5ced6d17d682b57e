"""The journal: received and sent mail on disk, the events that were published, and those who watch.

Its troubles are logged and end there: what was taken is taken, whether or not it can be shown.
"""

import logging
from collections.abc import Mapping
from pathlib import Path

from local.ses import headers
from local.ses.journal.changes import Change, Changes
from local.ses.journal.shelf import GIGABYTE, Shelf
from local.ses.journal.told import Told
from local.ses.values import Json, one_line, readable

log = logging.getLogger(__name__)

_MAX_HEAD = 256 * 1024  # bytes of a mail in which its header section is looked for
_MAX_SHOWN = 300  # characters of a subject or an author in a list


class Journal:
    """Safe to write to from many threads. A shelf has at most `keep` mails and `keep_bytes` bytes."""

    def __init__(self, folder: Path, keep: int, keep_bytes: int = GIGABYTE) -> None:
        self.outbox = Shelf(folder / "outbox", keep, keep_bytes)
        self.inbox = Shelf(folder / "received", keep, keep_bytes)
        self.told = Told(folder)
        self.changes = Changes()

    def sent(self, sent_id: str, raw: bytes, envelope: Mapping[str, Json]) -> None:
        """A mail that was sent, as its recipients get it."""
        self._keep("sent", self.outbox, raw, {**envelope, "id": sent_id})

    def received(self, about: Mapping[str, Json], raw: bytes) -> None:
        """A mail that was received, with SES's fields on top. `about` has its id, and all that was made of it."""
        self._keep("received", self.inbox, raw, about)

    def event(self, body: Mapping[str, Json]) -> None:
        """An event that was published."""
        try:
            row = self.told.add(body)
        except (OSError, ValueError, RecursionError):
            log.exception("an event is not in the journal; it was published all the same")
            return
        self.changes.tell(Change(kind="told", row=row))

    def _keep(self, kind: str, shelf: Shelf, raw: bytes, about: Mapping[str, Json]) -> None:
        try:
            row = {**about, **head(raw)}
            shelf.write(str(about["id"]), raw, row)
        except (OSError, ValueError, KeyError, RecursionError):
            log.exception("%s mail %s is not in the journal; it was taken all the same", kind, about.get("id"))
            return
        self.changes.tell(Change(kind=kind, row=row))


def head(raw: bytes) -> dict[str, Json]:
    """What a list shows of a mail's own fields, and by which names it is known to others."""
    fields, _ = headers.split(raw[:_MAX_HEAD])

    def value(name: str) -> str:
        return one_line(headers.decoded(headers.first(fields, name) or ""))

    # Some programs fold a long id into encoded words, against RFC 2047 section 5: it is meant all the same.
    return {
        "subject": readable(value("Subject"))[:_MAX_SHOWN],
        "from": readable(value("From"))[:_MAX_SHOWN],
        "message_id": readable(value("Message-ID")),
        "in_reply_to": readable((value("In-Reply-To").split() or [""])[0]),
    }
