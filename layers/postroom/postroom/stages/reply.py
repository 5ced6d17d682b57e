"""reply: the author of a mail is told, at most once, that it has arrived, or a named reason says why not."""

from dataclasses import dataclass

from postroom.clock import Clock, from_iso, iso
from postroom.desk import Desk, fold
from postroom.errors import Poison, Retryable
from postroom.events import MessageClassified, ReplySent, ReplyWithheld
from postroom.ids import SentId, sent_message_id
from postroom.kinds.kind import Kind
from postroom.message import Parsed
from postroom.outcome import Stage, StageRecord
from postroom.ports import AddressBook, Conversations, Ledger, Mailer, Objects, Sends
from postroom.reasons import Disposition, Reason
from postroom.replies import compose, preflight
from postroom.replies.preflight import Clear, Limits, Situation, Withheld
from postroom.replies.templates import Templates
from postroom.stages import documents

TEMPLATE = "acknowledgement"
_DAY, _HOUR = 86_400, 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The reply stage. The row of `Sends` stands around the send: an automatic reply goes out at most once."""

    objects: Objects
    ledger: Ledger
    conversations: Conversations
    sends: Sends
    addresses: AddressBook
    mailer: Mailer
    templates: Templates
    desk: Desk
    clock: Clock
    limits: Limits

    def __call__(self, event: MessageClassified) -> ReplySent | ReplyWithheld:
        parsed = documents.load(self.objects, event.parsed_key)
        decision = preflight.decide(parsed, self._situation(event, parsed))
        if isinstance(decision, Withheld):
            return self._withheld(event, parsed, decision)
        return self._reply(event, parsed, decision)

    def _situation(self, event: MessageClassified, parsed: Parsed) -> Situation:
        author = parsed.message.author
        age = self.clock() - from_iso(parsed.received.received_at)
        return Situation(
            kind=Kind(event.kind),
            desk=self.desk,
            address_state=self.addresses.state(fold(author.address)) if author else "",
            opened=event.opened,
            age_hours=age.total_seconds() / _HOUR,
            limits=self.limits,
        )

    def _reply(self, event: MessageClassified, parsed: Parsed, clear: Clear) -> ReplySent | ReplyWithheld:
        raw = self._composed(event, parsed, clear)  # before the row is marked: what fails here has sent nothing
        key = f"{event.ses_id}/{TEMPLATE}"
        earlier = self.sends.begin(key)
        if earlier and earlier.sent_id:  # an earlier try sent it and may not have come to its end
            return self._sent(event, parsed, clear, earlier.sent_id)
        if earlier:
            return self._withheld(event, parsed, clear.but(Reason.SEND_UNCERTAIN))
        if reason := self._over_budget(clear):
            self.sends.abandon(key)
            return self._withheld(event, parsed, clear.but(reason))
        try:
            sent_id = self._send(event, raw, clear)
        except Retryable:
            self.sends.abandon(key)
            raise
        except Poison as refused:
            self.sends.abandon(key)
            return self._withheld(event, parsed, clear.but(refused.reason, str(refused)))
        self.sends.finish(key, sent_id)
        return self._sent(event, parsed, clear, sent_id)

    def _composed(self, event: MessageClassified, parsed: Parsed, clear: Clear) -> bytes:
        template = self.templates.pick(TEMPLATE, event.language)
        rendered = template.render(compose.variables(parsed, self.desk, event.conversation))
        return compose.acknowledgement(parsed, rendered, self.desk, event.conversation, clear.recipient)

    def _send(self, event: MessageClassified, raw: bytes, clear: Clear) -> SentId:
        tags = (("postroom-mail", event.ses_id), ("postroom-template", TEMPLATE))
        return self.mailer.send(raw, self.desk.address, (clear.recipient.address,), tags)

    def _over_budget(self, clear: Clear) -> Reason | None:
        at, sender = self.clock().timestamp(), fold(clear.recipient.address)
        if not self.sends.take(f"sender/{sender}", self.limits.per_sender_per_day, _DAY, at):
            return Reason.SENDER_BUDGET
        if not self.sends.take("account", self.limits.per_hour, _HOUR, at):
            return Reason.ACCOUNT_BUDGET
        return None

    def _sent(self, event: MessageClassified, parsed: Parsed, clear: Clear, sent_id: SentId) -> ReplySent:
        self.conversations.prove(event.conversation, [sent_message_id(sent_id)])  # so that the answer finds it
        facts = {"template": TEMPLATE, "sent_id": sent_id, "to": clear.recipient.address}
        self._record(parsed, Reason.ACKNOWLEDGED, clear.checks, facts)
        return ReplySent(ses_id=event.ses_id, conversation=event.conversation, template=TEMPLATE, sent_id=sent_id)

    def _withheld(self, event: MessageClassified, parsed: Parsed, withheld: Withheld) -> ReplyWithheld:
        facts = {"detail": withheld.detail} if withheld.detail else {}
        self._record(parsed, withheld.reason, withheld.checks, facts)
        return ReplyWithheld(ses_id=event.ses_id, conversation=event.conversation, reason=withheld.reason)

    def _record(self, parsed: Parsed, reason: Reason, checks: tuple[str, ...], facts: dict[str, str]) -> None:
        record = StageRecord(
            stage=Stage.REPLY,
            at=iso(self.clock()),
            disposition=Disposition.ACCEPTED,
            reason=reason,
            rule="every check passed" if reason is Reason.ACKNOWLEDGED else checks[-1],
            signals=checks,
            facts=facts,
        )
        self.ledger.record(parsed.received.ses_id, parsed.received.received_at, record)
