"""A mail as the readers of reports see it: its own fields, its notice, the machine-readable parts, what it returns."""

from collections.abc import Iterator
from dataclasses import dataclass

from postroom.feedback.fields import Group, headers
from postroom.mime import html
from postroom.mime.charsets import to_text
from postroom.mime.headers import text as decoded
from postroom.mime.scan import Entity, content, scan

_MOST_PARTS = 50
_LONGEST_PART = 64 * 1024  # bytes; a report is short, and what it returns needs its headers only
_MOST_WRAPPED = 3
_LONGEST_STATUS = 1024 * 1024  # a delivery-status part may speak of a thousand recipients

_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status", "text/delivery-status"})
_FEEDBACK_TYPES = frozenset({"message/feedback-report"})
_ORIGINAL_TYPES = frozenset(
    {"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMail:
    """`notice` is the text for people; `originals` are the headers of each returned message.

    `wrapped` are attached messages that are reports themselves: a gateway may put a report into a notice of its own.
    """

    fields: Group
    content_type: str
    report_type: str
    notice: str
    statuses: tuple[str, ...]
    feedback_reports: tuple[str, ...]
    originals: tuple[Group, ...]
    wrapped: tuple[bytes, ...]


def look_at(raw: bytes) -> ReportMail:
    """The parts of a mail that reports are read from, each bounded in size. TooComplex over the scan's bounds."""
    root = scan(raw)
    parts = list(_outer(root))
    return ReportMail(
        fields=_own_fields(root),
        content_type=root.content_type,
        report_type=root.params.get("report-type", "").lower(),
        notice="\n".join(_texts(raw, parts)),
        statuses=tuple(_text(raw, p, _LONGEST_STATUS) for p in parts if p.content_type in _STATUS_TYPES),
        feedback_reports=tuple(_text(raw, p) for p in parts if p.content_type in _FEEDBACK_TYPES),
        originals=tuple(headers(_text(raw, p)) for p in parts if p.content_type in _ORIGINAL_TYPES),
        wrapped=tuple(content(raw, p)[:_LONGEST_STATUS] for p in parts if _is_report(p))[:_MOST_WRAPPED],
    )


def _outer(root: Entity) -> Iterator[Entity]:
    """The parts of the mail itself. What is inside an attached message is that message's, and reports nothing."""
    return (e for _, e in zip(range(_MOST_PARTS), _walk(root), strict=False) if not e.is_multipart)


def _walk(root: Entity) -> Iterator[Entity]:
    waiting = [root]
    while waiting:
        entity = waiting.pop()
        yield entity
        if entity.is_multipart:
            waiting.extend(reversed(entity.children))


def _is_report(part: Entity) -> bool:
    return part.is_message and any(child.content_type == "multipart/report" for child in part.children)


def _own_fields(root: Entity) -> Group:
    values: dict[str, list[str]] = {}
    for name, value in root.fields[:500]:
        values.setdefault(name, []).append(decoded(value[:_LONGEST_PART]))
    return Group(values=values)


def _texts(raw: bytes, parts: list[Entity]) -> Iterator[str]:
    """The plain texts, or the HTML where there is no plain text. A multipart whose boundary is lost is a text."""
    plain = [
        p for p in parts if p.content_type.startswith(("text/plain", "multipart/")) and p.disposition != "attachment"
    ]
    if plain:
        yield from (_text(raw, p) for p in plain[:5])
    else:
        yield from (html.to_text(_text(raw, p)) for p in parts[:20] if p.content_type == "text/html")


def _text(raw: bytes, part: Entity, longest: int = _LONGEST_PART) -> str:
    return to_text(content(raw, part)[:longest], part.params.get("charset"))
