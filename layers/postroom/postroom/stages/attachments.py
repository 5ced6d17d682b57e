"""attachments: the policy decides about every attachment; each is stored once, under the SHA-256 of its bytes.

What is allowed goes to `attachments/`, what is quarantined to `quarantine/`, for which no link is ever made, and what
is refused nowhere: the raw mail has it. The decision comes before the bytes are where a link could lead to them.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import BinaryIO

from postroom.attachments import facts, names
from postroom.attachments.budget import Budget
from postroom.attachments.policy import LONGEST_DETAIL, OF_THE_MAIL, Policy, Ruling, Sign
from postroom.attachments.spool import pieces, spooled
from postroom.clock import Clock, from_iso, iso
from postroom.errors import Retryable
from postroom.events import AttachmentsStored, Event, MessageParsed, MessageQuarantined
from postroom.ids import SesId
from postroom.message import Attachment, Message, Parsed, Span
from postroom.mime import transfer
from postroom.outcome import Decision, Stage, StageRecord
from postroom.ports import Holders, Objects, RawMail, RawMails, Scanner
from postroom.reasons import Disposition, Held, Reason, Treatment
from postroom.stages import documents

# What a mail says of its type never becomes a header of ours: a browser must not be told to run it.
_CONTENT_TYPE = "application/octet-stream"
_FRESH = timedelta(days=1)
_IN_MEMORY = 4 << 20  # bytes of an attachment that is looked into; what is larger is on disk
MOST_HELD = 100  # decisions that a record holds one by one; a mail made to hurt has thousands of attachments
_MOST_SIGNALS = 20


def attachment_key(sha256: str) -> str:
    return f"attachments/{sha256}"


def quarantine_key(sha256: str) -> str:
    return f"quarantine/{sha256}"


_KEYS: Mapping[Treatment, Callable[[str], str]] = {
    Treatment.ALLOW: attachment_key,
    Treatment.QUARANTINE: quarantine_key,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentsStage:
    """The attachments stage. Keys are the content's own hash, so a repeat, or the same logo twice, changes nothing.

    `timer` is in seconds, for the bound on the time of looking. Raises Retryable where the scanner can't be asked.
    """

    objects: Objects
    raw_mails: RawMails
    holders: Holders
    policy: Policy
    scanner: Scanner | None
    clock: Clock
    timer: Callable[[], float] = time.monotonic

    def __call__(self, event: MessageParsed) -> Decision:
        parsed = documents.load(self.objects, event.parsed_key)
        infected = parsed.received.verdicts.unwanted is Reason.VIRUS
        rulings = self.rulings(parsed.message, event.raw_key, infected=infected)
        record = self._record(parsed, rulings, infected)
        return Decision(
            ses_id=event.ses_id,
            received_at=parsed.received.received_at,
            record=record,
            event=_event(event, rulings, record, infected),
        )

    def rulings(self, message: Message, raw_key: str, *, infected: bool = False) -> Mapping[str, Ruling]:
        """Decides about every attachment of the message and stores it; gives the ruling of each by its path."""
        with ExitStack() as opened:  # once, and only if it is needed: a sealed mail is decrypted whole
            raw = _Once(lambda: opened.enter_context(self.raw_mails.open(raw_key)))
            mail = SesId(raw_key.rpartition("/")[2])
            return _Mail(stage=self, mail=mail, attachments=message.attachments, infected=infected, raw=raw).rulings()

    def _record(self, parsed: Parsed, rulings: Mapping[str, Ruling], infected: bool) -> StageRecord:
        held = [
            Held(
                path=a.path,
                treatment=rulings[a.path].treatment,
                reason=rulings[a.path].reason,
                detail=_detail(a, rulings),
            )
            for a in parsed.message.attachments
            if rulings[a.path].treatment is not Treatment.ALLOW
        ]
        seen = dict.fromkeys(sign.reason.value for ruling in rulings.values() for sign in ruling.signs)
        accepted = Reason.ATTACHMENTS_HELD if held else Reason.STORED
        return StageRecord(
            stage=Stage.ATTACHMENTS,
            at=iso(self.clock()),
            disposition=Disposition.QUARANTINED if infected else Disposition.ACCEPTED,
            reason=Reason.VIRUS if infected else accepted,
            rule="virus_verdict" if infected else "policy",
            signals=tuple(seen)[:_MOST_SIGNALS],
            facts={name: str(count) for name, count in _counts(rulings).items()},
            held=tuple(held[:MOST_HELD]),
        )


def _event(event: MessageParsed, rulings: Mapping[str, Ruling], record: StageRecord, infected: bool) -> Event:
    if infected:
        return MessageQuarantined(ses_id=event.ses_id, stage=Stage.ATTACHMENTS, reason=Reason.VIRUS)
    counts = _counts(rulings)
    return AttachmentsStored(
        ses_id=event.ses_id,
        count=counts["stored"],
        quarantined=counts["quarantined"],
        refused=counts["refused"],
        held=tuple(Held(path=h.path, treatment=h.treatment, reason=h.reason) for h in record.held),
    )


def _counts(rulings: Mapping[str, Ruling]) -> dict[str, int]:
    found = Counter(ruling.treatment for ruling in rulings.values())
    return {
        "stored": found[Treatment.ALLOW],
        "quarantined": found[Treatment.QUARANTINE],
        "refused": found[Treatment.REFUSE],
    }


def _detail(attachment: Attachment, rulings: Mapping[str, Ruling]) -> str:
    """The file's name, and what was seen in it where that says more."""
    name, seen = names.shown(attachment.safe_filename), rulings[attachment.path].detail
    return f"{name}: {seen}"[: 2 * LONGEST_DETAIL] if seen and seen != name else name


