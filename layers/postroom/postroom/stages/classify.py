"""classify: a parsed mail gets its kind, language, category and disposition, and its place in a conversation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from postroom.clock import Clock, from_iso, iso
from postroom.events import MessageClassified, MessageParsed, MessageQuarantined
from postroom.ids import SesId
from postroom.kinds.evidence import nobody
from postroom.kinds.kind import MOST_SIGNALS, Finding, Kind, kind_of
from postroom.kinds.language import language_of
from postroom.kinds.sight import as_seen
from postroom.message import Message, Parsed
from postroom.outcome import Decision, Stage, StageRecord
from postroom.ports import Ledger, Objects
from postroom.reasons import Disposition, Reason
from postroom.rules.history import History
from postroom.rules.rules import CategoryFinding, Facts, Handling, RuleSet
from postroom.stages import documents
from postroom.stages.categorising import NO_MODEL, Categorising
from postroom.stages.conversing import Conversing, Placed
from postroom.threads.people import an_agents_own
from postroom.vouching import voucher

if TYPE_CHECKING:  # few mails need the one, and few desks the other
    from postroom.kinds.absence import Absence
    from postroom.opinions.asking import Opinions

_MOST_RULES = 10  # that a record names

AskHistory = Callable[[Kind, str | None], History | None]
Owns = Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the content says, before any state is changed."""

    finding: Finding
    language: str | None
    category: CategoryFinding
    absence: "Absence | None" = None  # of an out-of-office


def read(message: Message, rules: RuleSet, mail_from: str | None, categorising: Categorising = NO_MODEL) -> Reading:
    """What is said by a file that nobody received: rules learn neither verdicts nor the customer.

    `mail_from` is None for the null return path.
    """
    seen = as_seen(message)  # and from here on nothing else is looked at
    finding, language = kind_of(seen, mail_from), _language(seen)
    facts = Facts(message=seen, kind=finding.kind, language=language, mail_from=mail_from)
    return _reading(finding, facts, rules, nobody, categorising)


def _read_parsed(
    parsed: Parsed, rules: RuleSet, history: AskHistory, owns: Owns, categorising: Categorising
) -> Reading:
    """The same of a mail that was received."""
    seen, received = as_seen(parsed.message), parsed.received
    finding, language = kind_of(seen, received.envelope.mail_from, owns), _language(seen)
    facts = Facts(
        message=seen,
        kind=finding.kind,
        language=language,
        mail_from=received.envelope.mail_from,
        rcpt_to=received.envelope.rcpt_to,
        verdicts=received.verdicts,
        vouched=voucher(parsed).vouched,
        received_at=_moment(received.received_at),
        size=parsed.size,
        ask_history=lambda: history(finding.kind, language),
    )
    return _reading(finding, facts, rules, owns, categorising)


def _reading(finding: Finding, facts: Facts, rules: RuleSet, owns: Owns, categorising: Categorising) -> Reading:
    return Reading(
        finding=finding,
        language=facts.language,
        category=categorising.complete(rules.apply(facts), facts.message, finding.kind),
        absence=_absence(facts.message, facts.language, owns) if finding.kind is Kind.OUT_OF_OFFICE else None,
    )


def _absence(message: Message, language: str | None, owns: Owns) -> "Absence":
    from postroom.kinds.absence import absence_of  # many patterns that few mails need

    return absence_of(message, language, owns)


#: A mail program wrote it, for somebody who wants no more surveys. It proves that by a token of ours.
_UNSUBSCRIBES = Finding(kind=Kind.NOTIFICATION, signals=(), rule="unsubscribes", confidence=100)

_ACCEPTED = (Disposition.ACCEPTED, Reason.ORDINARY)
_QUARANTINED = (Disposition.QUARANTINED, Reason.QUARANTINED_BY_RULE)
_REFUSED = (Disposition.REFUSED, Reason.REFUSED_BY_RULE)
_SPAM, _VIRUS = (Disposition.QUARANTINED, Reason.SPAM), (Disposition.QUARANTINED, Reason.VIRUS)

