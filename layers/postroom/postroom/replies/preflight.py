"""May this mail be acknowledged? One table of checks, read from the top; the first that finds something withholds.

Here is what is known of the mail and its sender. What is asked elsewhere comes after it: `postroom.replies.departure`.

Automatic replies are bound by RFC 3834, and by the rule that they go only to a sender who is shown to be the sender: a
forged From would have us write to somebody who never wrote to us (backscatter).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from postroom.desk import Desk
from postroom.envelope import Verdict, Verdicts
from postroom.kinds.kind import Kind
from postroom.message import Address, Message, Parsed
from postroom.reasons import Reason
from postroom.replies.addresses import nobody_reads, robot, sendable
from postroom.replies.lines import one_line
from postroom.threads.tokens import is_reference, names_an_agent
from postroom.vouching import Vouched, voucher

LOOP_HEADER = "X-Postroom-Loop"  # in everything that we send by ourselves; any desk of ours that sees it keeps quiet

_OUR_FIELDS = "x-postroom-"

_REFERENCES = 50  # two robots that answer each other add one id a turn; people seldom start a thread that long

_DETAIL = 300  # characters: it stands in the ledger's row

#: Why a mail of this kind is not answered; None where it may be. Total.
KINDS: Mapping[Kind, Reason | None] = {
    Kind.PERSON: None,
    Kind.AUTO_REPLY: Reason.AUTO_REPLY,
    Kind.OUT_OF_OFFICE: Reason.OUT_OF_OFFICE,
    Kind.BOUNCE: Reason.BOUNCE,
    Kind.DELIVERY_REPORT: Reason.DELIVERY_REPORT,
    Kind.COMPLAINT: Reason.COMPLAINT,
    Kind.LIST: Reason.MAILING_LIST,
    Kind.BULK: Reason.BULK_MAIL,
    Kind.NOTIFICATION: Reason.NOTIFICATION,
    Kind.CALENDAR: Reason.CALENDAR,
    Kind.CHALLENGE: Reason.CHALLENGE,
    Kind.UNKNOWN: None,  # a person's mail more often than not, and every other check still stands before it
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a desk sends by itself; the stage counts the first three. `max_age_hours` is since SES took the mail."""

    per_sender_per_day: int = 5
    per_domain_per_hour: int = 200
    per_hour: int = 500
    max_age_hours: int = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the decision needs beside the mail.

    `opened`: the mail opened its conversation, so that nobody was told yet. `silenced`: a rule wants no reply.
    `answered`: the desk has done something in the conversation meanwhile; known only where acknowledgements may wait.
    `again`: it did not, but the desk acknowledges anew after a while, and that has passed.
    """

    kind: Kind
    desk: Desk
    opened: bool
    age_hours: float
    limits: Limits
    silenced: bool = False
    answered: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """No reply: why, what was seen, and the checks made, in order; the last is the one that decided."""

    reason: Reason
    detail: str
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """A reply may go to `recipient`; these checks were made."""

    recipient: Address
    checks: tuple[str, ...]

    def past(self, *checks: str) -> "Clear":
        """After more checks that found nothing."""
        return Clear(recipient=self.recipient, checks=(*self.checks, *checks))

    def refused(self, check: str, reason: Reason, detail: str) -> Withheld:
        """Withheld by a check that comes after these."""
        return Withheld(reason=reason, detail=one_line(detail)[:_DETAIL], checks=(*self.checks, check))

    def but(self, reason: Reason, detail: str = "") -> Withheld:
        """Withheld after all, for what only shows at the sending: a budget, a row in the ledger, SES's refusal."""
        return Withheld(reason=reason, detail=detail, checks=(*self.checks, reason.value))


@dataclass(frozen=True, slots=True)
class _Case:
    """What every check looks at."""

    parsed: Parsed
    situation: Situation

    @property
    def message(self) -> Message:
        return self.parsed.message

    @property
    def verdicts(self) -> Verdicts:
        return self.parsed.received.verdicts

    @property
    def mail_from(self) -> str | None:
        return self.parsed.received.envelope.mail_from

    @property
    def senders(self) -> tuple[str, ...]:
        """The envelope sender and the author: either may show what wrote the mail."""
        author = self.message.author
        return tuple(a for a in (self.mail_from, author.address if author else None) if a)

    def values(self, name: str) -> tuple[str, ...]:
        return self.message.facts.get(name, ())


@dataclass(frozen=True, slots=True)
class Check:
    """One row: `finds` says what speaks against a reply, or None."""

    name: str
    finds: Callable[[_Case], str | None]
    reason: Reason | Mapping[Kind, Reason | None]


