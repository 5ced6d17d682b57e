"""The DNS that a developer writes: one small file, in the form of RFC 1035 section 5. No lookup leaves the machine.

    ; who may send for example.org, and with which keys
    example.org.                  TXT  "v=spf1 ip4:192.0.2.1 include:mailer.example -all"
    mailer.example.               TXT  "v=spf1 ip4:198.51.100.0/24 -all"
    s1._domainkey.example.org.    TXT  "v=DKIM1; k=rsa; p=MIIBIjANBgkqh..."
    _dmarc.example.org.           TXT  "v=DMARC1; p=reject; sp=quarantine; adkim=s"
    mx.example.org.               A    192.0.2.1
    1.2.0.192.in-addr.arpa.       PTR  mx.example.org.
    slow.example.org.             CNAME  timeout.invalid.

Any number of domains in one file; every name is a full one, with or without a dot at its end. There is no need for a
TTL, a class or an SOA; a text of more than 255 characters is split by itself. A name that is an alias of
`timeout.invalid` or of `servfail.invalid` can't be looked up: whoever asks for it gets a `DnsFault`.
"""

import contextlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final, TypeAlias

import dns.exception
import dns.name
import dns.rdata
import dns.rdatatype
import dns.zone
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.PTR import PTR
from dns.rdtypes.ANY.TXT import TXT
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA

log = logging.getLogger(__name__)

EXAMPLE: Final = 'example.org. TXT "v=spf1 ip4:192.0.2.1 -all"'
FAULTS: Final = {"timeout.invalid": "no answer in time", "servfail.invalid": "SERVFAIL"}

_State: TypeAlias = tuple[tuple[int, int], ...]  # time of change and size of each file that was there
Answer: TypeAlias = str | tuple[int, str] | tuple[bytes, ...]

_MAX_ALIASES = 10
_MAX_FILE_BYTES = 4 * 1024 * 1024
_QUOTED = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_CHARACTER = re.compile(r"\\\d{3}|\\.|[^\\]")
_PIECE = 255  # RFC 1035 section 3.3: the longest character string
_LINE_NUMBER = re.compile(r"^[^:]{0,200}:\d+: ")
_MAX_TRIES = 500


class ZoneError(Exception):
    """The file can't be used. The text names the file, the line, and what is wrong."""


class DnsFault(Exception):
    """A name that can't be looked up just now; RFC 7208 section 2.6.6 calls it temperror."""


@dataclass(frozen=True, slots=True)
class Zone:
    """Every record that there is."""

    records: dns.zone.Zone

    def find(self, name: str, kind: str) -> list[Answer]:
        """What a name has of a kind: A, AAAA, PTR (names or addresses), MX (preference and name), TXT (its strings).

        Aliases are followed. No records, and no such name, are an empty list. Raises DnsFault.
        """
        for _ in range(_MAX_ALIASES):
            if (fault := FAULTS.get(name.lower().rstrip("."))) is not None:
                raise DnsFault(fault)
            if (alias := self._alias(name)) is None or kind == "CNAME":
                return [answer for record in self._of(name, kind) if (answer := _answer(record)) is not None]
            name = alias
        raise DnsFault(f"more than {_MAX_ALIASES} aliases, one of the other")

    def texts(self, name: str) -> list[bytes]:
        """The TXT records of a name, each in one piece. Raises DnsFault."""
        strings = ([piece for piece in answer if isinstance(piece, bytes)] for answer in self.find(name, "TXT"))
        return [b"".join(pieces) for pieces in strings]

    def _alias(self, name: str) -> str | None:
        return next((str(_answer(record)) for record in self._of(name, "CNAME")), None)

    def _of(self, name: str, kind: str) -> list[dns.rdata.Rdata]:
        try:
            wanted = dns.name.from_text(name.rstrip(".") + ".")
            found = self.records.get_rdataset(wanted, dns.rdatatype.from_text(kind))
        except (dns.exception.DNSException, UnicodeError):
            return []  # what isn't a name has no records
        return list(found) if found is not None else []


