"""The page, for people who would rather look: its few files, and everything else that it needs, put into the server."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from local.ses.host import reachable
from local.ses.journal import Journal
from local.ses.web.compose import Compose
from local.ses.web.control import Control
from local.ses.web.guard import guard
from local.ses.web.mail import Mail
from local.ses.web.stream import Stream

STATIC = Path(__file__).parent / "static"
FILES = {
    "index.html": "text/html",
    "page.css": "text/css",
    "page.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}

# Scripts, styles and pictures are our own files, frames show our own mails; text becomes HTML nowhere.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self';"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script';"
    " trusted-types 'none'"
)


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    kind: str
    tag: str

    def answer(self, request: web.Request) -> web.Response:
        said = {
            "ETag": f'"{self.tag}"',
            "Cache-Control": "no-cache",
            "Content-Security-Policy": _POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        known = request.if_none_match or ()
        if any(tag.value == self.tag for tag in known):
            return web.Response(status=304, headers=said)
        return web.Response(body=self.content, content_type=self.kind, charset="utf-8", headers=said)


def _read(name: str) -> _File:
    content = (STATIC / name).read_bytes()
    return _File(content, FILES[name], hashlib.sha256(content).hexdigest()[:16])


class Page:
    """The files, read once, when the server starts."""

    def __init__(self) -> None:
        self._files = {name: _read(name) for name in FILES}

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/", self._index), web.get("/_local/page/{name}", self._file)]

    async def _index(self, request: web.Request) -> web.Response:
        return self._files["index.html"].answer(request)

    async def _file(self, request: web.Request) -> web.Response:
        file = self._files.get(request.match_info["name"])
        if file is None:
            return web.json_response({"error": "the page has no such file"}, status=404)
        return file.answer(request)


def install(app: web.Application, journal: Journal, host: str, ports: Mapping[str, int]) -> None:
    """Adds the page and `/_local/` to the server, and the guard before them."""
    app.middlewares.append(guard(host))
    parts = (
        Page(),
        Control(journal=journal, ports=ports),
        Mail(journal=journal),
        Stream(changes=journal.changes),
        Compose(host=reachable(host), port=ports["smtp"]),
    )
    for part in parts:
        app.router.add_routes(part.routes())

    async def end(_app: web.Application) -> None:
        journal.changes.end()

    app.on_shutdown.append(end)
