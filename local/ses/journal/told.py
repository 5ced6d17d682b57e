"""The events that were published, the last of them: in memory to be listed, in `events.jsonl` to be found again."""

import contextlib
import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from threading import Lock

from local.ses.values import Json

REMEMBERED = 1000
MAX_EVENT_BYTES = 32 * 1024  # a longer one is kept without its headers, and one that is longer still without its body
MAX_FILE_BYTES = 16 * 1024 * 1024  # then the file becomes events.old.jsonl, and a new one begins


@dataclass(frozen=True, slots=True)
class _Kept:
    number: int
    message_id: str
    body: bytes


class Told:
    """Safe to use from many threads."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file, self._old = folder / "events.jsonl", folder / "events.old.jsonl"
        self._lock = Lock()
        self._last: deque[_Kept] = deque(maxlen=REMEMBERED)
        self._next = 1
        for line in chain(_lines(self._old), _lines(self._file)):
            self._remember(line)
        _end_line(self._file)

    def add(self, event: Mapping[str, Json]) -> Mapping[str, Json]:
        """Keeps an event, and gives its row. Raises OSError where the disk fails; the event is listed all the same."""
        line = _bounded(event)
        with self._lock:
            kept = self._remember(line)
            if self._file.exists() and self._file.stat().st_size + len(line) > MAX_FILE_BYTES:
                self._file.replace(self._old)
            with self._file.open("ab") as file:
                file.write(line + b"\n")
        return row(kept.number, json.loads(line))

    def rows(self, limit: int, message_id: str | None = None) -> list[Json]:
        """Newest first: all, or those about one sent mail."""
        with self._lock:
            newest_first = list(reversed(self._last))
        wanted = (one for one in newest_first if message_id is None or one.message_id == message_id)
        return [row(one.number, json.loads(one.body)) for one in islice(wanted, limit)]

    def body(self, number: int) -> Json:
        """The event as it was published, or None where it is not remembered."""
        with self._lock:
            return next((json.loads(one.body) for one in self._last if one.number == number), None)

    def _remember(self, line: bytes) -> _Kept:
        mail = _object(json.loads(line), "mail")
        kept = _Kept(self._next, _text(mail, "messageId"), line)
        self._last.append(kept)
        self._next += 1
        return kept


def _lines(file: Path) -> Iterator[bytes]:
    """The events of a file; what a crash left half is passed over."""
    with contextlib.suppress(OSError), file.open("rb") as lines:
        for line in lines:
            with contextlib.suppress(ValueError):
                if len(line) <= MAX_EVENT_BYTES + 1 and isinstance(json.loads(line), dict):
                    yield line.rstrip(b"\n")


def _end_line(file: Path) -> None:
    """After a line that a crash left half, the next begins a new one. A file that can't be written is told of later."""
    with contextlib.suppress(OSError):
        if file.exists() and not file.read_bytes().endswith(b"\n"):
            with file.open("ab") as half:
                half.write(b"\n")


def _bounded(event: Mapping[str, Json]) -> bytes:
    line = _line(event)
    if len(line) > MAX_EVENT_BYTES:
        mail = {name: value for name, value in _object(event, "mail").items() if name != "headers"}
        line = _line({**event, "mail": mail})
    if len(line) > MAX_EVENT_BYTES:
        mail = {"messageId": _text(_object(event, "mail"), "messageId")[:200]}
        line = _line({"eventType": kind(event)[:100], "mail": mail})
    return line


def _line(event: Mapping[str, Json]) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")


def _object(value: Json, name: str) -> Mapping[str, Json]:
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _text(value: Mapping[str, Json], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def kind(event: Mapping[str, Json]) -> str:
    """Bounce, Delivery, ...: `eventType` of event publishing, `notificationType` of an identity's notifications."""
    return _text(event, "eventType") or _text(event, "notificationType")


# Where each type keeps what it says, and whom it is about ("Contents of event data that Amazon SES publishes").
_DETAILS = {
    "Bounce": ("bounce", "bouncedRecipients", ("bounceType", "bounceSubType")),
    "Complaint": ("complaint", "complainedRecipients", ("complaintFeedbackType",)),
    "Delivery": ("delivery", "recipients", ("smtpResponse",)),
    "DeliveryDelay": ("deliveryDelay", "delayedRecipients", ("delayType",)),
    "Reject": ("reject", "", ("reason",)),
    "Click": ("click", "", ("link",)),
    "Open": ("open", "", ("userAgent",)),
    "Rendering Failure": ("failure", "", ("errorMessage",)),
    "Subscription": ("subscription", "", ("contactList",)),
}


def row(number: int, event: Mapping[str, Json]) -> Mapping[str, Json]:
    """What a list shows of an event."""
    mail = _object(event, "mail")
    name, recipients, said = _DETAILS.get(kind(event), ("send", "", ()))
    detail = _object(event, name)
    common = _object(mail, "commonHeaders")
    return {
        "number": number,
        "type": kind(event),
        "timestamp": _text(detail, "timestamp") or _text(mail, "timestamp"),
        "mail": _text(mail, "messageId"),
        "subject": _text(common, "subject")[:300],
        "recipients": _addresses(detail.get(recipients) or mail.get("destination")),
        "said": " · ".join(_text(detail, one)[:300] for one in said if _text(detail, one)),
    }


def _addresses(found: Json) -> list[Json]:
    members = found[:50] if isinstance(found, list) else []
    return [_text(one, "emailAddress") if isinstance(one, Mapping) else str(one) for one in members]
