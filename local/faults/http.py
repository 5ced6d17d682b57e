"""HTTP/1.1 as far as a relay needs it: heads that are passed on as they came, and where a body ends (RFC 9112)."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

MAX_HEAD = 65_536  # bytes
PIECE = 262_144  # bytes of a body that are held at once
_MAX_LINE = 1_024  # of a chunk's size, or of a trailer
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")  # RFC 9110 section 5.6.2
_LOOSE = re.compile(rb"[\0]|\r(?!\n)|(?<!\r)\n")  # what ends a line for some servers, and for others doesn't
_FRAMING = ("content-length", "transfer-encoding")
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}")
_NO_BODY = frozenset({204, 304})
CHUNKED, UNTIL_CLOSED = -1, -2


class Malformed(Exception):
    """The peer doesn't speak HTTP/1.1."""


class Sink(Protocol):
    """Where a body goes: a StreamWriter, or Nowhere."""

    def write(self, data: bytes) -> None: ...

    async def drain(self) -> None: ...


class Nowhere:
    def write(self, data: bytes) -> None: ...

    async def drain(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`raw` is the whole head, as it came. The names of headers are in lower case. `path` is still quoted."""

    raw: bytes
    method: str
    path: str
    query: str
    version: str
    headers: Mapping[str, str]

    @property
    def length(self) -> int:
        """Of the body in bytes, or CHUNKED."""
        return _length(self.headers, 0)

    @property
    def waits(self) -> bool:
        """Whether the client sends its body only after `100 Continue`."""
        return self.headers.get("expect", "").lower() == "100-continue"

    @property
    def has_form(self) -> bool:
        return self.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded")

    @property
    def closes(self) -> bool:
        return _closes(self.version, self.headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    raw: bytes
    status: int
    version: str
    headers: Mapping[str, str]

    @property
    def is_interim(self) -> bool:
        return 100 <= self.status < 200

    def length(self, method: str) -> int:
        """Of the body in bytes, or CHUNKED, or UNTIL_CLOSED."""
        if method == "HEAD" or self.status in _NO_BODY:
            return 0
        return _length(self.headers, UNTIL_CLOSED)

    @property
    def closes(self) -> bool:
        return _closes(self.version, self.headers)


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """None where the client has nothing more to ask; Malformed."""
    raw = await _head(reader)
    if not raw:
        return None
    start, headers = _parsed(raw)
    words = start.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Malformed("no request line of HTTP/1.1")
    path, _, query = words[1].partition("?")
    return Request(raw=raw, method=words[0], path=path, query=query, version=words[2], headers=headers)


async def read_response(reader: asyncio.StreamReader) -> Response:
    """Malformed, ConnectionError."""
    raw = await _head(reader)
    if not raw:
        raise ConnectionResetError("the connection was closed before an answer")
    start, headers = _parsed(raw)
    version, _, rest = start.partition(" ")
    if not version.startswith("HTTP/1.") or not rest[:3].isdecimal():
        raise Malformed("no status line of HTTP/1.1")
    return Response(raw=raw, status=int(rest[:3]), version=version, headers=headers)


async def copy_body(reader: asyncio.StreamReader, length: int, sink: Sink) -> None:
    """Piece by piece, as it came. Malformed, or IncompleteReadError where it ends too early."""
    if length == CHUNKED:
        await _copy_chunks(reader, sink)
    elif length == UNTIL_CLOSED:
        while piece := await reader.read(PIECE):
            sink.write(piece)
            await sink.drain()
    else:
        await _copy_bytes(reader, length, sink)


async def _copy_bytes(reader: asyncio.StreamReader, count: int, sink: Sink) -> None:
    while count:
        piece = await reader.read(min(count, PIECE))
        if not piece:
            raise asyncio.IncompleteReadError(b"", count)
        sink.write(piece)
        await sink.drain()
        count -= len(piece)


async def _copy_chunks(reader: asyncio.StreamReader, sink: Sink) -> None:
    """RFC 9112 section 7.1, with the trailers."""
    while size := await _size_of_chunk(reader, sink):
        await _copy_bytes(reader, size, sink)
        if await reader.readexactly(2) != b"\r\n":
            raise Malformed("a chunk that is longer than it says")
        sink.write(b"\r\n")
    for _ in range(100):
        line = await _line(reader)
        sink.write(line)
        if line == b"\r\n":
            return await sink.drain()
    raise Malformed("more than 100 trailers")


async def _size_of_chunk(reader: asyncio.StreamReader, sink: Sink) -> int:
    line = await _line(reader)
    sink.write(line)
    size = line.partition(b";")[0].strip()
    if not _SIZE.fullmatch(size):
        raise Malformed("a chunk without its size")
    return int(size, 16)


async def _line(reader: asyncio.StreamReader) -> bytes:
    line = await reader.readuntil(b"\r\n")
    if len(line) > _MAX_LINE or _LOOSE.search(line):
        raise Malformed("a line of a chunked body is too long, or has half a line end in it")
    return line


async def _head(reader: asyncio.StreamReader) -> bytes:
    """A head with its empty line; nothing where the peer closed between two."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise ConnectionResetError("the connection was closed within a head") from error
        return b""
    except asyncio.LimitOverrunError as error:
        raise Malformed(f"a head of more than {MAX_HEAD} bytes") from error
    if len(raw) > MAX_HEAD:
        raise Malformed(f"a head of more than {MAX_HEAD} bytes")
    return raw


def _parsed(raw: bytes) -> tuple[str, Mapping[str, str]]:
    """Strict, since the server behind must see the same: else one request here is two there (request smuggling)."""
    if _LOOSE.search(raw):
        raise Malformed("a head with a NUL, or with half a line end")
    start, *lines = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not _TOKEN.fullmatch(name):
            raise Malformed("a header without a colon, or with a name that is none")
        name, value = name.lower(), value.strip()
        if name in _FRAMING and headers.get(name, value) != value:
            raise Malformed(f"two different fields {name}")
        headers[name] = value
    if all(name in headers for name in _FRAMING):  # RFC 9112 section 6.3: it "ought to be handled as an error"
        raise Malformed("Content-Length and Transfer-Encoding at once")
    return start, headers


def _length(headers: Mapping[str, str], otherwise: int) -> int:
    coding = headers.get("transfer-encoding", "").lower()
    if coding and coding != "chunked":
        raise Malformed(f"the transfer coding {coding[:40]!r}: chunked is the only one here")
    if coding:
        return CHUNKED
    stated = headers.get("content-length", "")
    if not stated:
        return otherwise
    if not (stated.isascii() and stated.isdecimal() and len(stated) < 16):
        raise Malformed("a Content-Length that is no number")
    return int(stated)


def _closes(version: str, headers: Mapping[str, str]) -> bool:
    connection = headers.get("connection", "").lower()
    return "close" in connection or (version == "HTTP/1.0" and "keep-alive" not in connection)
