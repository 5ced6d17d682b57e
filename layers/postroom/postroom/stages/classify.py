"""classify: a parsed mail gets its kind, language, category and disposition, and its place in a conversation."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from postroom.clock import Clock, iso
from postroom.events import MessageClassified, MessageParsed, MessageQuarantined
from postroom.kinds.kind import Finding, kind_of
from postroom.kinds.language import language_of
from postroom.message import Message, Parsed
from postroom.outcome import Decision, Stage, StageRecord
from postroom.ports import Ledger, Objects
from postroom.reasons import Disposition, Reason
from postroom.rules.rules import CategoryFinding, RuleSet
from postroom.stages import documents
from postroom.stages.categorising import Categorising
from postroom.stages.conversing import Conversing, Placed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the content says, before any state is asked."""

    finding: Finding
    language: str | None
    category: CategoryFinding


def read(message: Message, rules: RuleSet, mail_from: str | None, categorising: Categorising) -> Reading:
    """Kind, language and category of a message. `mail_from` is None for the null return path."""
    finding = kind_of(message, mail_from)
    language = language_of(message.reply.visible or message.text or message.subject)
    category = categorising.complete(rules.apply(message, finding.kind, language), message, finding.kind)
    return Reading(finding=finding, language=language, category=category)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifyStage:
    """The classify stage. A repeat stays with the conversation that the ledger has of an earlier run."""

    objects: Objects
    ledger: Ledger
    conversing: Conversing
    rules: RuleSet
    clock: Clock
    categorising: Categorising = field(default_factory=Categorising)

    def __call__(self, event: MessageParsed) -> Decision:
        parsed = documents.load(self.objects, event.parsed_key)
        reading = read(parsed.message, self.rules, parsed.received.envelope.mail_from, self.categorising)
        if reason := parsed.received.verdicts.unwanted:
            record = self._record(reading, Disposition.QUARANTINED, reason, {})
            quarantined = MessageQuarantined(ses_id=event.ses_id, stage=Stage.CLASSIFY, reason=reason)
            return Decision(
                ses_id=event.ses_id, received_at=parsed.received.received_at, record=record, event=quarantined
            )
        placed = self._placed(parsed, reading)
        conversation = placed.conversation
        return Decision(
            ses_id=event.ses_id,
            received_at=parsed.received.received_at,
            record=self._record(reading, Disposition.ACCEPTED, Reason.ORDINARY, placed.facts, placed.signals),
            event=MessageClassified(
                ses_id=event.ses_id,
                bucket=event.bucket,
                raw_key=event.raw_key,
                parsed_key=event.parsed_key,
                kind=reading.finding.kind,
                category=reading.category.category,
                language=reading.language,
                conversation=conversation.id,
                opened=placed.opened,
            ),
        )

    def _placed(self, parsed: Parsed, reading: Reading) -> Placed:
        """What an earlier run chose stays, though later mails may have made other ids known."""
        row = self.ledger.row(parsed.received.ses_id)
        earlier = row.records.get(Stage.CLASSIFY) if row else None
        again = self.conversing.again(earlier) if earlier else None
        return again or self.conversing.put(parsed, reading.finding.kind, reading.language, reading.category)

    def _record(
        self,
        reading: Reading,
        disposition: Disposition,
        reason: Reason,
        facts: Mapping[str, str],
        proofs: tuple[str, ...] = (),
    ) -> StageRecord:
        finding, category = reading.finding, reading.category
        return StageRecord(
            stage=Stage.CLASSIFY,
            at=iso(self.clock()),
            disposition=disposition,
            reason=reason,
            rule=finding.rule,
            signals=(*finding.signals, *category.signals, *proofs)[:40],
            facts={
                "kind": finding.kind,
                "confidence": str(finding.confidence),
                "language": reading.language or "",
                "category": category.category or "",
                "category_rule": category.rule,
                "category_confidence": str(category.confidence),
                "priority": category.priority or "",
                "rule_set": self.rules.version,
                **facts,
            },
        )
