"""The proxy in a thread, before an emulator that notes what comes to it and answers all with the same."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local.faults.book import Book
from local.faults.http import copy_body, read_request
from local.faults.relay import Address, Proxy, listening
from local.faults.wish import read

HOST = "127.0.0.1"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@dataclass(slots=True)
class Bytes:
    """What was written, and no more than its end is kept of what is long."""

    length: int = 0
    data: bytearray = field(default_factory=bytearray)

    def write(self, data: bytes) -> None:
        self.length += len(data)
        self.data = (self.data + data)[-100_000:]

    async def drain(self) -> None: ...


@dataclass(slots=True)
class Emulator:
    """`heads` and `bodies` of every request; `answer` is what each of them gets, `connections` who ever connected."""

    answer: bytes = OK
    early: bytes = b""  # an answer that comes before the body is read
    heads: list[bytes] = field(default_factory=list)
    bodies: list[Bytes] = field(default_factory=list)
    connections: int = 0
    broken_off: int = 0  # connections that ended in the middle of a request

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while request := await read_request(reader):
                self.heads.append(request.raw)
                if self.early:
                    writer.write(self.early)
                    break
                if request.waits:
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                body = Bytes()
                await copy_body(reader, request.length, body)
                self.bodies.append(body)
                writer.write(self.answer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            self.broken_off += 1
        except asyncio.CancelledError:
            pass
        finally:
            writer.close()


@dataclass(slots=True, kw_only=True)
class Running:
    """The proxy, what stands behind it, and boto3 to talk to it. `ses` is where calls of SES go."""

    emulator: Emulator
    ses: Emulator
    book: Book
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def fault(self, **wish: object) -> int:
        """The id of a new fault."""
        return self.book.add(read(wish)).id

    def hits(self) -> int:
        return sum(fault.hits for fault in self.book.faults)

    def client(self, service: Any, attempts: int = 1, read_timeout: float = 5, **more: Any) -> Any:
        config = Config(
            retries={"mode": "standard", "total_max_attempts": attempts},
            read_timeout=read_timeout,
            **more,
        )
        session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
        return session.client(service, endpoint_url=self.url, config=config)


class _Thread(threading.Thread):
    def __init__(self, running: Running) -> None:
        super().__init__(daemon=True)
        self._running, self._loop = running, asyncio.new_event_loop()
        self._ended, self._up = asyncio.Event(), threading.Event()

    def run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        running = self._running
        async with AsyncExitStack() as stack:
            addresses = []
            for emulator in (running.emulator, running.ses):
                server = await asyncio.start_server(emulator.serve, HOST, 0)
                stack.callback(server.close)
                addresses.append(Address(host=HOST, port=server.sockets[0].getsockname()[1]))
            proxy = Proxy(upstream=addresses[0], others={"ses": addresses[1]}, book=running.book)
            running.port = await stack.enter_async_context(listening(proxy, HOST, 0))
            self._up.set()
            await self._ended.wait()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def __enter__(self) -> "_Thread":
        self.start()
        assert self._up.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self.join(10)


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setenv("AWS_SDK_UA_APP_ID", "parse")
    running = Running(emulator=Emulator(), ses=Emulator(), book=Book())
    with _Thread(running):
        yield running
