"""attachments: every attachment of a mail is stored once, under the SHA-256 of its bytes."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from postroom.envelope import Verdict
from postroom.errors import Retryable
from postroom.events import AttachmentsStored
from postroom.ids import SesId
from postroom.memory.objects import MemoryObjects
from postroom.outcome import Stage
from postroom.reasons import Disposition, Reason
from tests.unit.stages.desk import MemoryDesk, with_verdicts


def with_attachments(*bodies: bytes) -> bytes:
    parts = "".join(
        f'--b\r\nContent-Type: application/pdf; name="{n}.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        f"{base64.encodebytes(body).decode()}\r\n"
        for n, body in enumerate(bodies)
    )
    return (
        "From: ann@example.com\r\nTo: support@desk.example\r\nSubject: files\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nSee the files.\r\n'
        f"{parts}--b--\r\n"
    ).encode()


def key(body: bytes) -> str:
    return f"attachments/{hashlib.sha256(body).hexdigest()}"


def test_each_attachment_is_stored_under_the_hash_of_its_decoded_bytes() -> None:
    desk, bodies = MemoryDesk(), (b"%PDF-1.4 one", bytes(range(256)) * 20)
    parsed = desk.parse(desk.arrived(with_attachments(*bodies)))
    assert desk.attachments(parsed) == AttachmentsStored(ses_id=SesId("mail-1"), count=2)
    assert [desk.objects.bodies[key(body)] for body in bodies] == list(bodies)


@dataclass(slots=True, kw_only=True)
class NotingObjects(MemoryObjects):
    """Notes every write of a stream: its key and the type it was given."""

    written: list[tuple[str, str]] = field(default_factory=list)

    def write_stream(self, key: str, chunks: Iterable[bytes], content_type: str) -> None:
        MemoryObjects.write_stream(self, key, chunks, content_type)
        self.written.append((key, content_type))


def test_the_same_content_is_stored_once_and_under_no_type_of_the_mails() -> None:
    """A browser that follows a link to it must not be told to run it."""
    desk, objects = MemoryDesk(), NotingObjects()
    desk.objects = objects
    for ses_id in ("mail-1", "mail-2"):
        desk.attachments(desk.parse(desk.arrived(with_attachments(b"<script>", b"<script>"), ses_id)))
    assert objects.written == [(key(b"<script>"), "application/octet-stream")]


def test_nothing_of_an_infected_mail_is_taken_out() -> None:
    desk = MemoryDesk()
    received = desk.arrived(with_attachments(b"virus"), verdicts=with_verdicts(virus=Verdict.FAIL))
    desk.attachments(desk.parse(received))
    record = desk.ledger.rows_by_id[SesId("mail-1")].records[Stage.ATTACHMENTS]
    assert (record.disposition, record.reason) == (Disposition.QUARANTINED, Reason.VIRUS)
    assert not any(k.startswith("attachments/") for k in desk.objects.bodies)


def test_bytes_that_are_not_those_that_were_parsed_are_never_stored() -> None:
    desk = MemoryDesk()
    parsed = desk.parse(desk.arrived(with_attachments(b"as parsed")))
    desk.objects.bodies["raw/mail-1"] = with_attachments(b"tampered!")
    with pytest.raises(Retryable):
        desk.attachments(parsed)
    assert not any(k.startswith("attachments/") for k in desk.objects.bodies)
