"""One automatic mail about a mail that came: it leaves at most once, or a named reason says why not.

Everything that the desk sends to customers by itself goes this way, whatever it says. What the mail that it is about
says against it was asked before (`postroom.replies.preflight`).
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from postroom.address import fold
from postroom.breaker import TRIALS_PER_DAY, Circuit
from postroom.clock import Clock, from_iso, iso
from postroom.conversation import Entry, EntryKind
from postroom.desk import Desk
from postroom.errors import Poison, Retryable
from postroom.ids import ANSWERS_TAG, ConversationId, SentId, SesId, sent_message_id
from postroom.message import Parsed
from postroom.ports import AddressBook, Conversations, Mailer, NotFound, SendingAccount, Sends, SendState, ThreadKeys
from postroom.quiet import QuietHours
from postroom.reasons import Reason
from postroom.replies import compose, departure
from postroom.replies.compose import Submitted, Thread
from postroom.replies.departure import Circumstances, Outgoing
from postroom.replies.preflight import Clear, Limits, Withheld
from postroom.replies.templates import Templates
from postroom.replies.templates.variables import Value
from postroom.stages.budgets import Budget, give_back, spent
from postroom.stages.told import UNDER_WAY, told_by_ses
from postroom.threads.tokens import Tokens

_DAY, _HOUR = 86_400, 3_600
AUTHOR = "reply"


class Purpose(StrEnum):
    """What a mail of ours is for. A mail that came gets one of each, whichever template is used for it. The value is
    stable: it stands in the key of the row around the send."""

    ACKNOWLEDGEMENT = "acknowledgement"
    CLOSING = "auto_close_notice"
    FOLLOW_UP = "follow_up"
    SURVEY = "satisfaction_survey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is to be sent: a template about a mail, in its conversation."""

    purpose: Purpose
    template: str
    about: Parsed
    conversation: ConversationId
    language: str | None
    submitted: Submitted = Submitted.REPLIED
    values: Mapping[str, Value] = field(default_factory=dict)  # of the template's variables, beside what all have
    budgets: tuple[Budget, ...] = ()  # beside those of every letter
    unsubscribe: str = ""  # the URI by which its reader asks for no more; nobody subscribes to the others

    @property
    def mail(self) -> SesId:
        return self.about.received.ses_id

    @property
    def key(self) -> str:
        return key_of(self.mail, self.purpose)


