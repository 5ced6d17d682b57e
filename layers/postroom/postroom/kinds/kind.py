"""What sort of mail it is, by one table that is read from the top: strong marks of machines first, words last.

A person's mail taken for a machine's is a customer without an answer, and a machine's taken for a person's may start a
loop. So words decide only beside another mark, and what a person may do too (ask for silence, attach a calendar file,
send through SES, write of a holiday) marks nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from postroom.kinds.evidence import UNKNOWN_ENVELOPE, Evidence
from postroom.kinds.signals import Signal, seen
from postroom.message import Message

__all__ = ["Finding", "Kind", "Signal", "kind_of"]

S = Signal


class Kind(StrEnum):
    """The sorts of mail. The value is stable: it stands in events and records for ever."""

    PERSON = "person"
    AUTO_REPLY = "auto_reply"  # an automatic answer that is not about an absence
    OUT_OF_OFFICE = "out_of_office"
    BOUNCE = "bounce"  # a failed delivery
    DELIVERY_REPORT = "delivery_report"  # any other delivery status or receipt: delayed, delivered, relayed, read
    COMPLAINT = "complaint"  # a feedback report (RFC 5965)
    LIST = "list"  # came over a mailing list
    BULK = "bulk"  # a newsletter or the like
    NOTIFICATION = "notification"  # a machine made it, and it is none of the others
    CALENDAR = "calendar"
    CHALLENGE = "challenge"  # a filter asks the sender to prove to be a person
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The kind, the rule of the table that fired, every signal that was seen, and how sure the rule is (0 to 100)."""

    kind: Kind
    signals: tuple[Signal, ...]
    rule: str
    confidence: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table: it fires where its test holds for the signals seen."""

    name: str
    kind: Kind
    confidence: int
    holds: Callable[[frozenset[Signal]], bool]


def kind_of(message: Message, mail_from: str | None = UNKNOWN_ENVELOPE) -> Finding:
    """The kind of a message. `mail_from` is None for the null return path; left out where no envelope is known."""
    signals = seen(Evidence(message=message, mail_from=mail_from))
    rule = next(rule for rule in TABLE if rule.holds(frozenset(signals)))
    return Finding(kind=rule.kind, signals=signals, rule=rule.name, confidence=rule.confidence)


def _any(*wanted: Signal) -> Callable[[frozenset[Signal]], bool]:
    return lambda seen: not seen.isdisjoint(wanted)


def _all(*wanted: Signal) -> Callable[[frozenset[Signal]], bool]:
    return lambda seen: seen.issuperset(wanted)


def _both(
    one: Callable[[frozenset[Signal]], bool], other: Callable[[frozenset[Signal]], bool]
) -> Callable[[frozenset[Signal]], bool]:
    return lambda seen: one(seen) and other(seen)


def _without(one: Callable[[frozenset[Signal]], bool], *unwanted: Signal) -> Callable[[frozenset[Signal]], bool]:
    return lambda seen: one(seen) and seen.isdisjoint(unwanted)


_MACHINE = (S.NULL_RETURN_PATH, S.AUTO_REPLIED, S.AUTO_GENERATED, S.AUTO_NOTIFIED)
_ANSWERED = (S.AUTO_REPLIED, S.AUTO_REPLY_FIELD, S.VACATION_FIELD, S.PRECEDENCE_AUTO_REPLY, S.LABEL_AUTO_REPLY)
_HINTS_OF_ANSWER = (S.SUBJECT_AUTO_REPLY, S.LABEL_ABSENCE, S.SUBJECT_ABSENCE)
_SUPPORT = (*_MACHINE, S.EXCHANGE_RULE, S.SUPPRESS, S.TEXT_ABSENCE, S.TEXT_RECEIVED, S.PRECEDENCE_BULK)
_ABSENCE = (S.LABEL_ABSENCE, S.SUBJECT_ABSENCE, S.TEXT_ABSENCE, S.VACATION_FIELD)
_FAILED_TEXT = (S.TEXT_BOUNCE, S.TEXT_SMTP)
_NOT_YET = (S.SUBJECT_DELAY, S.TEXT_DELAY)
_LIST_MARKS = (S.LIST_POST, S.LIST_FIELD, S.PRECEDENCE_LIST)

_report = _any(S.DELIVERY_STATUS)
_daemon = _any(S.FROM_MAILER_DAEMON)
_agent = _any(S.FROM_MAILER_DAEMON, S.FROM_POSTMASTER, S.LOOSE_DELIVERY_STATUS)
_nobody = _any(S.NULL_RETURN_PATH, S.NO_AUTHOR)
_answers = _any(*_ANSWERED)
_absence_subject = _both(_any(*_HINTS_OF_ANSWER), _any(*_SUPPORT))

#: Read from the top; the first rule that holds decides. The last one always holds.
TABLE: tuple[Rule, ...] = (
    # Reports in their standard forms: nothing else looks like them.
    Rule("feedback report", Kind.COMPLAINT, 100, _any(S.FEEDBACK_REPORT)),
    Rule("status: failed", Kind.BOUNCE, 100, _both(_report, _any(S.ACTION_FAILED))),
    Rule("status: other", Kind.DELIVERY_REPORT, 100, _both(_report, _any(S.ACTION_OTHER))),
    # Sieve's old "reject" answered with a disposition notification (RFC 3028 section 4.1).
    Rule("receipt: refused", Kind.BOUNCE, 80, _both(_all(S.RECEIPT, S.SUBJECT_BOUNCE), _any(*_FAILED_TEXT))),
    Rule("receipt", Kind.DELIVERY_REPORT, 98, _any(S.RECEIPT)),
    Rule("status: delayed by its words", Kind.DELIVERY_REPORT, 85, _both(_report, _any(*_NOT_YET, S.TEXT_RECEIPT))),
    Rule("status: receipt by its subject", Kind.DELIVERY_REPORT, 80, _both(_report, _any(S.SUBJECT_RECEIPT))),
    Rule("status: failed by default", Kind.BOUNCE, 85, _report),
    # Complaints and reports in words of their own.
    Rule(
        "complaint by its subject",
        Kind.COMPLAINT,
        85,
        _both(_any(S.SUBJECT_COMPLAINT), _any(S.COMPLAINED_RECIPIENT, S.RETURNED_MESSAGE)),
    ),
    Rule("loose status: failed", Kind.BOUNCE, 95, _all(S.LOOSE_DELIVERY_STATUS, S.ACTION_FAILED)),
    Rule("loose status: other", Kind.DELIVERY_REPORT, 95, _all(S.LOOSE_DELIVERY_STATUS, S.ACTION_OTHER)),
    Rule("daemon: delayed", Kind.DELIVERY_REPORT, 88, _both(_daemon, _any(*_NOT_YET))),
    Rule("agent: delayed", Kind.DELIVERY_REPORT, 80, _both(_agent, _any(S.TEXT_DELAY))),
    Rule("delayed, from nobody", Kind.DELIVERY_REPORT, 80, _both(_nobody, _all(*_NOT_YET))),
    Rule("failed recipients", Kind.BOUNCE, 97, _any(S.FAILED_RECIPIENTS)),
    Rule(
        "agent: delivered",
        Kind.DELIVERY_REPORT,
        80,
        _without(_both(_agent, _any(S.TEXT_RECEIPT)), S.SUBJECT_BOUNCE, *_FAILED_TEXT),
    ),
    Rule("mailer daemon", Kind.BOUNCE, 92, _daemon),
    Rule("agent: failed", Kind.BOUNCE, 85, _both(_agent, _any(S.SUBJECT_BOUNCE, S.TEXT_SMTP))),
    Rule(
        "failed, from nobody",
        Kind.BOUNCE,
        85,
        _both(_both(_nobody, _any(S.SUBJECT_BOUNCE)), _any(S.RETURNED_MESSAGE, *_FAILED_TEXT)),
    ),
    Rule("failed, from a robot", Kind.BOUNCE, 80, _both(_all(S.FROM_ROBOT, S.RETURNED_MESSAGE), _any(*_FAILED_TEXT))),
    # People write "could not be delivered" too, of parcels: here the text must speak as mail servers do.
    Rule("delayed by its words", Kind.DELIVERY_REPORT, 65, _all(S.SUBJECT_BOUNCE, S.TEXT_DELAY)),
    Rule("failed by its words", Kind.BOUNCE, 70, _without(_all(S.SUBJECT_BOUNCE, S.TEXT_SMTP), *_ANSWERED)),
    # Meetings, challenges.
    Rule("calendar", Kind.CALENDAR, 97, _any(S.CALENDAR_METHOD)),
    Rule("calendar body", Kind.CALENDAR, 85, _any(S.CALENDAR_BODY)),
    Rule("challenge field", Kind.CHALLENGE, 95, _any(S.CHALLENGE_FIELD)),
    Rule("challenge by its words", Kind.CHALLENGE, 75, _both(_any(S.CHALLENGE_WORDS), _any(*_SUPPORT, S.FROM_ROBOT))),
    # Automatic answers. An absence is told by words, but only of what a machine wrote.
    Rule("automatic answer of an absence", Kind.OUT_OF_OFFICE, 95, _both(_answers, _any(*_ABSENCE))),
    Rule("automatic answer", Kind.AUTO_REPLY, 95, _answers),
    Rule("absence by its subject", Kind.OUT_OF_OFFICE, 85, _both(_absence_subject, _any(*_ABSENCE))),
    Rule("automatic answer by its subject", Kind.AUTO_REPLY, 80, _absence_subject),
    Rule("absence without a return path", Kind.OUT_OF_OFFICE, 75, _all(S.NULL_RETURN_PATH, S.TEXT_ABSENCE)),
    # Lists, bulk mail, machines.
    Rule("program", Kind.NOTIFICATION, 92, _any(S.MACHINE_FIELD)),
    Rule("list", Kind.LIST, 95, _any(*_LIST_MARKS)),
    Rule("campaign", Kind.BULK, 95, _any(S.CAMPAIGN_FIELD)),
    Rule("list by its name", Kind.LIST, 80, _without(_any(S.LIST_ID), S.LIST_UNSUBSCRIBE, S.FROM_ROBOT)),
    Rule("unsubscribe", Kind.BULK, 90, _any(S.LIST_UNSUBSCRIBE, S.LIST_ID)),
    Rule("auto-submitted", Kind.NOTIFICATION, 95, _any(S.AUTO_GENERATED, S.AUTO_NOTIFIED)),
    Rule("precedence", Kind.BULK, 85, _any(S.PRECEDENCE_BULK)),
    Rule("contact form", Kind.PERSON, 65, _without(_all(S.FROM_ROBOT, S.REPLY_TO_PERSON), S.NULL_RETURN_PATH)),
    Rule("machine's address", Kind.NOTIFICATION, 80, _any(S.FROM_ROBOT)),
    Rule("no return path", Kind.NOTIFICATION, 60, _any(S.NULL_RETURN_PATH)),
    # Nothing speaks of a machine.
    Rule("nobody", Kind.UNKNOWN, 50, _any(S.NO_AUTHOR)),
    Rule("person", Kind.PERSON, 90, lambda _: True),
)
