"""parse: the raw MIME of a received mail becomes a parsed document, and the ledger learns of the mail."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from postroom.clock import Clock, iso
from postroom.envelope import Received
from postroom.errors import Poison
from postroom.events import MessageParsed
from postroom.message import Message, Parsed
from postroom.mime import message as mime
from postroom.mime import second
from postroom.mime.scan import TooComplex
from postroom.outcome import Decision, Stage, StageRecord
from postroom.ports import Ledger, NotFound, Objects
from postroom.reasons import Disposition, Reason

_SUBJECT_LENGTH = 200  # characters of the subject that the ledger's row keeps: rows stay small


def parsed_key(ses_id: str) -> str:
    return f"parsed/{ses_id}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseStage:
    """The parse stage. A repeat writes the same document to the same place."""

    objects: Objects
    ledger: Ledger
    clock: Clock

    def __call__(self, received: Received) -> Decision:
        """Raises Poison where the mail is missing, empty, too complex or unparseable."""
        raw = self._raw(received)
        message = read(raw)
        parsed = Parsed(received=received, message=message, size=len(raw), fingerprint=mime.fingerprint(message))
        key = parsed_key(received.ses_id)
        self.objects.write(key, msgspec.json.encode(parsed), "application/json")
        first = self.ledger.first_of(parsed.fingerprint, received.ses_id)
        return Decision(
            ses_id=received.ses_id,
            received_at=received.received_at,
            record=self._record(parsed, first),
            event=MessageParsed(
                ses_id=received.ses_id,
                bucket=received.bucket,
                raw_key=received.key,
                parsed_key=key,
                size=parsed.size,
                attachments=len(message.attachments),
            ),
        )

    def _raw(self, received: Received) -> bytes:
        try:
            raw = self.objects.read(received.key)
        except NotFound as error:
            raise Poison(Reason.RAW_MAIL_MISSING, f"no object {received.key} in {received.bucket}") from error
        if not raw.strip():
            raise Poison(Reason.EMPTY_MAIL, f"{received.key} holds {len(raw)} bytes and no mail")
        return raw

    def _record(self, parsed: Parsed, first: str) -> StageRecord:
        message = parsed.message
        author = message.author
        resubmitted = first != parsed.received.ses_id
        return StageRecord(
            stage=Stage.PARSE,
            at=iso(self.clock()),
            disposition=Disposition.ACCEPTED,
            reason=Reason.RESUBMISSION if resubmitted else Reason.ORDINARY,
            signals=message.defects[:20],
            facts={
                "from": author.address if author else "",
                "from_name": author.name[:_SUBJECT_LENGTH] if author else "",
                "subject": message.subject[:_SUBJECT_LENGTH],
                "size": str(parsed.size),
                "attachments": str(len(message.attachments)),
                **({"first": first} if resubmitted else {}),
            },
        )


#: What reads a mail, in order: whatever the first can't read, the next one tries.
ENGINES: tuple[Callable[[bytes], Message], ...] = (mime.read, second.read)


def read(raw: bytes, engines: Sequence[Callable[[bytes], Message]] = ENGINES) -> Message:
    """The message in these bytes, or Poison. Parsing is deterministic, so what fails here fails at every try."""
    faults = []
    for engine in engines:
        try:
            return engine(raw)
        except TooComplex as error:  # made to hurt: no other engine shall be hurt by it
            raise Poison(Reason.TOO_COMPLEX, str(error)) from error
        except MemoryError:  # the machine's trouble, not the mail's: a larger function may read it
            raise
        except Exception as error:  # a fault of the engine's, whatever it is
            faults.append(error)
    names = "; ".join(f"{type(fault).__name__}: {fault}" for fault in faults)
    raise Poison(Reason.UNPARSEABLE, names) from faults[0]
