"""One mail of the journal, to be looked at: what is known of it, text, HTML in a cage, files, source."""

import asyncio
import mimetypes
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import quote

from aiohttp import web

from local.ses import headers
from local.ses.journal import Journal, Shelf
from local.ses.values import Json, one_line, readable, whole_number
from local.ses.web import html
from local.ses.web.parts import Part, Parts, parts

MAX_SOURCE = 512 * 1024  # bytes that the page shows; all of it can be fetched
MAX_FIELDS = 500
MAX_LINKED = 50
_MAX_FIELD = 8000  # characters of a field that the page shows
AT_ONCE = 2  # mails that are taken apart at once: one of 40 MB takes some 200 MB meanwhile

_CAGED = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
_MAIL = "/_local/{shelf:outbox|received}/{id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    journal: Journal
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(_MAIL, self._raw),
            web.get(f"{_MAIL}/shown", self._shown),
            web.get(f"{_MAIL}/source", self._source),
            web.get(f"{_MAIL}/html", self._html),
            web.get(f"{_MAIL}/parts/{{number}}", self._part),
            web.get(f"{_MAIL}/pictures/{{number}}", self._picture),
        ]

    def _shelf(self, request: web.Request) -> Shelf:
        return self.journal.outbox if request.match_info["shelf"] == "outbox" else self.journal.inbox

    async def _bytes(self, request: web.Request) -> bytes:
        raw = await asyncio.to_thread(self._shelf(request).raw, request.match_info["id"])
        if raw is None:
            done = "sent from" if request.match_info["shelf"] == "outbox" else "received"
            raise web.HTTPNotFound(
                text=f'{{"error": "no mail of this id was {done} here"}}', content_type="application/json"
            )
        return raw

    async def _parts(self, request: web.Request) -> Parts:
        async with self._room:
            return await asyncio.to_thread(parts, await self._bytes(request))

    async def _numbered(self, request: web.Request) -> Part:
        number = whole_number(request.match_info["number"], 5)
        part = None if number is None else (await self._parts(request)).numbered(number)
        if part is None:
            raise web.HTTPNotFound(text='{"error": "the mail has no such part"}', content_type="application/json")
        return part

    async def _raw(self, request: web.Request) -> web.Response:
        raw = await self._bytes(request)
        name = {"Content-Disposition": f'attachment; filename="{request.match_info["id"]}.eml"'}
        return web.Response(body=raw, content_type="message/rfc822", headers={**_CAGED, **name})

    async def _source(self, request: web.Request) -> web.Response:
        raw = await self._bytes(request)
        text = raw[:MAX_SOURCE].decode("utf-8", "replace")
        return web.Response(text=text, content_type="text/plain", charset="utf-8", headers=_CAGED)

    async def _html(self, request: web.Request) -> web.Response:
        found = await self._parts(request)
        at = f"{request.path.rpartition('/')[0]}/pictures/"
        pictures = {leaf.content_id: f"{at}{leaf.number}" for leaf in found.leaves if leaf.content_id}
        body = found.html()
        text = await asyncio.to_thread(lambda: html.shown(body.text(), pictures)) if body else ""
        walls = {
            "Content-Security-Policy": html.policy(f"{request.scheme}://{request.host}{at}"),
            "X-Content-Type-Options": "nosniff",
            "X-DNS-Prefetch-Control": "off",
            "Referrer-Policy": "no-referrer",
        }
        return web.Response(text=text, content_type="text/html", charset="utf-8", headers=walls)

    async def _part(self, request: web.Request) -> web.Response:
        """A file, always to be saved and never to be shown: its type is the sender's word."""
        part = await self._numbered(request)
        named = {"Content-Disposition": disposition(part.name or unnamed(part))}
        kind = "application/octet-stream"
        return web.Response(body=part.content, content_type=kind, headers={**_CAGED, **named})

    async def _picture(self, request: web.Request) -> web.Response:
        """A picture that the HTML shows (RFC 2392), where it really is one."""
        part = await self._numbered(request)
        if not html.is_picture(part.kind, part.content):
            raise web.HTTPNotFound(text='{"error": "this part is no picture"}', content_type="application/json")
        return web.Response(body=part.content, content_type=part.kind, headers=_CAGED)

    async def _shown(self, request: web.Request) -> web.Response:
        raw = await self._bytes(request)
        shelf, mail_id = self._shelf(request), request.match_info["id"]
        about = await asyncio.to_thread(shelf.about, mail_id) or {}
        shown = {
            "about": about,
            "linked": await asyncio.to_thread(self._linked, about),
            "told": self.journal.told.rows(200, mail_id),
            **await asyncio.to_thread(_fields, raw),
            **await asyncio.to_thread(_seen, await self._parts(request)),
        }
        return web.json_response(shown)

    def _linked(self, about: Mapping[str, Json]) -> list[Json]:
        """The mails of both shelves that this one answers, and those that answer it."""
        own, answered = str(about.get("message_id", "")), str(about.get("in_reply_to", ""))
        shelves = (("received", self.journal.inbox), ("outbox", self.journal.outbox))
        found: Iterator[Json] = (
            {
                "shelf": name,
                "how": how,
                **{key: known[key] for key in ("id", "subject", "from", "timestamp") if key in known},
            }
            for name, shelf in shelves
            for how, ids in (("answers", shelf.named(answered)), ("answered by", shelf.answering(own)))
            for mail_id in ids
            if (known := shelf.about(mail_id)) is not None and mail_id != about.get("id")
        )
        return list(islice(found, MAX_LINKED))


def _fields(raw: bytes) -> dict[str, Json]:
    fields, _ = headers.split(raw)
    named = [field for field in fields if field.name]
    pairs: list[Json] = [
        [field.name, readable(headers.decoded(field.value[:_MAX_FIELD]))] for field in named[:MAX_FIELDS]
    ]
    return {"headers": pairs, "headers_left_out": max(0, len(named) - MAX_FIELDS)}


def _seen(found: Parts) -> dict[str, Json]:
    text = found.text()
    return {
        "broken": found.broken,
        "text": readable(text.text()) if text else None,
        "html": found.html() is not None,
        "files": [
            {
                "number": part.number,
                "name": readable(one_line(part.name)) or unnamed(part),
                "type": part.kind[:100],
                "bytes": len(part.content),
            }
            for part in found.files()
        ],
    }


def unnamed(part: Part) -> str:
    """A name for a file whose sender gave it none."""
    return f"part-{part.number}{mimetypes.guess_extension(part.kind) or ''}"


_UNSAFE = re.compile(r"[^\w .()+-]")


def disposition(name: str) -> str:
    """Content-Disposition (RFC 6266) for a name that a stranger chose: no path, no quote, no line end is left of it."""
    base = name.replace("\\", "/").rpartition("/")[2]
    safe = _UNSAFE.sub("_", base).strip(" .")[:150] or "file"
    plain = safe.encode("ascii", "replace").decode().replace("?", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"
