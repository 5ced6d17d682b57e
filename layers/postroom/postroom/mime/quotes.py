"""What tells a quoted mail from a written one: marks, header blocks, banners and lines such as "On ... wrote:".

Pure questions about lines, in any language of `clients`; each is linear in the bounded length of what it looks at.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from postroom.mime import clients
from postroom.mime.clients import Role

MAX_LINE = 1000  # a longer line is never a client's own
MAX_ATTRIBUTION = 400
WRAPPED = 65  # from this length on a line may have been wrapped
HEADER_LINES = 30  # a header block is looked for in so many lines
OTHER_LINES = 2  # so many lines of a block may be blank or go on with the line above


def any_of(words: Iterable[str]) -> str:
    """A pattern of alternatives; a word of a script with spaces stands alone, not inside another word.

    They are sorted by their first letter, and the pattern starts with it: so `re` skips to the letters that count.
    """
    rests: dict[str, list[str]] = {}
    for word in words:
        rests.setdefault(word[0], []).append(re.escape(word[1:]))
    return "|".join(
        rf"{first}(?<!\w\w)(?:{'|'.join(some)})(?!\w)" if first < "\u2e80" else f"{first}(?:{'|'.join(some)})"
        for first, some in rests.items()
    )


DATE = re.compile(
    r"\d{1,2}[:.h]\d{2}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\b(?:19|20)\d{2}\b"
    r"|\d{1,4}\s?[年月년월]|\d{1,2}\.? [^\W\d_]{3,12}"
)
TIME = re.compile(r"(?<![\d.])\d{1,2}[:.h]\d{2}(?![\d.])")
ADDRESS = re.compile(r"[^\s<>@]@[^\s<>@]")
WROTE = re.compile(any_of(clients.flat(clients.WROTE)))
OPENER = re.compile(any_of(clients.flat(clients.OPENERS)))
ORIGINAL = re.compile(any_of(clients.flat(clients.ORIGINAL)))
FORWARDED = re.compile(any_of(clients.flat(clients.FORWARDED)))
RULE = re.compile(r"[_=*\-–—]{5,}$")
SIGNS = (":", "：", "--", "__", "==", "——")
BEFORE_NUMBER = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "-–—"
INITIALS = re.compile(r"[A-ZА-Я]{2,4}>")  # The Bat!
#: Gmail's old line: `2011/4/7 Ann Example <ann@example.com>`, with a time and a zone in later years.
DATED_NAME = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?: \d{1,2}:\d{2})?(?: gmt[+-]\d{1,2}:\d{2})? [^:|]{1,120}$")


def telling(texts: Sequence[str]) -> list[int]:
    """The lines that a client may have written: with a colon, two dashes or strokes, or a number first.

    No other line is a banner or a header line, and without one of them there is no attribution but over a quote: each
    rule below asks for one of these signs. Most lines have none, and are not looked at any more.
    """
    whole = "\n".join(texts)
    visible = clients.visible(whole)
    if len(visible) < len(whole):
        texts = [clients.visible(text) for text in texts]
    found = {at for at, text in enumerate(texts) if text.lstrip(BEFORE_NUMBER)[:1].isdigit()}
    for sign in SIGNS:
        if sign[0] in visible:  # ten times as fast as `sign in visible`
            found.update(at for at, text in enumerate(texts) if sign in text)
    return sorted(found)


def roles_of(texts: Sequence[str], telling: Iterable[int]) -> list[Role | None]:
    """What each line says as a header line; only those that tell something can."""
    roles: list[Role | None] = [None] * len(texts)
    for at in telling:
        roles[at] = role_of(texts[at])
    return roles


def is_marked(line: str) -> bool:
    """Whether a line has a quote mark."""
    if ">" not in line and "＞" not in line:
        return False
    text = line[:MAX_LINE].lstrip(" \t\ufeff\xa0")
    return text.startswith((">", "＞")) or INITIALS.match(text) is not None


def is_rule(line: str) -> bool:
    """Whether a line is drawn: `________`, as Outlook draws above a quoted mail."""
    return RULE.match(line.strip()[:MAX_LINE]) is not None


def role_of(line: str) -> Role | None:
    """What a header line of a quoted mail says, in any language: `*Von:* Ann`, `> From: Ann`, `件名：...`."""
    name, colon, _ = line[:60].replace("：", ":").partition(":")
    return clients.ROLES.get(clients.fold(name.strip("*_> \t|\xa0"))) if colon else None


def is_header_block(texts: Sequence[str], roles: Sequence[Role | None], at: int) -> bool:
    """Whether a header block starts at this line: a sender and two more of date, recipient and subject, close together.

    Without any address it needs a subject: a traveller writes `From: Hamburg`, `To: Berlin`, `Date: ...`. Two lines are
    enough where both say what their names promise: `From:` or `To:` an address, `Date:` a date.
    """
    seen: set[Role] = set()
    proofs: set[Role] = set()
    others = 0
    for role, text in zip(roles[at : at + HEADER_LINES], texts[at : at + HEADER_LINES], strict=True):
        if role is None:
            others += 1
            if others > OTHER_LINES:
                break
            continue
        others = 0
        seen.add(role)
        if role not in proofs and _keeps_its_promise(role, text[:MAX_LINE]):
            proofs.add(role)
    kinds = seen & {Role.FROM, Role.DATE, Role.TO, Role.SUBJECT}
    addressed = Role.SUBJECT in seen or proofs & {Role.FROM, Role.TO}
    return (Role.FROM in seen and len(kinds) >= 3 and bool(addressed)) or (Role.DATE in proofs and len(proofs) >= 2)


def block_end(texts: Sequence[str], roles: Sequence[Role | None], at: int) -> int:
    """The line after the header block (or the banner with a header block below it) that starts at this line."""
    stop = at + 1
    for line in range(at + 1, min(len(texts), at + HEADER_LINES)):
        if roles[line] is not None:
            stop = line + 1
        elif line - stop >= OTHER_LINES or (texts[line].strip() and not is_rest(texts, roles, line)):
            break
        elif texts[line].strip():
            stop = line + 1
    return stop


def is_rest(texts: Sequence[str], roles: Sequence[Role | None], at: int) -> bool:
    """Whether a line without a name goes on with the header line above it."""
    above = texts[at - 1].rstrip()
    named_below = at + 1 < len(texts) and roles[at + 1] is not None
    return bool(above) and not is_marked(texts[at]) and (named_below or above.endswith((",", ";")))


def _keeps_its_promise(role: Role, text: str) -> bool:
    match role:
        case Role.FROM | Role.TO:
            return ADDRESS.search(text) is not None
        case Role.DATE:
            return DATE.search(text) is not None
        case _:
            return False


def is_banner(line: str) -> bool:
    """`-----Original Message-----`, `Begin forwarded message:` and the like, in any language."""
    return banner(line, FORWARDED) is not None or banner(line, ORIGINAL) is not None


def banner(line: str, words: re.Pattern[str]) -> str | None:
    """What follows the banner on its own line (mostly nothing), or None where the line is no banner of these words."""
    text = clients.visible(line[:MAX_LINE]).strip(" \t>*\xa0|")
    dashed = text.startswith(("--", "__", "==", "——"))
    if not dashed and not text.endswith((":", "：")):
        return None
    text = text.lstrip("-_=—–* \t")
    found = words.match(text.lower()) if len(text) == len(text.lower()) else words.match(clients.fold(text))
    if found is None:
        return None
    rest = text[found.end() :].strip("-_=—–:：* .\t")
    return rest if dashed or not rest else None


def is_attribution(line: str, over_marks: bool) -> bool:
    """Whether a line introduces a quote: it says "wrote", or names an address and a date; a colon or dashes end it.

    The line is folded. Over a quote with marks (`over_marks`) less is asked of it: elsewhere an address or a time must
    be there, for people write "on Monday your colleague wrote:" themselves.
    """
    if len(line) > MAX_ATTRIBUTION:
        return False
    dashed = line.startswith("--") and line.endswith("--")
    closed = line.endswith((":", "：")) or dashed
    line = line.strip("-–— ")
    dated_name = DATED_NAME.match(line) is not None
    if not (over_marks or closed or dated_name):
        return False
    wrote = WROTE.search(line) is not None
    if wrote and over_marks and closed:
        return True
    address = ADDRESS.search(line) is not None
    if wrote:
        evidence = address + (DATE.search(line) is not None) + (OPENER.match(line) is not None)
        return evidence >= 2 and (over_marks or (closed and (address or TIME.search(line) is not None)))
    if dated_name:
        return address or "gmt" in line
    if not address or dashed or DATE.search(line) is None:
        return False
    return over_marks or (closed and TIME.search(line) is not None)


def run_on(line: str) -> int | None:
    """Where an attribution starts behind a text on the same line: `Yes. On 4 Apr 2012, Ann wrote:`."""
    if len(line) > MAX_LINE or not line.rstrip().endswith((":", "：")) or starts_attribution(clients.fold(line)):
        return None
    lower = line.lower()
    for found in islice(OPENER.finditer(lower if len(lower) == len(line) else line), 20):
        at = found.start()
        apart = line[:at].strip() != "" and line[at - 1] in " \t-–—.!?"
        dated = DATE.search(line, at, at + 40) is not None
        if apart and dated and line[at].isupper() and is_attribution(clients.fold(line[at:]), over_marks=True):
            return at
    return None


def is_torn(above: str, line: str) -> bool:
    """Whether a line without a mark is the rest of the marked line above it, which a wrap tore apart."""
    if above.count("(") > above.count(")") or above.count("<") > above.count(">"):
        return True
    words = line.strip()
    wrapped = len(above) >= WRAPPED and above.rstrip()[-1:] not in ".?!:"
    return words.endswith(" >") or (wrapped and words[:1].islower() and len(words) < len(above))


def completeness(line: str) -> int:
    """How much of an attribution a folded line holds: a date, an address, a name before the address."""
    named = not line.lstrip("-–— *_(").startswith("<")
    return (DATE.search(line) is not None) + (ADDRESS.search(line) is not None) + named


def starts_attribution(line: str) -> bool:
    """Whether a folded line is the first of an attribution, not the rest of one that was wrapped."""
    line = line.lstrip("-–— *_>")
    return OPENER.match(line) is not None or line[:1].isdigit()
