"""A person of the desk answers: the mail is put together, checked, sent, and seen in its conversation whatever happens.

Over ports only: the command line, an agent's mail to the desk, and a web desk call the same. Nothing is sent twice by
itself: the same answer to the same mail is the same draft, and where one may have been sent already a person decides.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice

from postroom.address import State as AddressState
from postroom.address import as_person, fold
from postroom.clock import Clock, from_iso, iso
from postroom.conversation import Conversation, State
from postroom.desk import Desk
from postroom.errors import Poison, PostroomError, Retryable, Throttled
from postroom.ids import ANSWERS_TAG, ConversationId, SentId
from postroom.ports import (
    AddressBook,
    Breakers,
    Conversations,
    Mailer,
    NotFound,
    Objects,
    SendingAccount,
    Sends,
    SendState,
    ThreadKeys,
)
from postroom.reasons import Reason
from postroom.replies import by_hand, departure
from postroom.replies.answer import Answer, TooLarge, composed
from postroom.replies.by_hand import Case, Refusal
from postroom.replies.compose import Thread
from postroom.replies.files import File
from postroom.stages.drafts import ANSWERS, Draft, Drafts, sent_key
from postroom.stages.original import Original, original
from postroom.stages.told import UNDER_WAY, told_by_ses
from postroom.threads.tokens import Tokens

_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds between tries where SES throttles: its rate is counted by the second
_MOST_AGAIN = 10  # times that the same answer is sent once more
_SHOWN = 500  # characters of the recipients in an entry

Pause = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the person wants sent. `to` are addresses that they name themselves: anybody. `cc` are participants, and
    with `others` all of those. `then` is the state that the conversation has afterwards. With a `name` it is this
    answer and no other, whatever it says and whatever came meanwhile: one of the same name is not sent again."""

    text: str = ""
    html: str = ""
    files: tuple[File, ...] = ()
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    others: bool = False
    then: State = State.PENDING
    name: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A mail that is ready, and all that speaks against sending it. `raw` is None where it is too large."""

    answer: Answer
    raw: bytes | None
    draft: Draft
    refusals: tuple[Refusal, ...]

    @property
    def recipients(self) -> tuple[str, ...]:
        return (*self.answer.to, *self.answer.cc)

    def against(self, anyway: bool) -> tuple[Refusal, ...]:
        """What still speaks against it once the person has said that they want it sent anyway."""
        return tuple(each for each in self.refusals if not (each.anyway and anyway))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """SES has taken it under this id."""

    sent_id: SentId


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """Nothing went out, for these reasons."""

    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertain:
    """SES gave no answer: it may have gone out. SES's next event about it tells."""

    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """The answers of one agent at one desk. Calls raise NotFound where there is no such conversation."""

    conversations: Conversations
    objects: Objects
    sends: Sends
    addresses: AddressBook
    account: SendingAccount
    breakers: Breakers
    mailer: Mailer
    desk: Desk
    keys: ThreadKeys
    clock: Clock
    agent: str
    pause: Pause
    pauses: Sequence[float] = _PAUSES  # none where a queue tries again

    def original(self, id_: ConversationId) -> Original:
        """What an answer in this conversation answers."""
        return original(self.conversations, self.objects, self._there(id_))

    def prepared(self, id_: ConversationId, wanted: Wanted, again: bool = False) -> Prepared:
        """The mail as it would go out. Nothing is changed. `again`: the person knows that the same answer may have been
        sent before, and so it is another draft."""
        there = self._there(id_)
        answered = original(self.conversations, self.objects, there)
        token = Tokens(keys=self.keys.keys(), desk=self.desk.address).sign(there.id, self.clock())
        to = tuple(wanted.to) or _to(there, answered)
        answer = Answer(
            thread=Thread(conversation=there.id, token=token),
            to=to,
            cc=_cc(there, answered, wanted, to),
            subject=answered.subject or there.subject,
            language=wanted.language or there.language,
            text=wanted.text,
            html=wanted.html,
            answered=answered.threads_with,
            quoted=answered.quoted,
            files=wanted.files,
        )
        draft = self._draft(there, answered, answer, wanted, again)
        return self._checked(there, wanted, answer, draft)

    def send(self, prepared: Prepared, anyway: bool = False) -> Sent | NotSent | Uncertain:
        """Sends it once, unless something speaks against it; the conversation shows which. Retryable where SES takes
        nothing at the moment: then nothing was sent, and that is shown as well."""
        draft, drafts = prepared.draft, self._drafts
        self._settle(prepared)
        if against := prepared.against(anyway):
            drafts.not_sent(draft, against[0].reason, "; ".join(each.text for each in against))
            return NotSent(refusals=against)
        raw = prepared.raw or b""
        self.objects.write(sent_key(draft.key), raw, "message/rfc822")
        if there := drafts.begin(draft):
            return NotSent(refusals=(self._before(self._known(draft, there)),))
        try:
            sent_id = self._sent(raw, prepared)
        except Poison as error:
            drafts.refused(draft, error.reason, str(error))
            return NotSent(refusals=(_by_ses(error.reason, str(error)),))
        except Retryable as error:
            drafts.refused(draft, Reason.NOT_TAKEN, str(error))
            raise
        except Exception as error:  # whatever it was, SES may have taken it
            drafts.uncertain(draft)
            return Uncertain(told=str(error) if isinstance(error, PostroomError) else type(error).__name__)
        drafts.sent(draft, sent_id)
        return Sent(sent_id=sent_id)

    @property
    def _drafts(self) -> Drafts:
        return Drafts(conversations=self.conversations, sends=self.sends)

    def _there(self, id_: ConversationId) -> Conversation:
        if (found := self.conversations.get(id_)) is None:
            raise NotFound(f"there is no conversation {id_}: `postroom conversations` lists them")
        return found

    def _draft(self, there: Conversation, answered: Original, answer: Answer, wanted: Wanted, again: bool) -> Draft:
        draft = Draft(
            id="",
            conversation=there.id,
            at=iso(self.clock()),
            author=as_person(self.agent),
            said=answer.said,
            to=(*answer.to, *answer.cc),
            then=wanted.then,
            facts=_facts(answered, answer),
        )
        said = wanted.name or _said(answered, answer)
        same = (replace(draft, id=_id(there, said, number)) for number in count())
        first = next(same)
        if not again:
            return first
        return next((d for d in (first, *islice(same, _MOST_AGAIN)) if self.sends.state(d.key) is None), first)

    def _checked(self, there: Conversation, wanted: Wanted, answer: Answer, draft: Draft) -> Prepared:
        recipients = (*answer.to, *answer.cc)
        raw = _raw(answer, self.desk)
        states = {fold(each): self.addresses.state(fold(each)) for each in recipients[: departure.MOST_RECIPIENTS]}
        case = Case(
            recipients=recipients,
            participants=there.participants,
            named=frozenset(map(as_person, wanted.to)),
            desk=self.desk,
            said=answer.said,
            raw=raw,
            files=tuple(each.safe_name for each in answer.files),
            states=states,
            listed=frozenset(each for each, state in states.items() if self._lists(each, state)),
            paused=departure.paused(self.account.account()),
            breaker=departure.stopped(self.breakers.breaker()),
        )
        state = self.sends.state(draft.key)
        before = (self._before(self._known(draft, state)),) if state else ()
        # First what became of it before: that it came back is no news about a try that went out.
        return Prepared(answer=answer, raw=raw, draft=draft, refusals=(*before, *by_hand.refusals(case)))

    def _lists(self, address: str, state: AddressState) -> bool:
        return by_hand.doubtful(state) and self.account.lists(address)

    def _known(self, draft: Draft, there: SendState) -> SendState:
        """The row of an earlier try, with the id that SES's events have brought back since."""
        if there.sent_id:
            return there
        told = told_by_ses(self.conversations, draft.conversation, draft.to[0], there.since) if draft.to else None
        return replace(there, sent_id=told)

    def _settle(self, prepared: Prepared) -> None:
        """Notes as sent what is known to have been sent before, where nobody lived to note it."""
        if any(each.reason is Reason.ANSWERED_BEFORE for each in prepared.refusals):
            there = self.sends.state(prepared.draft.key)
            if there and (known := self._known(prepared.draft, there)).sent_id:
                self._drafts.found(prepared.draft.key, known.sent_id)

    def _before(self, there: SendState) -> Refusal:
        """What it means that the same answer was begun before."""
        if there.sent_id:
            return Refusal(
                reason=Reason.ANSWERED_BEFORE,
                detail=f"at {there.since}, as {there.sent_id}",
                advice="--anyway sends it once more",
                anyway=True,
            )
        under_way = self.clock() - from_iso(there.since) < UNDER_WAY
        told = "it may be under way at this moment" if under_way else "SES has said nothing of it since"
        return Refusal(
            reason=Reason.ANSWER_UNCERTAIN,
            detail=f"at {there.since}",
            advice=f"{told}: wait for SES's event, which says if it was sent; --anyway sends it, perhaps twice",
            anyway=True,
        )

    def _sent(self, raw: bytes, prepared: Prepared) -> SentId:
        """Tries until SES doesn't throttle any more, or for long enough."""
        answered = prepared.draft.facts.get(ANSWERS)
        tags = (*prepared.draft.tags, *(((ANSWERS_TAG, answered),) if answered else ()))
        for seconds in self.pauses:
            try:
                return self.mailer.send(raw, self.desk.address, prepared.recipients, tags)
            except Throttled:
                self.pause(seconds)
        return self.mailer.send(raw, self.desk.address, prepared.recipients, tags)


