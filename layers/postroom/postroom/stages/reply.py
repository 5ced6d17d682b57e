"""reply: the author of a mail is told, at most once, that it has arrived, or a named reason says why not.

An acknowledgement answers nothing: it stands in the conversation, and whose turn it is stays as it was.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from postroom.clock import from_iso, iso
from postroom.conversation import EntryKind, State
from postroom.events import Event, MessageClassified, ReplySent, ReplyWithheld
from postroom.kinds.kind import Kind
from postroom.message import Parsed
from postroom.outcome import Decision, Stage, StageRecord
from postroom.ports import Objects, Postponed
from postroom.reasons import Disposition, Reason
from postroom.replies import preflight
from postroom.replies.preflight import Situation, Withheld
from postroom.rules.actions import NO_REPLY
from postroom.stages import documents
from postroom.stages.automatic import AUTHOR, Automatic, Letter, Purpose, Sent
from postroom.stages.budgets import Budget
from postroom.stages.surveys import Surveys

TEMPLATE = "acknowledgement"  # where no rule names another
_HOUR = 3_600
_READ = 5_000  # entries of a conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyStage:
    """The reply stage."""

    objects: Objects
    automatic: Automatic
    postponed: Postponed | None = None  # where what quiet hours hold back is kept; None without such hours
    surveys: Surveys | None = None  # whose readers may want no more
    again_hours: int = 0  # after so many a conversation is acknowledged anew; 0 for never

    def __call__(self, event: MessageClassified) -> Decision:
        return self.about(event, documents.load(self.objects, event.parsed_key))

    def about(self, event: MessageClassified, parsed: Parsed) -> Decision:
        """The same of a mail whose document was read."""
        letter = self._letter(event, parsed)
        return self._decision(event, letter, self.automatic.before(letter) or self._decided(event, letter))

    def _decided(self, event: MessageClassified, letter: Letter) -> Sent | Withheld:
        if self.surveys and (wished := self.surveys.wished(letter.about)):
            self.surveys.stop(wished.customer, iso(self.automatic.clock()))
            return Withheld(reason=Reason.UNSUBSCRIBES, detail="", checks=("unsubscribes",))
        checked = preflight.decide(letter.about, self._situation(event, letter.about))
        outcome = checked if isinstance(checked, Withheld) else self.automatic.send(letter, checked)
        if self.postponed and isinstance(outcome, Withheld) and outcome.reason is Reason.QUIET_HOURS:
            self.postponed.put(event)  # before anybody notes that it is held back
        return outcome

    def _letter(self, event: MessageClassified, parsed: Parsed) -> Letter:
        return Letter(
            purpose=Purpose.ACKNOWLEDGEMENT,
            template=self._template(event),
            about=parsed,
            conversation=event.conversation,
            language=event.language,
            budgets=self._once(event),
        )

    def _once(self, event: MessageClassified) -> tuple[Budget, ...]:
        """Of two mails that come at one moment, one is acknowledged: neither finds the other's letter yet."""
        if not self.again_hours:
            return ()
        name = f"{Purpose.ACKNOWLEDGEMENT}/{event.conversation}"
        return (Budget(name, 1, self.again_hours * _HOUR, Reason.ALREADY_ACKNOWLEDGED),)

    def _template(self, event: MessageClassified) -> str:
        """What a rule wants. Rules and templates change apart: where that template is gone, or has become one that
        speaks for a person, the usual one goes out."""
        wanted = event.reply or TEMPLATE
        return wanted if self.automatic.templates.sends_itself(wanted) else TEMPLATE

    def _situation(self, event: MessageClassified, parsed: Parsed) -> Situation:
        age = self.automatic.clock() - from_iso(parsed.received.received_at)
        return Situation(
            kind=Kind(event.kind),
            desk=self.automatic.desk,
            opened=event.opened,
            age_hours=age.total_seconds() / _HOUR,
            limits=self.automatic.limits,
            silenced=event.reply == NO_REPLY,
            answered=self.postponed is not None and self._answered(event),
            again=self.again_hours > 0 and self._again(event),
        )

    def _answered(self, event: MessageClassified) -> bool:
        """It may have waited: then somebody who came to work was perhaps quicker."""
        found = self.automatic.conversations.get(event.conversation)
        return event.opened and found is not None and found.state is not State.NEW

    def _again(self, event: MessageClassified) -> bool:
        """Nothing of ours has gone out by itself in this conversation for as long as the desk wants."""
        since = iso(self.automatic.clock() - timedelta(hours=self.again_hours))
        there = islice(self.automatic.conversations.entries(event.conversation), _READ)
        ours = (entry for entry in there if entry.kind is EntryKind.REPLY and entry.author == AUTHOR)
        return not any(entry.at > since for entry in ours)

    def _decision(self, event: MessageClassified, letter: Letter, decision: Sent | Withheld) -> Decision:
        happened: Event
        if isinstance(decision, Sent):
            reason, rule, checks = Reason.ACKNOWLEDGED, "every check passed", decision.checks
            facts = {"template": letter.template, "sent_id": decision.sent_id, "to": decision.recipient}
            happened = ReplySent(
                ses_id=event.ses_id,
                conversation=event.conversation,
                template=letter.template,
                sent_id=decision.sent_id,
            )
        else:
            reason, rule, checks = decision.reason, decision.checks[-1], decision.checks
            facts = {"detail": decision.detail} if decision.detail else {}
            happened = ReplyWithheld(ses_id=event.ses_id, conversation=event.conversation, reason=reason)
        record = StageRecord(
            stage=Stage.REPLY,
            at=iso(self.automatic.clock()),
            disposition=Disposition.ACCEPTED,
            reason=reason,
            rule=rule,
            signals=checks,
            facts=facts,
        )
        return Decision(
            ses_id=event.ses_id, received_at=letter.about.received.received_at, record=record, event=happened
        )
