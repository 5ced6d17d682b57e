"""What the sender wrote, apart from what was quoted and how it was signed. Linear in the text; nothing is lost.

Every line gets one mark. A quote that is marked line by line (`>`) ends where its marks end, so that answers below and
between stay visible; one that isn't (a header block, "Original Message", "On ... wrote:" over plain text) runs to the
end.
"""

from collections.abc import Iterable, Sequence
from enum import Enum, auto

from postroom.message import Reply
from postroom.mime import clients, html
from postroom.mime.quotes import (
    DATE,
    FORWARDED,
    MAX_LINE,
    banner,
    block_end,
    completeness,
    is_attribution,
    is_banner,
    is_header_block,
    is_marked,
    is_rule,
    is_torn,
    role_of,
    run_on,
    starts_attribution,
)
from postroom.mime.signatures import signature_start

MAX_CHARACTERS = 2_000_000
MAX_LINES = 50_000  # what is below them goes where the last of them went
COLONS = (":", "：")
UNUSUAL_MARKS = tuple("|:#%}")
ATTRIBUTION_LINES = 4  # "On ... wrote:" is wrapped over so many lines at most
BROKEN_LINES = 6  # ... and over so many where a conversion from HTML broke it up


class Mark(Enum):
    """Whose a line is."""

    VISIBLE = auto()
    QUOTED = auto()
    SIGNATURE = auto()


def cut(text: str) -> Reply:
    """Cut the plain text of a mail. Each line lands in one part, in its order; blank lines around parts go.

    What is longer than MAX_CHARACTERS is not looked at: the rest goes where the last line went.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    end = len(text) if len(text) <= MAX_CHARACTERS else text.rfind("\n", 0, MAX_CHARACTERS) + 1 or MAX_CHARACTERS
    lines = [html.Line(line) for line in text[:end].split("\n")]
    if end < len(text):
        lines[-1] = html.Line(lines[-1].text + text[end:])
    return _cut(lines)


def cut_html(source: str) -> Reply:
    """Cut an HTML mail, as text; what the client's own markup says of a quote counts."""
    return _cut(html.lines(source))


def _cut(lines: Sequence[html.Line]) -> Reply:
    if len(lines) > MAX_LINES:
        below = "\n".join(line.text for line in lines[MAX_LINES - 1 :])
        lines = [*lines[: MAX_LINES - 1], html.Line(below, lines[MAX_LINES - 1].quoted)]
    lines = _apart(lines)
    texts = [line.text for line in lines]
    marks = [Mark.QUOTED if line.quoted or is_marked(line.text) else Mark.VISIBLE for line in lines]
    _mark_torn_lines(texts, marks)
    _mark_header_blocks(texts, marks)
    _mark_attributions(texts, marks)
    _mark_blank_lines(texts, marks)
    _mark_signatures(texts, marks)
    parts = {mark: _joined(text for text, own in zip(texts, marks, strict=True) if own is mark) for mark in Mark}
    return Reply(
        visible=parts[Mark.VISIBLE], quoted=parts[Mark.QUOTED] or None, signature=parts[Mark.SIGNATURE] or None
    )


def _joined(lines: Iterable[str]) -> str:
    """Lines as one text, without the blank ones around it, and never two blank lines where a cut was."""
    return "\n".join(lines).strip("\n\r\t \f\v")


def _apart(lines: Sequence[html.Line]) -> Sequence[html.Line]:
    """The same lines, where an attribution that follows a text on its line stands on its own."""
    apart: list[html.Line] = []
    for line, below in zip(lines, [*lines, html.Line("")][1:], strict=True):
        may_be = line.text.rstrip()[-1:] in COLONS and is_marked(below.text) and not is_marked(line.text)
        at = run_on(line.text) if may_be else None
        if at is None:
            apart.append(line)
        else:
            apart += (html.Line(line.text[:at], line.quoted), html.Line(line.text[at:], line.quoted))
    return apart


def _mark_torn_lines(texts: Sequence[str], marks: list[Mark]) -> None:
    """A line between two marked ones that is only the rest of the upper one."""
    for at in range(1, len(texts) - 1):
        between = marks[at] is Mark.VISIBLE and marks[at - 1] is marks[at + 1] is Mark.QUOTED and texts[at].strip()
        if between and is_marked(texts[at - 1]) and is_torn(texts[at - 1][:MAX_LINE], texts[at][:MAX_LINE]):
            marks[at] = Mark.QUOTED


def _mark_header_blocks(texts: Sequence[str], marks: list[Mark]) -> None:
    """From a header block or banner on, all is quoted; over a quote with marks, the block alone.

    It goes alone too where nothing was written above it, unless it says that it forwards: what stands below a form, or
    a bare "Original Message", is all that there is to read.
    """
    roles = [role_of(text) for text in texts]
    written = False
    at = 0
    while at < len(texts):
        if marks[at] is not Mark.VISIBLE or not texts[at].strip():
            at += 1
        elif is_banner(texts[at]) or (roles[at] is not None and is_header_block(texts, roles, at)):
            start, stop = _with_rule_above(texts, at), block_end(texts, roles, at)
            below = next((line for line in texts[stop : stop + 3] if line.strip()), "")
            if not is_marked(below) and (written or banner(texts[at], FORWARDED) is not None):
                stop = len(texts)
            marks[start:stop] = [Mark.QUOTED] * (stop - start)
            at = stop
        else:
            written = written or not is_rule(texts[at])
            at += 1


