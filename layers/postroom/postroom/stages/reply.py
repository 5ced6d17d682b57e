"""reply: the author of a mail is told, at most once, that it has arrived, or a named reason says why not."""

from dataclasses import dataclass

from postroom.address import fold
from postroom.clock import Clock, from_iso, iso
from postroom.desk import Desk
from postroom.errors import Poison, Retryable
from postroom.events import Event, MessageClassified, ReplySent, ReplyWithheld
from postroom.ids import ANSWERS_TAG, SentId, sent_message_id
from postroom.kinds.kind import Kind
from postroom.message import Parsed
from postroom.outcome import Decision, Stage, StageRecord
from postroom.ports import AddressBook, Conversations, Mailer, Objects, Sends
from postroom.reasons import Disposition, Reason
from postroom.replies import compose, preflight
from postroom.replies.preflight import Clear, Limits, Situation, Withheld
from postroom.replies.templates import Templates
from postroom.stages import documents

TEMPLATE = "acknowledgement"
_DAY, _HOUR = 86_400, 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The reply went out, under this id."""

    clear: Clear
    sent_id: SentId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyStage:
    """The reply stage. The row of `Sends` stands around the send: an automatic reply goes out at most once."""

    objects: Objects
    conversations: Conversations
    sends: Sends
    addresses: AddressBook
    mailer: Mailer
    templates: Templates
    desk: Desk
    clock: Clock
    limits: Limits

    def __call__(self, event: MessageClassified) -> Decision:
        parsed = documents.load(self.objects, event.parsed_key)
        checked = preflight.decide(parsed, self._situation(event, parsed))
        if isinstance(checked, Withheld):
            return self._decision(event, parsed, checked)
        raw = self._composed(event, parsed, checked)  # before anything is marked: what fails here has sent nothing
        return self._decision(event, parsed, self._sent_once(event, checked, raw))

    def _sent_once(self, event: MessageClassified, clear: Clear, raw: bytes) -> Sent | Withheld:
        """Sends, unless an earlier try did or may have; where SES took nothing the mark is taken back."""
        key = f"{event.ses_id}/{TEMPLATE}"
        if reason := self._over_budget(clear):
            return clear.but(reason)
        if earlier := self.sends.begin(key):
            return self._sent(event, clear, earlier.sent_id) if earlier.sent_id else clear.but(Reason.SEND_UNCERTAIN)
        try:
            sent_id = self._send(event, raw, clear)
        except Retryable:
            self.sends.abandon(key)
            raise
        except Poison as refused:
            self.sends.abandon(key)
            return clear.but(refused.reason, str(refused))
        self.sends.finish(key, sent_id)
        return self._sent(event, clear, sent_id)

    def _sent(self, event: MessageClassified, clear: Clear, sent_id: SentId) -> Sent:
        self.conversations.prove(event.conversation, [sent_message_id(sent_id)])  # so that the answer finds it
        return Sent(clear=clear, sent_id=sent_id)

    def _situation(self, event: MessageClassified, parsed: Parsed) -> Situation:
        author = parsed.message.author
        age = self.clock() - from_iso(parsed.received.received_at)
        return Situation(
            kind=Kind(event.kind),
            desk=self.desk,
            address_state=self.addresses.state(fold(author.address)) if author else None,
            opened=event.opened,
            age_hours=age.total_seconds() / _HOUR,
            limits=self.limits,
        )

    def _composed(self, event: MessageClassified, parsed: Parsed, clear: Clear) -> bytes:
        template = self.templates.pick(TEMPLATE, event.language)
        rendered = template.render(compose.variables(parsed, self.desk, event.conversation))
        return compose.acknowledgement(parsed, rendered, self.desk, event.conversation, clear.recipient)

    def _send(self, event: MessageClassified, raw: bytes, clear: Clear) -> SentId:
        tags = ((ANSWERS_TAG, event.ses_id), ("postroom-template", TEMPLATE))
        return self.mailer.send(raw, self.desk.address, (clear.recipient.address,), tags)

    def _over_budget(self, clear: Clear) -> Reason | None:
        at, sender = self.clock().timestamp(), fold(clear.recipient.address)
        if not self.sends.take(f"sender/{sender}", self.limits.per_sender_per_day, _DAY, at):
            return Reason.SENDER_BUDGET
        if not self.sends.take("account", self.limits.per_hour, _HOUR, at):
            return Reason.ACCOUNT_BUDGET
        return None

    def _decision(self, event: MessageClassified, parsed: Parsed, decision: Sent | Withheld) -> Decision:
        happened: Event
        if isinstance(decision, Sent):
            reason, rule, checks = Reason.ACKNOWLEDGED, "every check passed", decision.clear.checks
            facts = {"template": TEMPLATE, "sent_id": decision.sent_id, "to": decision.clear.recipient.address}
            happened = ReplySent(
                ses_id=event.ses_id, conversation=event.conversation, template=TEMPLATE, sent_id=decision.sent_id
            )
        else:
            reason, rule, checks = decision.reason, decision.checks[-1], decision.checks
            facts = {"detail": decision.detail} if decision.detail else {}
            happened = ReplyWithheld(ses_id=event.ses_id, conversation=event.conversation, reason=reason)
        record = StageRecord(
            stage=Stage.REPLY,
            at=iso(self.clock()),
            disposition=Disposition.ACCEPTED,
            reason=reason,
            rule=rule,
            signals=checks,
            facts=facts,
        )
        return Decision(ses_id=event.ses_id, received_at=parsed.received.received_at, record=record, event=happened)
