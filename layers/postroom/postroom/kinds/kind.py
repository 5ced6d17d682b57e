"""What sort of mail it is, by one table that is read from the top: strong marks of machines first, words last.

A person's mail taken for a machine's is a customer without an answer, and a machine's taken for a person's may start a
loop. So words decide only beside another mark, and what a person may do too (ask for silence, attach a calendar file,
send through SES, write of a holiday) marks nothing. A rule about machines counts only where the signals that it asks
for weigh THRESHOLD together, less what speaks for a person.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from postroom.kinds.evidence import UNKNOWN_ENVELOPE, Evidence, nobody
from postroom.kinds.signals import WEIGHTS, Signal, seen
from postroom.message import Message

__all__ = ["BY_PEOPLE", "Finding", "Kind", "Signal", "kind_of"]

S = Signal

#: What the signals of a rule about machines must weigh. Chosen so that one mark of machines is enough and words of one
#: sort never are: a person who is taken for a machine gets no answer, a machine that is taken for a person gets one
#: more, and the guards against loops stop it.
THRESHOLD = 60


#: Signals of a finding that a record keeps. More than any rule of the table can rest on.
MOST_SIGNALS = 20


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


#: The kinds of which nothing shows a machine. Only of these is it asked what the writer wants.
BY_PEOPLE = frozenset({Kind.PERSON, Kind.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The kind, the rule of the table that fired, every signal that was seen (those that decided first, then by their
    weight), and how sure the rule is (0 to 100)."""

    kind: Kind
    signals: tuple[Signal, ...]
    rule: str
    confidence: int


