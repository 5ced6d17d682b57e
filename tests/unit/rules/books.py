"""Arbitrary rule books, mails and histories, for what must hold of all of them."""

from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from postroom.envelope import UNKNOWN_SENDER, Verdict, Verdicts
from postroom.kinds.kind import Kind
from postroom.message import Address, Attachment, Message, Reply
from postroom.rules import conditions as c
from postroom.rules.actions import Actions, Handling, Priority
from postroom.rules.conditions import Condition
from postroom.rules.facts import Facts
from postroom.rules.glob import AddressPattern, Glob
from postroom.rules.history import History
from postroom.rules.hours import Hours
from postroom.rules.reading import RuleBook
from postroom.rules.rule import Rule
from postroom.rules.urgency import Levels, Urgency, UrgencyReason
from postroom.vouching import Vouched

T = TypeVar("T")

WORDS = ("invoice", "outage", "*rechnung", "kündig*", "請求書", "at once", "ΣΊΣΥΦΟΣ", "straße")
ADDRESSES = ("ann@example.com", "bob@sub.example.com", "billing+118@desk.example", "x@y.test", "")
TAGS = ("vip", "press", "key-account")


def some(values: tuple[T, ...]) -> st.SearchStrategy[frozenset[T]]:
    return st.sets(st.sampled_from(values), min_size=1, max_size=3).map(frozenset)


