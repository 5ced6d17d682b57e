"""attachments: every attachment of a mail is stored once, under the SHA-256 of its bytes."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

from postroom.clock import Clock, from_iso, iso
from postroom.errors import Retryable
from postroom.events import AttachmentsStored, Event, MessageParsed, MessageQuarantined
from postroom.message import Attachment, Parsed, Span
from postroom.mime import transfer
from postroom.outcome import Decision, Stage, StageRecord
from postroom.ports import Objects, RawMail, RawMails
from postroom.reasons import Disposition, Reason
from postroom.stages import documents

# What a mail says of its type never becomes a header of ours: a browser must not be told to run it.
_CONTENT_TYPE = "application/octet-stream"
_FRESH = timedelta(days=1)


def attachment_key(sha256: str) -> str:
    return f"attachments/{sha256}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentsStage:
    """The attachments stage. Keys are the content's own hash, so a repeat, or the same logo twice, changes nothing."""

    objects: Objects
    raw_mails: RawMails
    clock: Clock

    def __call__(self, event: MessageParsed) -> Decision:
        parsed = documents.load(self.objects, event.parsed_key)
        infected = parsed.received.verdicts.unwanted is Reason.VIRUS
        stored = () if infected else tuple(self._store(event.raw_key, parsed))
        happened: Event = (
            MessageQuarantined(ses_id=event.ses_id, stage=Stage.ATTACHMENTS, reason=Reason.VIRUS)
            if infected
            else AttachmentsStored(ses_id=event.ses_id, count=len(stored))
        )
        return Decision(
            ses_id=event.ses_id,
            received_at=parsed.received.received_at,
            record=self._record(len(stored), infected),
            event=happened,
        )

    def _store(self, raw_key: str, parsed: Parsed) -> Iterator[Attachment]:
        with ExitStack() as opened:  # once, and only if there is something to store: a sealed mail is decrypted whole
            raw: RawMail | None = None
            for attachment in parsed.message.attachments:
                if attachment.span is None:  # its bytes are no range: its holder, or else the raw mail, has them
                    continue
                key = attachment_key(attachment.sha256)
                if self._is_due(key):
                    raw = raw or opened.enter_context(self.raw_mails.open(raw_key))
                    self.objects.write_stream(key, self._decoded(raw, attachment, attachment.span), _CONTENT_TYPE)
                yield attachment

    def _is_due(self, key: str) -> bool:
        """What is there is not written again, but once a day: retention counts from the last mail that had it."""
        written_at = self.objects.written_at(key)
        return written_at is None or self.clock() - from_iso(written_at) > _FRESH

    def _decoded(self, raw: RawMail, attachment: Attachment, span: Span) -> Iterator[bytes]:
        """The decoded bytes in pieces; raises before the last one is given if they are not those that were parsed."""
        digest, decoder = hashlib.sha256(), transfer.decoder(span.encoding)
        for chunk in raw.stream(span.start, span.end):
            piece = decoder.feed(chunk)
            digest.update(piece)
            yield piece
        rest = decoder.finish()
        digest.update(rest)
        if digest.hexdigest() != attachment.sha256:
            raise Retryable(f"part {attachment.path} of the mail does not have the bytes that were parsed")
        yield rest

    def _record(self, count: int, infected: bool) -> StageRecord:
        return StageRecord(
            stage=Stage.ATTACHMENTS,
            at=iso(self.clock()),
            disposition=Disposition.QUARANTINED if infected else Disposition.ACCEPTED,
            reason=Reason.VIRUS if infected else Reason.STORED,
            rule="virus_verdict" if infected else "",
            facts={"stored": str(count)},
        )