Group = frozenset[Signal]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table: it fires where of each group one signal was seen, and none of `unless`."""

    name: str
    kind: Kind
    confidence: int
    needs: tuple[Group, ...]
    unless: Group = frozenset()

    def holds(self, seen: frozenset[Signal]) -> bool:
        """Whether the rule fires on these signals."""
        if self.unless & seen or not all(group & seen for group in self.needs):
            return False
        return self.kind in BY_PEOPLE or self.weight(seen) >= THRESHOLD

    def weight(self, seen: frozenset[Signal]) -> int:
        """What the signals that the rule asks for weigh together, less what speaks for a person."""
        return sum(WEIGHTS[signal] for signal in self.deciding(seen))

    def deciding(self, seen: frozenset[Signal]) -> frozenset[Signal]:
        """Those of the signals that the rule asks for, and those that speak for a person."""
        return frozenset[Signal]().union(*self.needs) & seen | (seen & _OF_PEOPLE)


def kind_of(
    message: Message, mail_from: str | None = UNKNOWN_ENVELOPE, owns: Callable[[str], bool] = nobody
) -> Finding:
    """The kind of a message. `mail_from` is None for the null return path; left out where no envelope is known.

    `owns` tells of the desk's own addresses: a list at one of them is how the desk gets its mail, and no list.
    """
    signals = seen(Evidence(message=message, mail_from=mail_from, owns=owns))
    found = frozenset(signals)
    rule = next(rule for rule in TABLE if rule.holds(found))
    return Finding(kind=rule.kind, signals=_ranked(signals, rule), rule=rule.name, confidence=rule.confidence)


def _ranked(signals: tuple[Signal, ...], rule: Rule) -> tuple[Signal, ...]:
    """Of equal ones the first stays first."""
    deciding = rule.deciding(frozenset(signals))
    return tuple(sorted(signals, key=lambda signal: (signal not in deciding, -abs(WEIGHTS[signal]))))


def _one(*signals: Signal) -> Group:
    return frozenset(signals)


_OF_PEOPLE = frozenset(signal for signal, weight in WEIGHTS.items() if weight < 0)
_OWN_LIST = _one(S.OWN_LIST)
_MACHINE = _one(S.NULL_RETURN_PATH, S.AUTO_REPLIED, S.AUTO_GENERATED, S.AUTO_NOTIFIED)
_ANSWER = _one(S.AUTO_REPLIED, S.AUTO_REPLY_FIELD, S.VACATION_FIELD, S.PRECEDENCE_AUTO_REPLY, S.LABEL_AUTO_REPLY)
_ANSWERING_SUBJECT = _one(S.SUBJECT_AUTO_REPLY, S.LABEL_ABSENCE, S.SUBJECT_ABSENCE)
_MARKS = _MACHINE | _one(
    S.EXCHANGE_RULE, S.SUPPRESS, S.PRECEDENCE_BULK, S.LOOP_FIELD
)  # beside words, these tell of a machine
_ABSENCE = _one(S.LABEL_ABSENCE, S.SUBJECT_ABSENCE, S.TEXT_ABSENCE, S.VACATION_FIELD)
_STATUS, _LOOSE_STATUS = _one(S.DELIVERY_STATUS), _one(S.LOOSE_DELIVERY_STATUS)
_DAEMON = _one(S.FROM_MAILER_DAEMON)
_AGENT = _DAEMON | _LOOSE_STATUS | _one(S.FROM_POSTMASTER)
_NOBODY = _one(S.NULL_RETURN_PATH, S.NO_AUTHOR)
_ROBOT = _one(S.FROM_ROBOT)
_FAILED, _OTHER = _one(S.ACTION_FAILED), _one(S.ACTION_OTHER)
_SUBJECT_FAILED, _TEXT_FAILED = _one(S.SUBJECT_BOUNCE), _one(S.TEXT_BOUNCE, S.TEXT_SMTP)
_SUBJECT_DELAYED, _TEXT_DELAYED = _one(S.SUBJECT_DELAY), _one(S.TEXT_DELAY)
_DELAYED = _SUBJECT_DELAYED | _TEXT_DELAYED
_RETURNED = _one(S.RETURNED_MESSAGE)

#: Read from the top; the first rule that holds decides. The last one always holds.
TABLE: tuple[Rule, ...] = (
    # Reports in their standard forms: nothing else looks like them.
    Rule("feedback report", Kind.COMPLAINT, 100, (_one(S.FEEDBACK_REPORT),)),
    Rule("SES by mail: complaint", Kind.COMPLAINT, 100, (_one(S.SES_COMPLAINT),)),
    Rule("SES by mail: bounce", Kind.BOUNCE, 100, (_one(S.SES_BOUNCE),)),
    Rule("SES by mail: delivery", Kind.DELIVERY_REPORT, 100, (_one(S.SES_DELIVERY),)),
    Rule("report about a domain", Kind.NOTIFICATION, 98, (_one(S.DOMAIN_REPORT),)),
    Rule("status: failed", Kind.BOUNCE, 100, (_STATUS, _FAILED)),
    Rule("status: other", Kind.DELIVERY_REPORT, 100, (_STATUS, _OTHER)),
    # Sieve's old "reject" answers with a disposition notification (RFC 3028 section 4.1).
    Rule("receipt: refused", Kind.BOUNCE, 80, (_one(S.RECEIPT), _SUBJECT_FAILED, _TEXT_FAILED)),
    Rule("receipt", Kind.DELIVERY_REPORT, 98, (_one(S.RECEIPT),)),
    Rule("status: other by its words", Kind.DELIVERY_REPORT, 85, (_STATUS, _DELAYED | _one(S.TEXT_RECEIPT))),
    Rule("status: receipt by its subject", Kind.DELIVERY_REPORT, 80, (_STATUS, _one(S.SUBJECT_RECEIPT))),
    Rule("status: failed by default", Kind.BOUNCE, 85, (_STATUS,)),
    # Complaints and reports in words of their own.
    Rule(
        "complaint by its subject",
        Kind.COMPLAINT,
        85,
        (_one(S.SUBJECT_COMPLAINT), _RETURNED | {S.COMPLAINED_RECIPIENT}),
    ),
    Rule("loose status: failed", Kind.BOUNCE, 95, (_LOOSE_STATUS, _FAILED)),
    Rule("loose status: other", Kind.DELIVERY_REPORT, 95, (_LOOSE_STATUS, _OTHER)),
    Rule("daemon: delayed", Kind.DELIVERY_REPORT, 88, (_DAEMON, _DELAYED)),
    Rule("agent: delayed", Kind.DELIVERY_REPORT, 80, (_AGENT, _TEXT_DELAYED)),
    Rule("nobody: delayed", Kind.DELIVERY_REPORT, 80, (_NOBODY, _SUBJECT_DELAYED, _TEXT_DELAYED)),
    Rule("failed recipients", Kind.BOUNCE, 97, (_one(S.FAILED_RECIPIENTS),)),
    Rule("agent: delivered", Kind.DELIVERY_REPORT, 80, (_AGENT, _one(S.TEXT_RECEIPT)), _SUBJECT_FAILED | _TEXT_FAILED),
    Rule("daemon", Kind.BOUNCE, 92, (_DAEMON,)),
    Rule("agent: failed", Kind.BOUNCE, 85, (_AGENT, _SUBJECT_FAILED | {S.TEXT_SMTP})),
    Rule("nobody: failed", Kind.BOUNCE, 85, (_NOBODY, _SUBJECT_FAILED, _RETURNED | _TEXT_FAILED)),
    Rule("robot: failed", Kind.BOUNCE, 80, (_ROBOT, _RETURNED, _TEXT_FAILED)),
    # People write "could not be delivered" too, of parcels: here the words must be those of mail servers.
    Rule("delayed by its words", Kind.DELIVERY_REPORT, 65, (_SUBJECT_FAILED, _TEXT_DELAYED)),
    Rule("failed by its words", Kind.BOUNCE, 70, (_SUBJECT_FAILED, _one(S.TEXT_SMTP)), _ANSWER),
    # Meetings, challenges.
    Rule("calendar", Kind.CALENDAR, 97, (_one(S.CALENDAR_METHOD),)),
    Rule("calendar body", Kind.CALENDAR, 85, (_one(S.CALENDAR_BODY),)),
    Rule("calendar file", Kind.CALENDAR, 70, (_one(S.CALENDAR_FILE),)),
    Rule("challenge field", Kind.CHALLENGE, 95, (_one(S.CHALLENGE_FIELD),)),
    Rule("challenge by its words", Kind.CHALLENGE, 75, (_one(S.CHALLENGE_WORDS), _MARKS | _ROBOT)),
    # Automatic answers. Words tell of an absence, but only in what a machine wrote.
    Rule("automatic answer: absence", Kind.OUT_OF_OFFICE, 95, (_ANSWER, _ABSENCE)),
    Rule("automatic answer", Kind.AUTO_REPLY, 95, (_ANSWER,)),
    Rule("answering subject: absence", Kind.OUT_OF_OFFICE, 85, (_ANSWERING_SUBJECT, _MARKS, _ABSENCE)),
    Rule("answering subject", Kind.AUTO_REPLY, 80, (_ANSWERING_SUBJECT, _MARKS)),
    Rule("labelled answer", Kind.AUTO_REPLY, 70, (_one(S.LABEL_AUTO_REPLY), _one(S.TEXT_RECEIVED))),
    Rule("labelled absence", Kind.OUT_OF_OFFICE, 75, (_one(S.LABEL_ABSENCE, S.LABEL_AUTO_REPLY), _one(S.TEXT_ABSENCE))),
    Rule("nobody: absence", Kind.OUT_OF_OFFICE, 75, (_one(S.NULL_RETURN_PATH), _one(S.TEXT_ABSENCE))),
    # Lists, bulk mail, machines.
    Rule("program", Kind.NOTIFICATION, 92, (_one(S.MACHINE_FIELD),)),
    Rule("list", Kind.LIST, 95, (_one(S.LIST_POST, S.LIST_FIELD, S.PRECEDENCE_LIST),), _OWN_LIST),
    Rule("campaign", Kind.BULK, 95, (_one(S.CAMPAIGN_FIELD),)),
    Rule("list by its name", Kind.LIST, 80, (_one(S.LIST_ID),), _ROBOT | _OWN_LIST | {S.LIST_UNSUBSCRIBE}),
    Rule("unsubscribe", Kind.BULK, 90, (_one(S.LIST_UNSUBSCRIBE, S.LIST_ID),), _OWN_LIST),
    Rule("auto-submitted", Kind.NOTIFICATION, 95, (_one(S.AUTO_GENERATED, S.AUTO_NOTIFIED),)),
    Rule("precedence", Kind.BULK, 85, (_one(S.PRECEDENCE_BULK),), _OWN_LIST),
    Rule("contact form", Kind.PERSON, 65, (_ROBOT, _one(S.REPLY_TO_PERSON)), _one(S.NULL_RETURN_PATH)),
    Rule("robot", Kind.NOTIFICATION, 80, (_ROBOT,)),
    Rule("no return path", Kind.NOTIFICATION, 60, (_one(S.NULL_RETURN_PATH),)),
    # Nothing speaks of a machine.
    Rule("no author", Kind.UNKNOWN, 50, (_one(S.NO_AUTHOR),)),
    Rule("person", Kind.PERSON, 90, ()),
)
