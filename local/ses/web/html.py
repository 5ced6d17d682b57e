"""A mail's HTML, as it may be shown: it runs nothing, loads nothing from elsewhere, and leads nowhere. Pure.

Three walls, each enough alone for most of it: the frame is a sandbox without any right (HTML, "The iframe element");
the answer's Content-Security-Policy allows the mail's own styles and pictures and nothing else (CSP level 3); and
elements that speak to the browser rather than to the reader lose their name, as no policy stops a `preconnect` link.
"""

import re
from collections.abc import Mapping

# Linear: a fixed head, then one of few words.
_LOUD = re.compile(
    r"<(/?)(?=(?:link|meta|base|script|iframe|frame|frameset|object|embed|portal|form)\b)", re.IGNORECASE
)
# Every address that could be followed, wherever it stands: a browser connects when a link is pressed, or before.
_HREF = re.compile(r"\bhref(?=\s*=)", re.IGNORECASE)
_CID = re.compile(r"\bcid:([^\"'\s>)&]{1,250})", re.IGNORECASE)

# A link is seen as one, and tells where it would lead; the base is for what a browser finds to follow nevertheless: a
# new window, which the sandbox doesn't allow.
_HEAD = (
    '<!doctype html><meta charset="utf-8"><base target="_blank">'
    "<style>[x-href]{color:#0645ad;text-decoration:underline}"
    "a[x-href]:hover::after{content:' ('attr(x-href)')';overflow-wrap:anywhere}</style>"
)

# Pictures are shown by these types and no other; an SVG is a document. The first bytes must agree with the type.
PICTURES = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
}


def shown(html: str, pictures: Mapping[str, str]) -> str:
    """The HTML in its frame. `pictures` are addresses by Content-ID."""
    quiet = _LOUD.sub(lambda found: f"<{found.group(1)}x-", html)
    dead = _HREF.sub("x-href", quiet)
    return _HEAD + _CID.sub(lambda found: pictures.get(found.group(1), found.group(0)), dead)


def policy(pictures_at: str) -> str:
    """The Content-Security-Policy of a mail whose own pictures are at this address."""
    return (
        f"sandbox; default-src 'none'; img-src {pictures_at} data:; style-src 'unsafe-inline'; form-action 'none';"
        " base-uri 'none'; frame-ancestors 'self'"
    )


def is_picture(kind: str, content: bytes) -> bool:
    return content.startswith(PICTURES.get(kind, ()))
