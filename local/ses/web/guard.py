"""Who may look: this machine's own pages. Pages of elsewhere that a browser here has open may not.

A name that somebody else's DNS resolves to 127.0.0.1 is refused by its Host field (DNS rebinding), and so is whatever a
page of another origin wants to change (Fetch standard, `Origin`; "Fetch Metadata", `Sec-Fetch-Site`). So are calls of
SES's APIs from there: a form of any page can send what they take. They may be made by any name: SDKs say no origin.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_OWN = frozenset({"127.0.0.1", "localhost", "::1"})
_LOOKS = frozenset({"GET", "HEAD"})


def guard(bound: str) -> Middleware:
    """Guards all but `/_track/`, which strangers' browsers come to, of a server that is bound to this host."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if why := refused(request, _OWN | {bound.lower()}):
            return web.json_response({"error": why}, status=403)
        return await handler(request)

    return guarded


def refused(request: web.Request, hosts: frozenset[str]) -> str:
    """Why this request may not be answered, or nothing."""
    looks = request.method in _LOOKS
    if request.path.startswith("/_track/"):
        return ""
    of_page = request.path.startswith("/_local") or (request.path == "/" and looks)
    if of_page and _hostname(f"//{request.host}") not in hosts:
        return "This page is for this machine: open it at 127.0.0.1 or localhost."
    origin = request.headers.get("Origin")
    same = origin is None or origin.partition("://")[2].lower() == request.host.lower()
    elsewhere = origin is not None and not (same and _hostname(origin) in hosts)
    if not looks and (elsewhere or request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")):
        return "A page of another origin may not change anything here."
    return ""


def _hostname(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
