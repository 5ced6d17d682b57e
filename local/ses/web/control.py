"""What SES itself doesn't have: looking at what was received, sent and told. `/_local/...`, on the port of the APIs."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from local.ses.journal import Journal
from local.ses.values import whole_number

MAX_LISTED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    journal: Journal
    ports: Mapping[str, int]

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_local/health", self._health),
            web.get("/_local/outbox", self._outbox),
            web.get("/_local/received", self._received),
            web.get("/_local/told", self._told),
            web.get("/_local/told/{number}", self._event),
        ]

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", **self.ports})

    async def _outbox(self, request: web.Request) -> web.Response:
        asked = (_limit(request), request.query.get("q", ""))
        return web.json_response(await asyncio.to_thread(self.journal.outbox.listing, *asked))

    async def _received(self, request: web.Request) -> web.Response:
        asked = (_limit(request), request.query.get("q", ""))
        return web.json_response(await asyncio.to_thread(self.journal.inbox.listing, *asked))

    async def _told(self, request: web.Request) -> web.Response:
        about = request.query.get("mail")
        return web.json_response(await asyncio.to_thread(self.journal.told.rows, _limit(request), about))

    async def _event(self, request: web.Request) -> web.Response:
        number = whole_number(request.match_info["number"], 9)
        event = None if number is None else self.journal.told.body(number)
        if event is None:
            return web.json_response({"error": "no event of this number is remembered"}, status=404)
        return web.json_response(event)


def _limit(request: web.Request) -> int:
    asked = whole_number(request.query.get("limit", ""), 9)
    return 100 if asked is None else min(asked, MAX_LISTED)
