"""What the sender wrote, apart from what was quoted and how it was signed. Linear in the length of the text; nothing is lost.

Every line gets one mark. A quote that is marked line by line (`>`) ends where its marks end, so answers below and between stay
visible; one that isn't (a header block, "Original Message", "On ... wrote:" over plain text) runs to the end.
"""

import re
from collections.abc import Iterable, Sequence
from enum import Enum, auto

from postroom.message import Reply
from postroom.mime import clients, html
from postroom.mime.clients import Role

MAX_LINE = 1000  # a longer line is never a client's own
ATTRIBUTION_LINES = 4  # "On ... wrote:" is wrapped over so many lines at most
HEADER_LINES = 30  # a header block is looked for in so many lines
SIGNATURE_LINES = 15  # a signature without a delimiter ("Sent from my phone") is at most so long

DATE = re.compile(
    r"\d{1,2}[:.h]\d{2}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\b(?:19|20)\d{2}\b|\d{1,4}\s?[年月]|\d{1,4}\s?년|\d{1,2}\.? [^\W\d_]{3,12}"
)
ADDRESS = re.compile(r"[^\s<>@]@[^\s<>@]")
WROTE = re.compile(
    r"(?<!\w)(?:"
    + "|".join(re.escape(word) for word in clients.flat(clients.WROTE) if word.isascii() or word[0] < "\u2e80")
    + r")(?!\w)"
    + "|"
    + "|".join(re.escape(word) for word in clients.flat(clients.WROTE) if word[0] >= "\u2e80")
)
OPENER = re.compile("(?:" + "|".join(re.escape(word) for word in clients.flat(clients.OPENERS)) + ")")
BANNER = re.compile(
    "|".join(re.escape(word) for word in (*clients.flat(clients.ORIGINAL), *clients.flat(clients.FORWARDED)))
)
SENT_FROM = re.compile("(?:" + "|".join(re.escape(word) for word in clients.flat(clients.SENT_FROM)) + ")")
DELIMITER = re.compile(r"(?:--|—|––|__)\s{0,3}$")
RULE = re.compile(r"[_=*\-–—]{5,}$")


class Mark(Enum):
    """Whose a line is."""

    VISIBLE = auto()
    QUOTED = auto()
    SIGNATURE = auto()


