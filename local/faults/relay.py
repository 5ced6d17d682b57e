"""The proxy: every connection of a client is relayed to the emulator, byte for byte, unless a fault strikes a call."""

import asyncio
import contextlib
import json
import logging
import socket
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from local.faults import answers, control
from local.faults.book import Book
from local.faults.call import Call, recognise
from local.faults.fault import Fault, Kind
from local.faults.http import (
    MAX_HEAD,
    PIECE,
    UNTIL_CLOSED,
    Malformed,
    Nowhere,
    Request,
    Sink,
    copy_body,
    read_request,
    read_response,
)

HELD = 120.0  # seconds at most until a call that gets no answer is let go: SDKs give up after 60
_SMALL = 65_536  # bytes: such a body fits into the buffers of the socket
_GRACE = 0.1  # seconds for the last of a body, where the answer was quicker
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with RST
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class _Line:
    """An open connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def is_open(self) -> bool:
        return not (self.reader.at_eof() or self.writer.is_closing())

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.writer.close()

    def reset(self) -> None:
        """As when the other end's machine went down."""
        with contextlib.suppress(OSError):
            self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.writer.transport.abort()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """`upstream` gets every call but those of the services in `others`."""

    upstream: Address
    others: Mapping[str, Address] = field(default_factory=dict)
    book: Book = field(default_factory=Book)

    def address(self, service: str) -> Address:
        return self.others.get(service, self.upstream)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it."""
        conversation = _Conversation(proxy=self, client=_Line(reader, writer))
        try:
            while await conversation.exchange():
                pass
        except Malformed as error:
            _LOG.warning("%s", error)
            writer.write(answers.response(400, {}, f"{error}\n".encode(), closes=True))
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            # What the client sees is what it would see without us: a connection that ends too early.
            _LOG.info("broken off: %s", error)
            conversation.client.reset()
        except asyncio.CancelledError:  # the proxy ends
            pass
        finally:
            conversation.close()


@dataclass(slots=True, kw_only=True)
class _Conversation:
    """A client's connection, and one to each address that it has called."""

    proxy: Proxy
    client: _Line
    upstreams: dict[Address, _Line] = field(default_factory=dict)

    async def exchange(self) -> bool:
        """One request and its answer. Whether another may follow."""
        request = await read_request(self.client.reader)
        if request is None:
            return False
        if control.is_control(request.path):
            return await self._controlled(request)
        begun = await self._begun(request)
        call = recognise(request, begun)
        fault = self.proxy.book.strike(call)
        if fault is None:
            return await self._forward(request, begun, call, self.client.writer)
        return await self._struck(request, begun, call, fault)

    async def _begun(self, request: Request) -> bytes:
        """The beginning of a form, which names the action; of any other body nothing."""
        if not request.has_form or request.waits or request.length <= 0:
            return b""
        return await self.client.reader.readexactly(min(request.length, _SMALL))

    async def _struck(self, request: Request, begun: bytes, call: Call, fault: Fault) -> bool:
        match fault.kind:
            case Kind.SLOW:
                await asyncio.sleep(fault.milliseconds / 1000)
                return await self._forward(request, begun, call, self.client.writer)
            case Kind.AFTER:
                await self._forward(request, begun, call, Nowhere())
                self.client.reset()
            case Kind.REFUSE:
                self.client.reset()
            case Kind.TIMEOUT:
                await self._hold(request, begun)
            case Kind.THROTTLE | Kind.ERROR500 | Kind.ERROR503 | Kind.DENIED:
                return await self._refuse(request, begun, call, fault.kind)
        return False

    async def _refuse(self, request: Request, begun: bytes, call: Call, kind: Kind) -> bool:
        if not request.waits:
            await self._swallow(request, begun)
        closes = request.closes or request.waits
        self.client.writer.write(answers.refusal(kind, call, request.method, closes))
        await self.client.writer.drain()
        return not closes

    async def _hold(self, request: Request, begun: bytes) -> None:
        """Takes what the client sends, and never answers."""
        if request.waits:
            self.client.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await self._swallow(request, begun)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.client.reader.read(1), HELD)
        self.client.reset()

    async def _swallow(self, request: Request, begun: bytes) -> None:
        await copy_body(self.client.reader, _left(request, begun), Nowhere())

    async def _forward(self, request: Request, begun: bytes, call: Call, sink: Sink) -> bool:
        line = await self._line(self.proxy.address(call.service))
        line.writer.write(request.raw + begun)
        left = _left(request, begun)
        if not request.waits and 0 <= left <= _SMALL:
            await copy_body(self.client.reader, left, line.writer)
            return await self._answer(line, request, sink)
        if isinstance(sink, Nowhere) and request.waits:  # it would wait for what nobody passes on
            self.client.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return await self._both_ways(line, request, left, sink)

    async def _both_ways(self, line: _Line, request: Request, left: int, sink: Sink) -> bool:
        """The answer may come before the body has gone: a refusal, or `100 Continue`."""
        sending = asyncio.create_task(copy_body(self.client.reader, left, line.writer))
        answering = asyncio.create_task(self._answer(line, request, sink))
        try:
            await asyncio.wait({sending, answering}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done() and (not self.client.is_open or isinstance(sending.exception(), Malformed)):
                sending.result()  # who went away in the middle of a body, or sends none, gets no answer to it
            goes_on = await answering
            await asyncio.wait({sending}, timeout=_GRACE)
            return goes_on and sending.done() and not sending.exception()
        finally:
            for task in (sending, answering):
                task.cancel()
            await asyncio.gather(sending, answering, return_exceptions=True)

    async def _answer(self, line: _Line, request: Request, sink: Sink) -> bool:
        """Relays the answer. Whether both connections stay open after it."""
        while (response := await read_response(line.reader)).is_interim:
            sink.write(response.raw)
        sink.write(response.raw)
        length = response.length(request.method)
        await copy_body(line.reader, length, sink)
        await sink.drain()
        return not (request.closes or response.closes or length == UNTIL_CLOSED)

    async def _line(self, address: Address) -> _Line:
        """Kept as long as the client keeps its own, so that each call finds what it would find without us."""
        known = self.upstreams.get(address)
        if known and known.is_open:
            return known
        if known:
            known.close()
        line = _Line(*await asyncio.open_connection(address.host, address.port, limit=PIECE))
        self.upstreams[address] = line
        return line

    async def _controlled(self, request: Request) -> bool:
        body = b""
        if request.length:
            if not 0 < request.length <= control.MAX_BODY:
                raise Malformed(f"a body of at most {control.MAX_BODY} bytes, with its Content-Length")
            if request.waits:
                self.client.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = await self.client.reader.readexactly(request.length)
        content_type = request.headers.get("content-type", "")
        told = control.answer(self.proxy.book, request.method, request.path, content_type, body)
        text = b"" if told.body is None else json.dumps(told.body).encode() + b"\n"
        headers = {"Content-Type": "application/json"}
        self.client.writer.write(answers.response(told.status, headers, text, request.closes))
        await self.client.writer.drain()
        return not request.closes

    def close(self) -> None:
        for line in (self.client, *self.upstreams.values()):
            line.close()


def _left(request: Request, begun: bytes) -> int:
    return request.length - len(begun) if request.length > 0 else request.length


@asynccontextmanager
async def listening(proxy: Proxy, host: str, port: int) -> AsyncIterator[int]:
    """The number of the port that it listens on, for as long as the block; OSError where it is taken."""
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(proxy.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, host, port, limit=max(PIECE, MAX_HEAD), backlog=512)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
