"""An agent answers a notice of the desk from their own mail client: what they wrote goes to the customer in the desk's
name, by the same checks as on the command line; where it doesn't, the agent is told why, and the conversation shows it.

Their mail itself stands in the conversation as an internal one, as before.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from postroom.address import fold
from postroom.clock import Clock, from_iso, iso
from postroom.conversation import Conversation
from postroom.errors import Retryable
from postroom.events import MessageClassified, ReplySent, ReplyWithheld
from postroom.ids import SentId, is_of_ses
from postroom.message import Parsed
from postroom.outcome import Decision, Stage, StageRecord
from postroom.ports import Conversations, Sends, ThreadKeys
from postroom.reasons import Disposition, Reason
from postroom.replies import preflight
from postroom.replies.by_mail import Objection, objection
from postroom.stages.answering import Answering, NotSent, Prepared, Sent, Uncertain, Wanted
from postroom.stages.drafts import Drafts
from postroom.stages.inside import Inside
from postroom.stages.notices import Notices
from postroom.stages.told import UNDER_WAY
from postroom.threads import by_agents
from postroom.threads.by_agents import Address, Asked, Does
from postroom.threads.tokens import Tokens

_ANSWERED = 3  # ids of In-Reply-To that are looked up: each is a read


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """What became of an agent's mail, for its record; with a `told` for the agent where it was not sent."""

    reason: Reason
    told: str = ""
    sent_id: SentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """An agent's mail, what it asks for, and the conversation that it is about."""

    event: MessageClassified
    parsed: Parsed
    wanted: Asked
    there: Conversation

    @property
    def answer(self) -> Wanted:
        """A server that missed SES's word that it has the mail delivers it again, and under its Message-ID it is still
        the same answer."""
        command, name = self.wanted.command, f"mail {self.parsed.message.message_id or self.event.ses_id}"
        answer = Wanted(text=self.wanted.text, name=name)
        return replace(answer, then=command.then) if command else answer


@dataclass(frozen=True, slots=True, kw_only=True)
class ByMail:
    """Agents' answers by mail. `answering` gives the answers of the agent with this address."""

    conversations: Conversations
    sends: Sends
    keys: ThreadKeys
    clock: Clock
    notices: Notices
    answering: Callable[[str], Answering]

    def __call__(self, event: MessageClassified, parsed: Parsed) -> Decision | None:
        """What was decided about this mail; None where it is no agent's answer to a notice."""
        if preflight.our_field(parsed.message):
            return None  # a desk wrote it, whatever has become of its other marks
        wanted = self._asked(event, parsed)
        there = self.conversations.get(wanted.conversation) if wanted else None
        if wanted is None or there is None:
            return None
        case = _Case(event=event, parsed=parsed, wanted=wanted, there=there)
        done = self._done(case)
        if done.told:
            key, invites = f"{event.ses_id}/told", wanted.address is Address.THEIRS
            self.notices.not_sent(key, wanted.agent, parsed.message, there, done.told, invites)
        return self._decision(case, done)

    def _asked(self, event: MessageClassified, parsed: Parsed) -> Asked | None:
        desk = self.notices.desk
        author = by_agents.author(parsed, event.kind, desk)
        if author is None:
            return None
        tokens = Tokens(keys=self.keys.keys(), desk=desk.address)
        found = by_agents.asked(parsed, author, desk, tokens, from_iso(parsed.received.received_at).date())
        return found or self._at_the_desk(event, parsed, author)

    def _at_the_desk(self, event: MessageClassified, parsed: Parsed, author: str) -> Asked | None:
        """What answers a notice that went to this agent, and has lost its address: classify has put it where that
        notice belongs."""
        ids = [SentId(id_.partition("@")[0]) for id_ in parsed.message.in_reply_to[:_ANSWERED] if is_of_ses(id_)]
        if not any(self.sends.recipient(id_) == fold(author) for id_ in ids):
            return None
        return by_agents.said(parsed, author, event.conversation, Address.DESKS)

    def _done(self, case: _Case) -> _Done:
        against = objection(case.parsed, case.wanted)
        match case.wanted.does:
            case Does.NOTES:
                self._inside(case).note(case.there.id, case.wanted.text)
                return _Done(reason=Reason.STAYS_INTERNAL)
            case _ if against:
                self._not_sent(case, against)
                return _Done(reason=against.reason, told=against.told)
            case Does.MOVES:
                self._inside(case).state(case.there.id, case.answer.then)
                return _Done(reason=Reason.STATE_SET)
            case Does.SENDS:
                answering = self.answering(case.wanted.agent)
                return self._sent_once(answering, answering.prepared(case.there.id, case.answer))

    def _inside(self, case: _Case) -> Inside:
        received = case.parsed.received
        return Inside(
            conversations=self.conversations, mail=received.ses_id, agent=case.wanted.agent, at=received.received_at
        )

    def _not_sent(self, case: _Case, against: Objection) -> None:
        """Shows it in the conversation, as what the checks of any answer refuse is shown; a repeat shows it once."""
        said = replace(case.answer, text=case.parsed.message.reply.visible)
        draft = self.answering(case.wanted.agent).prepared(case.there.id, said).draft
        shown = replace(draft, at=case.parsed.received.received_at)
        Drafts(conversations=self.conversations, sends=self.sends).not_sent(shown, against.reason, against.told)

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

    def _decision(self, case: _Case, done: _Done) -> Decision:
        ses_id, conversation = case.event.ses_id, case.there.id
        facts = {"conversation": conversation, "sent_id": done.sent_id or "", "detail": done.told[:300]}
        record = StageRecord(
            stage=Stage.REPLY,
            at=iso(self.clock()),
            disposition=Disposition.ACCEPTED,
            reason=done.reason,
            rule="an agent answered a notice of the desk",
            facts={name: value for name, value in facts.items() if value},
        )
        happened = (
            ReplySent(ses_id=ses_id, conversation=conversation, template="", sent_id=done.sent_id)
            if done.sent_id
            else ReplyWithheld(ses_id=ses_id, conversation=conversation, reason=done.reason)
        )
        return Decision(ses_id=ses_id, received_at=case.parsed.received.received_at, record=record, event=happened)
