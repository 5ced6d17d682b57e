"""An agent answers a notice of the desk from their own mail client: what they wrote goes to the customer in the desk's
name, by the same checks as on the command line; where it doesn't, the agent is told why.

Their mail itself stands in the conversation as an internal one, as before.
"""

from collections.abc import Callable
from dataclasses import dataclass

from postroom.clock import Clock, from_iso, iso
from postroom.conversation import Conversation
from postroom.errors import Retryable
from postroom.events import MessageClassified, ReplySent, ReplyWithheld
from postroom.ids import SentId
from postroom.message import Attachment, Parsed
from postroom.outcome import Decision, Stage, StageRecord
from postroom.ports import Conversations, Objects, Sends, ThreadKeys
from postroom.reasons import Disposition, Reason
from postroom.replies import notice, preflight
from postroom.stages import documents
from postroom.stages.answering import Answering, NotSent, Prepared, Sent, Uncertain, Wanted
from postroom.stages.notices import Notices
from postroom.stages.told import UNDER_WAY
from postroom.threads.by_agents import COMMANDS, Asked, asked
from postroom.threads.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """What became of an agent's mail, for its record; with a `told` for the agent where it was not sent."""

    reason: Reason
    told: str = ""
    sent_id: SentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ByMail:
    """Agents' answers by mail. `answering` gives the answers of the agent with this address."""

    objects: Objects
    conversations: Conversations
    sends: Sends
    keys: ThreadKeys
    clock: Clock
    notices: Notices
    answering: Callable[[str], Answering]

    def __call__(self, event: MessageClassified) -> Decision | None:
        """What was decided about this mail; None where it is no agent's answer to a notice."""
        desk = self.notices.desk
        if not desk.agents:
            return None
        parsed = documents.load(self.objects, event.parsed_key)
        if preflight.our_field(parsed.message):
            return None  # a desk wrote it, whatever has become of its other marks
        tokens = Tokens(keys=self.keys.keys(), desk=desk.address)
        wanted = asked(parsed, event.kind, desk, tokens, from_iso(parsed.received.received_at).date())
        there = self.conversations.get(wanted.conversation) if wanted else None
        if wanted is None or there is None:
            return None
        done = self._done(event, parsed, wanted, there)
        if done.told:
            self.notices.not_sent(f"{event.ses_id}/told", wanted.agent, parsed.message, there, done.told)
        return self._decision(event, parsed, there, done)

    def _done(self, event: MessageClassified, parsed: Parsed, wanted: Asked, there: Conversation) -> _Done:
        if wanted.command is None:
            known = ", ".join(filter(None, COMMANDS))
            return _Done(reason=Reason.UNKNOWN_COMMAND, told=f"it begins with a command that is none of {known}")
        if not wanted.command.sends:
            return _Done(reason=Reason.STAYS_INTERNAL)
        if notice.remains(wanted.text):
            return _Done(reason=Reason.QUOTE_NOT_CUT, told="write above all that your mail client quotes")
        if files := [each.safe_filename for each in parsed.message.attachments if not _is_shown(each)]:
            told = f"files are not sent on ({', '.join(files[:5])}): `postroom reply --attach` sends them"
            return _Done(reason=Reason.ATTACHED_BY_MAIL, told=told)
        answering = self.answering(wanted.agent)
        answer = Wanted(text=wanted.text, then=wanted.command.then, name=_name(event, parsed))
        return self._sent_once(answering, answering.prepared(there.id, answer))

    def _sent_once(self, answering: Answering, prepared: Prepared) -> _Done:
        """A repeat of the event finds what another try has done."""
        before = self.sends.state(prepared.draft.key)
        if before and before.sent_id:
            return _Done(reason=Reason.RELAYED, sent_id=before.sent_id)
        if before and self.clock() - from_iso(before.since) < UNDER_WAY:
            raise Retryable(f"another try to send on {prepared.draft.key} is under way")
        match answering.send(prepared):
            case Sent(sent_id=sent_id):
                return _Done(reason=Reason.RELAYED, sent_id=sent_id)
            case NotSent(refusals=refusals):
                return _Done(reason=refusals[0].reason, told="; ".join(each.text for each in refusals))
            case Uncertain():
                told = "it may have been sent, since SES gave no answer; the conversation tells as soon as SES does"
                return _Done(reason=Reason.ANSWER_UNCERTAIN, told=told)

    def _decision(self, event: MessageClassified, parsed: Parsed, there: Conversation, done: _Done) -> Decision:
        facts = {"conversation": there.id, "sent_id": done.sent_id or "", "detail": done.told[:300]}
        record = StageRecord(
            stage=Stage.REPLY,
            at=iso(self.clock()),
            disposition=Disposition.ACCEPTED,
            reason=done.reason,
            rule="an agent answered a notice of the desk",
            facts={name: value for name, value in facts.items() if value},
        )
        happened = (
            ReplySent(ses_id=event.ses_id, conversation=there.id, template="", sent_id=done.sent_id)
            if done.sent_id
            else ReplyWithheld(ses_id=event.ses_id, conversation=there.id, reason=done.reason)
        )
        return Decision(ses_id=event.ses_id, received_at=parsed.received.received_at, record=record, event=happened)


def _name(event: MessageClassified, parsed: Parsed) -> str:
    """Of the answer. A server that missed SES's word that it has the mail delivers it again, and under its Message-ID
    it is still the same answer."""
    return f"mail {parsed.message.message_id or event.ses_id}"


def _is_shown(attached: Attachment) -> bool:
    """Whether it is an image that stands in the text. Some clients give every file a Content-ID."""
    return bool(attached.content_id) and attached.content_type.startswith("image/")
