"""`/_track/...`: where the links and pictures of tracked mail lead. Strangers' browsers come here.

Nobody is sent anywhere but to links that were in a mail: what isn't signed isn't found.
"""

from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from local.ses import form
from local.ses.feedback.reporter import Reporter
from local.ses.feedback.steps import Clicked, Opened, Step, Unsubscribed
from local.ses.feedback.tokens import Mark, read
from local.ses.values import one_line, readable

_PICTURE = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b")
_QUIET = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
_SAFE = "".join(chr(code) for code in range(0x21, 0x7F))  # what an address may hold in a header: the rest is quoted
_PAGE = """<!doctype html><meta charset="utf-8"><title>Unsubscribe</title>
<form method="post"><p>Do you want no more of these mails?</p><button>Unsubscribe</button></form>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracks:
    reporter: Reporter
    key: bytes

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_track/open/{token}", self._opened, allow_head=False),
            web.get("/_track/click/{token}", self._clicked, allow_head=False),
            web.get("/_track/unsubscribe/{token}", self._ask, allow_head=False),
            web.post("/_track/unsubscribe/{token}", self._unsubscribed),
        ]

    def _mark(self, request: web.Request, kind: str) -> Mark:
        mark = read(request.match_info["token"], self.key)
        if mark is None or mark.kind != kind:
            raise web.HTTPNotFound(text="There is no such link in any mail that was sent from here.\n")
        return mark

    def _tell(self, mark: Mark, step: Step) -> None:
        """Of a mail that was sent too long ago, nothing is told; its links lead on all the same."""
        sent = self.reporter.recent.get(mark.sent_id)
        if sent is not None:
            self.reporter.happened(sent, step, ())

    async def _opened(self, request: web.Request) -> web.Response:
        ip, agent = _visitor(request)
        self._tell(self._mark(request, "open"), Opened(ip=ip, user_agent=agent))
        return web.Response(body=_PICTURE, content_type="image/gif", headers=_QUIET)

    async def _clicked(self, request: web.Request) -> web.Response:
        mark = self._mark(request, "click")
        ip, agent = _visitor(request)
        self._tell(mark, Clicked(link=mark.link, link_tags=mark.tags, ip=ip, user_agent=agent))
        return web.Response(status=302, headers={**_QUIET, "Location": quote(mark.link, safe=_SAFE)})

    async def _ask(self, request: web.Request) -> web.Response:
        """A page with a button: scanners follow links, and must not unsubscribe anybody (RFC 8058 section 3.1)."""
        self._mark(request, "unsubscribe")
        policy = {"Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'"}
        return web.Response(text=_PAGE, content_type="text/html", headers={**_QUIET, **policy})

    async def _unsubscribed(self, request: web.Request) -> web.Response:
        mark = self._mark(request, "unsubscribe")
        source = "UnsubscribeHeader" if await _is_one_click(request) else "UnsubscribeLink"
        self._tell(mark, Unsubscribed(contact_list=mark.link, topic=dict(mark.tags).get("topic"), source=source))
        return web.Response(text="You get no more of these mails.\n", headers=_QUIET)


async def _is_one_click(request: web.Request) -> bool:
    try:
        return (await form.fields(request)).get("List-Unsubscribe") == "One-Click"
    except form.NoForm:
        return False


def _visitor(request: web.Request) -> tuple[str, str]:
    return request.remote or "127.0.0.1", readable(one_line(request.headers.get("User-Agent", "")))