def _with_rule_above(texts: Sequence[str], at: int) -> int:
    """Where the rule ("____") above a header block stands, else the block itself; one blank line may lie between."""
    for above in (at - 1, at - 2):
        if above >= 0 and is_rule(texts[above]):
            return above
        if above < 0 or texts[above].strip():
            break
    return at


def _mark_attributions(texts: Sequence[str], marks: list[Mark]) -> None:
    """`On ... wrote:` belongs to the quote below it; over a quote without marks it takes all that follows along.

    Where nothing was written above it, what follows is all that there is to read: then it goes alone.
    """
    follows = _next_written(texts)
    written, looked = False, 0
    for end, text in enumerate(texts):
        if not text.strip() or (marks[end] is Mark.QUOTED and not _is_broken_end(text)):
            continue
        below = follows[end]
        over_marks = below is not None and (marks[below] is Mark.QUOTED or _mark_unusual(texts, marks, end, below))
        start = _attribution_start(texts, marks, end, over_marks)
        if start is None:
            continue
        while looked < start and not written:
            written = marks[looked] is Mark.VISIBLE and texts[looked].strip() != ""
            looked += 1
        if written and not over_marks:
            marks[start:] = [Mark.QUOTED] * (len(texts) - start)
            return
        marks[start : end + 1] = [Mark.QUOTED] * (end + 1 - start)


def _mark_unusual(texts: Sequence[str], marks: list[Mark], end: int, below: int) -> bool:
    """Whether the two lines below an attribution start with the same unusual mark; then each line with it is quoted."""
    mark = texts[below][:1]
    if mark not in UNUSUAL_MARKS or not any(text.startswith(mark) for text in texts[below + 1 : below + 2]):
        return False
    if _attribution_start(texts, marks, end, True) is None:
        return False
    for at in range(below, len(texts)):
        if texts[at].startswith(mark):
            marks[at] = Mark.QUOTED
    return True


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
    last = texts[end][-MAX_LINE:].rstrip("* \t\xa0_")
    broken = _is_broken_end(last) and _may_have_broken(texts[max(0, end - BROKEN_LINES) : end])
    if not (over_marks or broken or last.endswith((":", "：", "--")) or last[:4].isdigit()):
        return None
    best, joined, known = None, "", 0
    for start in range(end, max(-1, end - (BROKEN_LINES if broken else ATTRIBUTION_LINES)), -1):
        if len(texts[start]) > MAX_LINE or (not broken and (marks[start] is Mark.QUOTED or not texts[start].strip())):
            break
        joined = clients.fold(f"{texts[start]} {joined}").strip("*_ ")
        if not joined or not is_attribution(joined, over_marks):
            continue
        if starts_attribution(joined):
            return start
        if best is None or completeness(joined) > known:
            best, known = start, completeness(joined)
    return best if not broken else None


def _may_have_broken(above: Sequence[str]) -> bool:
    """Whether the start of a broken attribution may stand in these lines, and the end of no other one."""
    starts = any(starts_attribution(clients.fold(text[:40])) and DATE.search(text[:MAX_LINE]) for text in above)
    return starts and not _is_broken_end(above[-1])


def _is_broken_end(line: str) -> bool:
    """`> wrote:` alone: the end of an attribution whose address a conversion from HTML put on its own lines."""
    text = line.strip()
    return (
        text.startswith(">") and len(text) <= 24 and text.endswith(":") and is_attribution(clients.fold(text[1:]), True)
    )


def _mark_blank_lines(texts: Sequence[str], marks: list[Mark]) -> None:
    """Blank lines inside a quote are part of it."""
    above = -1
    for at, text in enumerate(texts):
        if not text.strip():
            continue
        if above >= 0 and marks[above] is marks[at] is Mark.QUOTED:
            marks[above:at] = [Mark.QUOTED] * (at - above)
        above = at


def _mark_signatures(texts: Sequence[str], marks: list[Mark]) -> None:
    """The signature stands at the end of the first or the last stretch that the sender wrote."""
    stretches = [pair for pair in _stretches(marks) if any(texts[at].strip() for at in range(*pair))]
    for start, stop in {*stretches[:1], *stretches[-1:]}:
        at = signature_start(texts, start, stop, alone=(start, stop) == stretches[0])
        if at is not None:
            marks[at:stop] = [Mark.SIGNATURE] * (stop - at)


def _stretches(marks: Sequence[Mark]) -> list[tuple[int, int]]:
    """Where visible lines stand together, as `[start, stop)`."""
    stretches: list[tuple[int, int]] = []
    start: int | None = None
    for at, mark in enumerate([*marks, Mark.QUOTED]):
        visible = mark is Mark.VISIBLE
        if visible and start is None:
            start = at
        elif not visible and start is not None:
            stretches.append((start, at))
            start = None
    return stretches