class _Once:
    """The raw mail, opened when it is first asked for."""

    def __init__(self, open_: Callable[[], RawMail]) -> None:
        self._open = open_
        self._mail: RawMail | None = None

    def __call__(self) -> RawMail:
        self._mail = self._mail or self._open()
        return self._mail


@dataclass(slots=True, kw_only=True)
class _Mail:
    """The attachments of one mail, on their way. `found` has the ruling of each by its path, `passed_on` the signs that
    what holds something takes over from it."""

    stage: AttachmentsStage
    mail: SesId
    attachments: Sequence[Attachment]
    infected: bool
    raw: Callable[[], RawMail]
    found: dict[str, Ruling] = field(default_factory=dict)
    passed_on: dict[str, list[Sign]] = field(default_factory=dict)
    deadline: float = field(init=False)

    def __post_init__(self) -> None:
        self.deadline = self.stage.timer() + self.stage.policy.bounds.seconds

    @property
    def _policy(self) -> Policy:
        return self.stage.policy

    def rulings(self) -> Mapping[str, Ruling]:
        """Decides and stores. What holds others stands before them in the mail, so the way is from the end."""
        known, inner = self._known(), self._inner()
        for attachment in reversed(self.attachments):
            if attachment.span is not None:
                self._settle(attachment, attachment.span, known, inner.get(attachment.path, ()))
        for attachment in self.attachments:  # in what is no attachment itself: the raw mail has it
            if attachment.path not in self.found:
                self._rule(attachment, [*known[attachment.path], _NOT_TAKEN_OUT])
        return self.found

    def _known(self) -> dict[str, list[Sign]]:
        """The signs of each attachment that need no look at its bytes."""
        found, before, seen = dict[str, list[Sign]](), 0, set[str]()
        for number, attachment in enumerate(self.attachments, start=1):
            again = attachment.sha256 in seen
            signs = [
                *self._policy.of_number(number, attachment.size, 0 if again else before),
                *self._of_facts(attachment),
            ]
            found[attachment.path] = signs
            before += 0 if again else attachment.size
            seen.add(attachment.sha256)
        return found

    def _of_facts(self, attachment: Attachment) -> Iterator[Sign]:
        if self.infected:
            yield Sign(reason=Reason.VIRUS_SES)
        if attachment.path.count("/") > self._policy.bounds.depth:
            yield Sign(reason=Reason.TOO_DEEP, detail=f"deeper than {self._policy.bounds.depth}")
        known = _facts(attachment)
        yield from self._policy.listed(known.name, filter(None, (known.content_type, known.detected_type)))
        yield from facts.signs_of_facts(known, named=not self._policy.allows_name(known.name))

    def _inner(self) -> dict[str, list[Attachment]]:
        """What has no range of its own, by the path of the nearest holder that has."""
        spanned = {a.path for a in self.attachments if a.span is not None}
        found = dict[str, list[Attachment]]()
        for attachment in self.attachments:
            holder = next((path for path in _holders(attachment.path) if path in spanned), None)
            if attachment.span is None and holder is not None:
                found.setdefault(holder, []).append(attachment)
        return found

    def _settle(
        self, attachment: Attachment, span: Span, known: Mapping[str, list[Sign]], inner: Iterable[Attachment]
    ) -> None:
        """Decides about an attachment and what is only in it, and stores both."""
        first = self._policy.rule(known[attachment.path])
        if first.treatment is not Treatment.ALLOW:  # whatever is in it, nobody gets it through a link
            for each in inner:
                self._rule(
                    each, [*known[each.path], Sign(reason=first.reason, detail=first.detail, treatment=first.treatment)]
                )
        elif inner:
            self._settle_inner(attachment, b"".join(self._decoded(attachment, span)), known, inner)
        signs = [*known[attachment.path], *self.passed_on.get(attachment.path, ())]
        if self._policy.rule(signs).treatment is Treatment.ALLOW and self._is_opened(attachment, bool(inner)):
            with spooled(self._decoded(attachment, span), _IN_MEMORY) as (file, size):
                signs += self._seen(file, size, attachment, looked_into=bool(inner))
                self._put(attachment, self._rule(attachment, signs), lambda: pieces(file))
        else:
            self._put(attachment, self._rule(attachment, signs), lambda: self._decoded(attachment, span))

    def _settle_inner(
        self, holder: Attachment, data: bytes, known: Mapping[str, list[Sign]], inner: Iterable[Attachment]
    ) -> None:
        """Twice over what is in the holder, one file in memory at a time: first for its signs, since what holds others
        waits for theirs, then to its place."""
        by_path = {each.path: each for each in inner}
        signs = {path: [*known[path], _NOT_TAKEN_OUT] for path in by_path}
        for path, body in _inside(holder, data):
            if path in by_path:
                signs[path] = [*known[path], *self._seen(BytesIO(body), len(body), by_path[path], looked_into=False)]
        for path in reversed(by_path):
            self._rule(by_path[path], [*signs[path], *self.passed_on.get(path, ())])
        for path, body in _inside(holder, data):
            if path in by_path:
                self._put(by_path[path], self.found[path], partial(iter, (body,)))

    def _is_opened(self, attachment: Attachment, is_holder: bool) -> bool:
        return self.stage.scanner is not None or (not is_holder and facts.needs_look(_facts(attachment)))

    def _seen(self, file: BinaryIO, size: int, attachment: Attachment, *, looked_into: bool) -> Iterator[Sign]:
        """What its bytes say. What is `looked_into` already has only the scanner to pass."""
        if not looked_into and facts.needs_look(_facts(attachment)):
            from postroom.attachments import inspect  # pictures and text need no reader of archives at a cold start

            budget = Budget(bounds=self._policy.bounds, clock=self.stage.timer, deadline=self.deadline)
            yield from inspect.signs(file, size, _facts(attachment), budget, self._policy.allows_name)
        if self.stage.scanner is not None:
            result = self.stage.scanner.scan(pieces(file))
            if result.found is not None:
                yield Sign(reason=Reason.VIRUS_CLAMD, detail=names.shown(result.found))
            elif not result.whole:
                yield Sign(reason=Reason.NOT_SCANNED)

    def _rule(self, attachment: Attachment, signs: Iterable[Sign]) -> Ruling:
        """The ruling; where it holds the attachment, it is passed on to all that hold it."""
        ruling = self._policy.rule({sign.reason: sign for sign in reversed(list(signs))}.values())
        self.found[attachment.path] = ruling
        if ruling.treatment is not Treatment.ALLOW and ruling.reason not in OF_THE_MAIL:
            detail = names.shown(attachment.safe_filename)
            sign = Sign(reason=ruling.reason, detail=f"in it: {detail}", treatment=ruling.treatment)
            for path in _holders(attachment.path):
                self.passed_on.setdefault(path, []).append(sign)
        return ruling

    def _put(self, attachment: Attachment, ruling: Ruling, content: Callable[[], Iterator[bytes]]) -> None:
        place = _KEYS.get(ruling.treatment)
        if place:
            self.stage.holders.hold(attachment.sha256, self.mail)
        if place and self._is_due(place(attachment.sha256)):
            self.stage.objects.write_stream(place(attachment.sha256), content(), _CONTENT_TYPE)

    def _is_due(self, key: str) -> bool:
        """What is there is not written again, but once a day: retention counts from the last mail that had it."""
        written_at = self.stage.objects.written_at(key)
        return written_at is None or self.stage.clock() - from_iso(written_at) > _FRESH

    def _decoded(self, attachment: Attachment, span: Span) -> Iterator[bytes]:
        """The decoded bytes in pieces; raises before the last one is given if they are not those that were parsed."""
        digest, decoder = hashlib.sha256(), transfer.decoder(span.encoding)
        for chunk in self.raw().stream(span.start, span.end):
            piece = decoder.feed(chunk)
            digest.update(piece)
            yield piece
        rest = decoder.finish()
        digest.update(rest)
        if digest.hexdigest() != attachment.sha256:
            raise Retryable(f"part {attachment.path} of the mail does not have the bytes that were parsed")
        yield rest


_NOT_TAKEN_OUT = Sign(reason=Reason.ARCHIVE_UNREADABLE, detail="what holds it can't be opened")


def _facts(attachment: Attachment) -> facts.Facts:
    return facts.Facts(
        name=attachment.filename or attachment.safe_filename,
        content_type=attachment.content_type,
        detected_type=attachment.detected_type,
    )


def _holders(path: str) -> Iterator[str]:
    """The paths of what holds this one, the nearest first: 2/1.3/1 is in 2/1.3, and that in 2."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _inside(holder: Attachment, data: bytes) -> Iterator[tuple[str, bytes]]:
    # Few mails need the whole reader of mails for their attachments: a cold start does not wait for it.
    from postroom.mime import contents
    from postroom.mime.scan import TooComplex

    try:
        yield from contents.inside(holder, data)
    except TooComplex:  # then the rest is not taken out, and has that as its sign
        return
