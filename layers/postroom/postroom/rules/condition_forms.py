"""Every condition that a rules file knows: its key, what may stand under it, an example, and how it is read.

`FORMS` is the table; docs/rules.md shows it, and a test holds the two together.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import yaml

from postroom.conversation import TAG
from postroom.envelope import Verdict
from postroom.kinds.kind import Kind
from postroom.rules import conditions as c
from postroom.rules.action_forms import CATEGORY
from postroom.rules.conditions import Condition
from postroom.rules.facts import MESSAGE_HEADERS, NULL_RETURN_PATH, UNKNOWN_LANGUAGE
from postroom.rules.glob import MOST_STARS, AddressPattern, Glob
from postroom.rules.sheet import Sheet, closest, like, listed
from postroom.rules.signs import warn_of_pattern, warn_of_phrase
from postroom.vouching import Vouched

_LANGUAGE = re.compile(rf"[a-z]{{2}}|{UNKNOWN_LANGUAGE}")
_LOCAL_PART = re.compile(r"[^@\s]{1,64}")
_EXTENSION = re.compile(r"[a-z0-9]{1,10}")
_TIMES = re.compile(r"(\d\d?):(\d\d) ?- ?(\d\d?):(\d\d)")
_LONGEST_PATTERN = 200  # characters
_SHORT_DAYS = {day[:3]: day for day in c.WEEKDAYS}
_SHORT_DAYS_OF = {day: short for short, day in _SHORT_DAYS.items()}


class Scope(Protocol):
    """What the reader of a whole file knows beside the sheet."""

    @property
    def sheet(self) -> Sheet: ...

    def phrases_of(self, macro: yaml.Node, name: str) -> tuple[c.Phrase, ...]:
        """The phrases of the word list of this name; the fault is told where there is none."""

    def is_given(self, action: str, written: str) -> bool:
        """Whether a rule before this one gives this category, or tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """`takes` says to a person what stands under the key, `example` is a value as it is written in a file."""

    takes: str
    holds: str
    example: str
    read: Callable[[Scope, yaml.Node, str], Condition | None]


def _says(scope: Scope, node: yaml.Node, key: str) -> Condition | None:
    found = phrases(scope, node, key)
    return c.Says(place=key, phrases=found) if found else None


def _unless(scope: Scope, node: yaml.Node, key: str) -> Condition | None:
    found = phrases(scope, node, key)
    return c.Not(of=c.Says(place="words", phrases=found)) if found else None


def phrases(scope: Scope, node: yaml.Node, key: str) -> tuple[c.Phrase, ...]:
    found: dict[str, c.Phrase] = {}
    for each, written in scope.sheet.words(node, key):
        macro = written.startswith("$")
        meant = scope.phrases_of(each, written[1:]) if macro else phrase_of(scope.sheet, each, key, written)
        for phrase in meant:
            found.setdefault(phrase.wanted, phrase)
    return tuple(found.values())


def phrase_of(sheet: Sheet, node: yaml.Node, key: str, written: str) -> tuple[c.Phrase, ...]:
    """The phrase; none where it can't be looked for: the fault is told."""
    phrase = c.Phrase.of(written)
    if not phrase.wanted.strip():
        sheet.fault(node, f"`{key}` has {written!r}, which has no letter or digit: write a word or take it out.")
        return ()
    if "*" in written[1:-1]:
        sheet.fault(node, f"`{key}` has {written!r}: an asterisk may only begin or end a phrase.")
        return ()
    warn_of_phrase(sheet, node, key, written)
    return (phrase,)


def _one_of(choices: tuple[str, ...]) -> Callable[[Scope, yaml.Node, str], Condition | None]:
    def read(scope: Scope, node: yaml.Node, key: str) -> Condition | None:
        values = scope.sheet.choices(node, key, choices)
        return c.OneOf(fact=key, values=values) if values else None

    return read


def _formed(form: re.Pattern[str], wanted: str) -> Callable[[Scope, yaml.Node, str], Condition | None]:
    def read(scope: Scope, node: yaml.Node, key: str) -> Condition | None:
        written = (scope.sheet.formed(each, key, form, wanted) for each in scope.sheet.nodes(node, key))
        values = frozenset(filter(None, written))
        if not values:
            return None
        return c.OneOf(fact=key, values=values) if key in c.SINGLE_FACTS else c.Shares(fact=key, values=_folded(values))

    return read


