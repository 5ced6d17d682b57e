"""Open and click tracking, and unsubscribing: what is put into a mail so that it is heard of again. Pure.

Source: "Configuring custom domains to handle open and click tracking", "Amazon SES email sending metrics FAQs" and
"Using subscription management" (developer guide). HTML only, as at SES: a picture at the end (or where
`{{ses:openTracker}}` stands), and links that lead here first. `ses:no-track` on a link leaves it as it is and goes,
`ses:tags="name:value;name:value"` comes back in its Click events.
"""

import html
from dataclasses import dataclass

from local.ses import headers
from local.ses.feedback.anchors import Anchor, Attribute, anchors, replaced
from local.ses.feedback.parts import Part, changed
from local.ses.feedback.tokens import Mark, token

MAX_LINK = 4000  # characters: longer ones are left as they are
OPEN_PLACE = "{{ses:openTracker}}"
UNSUBSCRIBE_PLACE = "{{amazonSESUnsubscribeUrl}}"
LIST_FIELD = "X-SES-LIST-MANAGEMENT-OPTIONS"
_HTML, _TEXTS = ("text/html",), ("text/html", "text/plain")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOptions:
    """ListManagementOptions of SendEmail, which also stands in a field of the mail: `{list}; topic={topic}`."""

    contact_list: str
    topic: str | None = None

    @classmethod
    def of(cls, value: str) -> "ListOptions | None":
        name, _, rest = value.partition(";")
        key, _, topic = rest.partition("=")
        name, topic = name.strip(" {}"), topic.strip(" {}")
        return cls(contact_list=name, topic=topic if key.strip() == "topic" and topic else None) if name else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracker:
    """`base_url` is where the routes of track.py are, without a slash at its end."""

    base_url: str
    key: bytes

    def tracked(self, raw: bytes, sent_id: str, *, opens: bool, clicks: bool) -> bytes:
        """The mail with tracked links and a picture. Unchanged where it has no HTML."""

        def change(part: Part, text: str) -> str:
            found = replaced(text, lambda anchor: self._link(anchor, part.charset, sent_id, clicks))
            return self._with_picture(found, sent_id) if opens else found.replace(OPEN_PLACE, "")

        return changed(raw, _HTML, change)

    def unsubscribable(self, raw: bytes, sent_id: str, options: ListOptions) -> bytes:
        """The mail with List-Unsubscribe and List-Unsubscribe-Post (RFC 2369, RFC 8058), and the link where its place
        is held."""
        topic = (("topic", options.topic),) if options.topic is not None else ()
        url = self._url(Mark(kind="unsubscribe", sent_id=sent_id, link=options.contact_list, tags=topic))
        raw = changed(raw, _TEXTS, lambda _part, text: text.replace(UNSUBSCRIBE_PLACE, url))
        fields, end = headers.split(raw)
        kept = headers.without(fields, [LIST_FIELD, "List-Unsubscribe", "List-Unsubscribe-Post"])
        ours = f"List-Unsubscribe: <{url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        return ours.encode("ascii") + kept + raw[end:]

    def _url(self, mark: Mark) -> str:
        return f"{self.base_url}/_track/{mark.kind}/{token(mark, self.key)}"

    def _with_picture(self, text: str, sent_id: str) -> str:
        url = self._url(Mark(kind="open", sent_id=sent_id))
        picture = f'<img alt="" src="{url}" style="display: none; width: 1px; height: 1px;">'
        if OPEN_PLACE in text:
            return text.replace(OPEN_PLACE, picture, 1).replace(OPEN_PLACE, "")
        end = text.lower().rfind("</body")  # a character is a byte here: lower() keeps their number
        return text[:end] + picture + text[end:] if end >= 0 else text + picture

    def _link(self, anchor: Anchor, charset: str, sent_id: str, clicks: bool) -> dict[Attribute, str]:
        own = {one: "" for one in anchor.attributes if one.name in ("ses:no-track", "ses:tags")}
        href = anchor.get("href")
        link = address(href.value, charset) if href is not None else None
        if href is None or link is None or not clicks or anchor.get("ses:no-track") is not None:
            return own
        tags = anchor.get("ses:tags")
        mark = Mark(kind="click", sent_id=sent_id, link=link, tags=_tags(tags.value if tags else ""))
        return {**own, href: f'href="{self._url(mark)}"'}


def address(value: str, charset: str) -> str | None:
    """The address of a link as it stands in HTML, where it is one that a browser would go to over the net."""
    try:
        link = html.unescape(value.encode("latin-1").decode(charset, "replace")).strip()
    except (LookupError, UnicodeError):
        return None
    wanted = link.lower().startswith(("http://", "https://")) and len(link) <= MAX_LINK
    return link if wanted and link.isprintable() and " " not in link else None


def _tags(value: str) -> tuple[tuple[str, str], ...]:
    pairs = (one.partition(":") for one in html.unescape(value[:1000]).split(";"))
    return tuple((name.strip(), content.strip()) for name, colon, content in pairs if colon and name.strip())


def first_link(raw: bytes) -> str | None:
    """The first link of the mail that a click would follow."""
    found: list[str] = []

    def look(part: Part, text: str) -> str:
        links = (address(one.value, part.charset) for anchor in anchors(text) if (one := anchor.get("href")))
        if not found and (link := next((one for one in links if one is not None), None)):
            found.append(link)
        return text

    changed(raw, _HTML, look)
    return found[0] if found else None
