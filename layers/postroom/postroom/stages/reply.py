"""reply: the author of a mail is told, at most once, that it has arrived, or a named reason says why not.

An acknowledgement answers nothing: it stands in the conversation, and whose turn it is stays as it was.
"""

from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from postroom.address import fold
from postroom.breaker import TRIALS_PER_DAY, Circuit
from postroom.clock import Clock, from_iso, iso
from postroom.conversation import Entry, EntryKind
from postroom.desk import Desk
from postroom.errors import Poison, Retryable
from postroom.events import Event, MessageClassified, ReplySent, ReplyWithheld
from postroom.ids import ANSWERS_TAG, SentId, sent_message_id
from postroom.kinds.kind import Kind
from postroom.message import Parsed
from postroom.outcome import Decision, Stage, StageRecord
from postroom.ports import (
    AddressBook,
    Conversations,
    Mailer,
    NotFound,
    Objects,
    SendingAccount,
    Sends,
    SendState,
    ThreadKeys,
)
from postroom.reasons import Disposition, Reason
from postroom.replies import compose, departure, preflight
from postroom.replies.compose import Thread
from postroom.replies.departure import Circumstances, Outgoing
from postroom.replies.preflight import Clear, Limits, Situation, Withheld
from postroom.replies.templates import Templates
from postroom.rules.actions import NO_REPLY
from postroom.stages import documents
from postroom.threads.tokens import Tokens

TEMPLATE = "acknowledgement"  # where no rule names another, and in the key of every automatic reply
_DAY, _HOUR = 86_400, 3_600
_LOOKED_AT = 200  # entries of a conversation that its first mail has opened a while ago
_UNDER_WAY = 90.0  # seconds that a try may take, its function's time-out included