def _folded(values: frozenset[str]) -> frozenset[str]:
    return frozenset(value.casefold() for value in values)


def _given(action: str, form: re.Pattern[str]) -> Callable[[Scope, yaml.Node, str], Condition | None]:
    """A category or tag that a rule before this one gives: any other never is."""
    read_formed = _formed(form, "letters, digits and underscores")

    def read(scope: Scope, node: yaml.Node, key: str) -> Condition | None:
        for each, written in scope.sheet.words(node, key):
            if form.fullmatch(written) and not scope.is_given(action, written.casefold()):
                scope.sheet.fault(each, f"`{key}: {written}` never holds: no rule before this one gives it.")
        return read_formed(scope, node, key)

    return read


def _addresses(scope: Scope, node: yaml.Node, key: str) -> Condition | None:
    patterns = (AddressPattern(w) for each, w in scope.sheet.words(node, key) if _is_address(scope.sheet, each, key, w))
    found = tuple(patterns)
    return c.AddressFits(fact=key, patterns=found) if found else None


def _is_address(sheet: Sheet, node: yaml.Node, key: str, written: str) -> bool:
    if written == NULL_RETURN_PATH and key == "mail_from":
        return True
    if not re.fullmatch(r"[^\s<>,;@]{0,64}@?[^\s<>,;@]{1,190}", written) or "." not in written.replace("*", "."):
        wanted = "an address, a domain, .domain for its subdomains, or one of these with asterisks"
        sheet.fault(node, f"`{key}: {written}` must be {wanted}.")
        return False
    return _has_few_stars(sheet, node, key, written)


def _has_few_stars(sheet: Sheet, node: yaml.Node, key: str, written: str) -> bool:
    if written.count("*") > MOST_STARS or len(written) > _LONGEST_PATTERN:
        sheet.fault(node, f"`{key}` takes {MOST_STARS} asterisks and {_LONGEST_PATTERN} characters at most.")
        return False
    return True


def _globs(sheet: Sheet, node: yaml.Node | None, key: str) -> tuple[Glob, ...]:
    found = [(each, w) for each, w in sheet.words(node, key) if _has_few_stars(sheet, each, key, w)]
    for each, written in found:
        warn_of_pattern(sheet, each, key, written)
    return tuple(Glob(written) for _, written in found)


def _header(scope: Scope, node: yaml.Node, _key: str) -> Condition | None:
    sheet = scope.sheet
    keys = sheet.mapping(node, ("name", "present", "contains", "matches"), "`header`")
    if "name" not in keys or len(keys) < 2:
        sheet.fault(node, "`header` needs `name`, and `present`, `contains` or `matches` beside it.")
    written = re.compile(r"[A-Za-z0-9-]{1,60}")
    name = sheet.formed(keys["name"], "name", written, "a header field's name").lower() if "name" in keys else ""
    if name:
        _known_header(sheet, keys["name"], name)
    return c.HeaderSays(
        name=name,
        present=sheet.yes_no(keys["present"], "present") if "present" in keys else None,
        contains=tuple(written for _, written in sheet.words(keys.get("contains"), "contains")),
        matches=_globs(sheet, keys.get("matches"), "matches"),
    )


def _known_header(sheet: Sheet, node: yaml.Node, name: str) -> None:
    from postroom.mime.facts import FACTS, KEPT  # here: who asks for no header need not load it

    known = FACTS | MESSAGE_HEADERS
    if name not in known and not name.startswith(KEPT):
        close = _like_field(name, known)
        sheet.fault(node, f"`name: {name}` is no field that is kept of a mail (see docs/rules.md).{close}")


def _like_field(name: str, known: frozenset[str]) -> str:
    """Which field was meant, as far as that shows: the x- that many begin with makes none like another."""
    if not name.startswith("x-"):
        return like(name, known)
    close = closest(name[2:], (each[2:] for each in known if each.startswith("x-")), 0.75)
    return f" Did you mean x-{close}?" if close else ""


