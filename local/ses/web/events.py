"""`/_local/events`: how events are to arrive, and how many did. For those who look, and for those who break things.

GET  {"duplicates": 0, "shuffled": false, "late_seconds": 0.0, "published": 12, "retried": 0, "lost": 0}
PUT  {"duplicates": 1, "shuffled": true, "late_seconds": 2}     what is left out is off
"""

from dataclasses import dataclass

from aiohttp import web

from local.ses.feedback.disorder import Disorder
from local.ses.feedback.publish import Publisher
from local.ses.refused import Refused
from local.ses.values import read_json


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsControl:
    publisher: Publisher

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/_local/events", self._show), web.put("/_local/events", self._set)]

    async def _show(self, _request: web.Request) -> web.Response:
        counted = {name: self.publisher.counted[name] for name in ("published", "retried", "lost")}
        return web.json_response({**self.publisher.disorder.json(), **counted})

    async def _set(self, request: web.Request) -> web.Response:
        try:
            self.publisher.disorder = Disorder.of(read_json(await request.read()))
        except Refused as error:
            return web.json_response({"error": str(error)}, status=error.status)
        except ValueError:
            return web.json_response({"error": "The request is not JSON."}, status=400)
        return await self._show(request)
