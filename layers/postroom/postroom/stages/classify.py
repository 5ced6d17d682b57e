"""classify: a parsed mail gets its kind, language, category and disposition, and its place in a conversation."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from postroom.clock import Clock, iso
from postroom.events import MessageClassified, MessageParsed, MessageQuarantined
from postroom.ids import SesId
from postroom.kinds.kind import Finding, kind_of
from postroom.kinds.language import language_of
from postroom.message import Message, Parsed
from postroom.outcome import Decision, Stage, StageRecord
from postroom.ports import Ledger, Objects
from postroom.reasons import Disposition, Reason
from postroom.rules.rules import CategoryFinding, RuleSet
from postroom.stages import documents
from postroom.stages.conversing import Conversing, Placed

if TYPE_CHECKING:  # a desk that asks nobody loads nothing for it
    from postroom.opinions.asking import Opinions

_ALIKE = 10  # conversations of a customer whose subjects are compared
_JUDGED = 10  # proofs of one mail that its record tells of


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the content says, before any state is asked."""

    finding: Finding
    language: str | None
    category: CategoryFinding


def read(message: Message, rules: RuleSet, mail_from: str | None) -> Reading:
    """Kind, language and category of a message. `mail_from` is None for the null return path."""
    finding = kind_of(message, mail_from)
    language = language_of(message.reply.visible or message.text or message.subject)
    return Reading(finding=finding, language=language, category=rules.apply(message, finding.kind, language))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifyStage:
    """The classify stage. A repeat stays with the conversation that the ledger has of an earlier run."""

    objects: Objects
    ledger: Ledger
    conversing: Conversing
    rules: RuleSet
    clock: Clock
    opinions: "Opinions | None" = None  # none are asked for

    def __call__(self, event: MessageParsed) -> Decision:
        parsed = documents.load(self.objects, event.parsed_key)
        reading = read(parsed.message, self.rules, parsed.received.envelope.mail_from)
        if reason := parsed.received.verdicts.unwanted:
            record = self._record(reading, Disposition.QUARANTINED, reason, {})
            quarantined = MessageQuarantined(ses_id=event.ses_id, stage=Stage.CLASSIFY, reason=reason)
            return Decision(
                ses_id=event.ses_id, received_at=parsed.received.received_at, record=record, event=quarantined
            )
        earlier = self._earlier(event.ses_id)
        reading, heard = self._heard(parsed.message, reading, earlier)
        placed = self._placed(parsed, reading, earlier)
        conversation = placed.conversation
        return Decision(
            ses_id=event.ses_id,
            received_at=parsed.received.received_at,
            record=self._record(
                reading, Disposition.ACCEPTED, Reason.ORDINARY, {**heard, **placed.facts}, placed.signals
            ),
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

    def _earlier(self, ses_id: SesId) -> StageRecord | None:
        """The record of an earlier run."""
        row = self.ledger.row(ses_id)
        return row.records.get(Stage.CLASSIFY) if row else None

    def _heard(
        self, message: Message, reading: Reading, earlier: StageRecord | None
    ) -> tuple[Reading, Mapping[str, str]]:
        """The reading with what an opinion fills in, and what the record says of that. After the rules and the desk's
        model, and after every decision on the disposition: an opinion has no part in those."""
        if self.opinions is None:
            return reading, {}
        weighed = self.opinions.weigh(message, reading.finding.kind, reading.category, earlier)
        return replace(reading, category=weighed.finding), weighed.facts

    def _placed(self, parsed: Parsed, reading: Reading, earlier: StageRecord | None) -> Placed:
        """What an earlier run chose stays, though later mails may have made other ids known."""
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
                "priority": category.priority or "",
                "rule_set": self.rules.version,
                **facts,
            },
        )
