"""Where a mail belongs, and by which proof."""

import re
from collections.abc import Iterator, Mapping

from cli.explaining.paragraph import Paragraph, paragraph, said
from postroom.outcome import MailRow, Stage, StageRecord
from postroom.threads.admission import Admission, Proof, Standing

#: As `postroom.threads.placing.Judged` writes it.
_JUDGED = re.compile(r"([a-z_]{1,30}) \((\d{1,3})\) in ([a-z_]{1,30}): ([a-z]{1,20}), so ([a-z]{1,20})")

_PROOFS: Mapping[Proof, str] = {
    Proof.FRESH_TOKEN: "a token that we signed lately",
    Proof.STALE_TOKEN: "a token that we signed long ago",
    Proof.OUR_MAIL: "the id of a mail of ours",
    Proof.NOTICE: "the address of a notice to one of the desk's people",
    Proof.REFERENCE: "the id of another mail of the conversation",
    Proof.SIBLING: "an id that another mail of the conversation names too",
    Proof.SUBJECT: "the subject of a conversation among the same people",
}
_STANDINGS: Mapping[Standing, str] = {
    Standing.AGENT: "shown by one of the desk's people",
    Standing.PARTICIPANT: "shown by a proven participant",
    Standing.UNPROVEN: "shown by a participant whom nobody vouches for",
    Standing.FORGED: "shown under a participant's forged name",
    Standing.STRANGER: "shown by a stranger to it",
}
_ADMISSIONS: Mapping[Admission, str] = {
    Admission.JOIN: "it lets the mail in",
    Admission.SIDE: "it lets the mail stand beside",
    Admission.NEW: "it counts for nothing",
}


def belongs(row: MailRow) -> Paragraph:
    record = row.records.get(Stage.CLASSIFY)
    if record is not None and "conversation" not in record.facts:
        return paragraph("belongs", ("It stands in no conversation.",))
    return paragraph("belongs", _belongs(record) if record else ())


def _belongs(record: StageRecord) -> Iterator[str]:
    id_, beside = record.facts["conversation"], record.facts.get("linked_to", "")
    if record.facts.get("opened") != "yes":
        yield f"It joined conversation {id_}."
    elif beside:
        yield f"It opened conversation {id_}, beside {beside}, which it names and which its author may not read."
    else:
        yield f"It opened conversation {id_}."
    proofs = [told for signal in record.signals if (told := _proof(signal))]
    if not proofs and record.facts.get("opened") == "yes":
        yield "Nothing in it shows that it belongs to an earlier one."
    yield from proofs
    yield said("Proofs that are not kept, and did not decide: {}.", record.facts.get("proofs_left_out", ""))
    yield said("The conversation was {} then.", record.facts.get("state", ""))
    yield said("It is to be looked at again on {}.", record.facts.get("follow_up_on", ""))


def is_proof(signal: str) -> bool:
    return _JUDGED.fullmatch(signal) is not None


def _proof(signal: str) -> str:
    found = _JUDGED.fullmatch(signal)
    if found is None:
        return ""
    proof, score, place, standing, admission = found.groups()
    try:
        words = _PROOFS[Proof(proof)], _STANDINGS[Standing(standing)], _ADMISSIONS[Admission(admission)]
    except ValueError:  # a record of another version
        return f"Proof: {signal}."
    return f"Proof: {words[0]} ({score} of 100, in its {place.replace('_', ' ')}), {words[1]}: {words[2]}."