def few(each: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(each, min_size=1, max_size=3, unique=True).map(tuple)


def ranges(most: int) -> st.SearchStrategy[c.Range]:
    numbers = st.integers(0, most)
    both = st.tuples(numbers, numbers).map(sorted).map(lambda pair: c.Range(least=pair[0], most=pair[1]))
    return both | numbers.map(lambda n: c.Range(least=n)) | numbers.map(lambda n: c.Range(most=n))


VERDICTS = tuple(verdict.value.lower() for verdict in Verdict)
CHOICES: dict[str, tuple[str, ...]] = {
    "kind": tuple(Kind), "language": ("de", "en", "no", "unknown"), "spf": VERDICTS, "dkim": VERDICTS,
    "dmarc": VERDICTS, "spam": VERDICTS, "virus": VERDICTS, "sender": tuple(Vouched), "weekday": c.WEEKDAYS,
}  # fmt: skip
_GLOBS = st.sampled_from(("1*", "*high*", "application/*", "*.pdf", "a*b*c")).map(Glob)
_PATTERNS = st.sampled_from(("ann@example.com", "example.com", ".example.com", "billing*@*", "*@y.test")).map(
    AddressPattern
)


def _one_of(fact: str) -> st.SearchStrategy[Condition]:
    return some(CHOICES[fact]).map(lambda values: c.OneOf(fact=fact, values=frozenset(map(str, values))))


LEAVES: st.SearchStrategy[Condition] = st.one_of(
    st.builds(c.Says, place=st.sampled_from(c.PLACES), phrases=few(st.sampled_from(WORDS).map(c.Phrase.of))),
    st.sampled_from(tuple(CHOICES)).flatmap(_one_of),
    st.builds(c.Shares, fact=st.sampled_from(("to", "customer_tag")), values=some(("billing", *TAGS))),
    st.builds(c.Is, fact=st.sampled_from(tuple(c.YES_NO_FACTS)), wanted=st.booleans()),
    st.builds(c.Within, fact=st.sampled_from(tuple(c.NUMBER_FACTS)), range=ranges(20)),
    st.builds(c.AddressFits, fact=st.sampled_from(c.ADDRESS_FACTS), patterns=few(_PATTERNS)),
    st.builds(c.HeaderSays, name=st.sampled_from(("x-priority", "subject", "list-id")),
              present=st.booleans() | st.none(), contains=few(st.sampled_from(("invoice", "1")))),
    st.builds(c.Attached, count=ranges(3), types=few(_GLOBS), extensions=some(("pdf", "png")), size=ranges(9_000)),
    st.tuples(st.integers(0, 1439), st.integers(0, 1439)).filter(lambda span: span[0] != span[1])
    .map(lambda span: c.AtTime(start=span[0], end=span[1])),
)  # fmt: skip

TREES: st.SearchStrategy[Condition] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(c.AllOf, of=st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(c.AnyOf, of=st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(c.Not, of=inner),
    ),
    max_leaves=6,
)

ACTIONS = st.builds(
    Actions,
    disposition=st.sampled_from((*Handling, None)),
    category=st.sampled_from(("billing", "legal", None)),
    priority=st.sampled_from((*Priority, None)),
    assign=st.sampled_from(("ann@example.com", None)),
    reply=st.sampled_from(("none", "welcome", None)),
    tags=st.sets(st.sampled_from(TAGS)).map(sorted).map(tuple),
    notify=st.sets(st.sampled_from(("oncall", "boss"))).map(sorted).map(tuple),
)

SPANS = st.sampled_from(((), ((540, 1050),), ((0, 720), (780, 1440)), ((0, 1440),)))
HOURS = st.builds(
    Hours,
    zone=st.sampled_from((UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu"))),
    week=st.lists(SPANS, min_size=7, max_size=7).map(tuple),
    holidays=st.sets(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=5).map(frozenset),
    yearly=st.sets(st.sampled_from(((12, 25), (2, 29), (1, 1)))).map(frozenset),
)


@st.composite
def books(draw: st.DrawFn) -> RuleBook:
    trees = draw(st.lists(TREES, max_size=4))
    rules = (
        Rule(name=f"rule {n}", when=when, actions=draw(ACTIONS), stop=draw(st.booleans()))
        for n, when in enumerate(trees)
    )
    reasons = (
        UrgencyReason(name=f"r{n}", points=draw(st.integers(-99, 99)), when=when) for n, when in enumerate(trees)
    )
    targets = st.dictionaries(st.sampled_from(Priority), st.integers(1, 60_000).map(lambda m: timedelta(minutes=m)))
    return RuleBook(
        name=draw(st.sampled_from(("", "2026-11", "no"))),
        hours=draw(HOURS),
        targets=draw(targets),
        urgency=Urgency(levels=Levels(urgent=90, high=30, low=-10), reasons=tuple(reasons)),
        rules=tuple(rules),
    )


def attachment(
    name: str = "a.pdf", type_: str = "application/pdf", size: int = 1, cid: str | None = None
) -> Attachment:
    return Attachment(
        path="2", filename=name, safe_filename=name, content_type=type_, detected_type=None,
        disposition="inline" if cid else "attachment", content_id=cid, size=size, sha256="0" * 64,
    )  # fmt: skip


TEXTS = st.lists(st.sampled_from((*WORDS, "hello", "\N{ZERO WIDTH SPACE}")) | st.text(max_size=8), max_size=8).map(
    " ".join
)
PEOPLE = st.lists(st.sampled_from(ADDRESSES).map(lambda a: Address(name="", address=a)), max_size=2).map(tuple)
MESSAGES = st.builds(
    Message,
    subject=TEXTS,
    reply=TEXTS.map(lambda text: Reply(visible=text)),
    from_=PEOPLE,
    to=PEOPLE,
    attachments=st.lists(st.builds(attachment, size=st.integers(0, 9_999)), max_size=3).map(tuple),
    facts=st.sampled_from(({}, {"x-priority": ("1 (highest)",)}, {"list-id": ("<a.example>",)})),
)
_HISTORIES = st.none() | st.builds(
    History,
    mails=st.integers(0, 30),
    days_since_last=st.none() | st.integers(0, 30),
    open_conversations=st.integers(0, 5),
    waiting_days=st.none() | st.integers(0, 9),
    tags=some(TAGS) | st.just(frozenset()),
)
#: Hypothesis refuses bounds with a zone, and adds it itself.
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 (as said)


@st.composite
def mails(draw: st.DrawFn) -> Facts:
    history = draw(_HISTORIES)
    return Facts(
        message=draw(MESSAGES),
        kind=draw(st.sampled_from(Kind)),
        language=draw(st.sampled_from((None, "de", "no"))),
        mail_from=draw(st.sampled_from((None, UNKNOWN_SENDER, *ADDRESSES))),
        rcpt_to=draw(st.none() | st.lists(st.sampled_from(ADDRESSES), max_size=2).map(tuple)),
        verdicts=draw(st.none() | st.builds(Verdicts, spam=st.sampled_from(Verdict), spf=st.sampled_from(Verdict))),
        vouched=draw(st.none() | st.sampled_from(Vouched)),
        received_at=draw(st.none() | MOMENTS),
        size=draw(st.none() | st.integers(0, 99)),
        hours=draw(HOURS),
        ask_history=lambda: history,
    )