def _attachments(scope: Scope, node: yaml.Node, key: str) -> Condition | None:
    sheet = scope.sheet
    if isinstance(node, yaml.ScalarNode):
        wanted = sheet.yes_no(node, key)
        return None if wanted is None else c.Is(fact=key, wanted=wanted)
    keys = sheet.mapping(node, ("count", "type", "extension", "name", "size"), "`attachments`")
    extensions = [
        sheet.formed(each, "extension", _EXTENSION, "an extension without its dot, in small letters")
        for each in (sheet.nodes(keys["extension"], "extension") if "extension" in keys else ())
    ]
    count = sheet.range(keys["count"], "count") if "count" in keys else None
    size = sheet.range(keys["size"], "size", sized=True) if "size" in keys else None
    return c.Attached(
        count=count or c.Range(least=1),
        types=_globs(sheet, keys.get("type"), "type"),
        extensions=frozenset(filter(None, extensions)),
        names=_globs(sheet, keys.get("name"), "name"),
        size=size or c.Range(),
    )


def _within(*, sized: bool = False) -> Callable[[Scope, yaml.Node, str], Condition | None]:
    def read(scope: Scope, node: yaml.Node, key: str) -> Condition | None:
        found = scope.sheet.range(node, key, sized=sized)
        return c.Within(fact=key, range=found) if found else None

    return read


def _is(scope: Scope, node: yaml.Node, key: str) -> Condition | None:
    wanted = scope.sheet.yes_no(node, key)
    return None if wanted is None else c.Is(fact=key, wanted=wanted)


def _weekday(scope: Scope, node: yaml.Node, key: str) -> Condition | None:
    days = [day for each, w in scope.sheet.words(node, key) for day in days_of(scope.sheet, each, key, w)]
    return c.OneOf(fact=key, values=frozenset(days)) if days else None


def days_of(sheet: Sheet, node: yaml.Node, key: str, written: str) -> tuple[str, ...]:
    """`monday`, `mon` or `mon-fri` as the days that it means."""
    names = [_SHORT_DAYS.get(part.strip().lower(), part.strip().lower()) for part in written.split("-")]
    if len(names) > 2 or not set(names) <= set(c.WEEKDAYS):
        close = _like_days(names)
        sheet.fault(node, f"`{key}: {written}` must be a day such as monday, or days such as mon-fri.{close}")
        return ()
    first, last = c.WEEKDAYS.index(names[0]), c.WEEKDAYS.index(names[-1])
    return tuple(c.WEEKDAYS[day % 7] for day in range(first, last + 1 if last >= first else last + 8))


def _like_days(names: list[str]) -> str:
    """Each end of a range is looked at by itself: `mon-thr` is like mon-thu."""
    meant = [closest(name, _SHORT_DAYS if len(name) <= len("mon") + 1 else c.WEEKDAYS) for name in names]
    short = [_SHORT_DAYS_OF.get(each, each) for each in meant]
    return f" Did you mean {'-'.join(short if len(names) > 1 else meant)}?" if len(names) < 3 and all(meant) else ""


def _time(scope: Scope, node: yaml.Node, key: str) -> Condition | None:
    found = minutes_of(scope.sheet, node, key)
    return c.AtTime(start=found[0], end=found[1]) if found else None


def minutes_of(sheet: Sheet, node: yaml.Node, key: str) -> tuple[int, int] | None:
    """`09:00-17:30` as minutes of the day."""
    written = sheet.word(node, f"`{key}`")
    found = _TIMES.fullmatch(written)
    parts = tuple(map(int, found.groups())) if found else ()
    start, end = (parts[0] * 60 + parts[1], parts[2] * 60 + parts[3]) if parts else (0, 0)
    if not written:
        return None
    if not parts or parts[1] > 59 or parts[3] > 59 or start >= 24 * 60 or end > 24 * 60 or start == end:
        sheet.fault(node, f"`{key}: {written}` must be times such as 09:00-17:30.")
        return None
    return start, end


_VERDICTS = tuple(verdict.value.lower() for verdict in Verdict)
_SENDERS = tuple(each.value for each in Vouched)
_PHRASES = "phrases, or $NAME of a word list"
_PATTERNS = "addresses, domains, .domains; with asterisks"
_A_RANGE = "a range: `3`, `3..`, `..5`, `3..5`"