#: What becomes of a mail, and why, by (what SES found, what a rule says). Total. No rule takes in a virus, nor lays one
#: aside where nobody looks.
TREATMENTS: Mapping[tuple[Reason | None, Handling | None], tuple[Disposition, Reason]] = {
    (None, None): _ACCEPTED,
    (None, Handling.HANDLE): _ACCEPTED,
    (None, Handling.QUARANTINE): _QUARANTINED,
    (None, Handling.REFUSE): _REFUSED,
    (Reason.SPAM, None): _SPAM,
    (Reason.SPAM, Handling.HANDLE): (Disposition.ACCEPTED, Reason.HANDLED_BY_RULE),
    (Reason.SPAM, Handling.QUARANTINE): _SPAM,
    (Reason.SPAM, Handling.REFUSE): _REFUSED,
    **{(Reason.VIRUS, handling): _VIRUS for handling in (None, *Handling)},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """All that is decided about a mail but its place in a conversation. `reason` is of the disposition."""

    disposition: Disposition
    reason: Reason
    reading: Reading


def decide(
    parsed: Parsed,
    rules: RuleSet,
    history: AskHistory = lambda _kind, _language: None,
    owns: Owns = nobody,
    categorising: Categorising = NO_MODEL,
) -> Decided:
    """What a mail is, and what becomes of it, under these rules. `postroom replay` asks it as the stage does.

    `history` is asked once at most, and only where a rule wants to know; `owns` tells of the desk's own addresses.
    """
    reading = _read_parsed(parsed, rules, history, owns, categorising)
    disposition, reason = TREATMENTS[parsed.received.verdicts.unwanted, reading.category.disposition]
    return Decided(disposition=disposition, reason=reason, reading=reading)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifyStage:
    """The classify stage. A repeat stays with the conversation that the ledger has of an earlier run."""

    objects: Objects
    ledger: Ledger
    conversing: Conversing
    rules: RuleSet
    clock: Clock
    categorising: Categorising = NO_MODEL
    opinions: "Opinions | None" = None  # none are asked for

    def __call__(self, event: MessageParsed) -> Decision:
        parsed = documents.load(self.objects, event.parsed_key)
        received = parsed.received
        treated = decide(
            parsed,
            self.rules,
            lambda *of: self.conversing.history(parsed, *of),
            self.conversing.desk.owns,
            self.categorising,
        )
        if treated.disposition is not Disposition.ACCEPTED:
            record = self._record(treated.reading, treated, {})
            kept_apart = MessageQuarantined(ses_id=event.ses_id, stage=Stage.CLASSIFY, reason=treated.reason)
            return Decision(ses_id=event.ses_id, received_at=received.received_at, record=record, event=kept_apart)
        earlier = self._earlier(event.ses_id)
        if self.conversing.wished(parsed):
            treated = replace(treated, reading=replace(treated.reading, finding=_UNSUBSCRIBES))
        reading, heard = self._heard(parsed, treated.reading, earlier)
        if an_agents_own(parsed, self.conversing.desk):
            reading = replace(reading, category=replace(reading.category, due_at=""))
        placed = self._placed(parsed, reading, earlier)
        return Decision(
            ses_id=event.ses_id,
            received_at=received.received_at,
            record=self._record(reading, treated, {**heard, **placed.facts}, placed.signals),
            event=self._classified(event, reading, placed),
        )

    def _classified(self, event: MessageParsed, reading: Reading, placed: Placed) -> MessageClassified:
        said = reading.category
        return MessageClassified(
            ses_id=event.ses_id,
            bucket=event.bucket,
            raw_key=event.raw_key,
            parsed_key=event.parsed_key,
            kind=reading.finding.kind,
            category=said.category,
            language=reading.language,
            conversation=placed.conversation.id,
            opened=placed.opened,
            priority=said.priority,
            tags=said.tags,
            reply=said.reply,
            notify=said.notify,
            due_at=said.due_at or None,
        )

    def _earlier(self, ses_id: SesId) -> StageRecord | None:
        """The record of an earlier run."""
        row = self.ledger.row(ses_id)
        return row.records.get(Stage.CLASSIFY) if row else None

    def _heard(
        self, parsed: Parsed, reading: Reading, earlier: StageRecord | None
    ) -> tuple[Reading, Mapping[str, str]]:
        """The reading with what an opinion fills in, and what the record says of that. After the rules and the desk's
        model, and after every decision on the disposition: an opinion has no part in those. Where it raises the
        priority, the answer is due sooner."""
        if self.opinions is None:
            return reading, {}
        kind = reading.finding.kind
        weighed = self.opinions.weigh(as_seen(parsed.message), kind, reading.category, self.rules, earlier)
        due_at = self.rules.due_at(kind, _moment(parsed.received.received_at), weighed.finding.priority)
        return replace(reading, category=replace(weighed.finding, due_at=due_at)), weighed.facts

    def _placed(self, parsed: Parsed, reading: Reading, earlier: StageRecord | None) -> Placed:
        """What an earlier run chose stays, though later mails may have made other ids known."""
        again = self.conversing.again(earlier) if earlier else None
        return again or self.conversing.put(parsed, reading.finding.kind, reading.language, reading.category)

    def _record(
        self, reading: Reading, treated: Decided, facts: Mapping[str, str], proofs: tuple[str, ...] = ()
    ) -> StageRecord:
        finding, category = reading.finding, reading.category
        signals = finding.signals[:MOST_SIGNALS]  # what decided stands first in each, and is never cut
        left_out = len(finding.signals) - len(signals) + category.left_out
        return StageRecord(
            stage=Stage.CLASSIFY,
            at=iso(self.clock()),
            disposition=treated.disposition,
            reason=treated.reason,
            rule=finding.rule,
            signals=(*signals, *category.signals, *proofs),
            facts={
                "kind": finding.kind,
                "confidence": str(finding.confidence),
                "language": reading.language or "",
                "category": category.category or "",
                "category_rule": category.rule,
                "category_confidence": str(category.confidence),
                "priority": category.priority or "",
                "rule_set": self.rules.version,
                **({"signals_left_out": str(left_out)} if left_out else {}),
                **_said(category),
                **_absence_facts(reading.absence),
                **facts,
            },
        )


def _moment(received_at: str) -> datetime | None:
    """None for the epoch, which stands for a moment that SES didn't tell."""
    moment = from_iso(received_at)
    return moment if moment.timestamp() > 0 else None


def _language(message: Message) -> str | None:
    return language_of(message.reply.visible or message.text or message.subject)


def _said(category: CategoryFinding) -> dict[str, str]:
    """What the rules said beside category and priority, as far as they did."""
    told = {
        "rules": "; ".join(category.rules[:_MOST_RULES]),
        "handling": category.disposition or "",
        "tags": " ".join(category.tags),
        "assign": category.assign or "",
        "reply": category.reply or "",
        "notify": " ".join(category.notify),
        "due_at": category.due_at,
    }
    return {name: value for name, value in told.items() if value}


def _absence_facts(absence: "Absence | None") -> dict[str, str]:
    """When an absent author is back, and who stands in: only what the mail says."""
    if absence is None:
        return {}
    told = {
        "back_on": absence.back_on.isoformat() if absence.back_on else "",
        "stand_in": absence.stand_in or "",
    }
    return {name: value for name, value in told.items() if value}
