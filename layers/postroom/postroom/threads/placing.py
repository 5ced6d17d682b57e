"""Where a mail belongs: the strongest proof that admits its author, and what is one conversation after all. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from postroom.conversation import Conversation
from postroom.ids import ConversationId, MessageId
from postroom.threads.admission import ADMISSION, Admission, Proof, Standing
from postroom.threads.evidence import Evidence, answered, proof_by_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A proof, the conversation that it names, and where it stood: "address", "references", "subject", ..."""

    proof: Proof
    conversation: Conversation
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A claim, who makes it, and what follows from the two."""

    claim: Claim
    standing: Standing
    admission: Admission

    def __str__(self) -> str:
        claim = self.claim
        return f"{claim.proof} ({claim.proof.score}) in {claim.place}: {self.standing}, so {self.admission}"


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
    alike: Conversation | None = None,
) -> Iterator[Claim]:
    """What a mail claims. `known` are conversations by the ids that the mail names, `named` by their own id (for
    tokens), `alike` the one that its subject and people point to."""
    for each in shown.tokens:
        if (conversation := named.get(each.token.conversation)) is not None:
            yield Claim(proof=each.proof, conversation=conversation, place=each.place)
    for id_ in shown.ids:
        if (conversation := known.get(id_)) is not None:
            yield Claim(proof=proof_by_id(id_), conversation=conversation, place="references")
    if shown.own is not None and (conversation := known.get(shown.own)) is not None:
        yield Claim(proof=Proof.REFERENCE, conversation=conversation, place="message_id")  # a copy
    for id_ in shown.ids:
        if (conversation := known.get(answered(id_))) is not None:
            yield Claim(proof=Proof.SIBLING, conversation=conversation, place="references")
    if shown.own is not None and (conversation := known.get(answered(shown.own))) is not None:
        yield Claim(proof=Proof.SIBLING, conversation=conversation, place="message_id")  # its answer was quicker
    if alike is not None:
        yield Claim(proof=Proof.SUBJECT, conversation=alike, place="subject")


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
    nothing of the kind; and what a person has taken apart, no mail puts together again.
    """
    for each in judged:
        there, by_id = each.claim.conversation, each.claim.proof in _BY_ID
        joins = each.admission is Admission.JOIN and each.standing is not Standing.AGENT
        apart = chosen.split_from or there.split_from
        if by_id and joins and not apart and there.customer == chosen.customer:
            yield there


def _judge(claim: Claim, standing: Callable[[Conversation], Standing]) -> Judged:
    who = standing(claim.conversation)
    return Judged(claim=claim, standing=who, admission=ADMISSION[claim.proof, who])
