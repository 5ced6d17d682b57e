"""parse: the raw MIME of a received mail becomes a parsed document, and the ledger learns of the mail."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from postroom.clock import Clock, iso
from postroom.envelope import Received
from postroom.errors import Poison, PostroomError
from postroom.events import MessageParsed
from postroom.message import AUTHENTICATION, Message, Parsed
from postroom.mime import message as mime
from postroom.mime import second, secured, trace
from postroom.mime.scan import TooComplex
from postroom.outcome import Decision, Stage, StageRecord
from postroom.ports import Ledger, NotFound, Objects, RawMail, RawMails
from postroom.reasons import Disposition, Reason
from postroom.stages.documents import parsed_key
from postroom.vouching import voucher

_SMALL = 1 << 16  # bytes: white space alone, if a mail has no more, is no mail
_SUBJECT_LENGTH = 200  # characters of the subject, and of any other fact, that the ledger's row keeps: rows stay small


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseStage:
    """The parse stage. A repeat writes the same document to the same place."""

    objects: Objects
    raw_mails: RawMails
    ledger: Ledger
    clock: Clock

    def __call__(self, received: Received) -> Decision:
        """Raises Poison where the mail is missing, empty, too complex or unparseable."""
        parsed = self._parsed(received)
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
                attachments=len(parsed.message.attachments),
            ),
        )

    def _parsed(self, received: Received) -> Parsed:
        try:
            with self.raw_mails.open(received.key) as mail:
                _check_not_empty(mail, received.key)
                message = read(mail)
                size = mail.size
        except NotFound as error:
            raise Poison(Reason.RAW_MAIL_MISSING, f"no object {received.key} in {received.bucket}") from error
        return Parsed(received=received, message=message, size=size, fingerprint=mime.fingerprint(message))

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
                "vouched": voucher(parsed).vouched,
                **_header_facts(message),
                **({"first": first} if resubmitted else {}),
            },
        )


def _header_facts(message: Message) -> dict[str, str]:
    """What the header tells of the mail's way and its sender, for people; without what it doesn't tell."""
    found = {
        "way": trace.told(message.hops),
        "authentication": ", ".join(message.facts.get(AUTHENTICATION, ())),
        "list": message.fact("list-id"),
        "secured": secured.told(message.facts),
    }
    return {name: value[:_SUBJECT_LENGTH] for name, value in found.items() if value}


def _check_not_empty(mail: RawMail, key: str) -> None:
    if mail.size <= _SMALL and not mail.read(0, mail.size).strip():
        raise Poison(Reason.EMPTY_MAIL, f"{key} holds {mail.size} bytes and no mail")


Engine = Callable[[RawMail], Message]


def _first_engine(mail: RawMail) -> Message:
    return mime.read(mail.stream(0, mail.size))


def _second_engine(mail: RawMail) -> Message:
    return second.read(mail.read(0, mail.size))


#: What reads a mail, in order: whatever the first can't read, the next one tries.
ENGINES: tuple[Engine, ...] = (_first_engine, _second_engine)


def read(mail: RawMail, engines: Sequence[Engine] = ENGINES) -> Message:
    """The message in this mail, or Poison. Parsing is deterministic, so what fails here fails at every try.

    A mail that can't be fetched raises what its adapter raises.
    """
    faults = []
    for engine in engines:
        try:
            return engine(mail)
        except TooComplex as error:  # made to hurt: no other engine shall be hurt by it
            raise Poison(Reason.TOO_COMPLEX, str(error)) from error
        except (
            MemoryError,
            PostroomError,
            NotFound,
        ):  # not the mail's fault: another time
            raise
        except Exception as error:  # a fault of the engine's, whatever it is
            faults.append(error)
    names = "; ".join(f"{type(fault).__name__}: {fault}" for fault in faults)
    raise Poison(Reason.UNPARSEABLE, names) from faults[0]
