"""Mails on disk: `<id>.eml` is the mail, `<id>.json` what is known of it.

Both are written whole or not at all; the .json comes last, so that what is listed can be read.
"""

import contextlib
import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Lock

from local.ses import file
from local.ses.journal import search
from local.ses.values import Json

GIGABYTE = 1024**3

_ID = re.compile(r"[A-Za-z0-9-]{1,200}\Z")  # ids name files: nothing else is written or looked up


@dataclass(frozen=True, slots=True)
class _Entry:
    """What memory keeps of a mail. The names are digests: 8 bytes, however long a stranger's Message-ID is."""

    size: int  # bytes on disk
    own: bytes  # of its Message-ID
    answers: bytes  # of the Message-ID that it answers


class Shelf:
    """At most `keep` mails and `keep_bytes` bytes; the oldest go. Safe to use from many threads."""

    def __init__(self, folder: Path, keep: int, keep_bytes: int = GIGABYTE) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._keep, self._keep_bytes = folder, keep, keep_bytes
        self._lock = Lock()
        self._entries: OrderedDict[str, _Entry] = OrderedDict()  # oldest first
        self._bytes = 0
        self._find_again()

    def write(self, mail_id: str, raw: bytes, about: Mapping[str, Json]) -> None:
        """Raises OSError where the disk doesn't take it; then nothing of it is there."""
        if not _ID.match(mail_id):
            raise ValueError(f"{mail_id[:40]!r} is no id: letters, digits and hyphens only")
        told = json.dumps(about, indent=1, ensure_ascii=False).encode("utf-8", "replace")
        mail, note = self._paths(mail_id)
        file.write(mail, raw)
        try:
            file.write(note, told)
        except OSError:
            mail.unlink(missing_ok=True)
            raise
        self._add(mail_id, _entry(about, len(raw) + len(told)))
        self._shed()

    def __contains__(self, mail_id: str) -> bool:
        return mail_id in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def abouts(self) -> Iterator[Mapping[str, Json]]:
        """What is known of the mails, newest first, read as far as it is asked for."""
        with self._lock:
            newest_first = list(reversed(self._entries))
        for mail_id in newest_first:
            if (about := self.about(mail_id)) is not None:
                yield about

    def listing(self, limit: int, looked_for: str = "") -> list[Json]:
        """What is known of the last mails, newest first; of those that have all these words."""
        wanted = search.words(looked_for)
        return list(islice((about for about in self.abouts() if search.has(about, wanted)), limit))

    def about(self, mail_id: str) -> Mapping[str, Json] | None:
        """What was written with the mail, or None where there is none of this id."""
        if mail_id not in self:
            return None
        with contextlib.suppress(OSError, ValueError):  # it went in this moment
            about = json.loads(self._paths(mail_id)[1].read_bytes())
            return about if isinstance(about, dict) else None
        return None

    def raw(self, mail_id: str) -> bytes | None:
        """The mail, or None where there is none of this id."""
        if mail_id not in self:
            return None
        with contextlib.suppress(OSError):
            return self._paths(mail_id)[0].read_bytes()
        return None

    def named(self, message_id: str) -> list[str]:
        """The mails with this Message-ID, oldest first."""
        wanted = _digest(message_id)
        return [mail_id for mail_id, entry in self._all() if wanted and entry.own == wanted]

    def answering(self, message_id: str) -> list[str]:
        """The mails that are answers to this Message-ID, oldest first."""
        wanted = _digest(message_id)
        return [mail_id for mail_id, entry in self._all() if wanted and entry.answers == wanted]

    def _all(self) -> list[tuple[str, _Entry]]:
        with self._lock:
            return list(self._entries.items())

    def _paths(self, mail_id: str) -> tuple[Path, Path]:
        return self._folder / f"{mail_id}.eml", self._folder / f"{mail_id}.json"

    def _add(self, mail_id: str, entry: _Entry) -> None:
        with self._lock:
            before = self._entries.pop(mail_id, None)
            self._entries[mail_id] = entry
            self._bytes += entry.size - (before.size if before else 0)

    def _shed(self) -> None:
        """Lets the oldest go until there is room; the newest stays, however large it is."""
        gone: list[str] = []
        with self._lock:
            while len(self._entries) > 1 and (len(self._entries) > self._keep or self._bytes > self._keep_bytes):
                mail_id, entry = self._entries.popitem(last=False)
                self._bytes -= entry.size
                gone.append(mail_id)
        for mail_id in gone:
            for path in reversed(self._paths(mail_id)):
                path.unlink(missing_ok=True)

    def _find_again(self) -> None:
        """What an earlier run left: whole mails are kept, in the order of their writing; halves are cleared away."""
        found = {path.name: path.stat() for path in self._folder.iterdir() if path.is_file()}
        for name in found:
            whole = {f"{Path(name).stem}.eml", f"{Path(name).stem}.json"} <= found.keys()
            half = name.endswith((".eml", ".json")) and not whole and _ID.match(Path(name).stem)
            if half or file.is_half_written(Path(name)):
                (self._folder / name).unlink(missing_ok=True)
        ids = [name[:-5] for name in found if name.endswith(".json") and f"{name[:-5]}.eml" in found]
        for mail_id in sorted(ids, key=lambda one: (found[f"{one}.json"].st_mtime_ns, one)):
            with contextlib.suppress(OSError, ValueError):
                about = json.loads((self._folder / f"{mail_id}.json").read_bytes())
                about = about if isinstance(about, dict) else {}
                size = found[f"{mail_id}.json"].st_size + found[f"{mail_id}.eml"].st_size
                self._add(mail_id, _entry(about, size))
        self._shed()


def _entry(about: Mapping[str, Json], size: int) -> _Entry:
    names = (about.get("message_id"), about.get("in_reply_to"))
    own, answers = (_digest(name) if isinstance(name, str) else b"" for name in names)
    return _Entry(size, own, answers)


def _digest(message_id: str) -> bytes:
    name = message_id.strip().encode("utf-8", "replace")
    return hashlib.blake2b(name, digest_size=8).digest() if name else b""