def decide(parsed: Parsed, situation: Situation, checks: "tuple[Check, ...] | None" = None) -> Clear | Withheld:
    """Makes the checks in order, those of an acknowledgement unless told; total, and it raises nothing."""
    case, made = _Case(parsed, situation), list[str]()
    for check in CHECKS if checks is None else checks:
        made.append(check.name)
        detail = check.finds(case)
        if detail is None:
            continue
        reason = check.reason if isinstance(check.reason, Reason) else check.reason[situation.kind]
        return Withheld(reason=reason or Reason.NOTIFICATION, detail=one_line(detail)[:_DETAIL], checks=tuple(made))
    # From, never Reply-To: nothing authenticates Reply-To, so it would aim our mails at anybody the sender likes.
    # RFC 3834 section 4 wants the return path for personal responders; a desk's From is what DMARC vouches for.
    author = parsed.message.author
    if author is None:  # the check `sender` has seen to it
        return Withheld(reason=Reason.NO_SENDER, detail="", checks=tuple(made))
    return Clear(recipient=author, checks=tuple(made))


def _off(case: _Case) -> str | None:
    return None if case.situation.desk.replies else "the desk is set up so"


def _silenced(case: _Case) -> str | None:
    return "`reply: none` in the rules file" if case.situation.silenced else None


def our_field(message: Message) -> str | None:
    """A field of a desk's own. Any desk writes such, into what people write as well; no client repeats them in an
    answer."""
    ours = (f"{name}: {', '.join(values)}" for name, values in message.facts.items() if name.startswith(_OUR_FIELDS))
    return next(ours, None)


def _our_header(case: _Case) -> str | None:
    return our_field(case.message)


def _endless(case: _Case) -> str | None:
    count = len(case.message.references)
    return f"{count} ids in References, more than {_REFERENCES}" if count > _REFERENCES else None


def _kind(case: _Case) -> str | None:
    telling = case.situation.kind is not Kind.NOTIFICATION and KINDS[case.situation.kind]
    return f"its kind is {case.situation.kind}" if telling else None


def _notification(case: _Case) -> str | None:
    return f"its kind is {case.situation.kind}" if case.situation.kind is Kind.NOTIFICATION else None


def _null_return_path(case: _Case) -> str | None:
    return None if case.mail_from else "MAIL FROM:<>"


def _auto_replied(case: _Case) -> str | None:
    return _auto_submitted(case, lambda word: word == "auto-replied")


def _auto_generated(case: _Case) -> str | None:
    return _auto_submitted(case, lambda word: word not in ("", "no"))  # RFC 3834 section 5: any other word counts


def _auto_submitted(case: _Case, speaks_against: Callable[[str], bool]) -> str | None:
    values = case.values("auto-submitted")
    found = next((v for v in values if speaks_against(_keyword(v))), None)
    return None if found is None else f"Auto-Submitted: {found}"


def _keyword(value: str) -> str:
    """The first word of a field, without comments before it or behind it, and without parameters."""
    return re.split(r"[;( ]", re.sub(r"^(?:\s{0,9}\([^()]{0,200}\))+", "", value).strip().lower(), maxsplit=1)[0]


def _list_fields(case: _Case) -> str | None:
    # RFC 2369, RFC 2919; and who tells of an author beside From is a list, or wants to be answered in their name.
    names = [name for name in case.message.facts if name.startswith("list-") or name == "x-original-from"]
    return f"it has {', '.join(names)}" if names else None


def _precedence(case: _Case) -> str | None:
    words = (_keyword(v) for v in case.values("precedence"))
    found = next((w for w in words if w in ("bulk", "list", "junk")), None)
    return f"Precedence: {found}" if found else None


def _silence(case: _Case) -> str | None:
    # MS-OXCMAIL; DR, NDR, RN and NRN speak of receipts only.
    for value in case.values("x-auto-response-suppress"):
        if {"all", "autoreply", "oof"} & set(re.split(r"[,; ]+", value.lower())):
            return f"X-Auto-Response-Suppress: {value}"
    return None


def _no_sender(case: _Case) -> str | None:
    author = case.message.author
    if author is None or author not in case.message.from_:  # nothing vouches for a Sender without a From
        return "no address in From"
    return None if sendable(author.address) else f"SES takes no such address: {author.address[:200]!r}"


def _ours(case: _Case) -> str | None:
    found = next((a for a in case.senders if case.situation.desk.owns(a)), None)
    return None if found is None else f"{found} is ours"