def key_of(mail: SesId, purpose: Purpose) -> str:
    """Of the row around the send."""
    return f"{mail}/{purpose}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A letter that may leave. `on_trial`: the breaker lets a few out only."""

    letter: Letter
    clear: Clear
    raw: bytes
    on_trial: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The mail went out under this id, to this folded address."""

    sent_id: SentId
    recipient: str
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Automatic:
    """The one way out. The row of `Sends` stands around the send: an automatic mail goes out at most once."""

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
    quiet: QuietHours | None = None

    def before(self, letter: Letter) -> Sent | None:
        """It went out already, whatever has come since: a repeat takes nothing back."""
        earlier = self.sends.state(letter.key)
        if earlier and earlier.sent_id:
            return self._sent_before(letter, earlier.sent_id, earlier.since, ("sent_before",))
        return None

    def send(self, letter: Letter, clear: Clear) -> Sent | Withheld:
        """Retryable where SES or a table can't be had: then nothing was sent."""
        # All before anything is marked: what fails here has sent nothing.
        ready = self._ready(letter, clear, self._circumstances(clear))
        return ready if isinstance(ready, Withheld) else self._sent_once(ready)

    def _circumstances(self, clear: Clear) -> Circumstances:
        address = fold(clear.recipient.address)
        standing = self.addresses.standing(address)
        listed = departure.doubtful(standing.address) and self.account.lists(address)
        quiet = str(self.quiet) if self.quiet and self.quiet.cover(self.clock()) else ""
        return Circumstances(standing=standing, account=self.account.account(), listed=listed, quiet=quiet)

    def _ready(self, letter: Letter, clear: Clear, seen: Circumstances) -> _Ready | Withheld:
        """The mail composed, if nothing speaks against its leaving."""
        for refusal in departure.refusals(seen):
            return clear.refused(refusal.check, refusal.reason, refusal.detail)
        raw = self._composed(letter, clear)
        for refusal in departure.unfit(Outgoing(raw=raw, rcpt_to=(clear.recipient.address,))):
            return clear.refused(refusal.check, refusal.reason, refusal.detail)
        on_trial = seen.standing.breaker.circuit is Circuit.HALF_OPEN
        return _Ready(letter=letter, clear=clear.past(*departure.NAMES), raw=raw, on_trial=on_trial)

    def _composed(self, letter: Letter, clear: Clear) -> bytes:
        template = self.templates.pick(letter.template, letter.language)
        rendered = template.render({**compose.variables(letter.about, self.desk, letter.conversation), **letter.values})
        signed = Tokens(keys=self.keys.keys(), desk=self.desk.address).sign(letter.conversation, self.clock())
        thread = Thread(conversation=letter.conversation, token=signed)
        mail = compose.automatic(letter.about, rendered, self.desk, thread, clear.recipient, letter.submitted)
        return compose.unsubscribable(mail, letter.unsubscribe) if letter.unsubscribe else mail

    def _sent_once(self, ready: _Ready) -> Sent | Withheld:
        """Sends, unless another try may have. The mark is taken back where it is certain that nothing was sent."""
        key, at, clear = ready.letter.key, self.clock(), ready.clear
        if other := self.sends.begin(key, iso(at)):
            return self._of_another_try(ready.letter, clear, other)
        try:
            reason = self._over_budget(ready, at.timestamp())
        except Exception:  # whatever it was, nothing has been sent yet
            self.sends.abandon(key)
            raise
        if reason:
            self.sends.abandon(key)
            return clear.but(reason)
        try:
            sent_id = self._send(ready, at.timestamp())
        except Retryable:
            self.sends.abandon(key)
            raise
        except Poison as refused:
            self.sends.abandon(key)
            return clear.but(refused.reason, str(refused))
        recipient = fold(clear.recipient.address)
        self.sends.finish(key, sent_id, recipient)
        self._stands(ready.letter, sent_id, iso(at))
        return Sent(sent_id=sent_id, recipient=recipient, checks=clear.checks)

    def _of_another_try(self, letter: Letter, clear: Clear, other: SendState) -> Sent | Withheld:
        """What a mark of somebody else's means: sent, under way at this moment, or broken off at the worst one."""
        if other.sent_id:
            return self._sent_before(letter, other.sent_id, other.since, clear.checks)
        if self.clock() - from_iso(other.since) < UNDER_WAY:
            raise Retryable(f"another try to send {letter.key} is under way")
        recipient = fold(clear.recipient.address)
        if sent_id := told_by_ses(self.conversations, letter.conversation, recipient, other.since):
            self.sends.finish(letter.key, sent_id, recipient)
            return self._sent_before(letter, sent_id, other.since, clear.checks)
        return clear.but(Reason.SEND_UNCERTAIN)

    def _sent_before(self, letter: Letter, sent_id: SentId, since: str, checks: tuple[str, ...]) -> Sent:
        """What another try has sent. It may have broken off before the conversation knew of it."""
        self._stands(letter, sent_id, since)
        return Sent(sent_id=sent_id, recipient=self.sends.recipient(sent_id) or "", checks=checks)

    def _stands(self, letter: Letter, sent_id: SentId, since: str) -> None:
        """Puts the mail into its conversation, which is known by its id from then on: so the answer finds it."""
        self.conversations.prove(letter.conversation, [sent_message_id(sent_id)])
        with suppress(NotFound):  # it was forgotten meanwhile
            self.conversations.add(letter.conversation, _entry(sent_id, since, letter.template))

    def _send(self, ready: _Ready, at: float) -> SentId:
        tags = ((ANSWERS_TAG, ready.letter.mail), ("postroom-template", ready.letter.template))
        try:
            return self.mailer.send(ready.raw, self.desk.address, (ready.clear.recipient.address,), tags)
        except Retryable:
            give_back(self.sends, self._budgets(ready), at)
            raise

    def _over_budget(self, ready: _Ready, at: float) -> Reason | None:
        """The first budget that has nothing left, if there is one."""
        empty = spent(self.sends, self._budgets(ready), at)
        return empty.reason if empty else None

    def _budgets(self, ready: _Ready) -> tuple[Budget, ...]:
        """What this mail is paid from. The narrowest is asked first: a flood ends in its own budget."""
        limits, who = self.limits, ready.clear.recipient
        trials = Budget("breaker", TRIALS_PER_DAY, _DAY, Reason.BREAKER_OPEN)
        return (
            Budget(f"sender/{fold(who.address)}", limits.per_sender_per_day, _DAY, Reason.SENDER_BUDGET),
            Budget(f"domain/{who.domain}", limits.per_domain_per_hour, _HOUR, Reason.DOMAIN_BUDGET),
            *((trials,) if ready.on_trial else ()),
            Budget("account", limits.per_hour, _HOUR, Reason.ACCOUNT_BUDGET),
            *ready.letter.budgets,  # last: what another budget refuses has not been told yet
        )


def _entry(sent_id: SentId, at: str, template: str) -> Entry:
    return Entry(at=at, kind=EntryKind.REPLY, id=sent_id, author=AUTHOR, facts={"template": template})
