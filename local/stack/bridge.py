"""A door to the stack on another address of this machine, for containers: on Linux they reach the Docker bridge only.

Everything else listens on 127.0.0.1. What comes in at `<address>:<port>` goes to `127.0.0.1:<port>`, byte for byte.
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from local.stack.errors import PortTaken
from local.stack.ports import HOST

_PIECE = 65_536  # bytes


@contextmanager
def opened(address: str, numbers: Sequence[int]) -> Iterator[None]:
    """Forwards these ports for as long as the block; PortTaken where the address can't be listened on."""
    loop = asyncio.new_event_loop()
    try:
        servers = [loop.run_until_complete(_listen(address, number)) for number in numbers]
    except OSError as error:
        loop.close()
        raise PortTaken(
            f"the stack can't be reached at {address}: {error}. Is it an address of this machine?"
        ) from error
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        for server in servers:
            loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=2)


async def _listen(address: str, number: int) -> asyncio.Server:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection(HOST, number)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))

    return await asyncio.start_server(connected, address, number)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One direction, until either side has ended."""
    with contextlib.suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()
