"""What SES itself doesn't have: looking at what was sent and received. `/_local/...`, on the port of the APIs."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from local.ses.journal import Journal

MAX_LISTED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    journal: Journal
    ports: Mapping[str, int]

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_local/health", self._health),
            web.get("/_local/outbox", self._outbox),
            web.get("/_local/outbox/{id}", self._mail),
            web.get("/_local/received", self._received),
        ]

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", **self.ports})

    async def _outbox(self, request: web.Request) -> web.Response:
        return web.json_response(self.journal.outbox.listing(_limit(request)))

    async def _mail(self, request: web.Request) -> web.Response:
        raw = self.journal.outbox.raw(request.match_info["id"])
        if raw is None:
            return web.json_response({"error": "no mail of this id was sent from here"}, status=404)
        return web.Response(body=raw, content_type="message/rfc822")

    async def _received(self, request: web.Request) -> web.Response:
        return web.json_response(self.journal.last_received(_limit(request)))


def _limit(request: web.Request) -> int:
    asked = request.query.get("limit", "100")
    return min(int(asked), MAX_LISTED) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 100
