"""What the sender wrote, apart from what was quoted and how it was signed. Linear in the text; nothing is lost.

Every line gets one mark. A quote that is marked line by line (`>`) ends where its marks end, so that answers below and
between stay visible; one that isn't (a header block, "Original Message", "On ... wrote:" over plain text) runs to the
end.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

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
    roles_of,
    run_on,
    starts_attribution,
    telling,
)
from postroom.mime.signatures import signature_start

MAX_CHARACTERS = 2_000_000
MAX_LINES = 50_000  # what is below them goes where the last of them went
COLONS = (":", "：")
UNUSUAL_MARKS = tuple("|:#%}")
ATTRIBUTION_LINES = 4  # "On ... wrote:" is wrapped over so many lines at most
MOST_ENDS = 10_000  # lines at which an attribution may end; a thread of a hundred mails has a few hundred
BROKEN_LINES = 6  # ... and over so many where a conversion from HTML broke it up


#: Whose a line is. Marks are kept as bytes, one for each line: so patterns find where some stand together.
VISIBLE, QUOTED, SIGNATURE = b"vqs"
STRETCHES = {mark: re.compile(b"%c+" % mark) for mark in (VISIBLE, QUOTED, SIGNATURE)}
BETWEEN = re.compile(b"(?<=q)v(?=q)")


def cut(text: str) -> Reply:
    """Cut the plain text of a mail. Each line lands in one part, in its order; blank lines around parts go.

    What is longer than MAX_CHARACTERS is not looked at: the rest goes where the last line went.
    """
    text = clients.line_feeds(text)
    end = len(text) if len(text) <= MAX_CHARACTERS else text.rfind("\n", 0, MAX_CHARACTERS) + 1 or MAX_CHARACTERS
    texts = text[:end].split("\n")
    texts[-1] += text[end:]
    return _cut(texts, [False] * len(texts))


def cut_html(source: str) -> Reply:
    """Cut an HTML mail, as text; what the client's own markup says of a quote counts."""
    return cut_lines(html.lines(source))


def cut_lines(lines: list[html.Line]) -> Reply:
    """Cut the lines of an HTML mail."""
    return _cut([line.text for line in lines], [line.quoted for line in lines])


def _cut(texts: list[str], quoted: list[bool]) -> Reply:
    """Cut lines, of which a client's markup says whether they are quoted."""
    if len(texts) > MAX_LINES:
        texts = [*texts[: MAX_LINES - 1], "\n".join(texts[MAX_LINES - 1 :])]
        quoted = quoted[:MAX_LINES]
    signs = telling(texts)
    if (apart := _apart(texts, quoted, signs)) is not None:
        texts, quoted = apart
        signs = telling(texts)
    marks = bytearray(
        [  # the usual mark comes first: it needs no call
            QUOTED if own or text[:1] == ">" or is_marked(text) else VISIBLE
            for text, own in zip(texts, quoted, strict=True)
        ]
    )
    filled = [at for at, text in enumerate(texts) if text.strip()]
    _mark_torn_lines(texts, marks)
    _mark_header_blocks(texts, marks, signs)
    _mark_attributions(texts, marks, signs, filled)
    _mark_blank_lines(marks, filled)
    _mark_signatures(texts, marks)
    return Reply(
        visible=_joined(texts, marks, VISIBLE),
        quoted=_joined(texts, marks, QUOTED) or None,
        signature=_joined(texts, marks, SIGNATURE) or None,
    )


def _joined(texts: Sequence[str], marks: bytearray, mark: int) -> str:
    """Lines as one text, without the blank ones around it, and never two blank lines where a cut was."""
    lines: list[str] = []
    for found in STRETCHES[mark].finditer(marks):
        lines += texts[found.start() : found.end()]
    return "\n".join(lines).strip("\n\r\t \f\v")


def _apart(texts: Sequence[str], quoted: Sequence[bool], signs: Iterable[int]) -> tuple[list[str], list[bool]] | None:
    """The same lines, where an attribution that follows a text on its line stands on its own; None: there is none."""
    cuts = {at: cut for at in signs if (cut := _run_on(texts, at)) is not None}
    if not cuts:
        return None
    apart: list[str] = []
    own: list[bool] = []
    for at, (text, mark) in enumerate(zip(texts, quoted, strict=True)):
        pieces = (text[: cuts[at]], text[cuts[at] :]) if at in cuts else (text,)
        apart += pieces
        own += [mark] * len(pieces)
    return apart, own


def _run_on(texts: Sequence[str], at: int) -> int | None:
    """Where in this line over a quote an attribution starts, if text stands before it."""
    text, below = texts[at], texts[at + 1] if at + 1 < len(texts) else ""
    may_be = text.rstrip()[-1:] in COLONS and is_marked(below) and not is_marked(text)
    return run_on(text) if may_be else None


def _mark_torn_lines(texts: Sequence[str], marks: bytearray) -> None:
    """A line between two marked ones that is only the rest of the upper one."""
    for found in BETWEEN.finditer(bytes(marks)):
        at = found.start()
        may_be = texts[at].strip() and is_marked(texts[at - 1])
        if may_be and is_torn(texts[at - 1][:MAX_LINE], texts[at][:MAX_LINE]):
            marks[at] = QUOTED