def _answer(record: dns.rdata.Rdata) -> Answer | None:
    match record:
        case A() | AAAA():
            return str(record.address)
        case CNAME() | PTR():
            return str(record.target.to_text(omit_final_dot=True))
        case MX():
            return int(record.preference), str(record.exchange.to_text(omit_final_dot=True))
        case TXT():
            return tuple(bytes(piece) for piece in record.strings)
        case _:
            return None


def parse(text: str, name: str) -> Zone:
    """The zone that a text is. `name` is what errors call it. Raises ZoneError."""
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if line.lstrip().upper().startswith("$INCLUDE"):
            raise ZoneError(f"{name}, line {number}: $INCLUDE is not read here; write the records into this file.")
    try:
        return Zone(_records(lines))
    except (dns.exception.DNSException, ValueError, KeyError) as error:
        what = _LINE_NUMBER.sub("", str(error)).rstrip(".")
        raise ZoneError(f"{name}{_where(lines)}: {what}. A line is: NAME TYPE VALUE, such as: {EXAMPLE}") from error


def _records(lines: Sequence[str]) -> dns.zone.Zone:
    split = _QUOTED.sub(lambda quoted: _pieces(quoted.group(1)), "\n".join(lines))
    return dns.zone.from_text(f"$TTL 300\n{split}\n", origin=".", relativize=False, check_origin=False)


def _where(lines: Sequence[str]) -> str:
    """`, line 3`: where the record stands that spoils the rest. dnspython's own numbers are of the line after it."""
    for good in range(len(lines) - 1, max(-1, len(lines) - _MAX_TRIES), -1):
        with contextlib.suppress(dns.exception.DNSException, ValueError, KeyError):
            _records(lines[:good])
            return f", line {good + 1}"
    return ""


def _pieces(text: str) -> str:
    characters = _CHARACTER.findall(text)
    starts = range(0, max(len(characters), 1), _PIECE)
    return " ".join(f'"{"".join(characters[start : start + _PIECE])}"' for start in starts)


@dataclass(slots=True)
class ZoneFile:
    """The zone of a file, read again when the file changes. Safe to call from many threads.

    `beside` is a file that a program writes, and adds its records; it need not be there.
    """

    path: Path
    beside: Path | None = None
    _zone: Zone = field(init=False)
    _read: _State = field(init=False)  # of what was read last
    _lock: Lock = field(init=False, default_factory=Lock)

    def __post_init__(self) -> None:
        """Raises ZoneError."""
        self._read = self._state()
        self._zone = self._load()

    def zone(self) -> Zone:
        """As the file is now; where that can't be used, as it was before, with a warning."""
        with self._lock:
            try:
                if (state := self._state()) != self._read:
                    self._read = state
                    self._zone = self._load()
            except ZoneError as error:
                log.warning("the zone stays as it was before the change: %s", error)
        return self._zone

    def _state(self) -> _State:
        try:
            found = _of_file(self.path)
        except OSError as error:
            raise ZoneError(
                f"{self.path} can't be read: {error.strerror}. --zone wants a file of DNS records."
            ) from error
        with contextlib.suppress(OSError):
            return (found, _of_file(self.beside)) if self.beside is not None else (found,)
        return (found,)

    def _load(self) -> Zone:
        size = self._read[0][1]
        if size > _MAX_FILE_BYTES:
            raise ZoneError(f"{self.path} has {size} bytes; a zone has {_MAX_FILE_BYTES} at most.")
        try:
            text = self.path.read_text("utf-8")
            more = self.beside.read_text("utf-8") if self.beside is not None and len(self._read) > 1 else ""
        except (OSError, UnicodeDecodeError) as error:
            raise ZoneError(f"{self.path} can't be read as UTF-8: {error}.") from error
        zone = parse(text, str(self.path))
        return parse(f"{text}\n{more}", f"{self.path} with {self.beside}") if more else zone


def _of_file(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size