@dataclass(frozen=True, slots=True)
class _Budget:
    """So many replies in a window of so many seconds."""

    name: str
    limit: int
    seconds: int
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A reply that may leave. `on_trial`: the breaker lets a few out only."""

    clear: Clear
    raw: bytes
    on_trial: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The reply went out under this id, to this folded address."""

    sent_id: SentId
    recipient: str
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyStage:
    """The reply stage. The row of `Sends` stands around the send: an automatic reply goes out at most once."""

    objects: Objects
    conversations: Conversations
    sends: Sends
    addresses: AddressBook
    account: SendingAccount
    mailer: Mailer
    templates: Templates
    desk: Desk
    keys: ThreadKeys
    clock: Clock
    limits: Limits

    def __call__(self, event: MessageClassified) -> Decision:
        parsed = documents.load(self.objects, event.parsed_key)
        earlier = self.sends.state(_key(event))
        if earlier and earlier.sent_id:  # it went out, whatever has come since: a repeat takes nothing back
            return self._decision(
                event, parsed, self._sent_before(event, earlier.sent_id, earlier.since, ("sent_before",))
            )
        checked = preflight.decide(parsed, self._situation(event, parsed))
        if isinstance(checked, Withheld):
            return self._decision(event, parsed, checked)
        # All before anything is marked: what fails here has sent nothing.
        seen = self._circumstances(checked)
        ready = self._ready(event, parsed, checked, seen)
        if isinstance(ready, Withheld):
            return self._decision(event, parsed, ready)
        return self._decision(event, parsed, self._sent_once(event, ready))

    def _circumstances(self, clear: Clear) -> Circumstances:
        address = fold(clear.recipient.address)
        standing = self.addresses.standing(address)
        listed = departure.doubtful(standing.address) and self.account.lists(address)
        return Circumstances(standing=standing, account=self.account.account(), listed=listed)

    def _ready(self, event: MessageClassified, parsed: Parsed, clear: Clear, seen: Circumstances) -> _Ready | Withheld:
        """The mail composed, if nothing speaks against its leaving."""
        for refusal in departure.refusals(seen):
            return clear.refused(refusal.check, refusal.reason, refusal.detail)
        raw = self._composed(event, parsed, clear)
        for refusal in departure.unfit(Outgoing(raw=raw, rcpt_to=(clear.recipient.address,))):
            return clear.refused(refusal.check, refusal.reason, refusal.detail)
        on_trial = seen.standing.breaker.circuit is Circuit.HALF_OPEN
        return _Ready(clear=clear.past(*departure.NAMES), raw=raw, on_trial=on_trial)

    def _sent_once(self, event: MessageClassified, ready: _Ready) -> Sent | Withheld:
        """Sends, unless another try may have. The mark is taken back where it is certain that nothing was sent."""
        key, at, clear = _key(event), self.clock(), ready.clear
        if other := self.sends.begin(key, iso(at)):
            return self._of_another_try(event, clear, other)
        try:
            reason = self._over_budget(ready, at.timestamp())
        except Exception:  # whatever it was, nothing has been sent yet
            self.sends.abandon(key)
            raise
        if reason:
            self.sends.abandon(key)
            return clear.but(reason)
        try:
            sent_id = self._send(event, ready, at.timestamp())
        except Retryable:
            self.sends.abandon(key)
            raise
        except Poison as refused:
            self.sends.abandon(key)
            return clear.but(refused.reason, str(refused))
        recipient = fold(clear.recipient.address)
        self.sends.finish(key, sent_id, recipient)
        self._stands(event, sent_id, iso(at))
        return Sent(sent_id=sent_id, recipient=recipient, checks=clear.checks)

    def _of_another_try(self, event: MessageClassified, clear: Clear, other: SendState) -> Sent | Withheld:
        """What a mark of somebody else's means: sent, under way at this moment, or broken off at the worst one."""
        if other.sent_id:
            return self._sent_before(event, other.sent_id, other.since, clear.checks)
        if (self.clock() - from_iso(other.since)).total_seconds() < _UNDER_WAY:
            raise Retryable(f"another try to answer {event.ses_id} is under way")
        recipient = fold(clear.recipient.address)
        if sent_id := self._told_by_ses(event, recipient):
            self.sends.finish(_key(event), sent_id, recipient)
            return self._sent_before(event, sent_id, other.since, clear.checks)
        return clear.but(Reason.SEND_UNCERTAIN)

    def _told_by_ses(self, event: MessageClassified, recipient: str) -> SentId | None:
        """The one mail to this recipient that SES has told of, by the tag of the mail that it answers, and that nobody
        lived to note as sent."""
        standing = list(islice(self.conversations.entries(event.conversation), _LOOKED_AT))
        told = {e.facts.get("sent_id") for e in standing if e.facts.get("recipient") == recipient and _came_back(e)}
        unknown = told - {e.id for e in standing if e.kind is EntryKind.REPLY}
        return SentId(str(unknown.pop())) if len(unknown) == 1 else None

    def _sent_before(self, event: MessageClassified, sent_id: SentId, since: str, checks: tuple[str, ...]) -> Sent:
        """What another try has sent. It may have broken off before the conversation knew of it."""
        self._stands(event, sent_id, since)
        return Sent(sent_id=sent_id, recipient=self.sends.recipient(sent_id) or "", checks=checks)

    def _stands(self, event: MessageClassified, sent_id: SentId, since: str) -> None:
        """Puts the reply into its conversation, which is known by its id from then on: so the answer finds it."""
        self.conversations.prove(event.conversation, [sent_message_id(sent_id)])
        with suppress(NotFound):  # it was forgotten meanwhile
            self.conversations.add(event.conversation, _entry(sent_id, since, self._template(event)))

    def _situation(self, event: MessageClassified, parsed: Parsed) -> Situation:
        age = self.clock() - from_iso(parsed.received.received_at)
        return Situation(
            kind=Kind(event.kind),
            desk=self.desk,
            opened=event.opened,
            age_hours=age.total_seconds() / _HOUR,
            limits=self.limits,
            silenced=event.reply == NO_REPLY,
        )

    def _template(self, event: MessageClassified) -> str:
        """What a rule wants. Rules and templates change apart: where that template is gone, the usual one goes out."""
        wanted = event.reply or TEMPLATE
        return wanted if wanted in self.templates.by_name else TEMPLATE

    def _composed(self, event: MessageClassified, parsed: Parsed, clear: Clear) -> bytes:
        template = self.templates.pick(self._template(event), event.language)
        rendered = template.render(compose.variables(parsed, self.desk, event.conversation))
        signed = Tokens(keys=self.keys.keys(), desk=self.desk.address).sign(event.conversation, self.clock())
        thread = Thread(conversation=event.conversation, token=signed)
        return compose.acknowledgement(parsed, rendered, self.desk, thread, clear.recipient)

    def _send(self, event: MessageClassified, ready: _Ready, at: float) -> SentId:
        tags = ((ANSWERS_TAG, event.ses_id), ("postroom-template", self._template(event)))
        try:
            return self.mailer.send(ready.raw, self.desk.address, (ready.clear.recipient.address,), tags)
        except Retryable:  # SES took nothing: the next try shall find its budgets as this one did
            for budget in self._budgets(ready):
                self.sends.give_back(budget.name, budget.seconds, at)
            raise

    def _over_budget(self, ready: _Ready, at: float) -> Reason | None:
        """The first budget that has nothing left, if there is one."""
        for budget in self._budgets(ready):
            if not self.sends.take(budget.name, budget.limit, budget.seconds, at):
                return budget.reason
        return None

    def _budgets(self, ready: _Ready) -> tuple[_Budget, ...]:
        """What this reply is paid from. The narrowest is asked first: a flood ends in its own budget."""
        limits, who = self.limits, ready.clear.recipient
        trials = _Budget("breaker", TRIALS_PER_DAY, _DAY, Reason.BREAKER_OPEN)
        return (
            _Budget(f"sender/{fold(who.address)}", limits.per_sender_per_day, _DAY, Reason.SENDER_BUDGET),
            _Budget(f"domain/{who.domain}", limits.per_domain_per_hour, _HOUR, Reason.DOMAIN_BUDGET),
            *((trials,) if ready.on_trial else ()),
            _Budget("account", limits.per_hour, _HOUR, Reason.ACCOUNT_BUDGET),
        )

    def _decision(self, event: MessageClassified, parsed: Parsed, decision: Sent | Withheld) -> Decision:
        happened: Event
        if isinstance(decision, Sent):
            reason, rule, checks = Reason.ACKNOWLEDGED, "every check passed", decision.checks
            facts = {"template": self._template(event), "sent_id": decision.sent_id, "to": decision.recipient}
            happened = ReplySent(
                ses_id=event.ses_id,
                conversation=event.conversation,
                template=facts["template"],
                sent_id=decision.sent_id,
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


def _came_back(entry: Entry) -> bool:
    return entry.kind is EntryKind.DELIVERY and bool(entry.facts.get("sent_id"))


def _entry(sent_id: SentId, at: str, template: str) -> Entry:
    return Entry(at=at, kind=EntryKind.REPLY, id=sent_id, author="reply", facts={"template": template})


def _key(event: MessageClassified) -> str:
    """Of the row around the send: one for each mail, whichever template the rules of the day want."""
    return f"{event.ses_id}/{TEMPLATE}"