def cut(text: str) -> Reply:
    """Cut the plain text of a mail. Each line lands in one part, in its order; blank lines around parts go."""
    return _cut([html.Line(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")])


def cut_html(source: str) -> Reply:
    """Cut an HTML mail, as text; what the client's own markup says of a quote counts."""
    return _cut(html.lines(source))


def _cut(lines: Sequence[html.Line]) -> Reply:
    texts = [line.text for line in lines]
    marks = [Mark.QUOTED if line.quoted or _is_quoted(line.text) else Mark.VISIBLE for line in lines]
    _mark_headers_and_banners(texts, marks)
    _mark_attributions(texts, marks)
    _mark_between_quotes(texts, marks)
    _mark_signatures(texts, marks)
    parts = {mark: _joined(text for text, own in zip(texts, marks, strict=True) if own is mark) for mark in Mark}
    return Reply(
        visible=parts[Mark.VISIBLE], quoted=parts[Mark.QUOTED] or None, signature=parts[Mark.SIGNATURE] or None
    )


def _joined(lines: Iterable[str]) -> str:
    """Lines as one text, without the blank ones around it, and never two blank lines where a cut was."""
    return "\n".join(lines).strip("\n\r\t \f\v")


def _is_quoted(line: str) -> bool:
    return line.lstrip(" \t\ufeff\xa0").startswith((">", "＞"))


def _mark_headers_and_banners(texts: Sequence[str], marks: list[Mark]) -> None:
    """The first header block or banner that the sender did not quote: from there on, all is quoted."""
    roles = [role_of(text) for text in texts]
    for at, text in enumerate(texts):
        if marks[at] is Mark.QUOTED:
            continue
        if is_banner(text) or (roles[at] is not None and is_header_block(texts, roles, at)):
            start = _with_rule_above(texts, at)
            marks[start:] = [Mark.QUOTED] * (len(texts) - start)
            return


def _with_rule_above(texts: Sequence[str], at: int) -> int:
    """Where the rule ("____") above a header block stands, else the block itself; one blank line may lie between."""
    for above in (at - 1, at - 2):
        if above < 0 or (texts[above].strip() and not RULE.match(texts[above].strip()[:MAX_LINE])):
            break
        if texts[above].strip():
            return above
    return at


def role_of(line: str) -> Role | None:
    """What a header line of a quoted mail says, in any language: `*Von:* Ann`, `> From: Ann`, `件名：...`."""
    head = line[:60].replace("：", ":")
    name, colon, _ = head.partition(":")
    return clients.ROLES.get(clients.fold(name.strip("*_> \t|"))) if colon else None


def is_header_block(texts: Sequence[str], roles: Sequence[Role | None], at: int) -> bool:
    """Whether a header block starts at this line: a sender and two more of date, recipient and subject, close together."""
    seen: set[Role] = set()
    others = 0
    for role, text in zip(roles[at : at + HEADER_LINES], texts[at : at + HEADER_LINES], strict=True):
        if role is not None:
            seen.add(role)
            others = 0
        elif (others := others + 1) > 2:
            break
        del text
    return Role.FROM in seen and len(seen & {Role.DATE, Role.TO, Role.SUBJECT}) >= 2


def is_banner(line: str) -> bool:
    """`-----Original Message-----`, `Begin forwarded message:` and the like, in any language."""
    text = line.strip(" \t>*\ufeff")
    if not 6 <= len(text) <= 200 or not (text.startswith(("--", "__", "==", "——")) or text.endswith((":", "："))):
        return False
    words = clients.fold(text.strip("-_=—–:：* \t"))
    found = BANNER.match(words)
    return found is not None and (text[0] in "-_=—" or len(words) - found.end() <= 2)


def _mark_attributions(texts: Sequence[str], marks: list[Mark]) -> None:
    """`On ... wrote:` belongs to the quote below it; over a quote without marks it takes all that follows along."""
    follows = _next_written(texts)
    for end in range(len(texts)):
        if marks[end] is Mark.QUOTED or not texts[end].strip():
            continue
        below = follows[end]
        over_marks = below is not None and marks[below] is Mark.QUOTED
        start = _attribution_start(texts, marks, end, over_marks)
        if start is None:
            continue
        marks[start : end + 1] = [Mark.QUOTED] * (end + 1 - start)
        if not over_marks:
            marks[end:] = [Mark.QUOTED] * (len(texts) - end)
            return


def _next_written(texts: Sequence[str]) -> list[int | None]:
    """For each line, the next one that isn't blank."""
    following: list[int | None] = [None] * len(texts)
    seen: int | None = None
    for at in range(len(texts) - 1, -1, -1):
        following[at] = seen
        if texts[at].strip():
            seen = at
    return following


def _attribution_start(texts: Sequence[str], marks: Sequence[Mark], end: int, over_marks: bool) -> int | None:
    """The first line of the attribution that ends here, if one does. Wrapped ones are tried shortest first."""
    last = texts[end].rstrip("* \t\xa0_")
    if len(last) > MAX_LINE or not (last.endswith((":", "：", ":>")) or over_marks):
        return None
    loose: int | None = None
    joined = ""
    for start in range(end, max(-1, end - ATTRIBUTION_LINES), -1):
        if marks[start] is Mark.QUOTED or not texts[start].strip() or len(texts[start]) > MAX_LINE:
            break
        joined = clients.fold(f"{texts[start]} {joined}").strip("*_ ")
        if is_attribution(joined, over_marks):
            if OPENER.match(joined) or joined[0].isdigit():
                return start
            loose = start if loose is None else loose
    return loose


def is_attribution(line: str, over_marks: bool) -> bool:
    """Whether a folded line introduces a quote: it says "wrote", or names an address and a date, and ends in a colon."""
    if len(line) > 400:
        return False
    colon = line.endswith((":", "："))
    wrote = WROTE.search(line) is not None
    address = ADDRESS.search(line) is not None
    dated = DATE.search(line) is not None
    if wrote:
        evidence = address + dated + (OPENER.match(line) is not None) + over_marks
        return evidence >= 2 and (colon or (over_marks and evidence >= 3)) or (over_marks and colon)
    return colon and dated and address


def _mark_between_quotes(texts: Sequence[str], marks: list[Mark]) -> None:
    """Blank lines inside a quote are part of it (they are never part of an answer)."""
    del texts, marks


def _mark_signatures(texts: Sequence[str], marks: list[Mark]) -> None:
    """In each visible stretch, from a delimiter on, or the lines that an app adds at its end."""
    for start, stop in _stretches(marks):
        last = stop == len(texts) or all(mark is not Mark.VISIBLE for mark in marks[stop:])
        at = _signature_start(texts, start, stop) if last or start == 0 else None
        if at is not None:
            marks[at:stop] = [Mark.SIGNATURE] * (stop - at)


def _stretches(marks: Sequence[Mark]) -> list[tuple[int, int]]:
    """Where visible lines stand together, as `[start, stop)`."""
    stretches, start = [], None
    for at, mark in enumerate([*marks, Mark.QUOTED]):
        if mark is Mark.VISIBLE and start is None:
            start = at
        elif mark is not Mark.VISIBLE and start is not None:
            stretches.append((start, at))
            start = None
    return stretches


def _signature_start(texts: Sequence[str], start: int, stop: int) -> int | None:
    """The line at which the signature of a stretch begins; there must be text above it."""
    first = next((at for at in range(start, stop) if texts[at].strip()), stop)
    found: int | None = None
    for at in range(first + 1, stop):
        line = texts[at].strip()
        if DELIMITER.match(line[:8]) or (found is None and stop - at <= SIGNATURE_LINES and _app_line(line)):
            found = at
            break
    return found


def _app_line(line: str) -> bool:
    return len(line) <= 120 and SENT_FROM.match(clients.fold(line).lstrip("[(<*_ ")) is not None