def _mark_header_blocks(texts: Sequence[str], marks: bytearray, signs: Iterable[int]) -> None:
    """From a header block or banner on, all is quoted; over a quote with marks, the block alone.

    It goes alone too where nothing was written above it, unless it says that it forwards: what stands below a form, or
    a bare "Original Message", is all that there is to read.
    """
    roles = roles_of(texts, signs)
    looked, written = 0, False  # up to which line we looked for something written
    for at in signs:
        if at < looked or marks[at] != VISIBLE or not texts[at].strip():
            continue
        if not (is_banner(texts[at]) or (roles[at] is not None and is_header_block(texts, roles, at))):
            continue
        written = written or any(marks[line] == VISIBLE and _is_written(texts[line]) for line in range(looked, at))
        start, stop = _with_rule_above(texts, at), block_end(texts, roles, at)
        below = next((line for line in texts[stop : stop + 3] if line.strip()), "")
        if not is_marked(below) and (written or banner(texts[at], FORWARDED) is not None):
            stop = len(texts)
        _quote(marks, start, stop)
        looked = stop


def _is_written(text: str) -> bool:
    return text.strip() != "" and not is_rule(text)


def _quote(marks: bytearray, start: int, stop: int) -> None:
    marks[start:stop] = bytes((QUOTED,)) * (stop - start)


def _with_rule_above(texts: Sequence[str], at: int) -> int:
    """Where the rule ("____") above a header block stands, else the block itself; one blank line may lie between."""
    for above in (at - 1, at - 2):
        if above >= 0 and is_rule(texts[above]):
            return above
        if above < 0 or texts[above].strip():
            break
    return at


def _mark_attributions(texts: Sequence[str], marks: bytearray, signs: Iterable[int], filled: Sequence[int]) -> None:
    """`On ... wrote:` belongs to the quote below it; over a quote without marks it takes all that follows along.

    Where nothing was written above it, what follows is all that there is to read: then it goes alone.
    """
    written, looked = False, 0
    for end in _possible_ends(texts, marks, signs, filled):
        if not texts[end].strip() or (marks[end] == QUOTED and not _is_broken_end(texts[end])):
            continue
        following = bisect_right(filled, end)
        below = filled[following] if following < len(filled) else None
        over_marks = below is not None and (marks[below] == QUOTED or _mark_unusual(texts, marks, end, below))
        start = _attribution_start(texts, marks, end, over_marks)
        if start is None:
            continue
        while looked < start and not written:
            written = marks[looked] == VISIBLE and texts[looked].strip() != ""
            looked += 1
        if written and not over_marks:
            _quote(marks, start, len(texts))
            return
        _quote(marks, start, end + 1)


def _possible_ends(
    texts: Sequence[str], marks: bytearray, signs: Iterable[int], filled: Sequence[int]
) -> Iterable[int]:
    """The lines at which an attribution may end: those that tell something, and those over a quote."""
    over_quotes = {
        above
        for above, at in pairwise(filled)
        if marks[above] == VISIBLE and (marks[at] == QUOTED or texts[at][0] in UNUSUAL_MARKS)
    }
    return sorted(over_quotes.union(signs))[:MOST_ENDS]


def _mark_unusual(texts: Sequence[str], marks: bytearray, end: int, below: int) -> bool:
    """Whether the two lines below an attribution start with the same unusual mark; then each line with it is quoted."""
    mark = texts[below][:1]
    if mark not in UNUSUAL_MARKS or not any(text.startswith(mark) for text in texts[below + 1 : below + 2]):
        return False
    if _attribution_start(texts, marks, end, True) is None:
        return False
    for at in range(below, len(texts)):
        if texts[at].startswith(mark):
            marks[at] = QUOTED
    return True


def _attribution_start(texts: Sequence[str], marks: bytearray, end: int, over_marks: bool) -> int | None:
    """The first line of the attribution that ends here, if one does. Wrapped ones are tried shortest first."""
    last = texts[end][-MAX_LINE:].rstrip("* \t\xa0_")
    broken = _is_broken_end(last) and _may_have_broken(texts[max(0, end - BROKEN_LINES) : end])
    if not (over_marks or broken or last.endswith((":", "：", "--")) or last[:4].isdigit()):
        return None
    best, joined, known = None, "", 0
    for start in range(end, max(-1, end - (BROKEN_LINES if broken else ATTRIBUTION_LINES)), -1):
        if len(texts[start]) > MAX_LINE or (not broken and (marks[start] == QUOTED or not texts[start].strip())):
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


def _mark_blank_lines(marks: bytearray, filled: Iterable[int]) -> None:
    """Blank lines inside a quote are part of it."""
    for above, at in pairwise(filled):
        if at - above > 1 and marks[above] == marks[at] == QUOTED:
            _quote(marks, above, at)


def _mark_signatures(texts: Sequence[str], marks: bytearray) -> None:
    """The signature stands at the end of the first or the last stretch that the sender wrote."""
    found = (stretch.span() for stretch in STRETCHES[VISIBLE].finditer(marks))
    stretches = [(start, stop) for start, stop in found if any(text.strip() for text in texts[start:stop])]
    for start, stop in {*stretches[:1], *stretches[-1:]}:
        at = signature_start(texts, start, stop, alone=(start, stop) == stretches[0])
        if at is not None:
            marks[at:stop] = bytes((SIGNATURE,)) * (stop - at)