#: Every condition, in the order of the documentation.
FORMS: Mapping[str, Form] = {
    "words": Form(
        takes=_PHRASES, holds="one stands in the subject or the visible text",
        example='[refund, "*rechnung", $outage]', read=_says,
    ),
    "subject": Form(takes=_PHRASES, holds="one stands in the subject", example="[invoice]", read=_says),
    "text": Form(takes=_PHRASES, holds="one stands in the visible text", example="[invoice]", read=_says),
    "unless": Form(takes=_PHRASES, holds="none stands in subject or text", example="[newsletter]", read=_unless),
    "kind": Form(
        takes=listed(Kind), holds="the mail is of one of these kinds", example="[person, unknown]",
        read=_one_of(tuple(Kind)),
    ),
    "language": Form(
        takes="ISO 639-1 codes, or unknown", holds="the text is in one of them", example="[de, unknown]",
        read=_formed(_LANGUAGE, "an ISO 639-1 code such as en, or unknown"),
    ),
    "category": Form(
        takes="categories", holds="a rule above gave one of them", example="billing", read=_given("category", CATEGORY)
    ),
    "tag": Form(takes="tags", holds="a rule above gave one of them", example="vip", read=_given("tags", TAG)),
    "to": Form(
        takes="local parts", holds="To, Cc or Delivered-To has one of them; labels don't matter",
        example="[billing, invoices]", read=_formed(_LOCAL_PART, "a local part without @ and domain"),
    ),
    "from": Form(takes=_PATTERNS, holds="an author's address fits one", example="[.example.com]", read=_addresses),
    "mail_from": Form(
        takes=f"{_PATTERNS}; `<>` for the null return path", holds="the envelope sender fits one",
        example='["<>", "*@example.com"]', read=_addresses,
    ),
    "rcpt_to": Form(
        takes=_PATTERNS, holds="an envelope recipient fits one", example="billing@desk.example", read=_addresses
    ),
    **{
        name: Form(takes=listed(_VERDICTS), holds=f"SES's {name} verdict is one of them", example="[fail, gray]",
                   read=_one_of(_VERDICTS))
        for name in ("spf", "dkim", "dmarc", "spam", "virus")
    },
    "sender": Form(
        takes=listed(_SENDERS), holds="DMARC, or an aligned SPF, shows the author to be this", example="proven",
        read=_one_of(_SENDERS),
    ),
    "header": Form(
        takes="`name`, and `present: yes|no`, `contains` (texts) or `matches` (patterns with asterisks)",
        holds="the header field is so; what is set must hold together", example="{name: x-priority, matches: ['1*']}",
        read=_header,
    ),
    "size": Form(
        takes="a range of bytes, KB or MB", holds="the raw mail has that size", example="10 MB..",
        read=_within(sized=True),
    ),
    "attachments": Form(
        takes="yes, no, or `count`, `type`, `extension`, `name`, `size`",
        holds="so many (1.. without a count) attachments fit all that is set; pictures in the text don't count",
        example="{extension: [pdf], size: ..5 MB, count: 1..3}", read=_attachments,
    ),
    "mails_before": Form(
        takes=_A_RANGE, holds="so many mails of this customer came before", example="1..", read=_within()
    ),
    "days_since_last": Form(
        takes=_A_RANGE, holds="the last one came so many days ago", example="..7", read=_within()
    ),
    "open_conversations": Form(
        takes=_A_RANGE, holds="so many of theirs wait for the desk", example="2..", read=_within()
    ),
    "waiting_days": Form(
        takes=_A_RANGE, holds="the oldest of those has waited so many days", example="3..", read=_within()
    ),
    "customer_tag": Form(
        takes="tags", holds="a conversation of theirs has one of them", example="[vip]",
        read=_formed(TAG, "a tag of letters and digits"),
    ),
    "weekday": Form(
        takes="days (`monday`, `mon`, `mon-fri`)", holds="it was received on one, by the desk's clock",
        example="[sat-sun]", read=_weekday,
    ),
    "time": Form(
        takes="`HH:MM-HH:MM`; over midnight too", holds="it was received then, by the desk's clock",
        example="22:00-06:00", read=_time,
    ),
    "business_hours": Form(
        takes="yes or no", holds="the desk was open (`hours`) when it was received", example="no", read=_is
    ),
    "holiday": Form(
        takes="yes or no", holds="it was received on a holiday (`hours`)", example="yes", read=_is
    ),
}  # fmt: skip