def _agent(case: _Case) -> str | None:
    return next((a for a in case.senders if case.situation.desk.employs(a)), None)


def _robot(case: _Case) -> str | None:
    return next((a for a in case.senders if robot(a)), None)


def _no_reply(case: _Case) -> str | None:
    return next((a for a in case.senders if nobody_reads(a)), None)


def _virus(case: _Case) -> str | None:
    return "SES's virus verdict is FAIL" if case.verdicts.virus is Verdict.FAIL else None


def _spam(case: _Case) -> str | None:
    return "SES's spam verdict is FAIL" if case.verdicts.spam is Verdict.FAIL else None


def _told_before(case: _Case) -> str | None:
    may = case.situation.opened or case.situation.again
    return None if may else "the mail did not open its conversation"


def _answered(case: _Case) -> str | None:
    return "the conversation is not new any more" if case.situation.answered else None


def _answers_us(case: _Case) -> str | None:
    """Somebody else answers what we sent: a robot at the end of a forwarding, or a colleague, who had our mail before
    him. That holds of a mail that opened its conversation: its author had no part in the one that he answers."""
    if not case.situation.opened:
        return None
    ours, ids = case.situation.desk.address, (*case.message.in_reply_to, *case.message.references)
    if found := next((id_ for id_ in ids if is_reference(ours, id_)), None):
        return f"it refers to {found}"
    people = (*case.message.to, *case.message.cc)
    to = (*case.parsed.received.envelope.rcpt_to, *(each.address for each in people))
    # Whoever isn't one of the desk's people has it from one of them: a colleague, or that agent at home.
    return "it is to the address of a notice to an agent" if any(map(names_an_agent, to)) else None


def _unauthenticated(case: _Case) -> str | None:
    found = voucher(case.parsed)
    return None if found.vouched is Vouched.PROVEN else found.told


def _old(case: _Case) -> str | None:
    limit = case.situation.limits.max_age_hours
    return f"{case.situation.age_hours:.0f} hours, more than {limit}" if case.situation.age_hours > limit else None


#: The checks in order. What the mail is comes first, since that is what a person wants to hear; then who sent it, then
#: what we know of the sender. What binds every mail of the desk comes after these: `postroom.replies.departure`.
CHECKS: tuple[Check, ...] = (
    Check("replies_on", _off, Reason.REPLIES_OFF),
    Check("loop_header", _our_header, Reason.LOOP),
    Check("references", _endless, Reason.LOOP),
    Check("kind", _kind, KINDS),
    Check("null_return_path", _null_return_path, Reason.NULL_RETURN_PATH),
    Check("auto_replied", _auto_replied, Reason.AUTO_REPLY),
    Check("auto_generated", _auto_generated, Reason.NOTIFICATION),
    Check("list_fields", _list_fields, Reason.MAILING_LIST),
    Check("precedence", _precedence, Reason.BULK_MAIL),
    Check("asked_for_silence", _silence, Reason.ASKED_FOR_SILENCE),
    Check("notification", _notification, Reason.NOTIFICATION),  # "none of the others": any other reason tells more
    Check("sender", _no_sender, Reason.NO_SENDER),
    Check("own_address", _ours, Reason.OUR_OWN_ADDRESS),
    Check("agent", _agent, Reason.AGENT),
    Check("robot_address", _robot, Reason.ROBOT),
    Check("no_reply_address", _no_reply, Reason.NO_REPLY_ADDRESS),
    Check("virus", _virus, Reason.VIRUS),
    Check("spam", _spam, Reason.SPAM),
    Check("conversation_opened", _told_before, Reason.ALREADY_ACKNOWLEDGED),
    Check("answered", _answered, Reason.ANSWERED_MEANWHILE),
    Check("our_reference", _answers_us, Reason.ANSWERS_OUR_MAIL),
    Check("authentication", _unauthenticated, Reason.SENDER_NOT_AUTHENTICATED),
    Check("age", _old, Reason.TOO_OLD),
    Check("rule", _silenced, Reason.NO_REPLY_BY_RULE),  # last: whatever else speaks against it tells more
)

_OF_ACKNOWLEDGEMENTS = frozenset({"conversation_opened", "answered", "our_reference", "age", "rule"})

#: The checks before what is said later in a conversation: those that don't ask whether this mail is to be acknowledged.
FOR_NOTICES: tuple[Check, ...] = tuple(check for check in CHECKS if check.name not in _OF_ACKNOWLEDGEMENTS)