def _to(there: Conversation, answered: Original) -> tuple[str, ...]:
    """Who wrote the mail that is answered, and the customer: each once, and only who takes part."""
    people = {as_person(each): each for each in (*answered.writer, answered.spelled(there.customer)) if each}
    taking_part = tuple(each for person, each in people.items() if person in there.participants)
    return taking_part or tuple(people.values())[:1]  # whom the check refuses, and so names


def _cc(there: Conversation, answered: Original, wanted: Wanted, to: Sequence[str]) -> tuple[str, ...]:
    asked = (*wanted.cc, *(there.participants if wanted.others else ()))
    people = {as_person(each): answered.spelled(as_person(each)) for each in asked if "@" in each}
    return tuple(each for person, each in people.items() if person not in set(map(as_person, to)))


def _raw(answer: Answer, desk: Desk) -> bytes | None:
    """None where it is too large, or has an address in it that no header can have: the checks tell of both."""
    try:
        return composed(answer, desk) if answer.to else b""
    except TooLarge:
        return None
    except ValueError:
        return b""


def _facts(answered: Original, answer: Answer) -> dict[str, str]:
    told = {
        "subject": answer.subject[:200],
        "cc": ", ".join(answer.cc)[:_SHOWN],
        "files": ", ".join(each.safe_name for each in answer.files)[:_SHOWN],
        ANSWERS: answered.ses_id or "",
    }
    return {name: value for name, value in told.items() if value}


def _id(there: Conversation, said: str, number: int) -> str:
    text = "\0".join((there.id, str(number), said))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _said(answered: Original, answer: Answer) -> str:
    """The same for the same answer to the same mail: who types a command again means the same answer."""
    files = (part for each in answer.files for part in (each.sha256, each.name, each.content_id))
    return "\0".join((answered.ses_id or "", answer.text, answer.html, "to", *answer.to, "cc", *answer.cc, *files))


def _by_ses(reason: Reason, detail: str) -> Refusal:
    return Refusal(reason=reason, detail=detail, advice="SES says the same each time: mend that first", anyway=False)
