"""The live page's other end: every change of the journal, as Server-Sent Events (HTML standard, section 9.2)."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import web

from local.ses.journal.changes import Change, Changes, TooMany

QUIET = 15.0  # seconds after which a comment shows that the connection lives
_SLOW = 10.0  # seconds that a client may take for one change


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    changes: Changes

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/_local/stream", self._stream)]

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        try:
            async with self.changes.watch() as changes:
                response = web.StreamResponse(
                    headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
                )
                response.content_type = "text/event-stream"
                await response.prepare(request)
                await _tell(response, changes)
                return response
        except TooMany as error:
            return web.json_response({"error": str(error)}, status=503)


async def _tell(response: web.StreamResponse, changes: AsyncIterator[Change]) -> None:
    """Until there are no more changes, or the client is gone or too slow."""
    coming = asyncio.ensure_future(anext(changes, None))
    try:
        await response.write(b": here\n\n")
        while True:
            done, _ = await asyncio.wait({coming}, timeout=QUIET)
            line = b": quiet\n\n"
            if done:
                change = coming.result()
                if change is None:
                    return
                line, coming = _event(change), asyncio.ensure_future(anext(changes, None))
            await asyncio.wait_for(response.write(line), _SLOW)
    except (ConnectionError, TimeoutError):
        return
    finally:
        coming.cancel()


def _event(change: Change) -> bytes:
    """JSON has no raw line ends: the data is one line, whatever a mail says."""
    return f"event: {change.kind}\ndata: {json.dumps(change.row)}\n\n".encode()
