"""What was received, sent and told, for those who look: bounded, whatever happens.

Sent mail is on disk: `<sent id>.eml` as its recipients get it, `<sent id>.json` with the envelope.

Both are written whole or not at all; the .json comes last, so that what is listed can be read.
"""

import json
import os
from collections import deque
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from threading import Lock

from local.ses.values import Json

REMEMBERED = 1000  # received mails that are listed; no bodies


class Outbox:
    """At most `keep` mails; the oldest go. Ids name files, so only ids that were written here are ever looked up."""

    def __init__(self, folder: Path, keep: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._keep = keep
        self._lock = Lock()
        self._ids = deque(sorted(path.stem for path in folder.glob("*.json")))
        self._known = set(self._ids)

    def write(self, sent_id: str, raw: bytes, envelope: Mapping[str, Json]) -> None:
        _write(self._folder / f"{sent_id}.eml", raw)
        _write(self._folder / f"{sent_id}.json", json.dumps(envelope, indent=1, ensure_ascii=False).encode())
        with self._lock:
            self._ids.append(sent_id)
            self._known.add(sent_id)
            gone = [self._ids.popleft() for _ in range(len(self._ids) - self._keep)]
            self._known.difference_update(gone)
        for old in gone:
            (self._folder / f"{old}.json").unlink(missing_ok=True)
            (self._folder / f"{old}.eml").unlink(missing_ok=True)

    def listing(self, limit: int) -> list[Json]:
        """The envelopes of the last mails, newest first."""
        with self._lock:
            newest = [self._ids[-1 - back] for back in range(min(limit, len(self._ids)))]
        paths = (self._folder / f"{sent_id}.json" for sent_id in newest)
        return [json.loads(path.read_bytes()) for path in paths if path.exists()]

    def raw(self, sent_id: str) -> bytes | None:
        """The mail, or None where no mail of this id was sent from here."""
        path = self._folder / f"{sent_id}.eml"
        return path.read_bytes() if sent_id in self._known and path.exists() else None


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    os.replace(fresh, path)


class Journal:
    """Safe to write to from many threads."""

    def __init__(self, folder: Path, keep: int) -> None:
        self.outbox = Outbox(folder / "outbox", keep)
        self._received: deque[Mapping[str, Json]] = deque(maxlen=REMEMBERED)
        self._events: deque[Mapping[str, Json]] = deque(maxlen=REMEMBERED)

    def sent(self, sent_id: str, raw: bytes, envelope: Mapping[str, Json]) -> None:
        """A mail that was sent, as its recipients get it."""
        self.outbox.write(sent_id, raw, envelope)

    def received(self, about: Mapping[str, Json], raw: bytes) -> None:  # noqa: ARG002 (kept by nobody yet)
        """A mail that was received, and `raw`, the mail with SES's fields on top."""
        self._received.append(about)

    def last_received(self, limit: int) -> list[Mapping[str, Json]]:
        """Newest first."""
        return list(islice(reversed(self._received.copy()), limit))

    def event(self, body: Mapping[str, Json]) -> None:
        """Something that happened to a mail that was sent, as it is told to event destinations."""
        self._events.append(body)
