"""Where a mail belongs: the strongest proof that admits its author, and what is one conversation after all. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from postroom.conversation import Conversation
from postroom.ids import ConversationId, MessageId
from postroom.threads.admission import ADMISSION, Admission, Proof, Standing
from postroom.threads.evidence import Evidence, Place, answered, proof_by_id

_TOLD = re.compile(rf"(?:{'|'.join(Proof)}) \(\d+\) in (?:{'|'.join(Place)}): .+, so (?:{'|'.join(Admission)})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A proof, the conversation that it names, and where it stood.

    `one_sided`: a stranger may have claimed the id before the mail came, and nothing in it speaks of them.
    """

    proof: Proof
    conversation: Conversation
    place: Place
    one_sided: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A claim, who makes it, and what follows from the two."""

    claim: Claim
    standing: Standing
    admission: Admission

    def __str__(self) -> str:
        claim = self.claim
        return f"{claim.proof} ({claim.proof.score}) in {claim.place}: {self.standing}, so {self.admission}"

    @staticmethod
    def is_told_by(signal: str) -> bool:
        """Whether a signal of a record is one of these, written out; the others are of kinds and categories."""
        return _TOLD.fullmatch(signal) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """`into` is None where the mail opens a conversation; then `linked_to` is the one that its author didn't get into.

    `merge` are conversations that this mail shows to be the same as `into`; `judged` is every claim, strongest first.
    """

    into: Conversation | None
    linked_to: ConversationId | None
    merge: tuple[ConversationId, ...]
    judged: tuple[Judged, ...]

    @property
    def decided_by(self) -> Judged | None:
        wanted = Admission.JOIN if self.into is not None else Admission.SIDE
        return next((each for each in self.judged if each.admission is wanted), None)

    @property
    def standing(self) -> Standing | None:
        """Who the author is to the conversation that decided; None where no claim did."""
        return self.decided_by.standing if self.decided_by is not None else None


_BY_ID = (Proof.OUR_MAIL, Proof.REFERENCE, Proof.SIBLING)

#: No claim was made, or none is heard.
NOWHERE = Placement(into=None, linked_to=None, merge=(), judged=())


def claims(
    shown: Evidence,
    known: Mapping[MessageId, Conversation],
    named: Mapping[ConversationId, Conversation],
    people: Sequence[str],
    alike: Conversation | None = None,
) -> Iterator[Claim]:
    """What a mail claims. `known` are conversations by the ids that the mail names, `named` by their own id (for
    tokens), `people` all that the mail is between, `alike` the one that its subject and people point to."""
    for each in shown.tokens:
        if (conversation := named.get(each.token.conversation)) is not None:
            yield Claim(proof=each.proof, conversation=conversation, place=each.place)
    for id_ in shown.ids:
        if (conversation := known.get(id_)) is not None:
            yield Claim(proof=proof_by_id(id_), conversation=conversation, place=Place.REFERENCES)
    if shown.own is not None and (conversation := known.get(shown.own)) is not None:
        yield _by_hearsay(Proof.REFERENCE, conversation, Place.MESSAGE_ID, people)  # a copy
    for id_ in shown.ids:
        if (conversation := known.get(answered(id_))) is not None:
            yield _by_hearsay(Proof.SIBLING, conversation, Place.REFERENCES, people)
    if shown.own is not None and (conversation := known.get(answered(shown.own))) is not None:
        yield _by_hearsay(Proof.SIBLING, conversation, Place.MESSAGE_ID, people)  # its answer was quicker
    if alike is not None:
        yield Claim(proof=Proof.SUBJECT, conversation=alike, place=Place.SUBJECT)


def _by_hearsay(proof: Proof, conversation: Conversation, place: Place, people: Sequence[str]) -> Claim:
    """A claim by an id that its owner never told us. Whoever knew it could name it first, and put its owner in Cc; so
    the mail must be to that one too. A customer who takes no part is an agent, or forged, and then nobody does."""
    customer = conversation.customer
    one_sided = customer in conversation.participants and customer not in people
    return Claim(proof=proof, conversation=conversation, place=place, one_sided=one_sided)


def place(found: Iterator[Claim], standing: Callable[[Conversation], Standing]) -> Placement:
    """Judges every claim, the strongest first; of equal ones the first stays first."""
    strongest = sorted(found, key=lambda claim: -claim.proof.score)
    judged = tuple(_judge(claim, standing) for claim in strongest)
    joined = [each.claim.conversation for each in judged if each.admission is Admission.JOIN]
    if not joined:
        side = next((each.claim.conversation.id for each in judged if each.admission is Admission.SIDE), None)
        return Placement(into=None, linked_to=side, merge=(), judged=judged)
    chosen = _split_off(joined[0], judged) or joined[0]
    same = {each.id: each for each in (chosen, *_same_as(chosen, judged))}
    into = min(same.values(), key=lambda one: (one.created_at, one.id))
    return Placement(into=into, linked_to=None, merge=tuple(sorted(same.keys() - {into.id})), judged=judged)


def _split_off(named: Conversation, judged: tuple[Judged, ...]) -> Conversation | None:
    """What was split off the conversation that a token names, if the nearest id that the mail names is in there: our
    answers to what was taken out bear the token of the whole that it was in then."""
    exact = (each for each in judged if each.claim.proof in (Proof.OUR_MAIL, Proof.REFERENCE))
    nearest = next((each for each in exact if each.admission is Admission.JOIN), None)
    if nearest is None or nearest.claim.conversation.split_from != named.id:
        return None
    return nearest.claim.conversation


def _same_as(chosen: Conversation, judged: tuple[Judged, ...]) -> Iterator[Conversation]:
    """Conversations of the same customer that a mail shows to be one with `chosen`, by the ids that it names.

    They were opened apart because the mail between them came late. An agent's mail, a quoted token, a subject show
    nothing of the kind, and who isn't proven can't show it; what a person took apart, or the guard kept apart, no
    mail puts together again. That two mails answer a third, whoever takes part may have made up: it brings nobody in.
    """
    for each in judged:
        there, by_id = each.claim.conversation, each.claim.proof in _BY_ID
        joins = each.admission is Admission.JOIN and each.standing is Standing.PARTICIPANT
        apart = any(one.split_from or one.linked_to for one in (chosen, there))
        made_up = (each.claim.proof, each.claim.place) == (Proof.SIBLING, Place.REFERENCES)
        brings_in = made_up and set(there.participants) != set(chosen.participants)
        if by_id and joins and not apart and not brings_in and there.customer == chosen.customer:
            yield there


def _judge(claim: Claim, standing: Callable[[Conversation], Standing]) -> Judged:
    who = standing(claim.conversation)
    admission = ADMISSION[claim.proof, who]
    if claim.one_sided and admission is Admission.JOIN and who is not Standing.AGENT:
        admission = Admission.SIDE
    return Judged(claim=claim, standing=who, admission=admission)
