"""The parts of a mail as bytes, in pieces: texts, files, and what holds several. All of it is 7-bit, in short lines.

A file is read while it is written: besides the mail itself no more than a piece of it is in memory.
"""

import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING
from urllib.parse import quote

from postroom.replies.fields import field

if TYPE_CHECKING:  # an acknowledgement has no files, and its function starts without what they need
    from postroom.replies.files import File

_LINE = 57  # bytes that become one line of 76 characters (RFC 2045 section 6.8)
_GROUP = _LINE * 1024
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._()+-]{0,59}")
_PIECE = 54  # characters of one piece of a long parameter


def text(body: str, subtype: str = "plain") -> Iterator[bytes]:
    """A text in UTF-8. Quoted-printable keeps every line short, whatever stands in it."""
    part = EmailMessage(policy=SMTP)
    part.set_content(_encodable(body), subtype=subtype, cte="quoted-printable")
    del part["MIME-Version"]  # it belongs to the whole (RFC 2045 section 4)
    yield part.as_bytes()


def several(subtype: str, seed: str, *parts: Iterable[bytes]) -> Iterator[bytes]:
    """A multipart. The boundary follows from subtype and seed, so the same mail gives the same bytes; neither
    quoted-printable nor base64 ever has `=_` in it (RFC 2045 section 6.7)."""
    said = f"{subtype} {seed}".encode("utf-8", "replace")
    boundary = f"=_{hashlib.sha256(said).hexdigest()[:32]}"
    kind = (f"multipart/{subtype};", *(('type="text/html";',) if subtype == "related" else ()))  # RFC 2387 3.1
    yield field("Content-Type", *kind, f'boundary="{boundary}"') + b"\r\n"
    for part in parts:
        yield f"--{boundary}\r\n".encode()
        yield from part
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode()


def file(attached: "File") -> Iterator[bytes]:
    """A file in base64, inline where the HTML shows it."""
    disposition = "inline" if attached.content_id else "attachment"
    yield field("Content-Type", attached.type)
    yield field("Content-Transfer-Encoding", "base64")
    yield field("Content-Disposition", f"{disposition};", *_named("filename", attached.safe_name))
    if attached.content_id:
        yield field("Content-ID", f"<{attached.content_id}>")
    yield b"\r\n"
    for group in _groups(attached.pieces()):
        yield _in_lines(group)


def _in_lines(group: bytes) -> bytes:
    lines = (group[at : at + _LINE] for at in range(0, len(group), _LINE))
    return b"".join(binascii.b2a_base64(line, newline=False) + b"\r\n" for line in lines)


def _groups(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in groups that fill whole lines; only the last may be shorter."""
    rest = bytearray()
    for piece in pieces:
        rest += piece
        whole = len(rest) - len(rest) % _GROUP
        for at in range(0, whole, _GROUP):
            yield bytes(rest[at : at + _GROUP])
        del rest[:whole]
    if rest:
        yield bytes(rest)


def _named(name: str, value: str) -> tuple[str, ...]:
    """A parameter. What isn't plain is percent-encoded, in pieces where it is long (RFC 2231 sections 3 and 4)."""
    if _PLAIN_NAME.fullmatch(value):
        return (f'{name}="{value}"',)
    pieces = _cut(quote(value, safe=""))
    if len(pieces) == 1:
        return (f"{name}*=utf-8''{pieces[0]}",)
    first, *others = pieces
    told = [f"{name}*0*=utf-8''{first}", *(f"{name}*{at}*={piece}" for at, piece in enumerate(others, 1))]
    return (*(f"{piece};" for piece in told[:-1]), told[-1])


def _cut(encoded: str) -> list[str]:
    """Pieces that break no `%XX`."""
    pieces, piece = [], ""
    for letter in re.findall(r"%..|.", encoded):
        if len(piece) + len(letter) > _PIECE:
            pieces.append(piece)
            piece = ""
        piece += letter
    return [*pieces, piece]


def _encodable(body: str) -> str:
    """Without lone surrogates, which no encoding takes, and with line ends that the library will turn into CRLF."""
    return body.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
