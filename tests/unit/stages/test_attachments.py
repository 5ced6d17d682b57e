"""attachments: every attachment of a mail is stored once, under the SHA-256 of its bytes."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.encoders import encode_base64
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP

import pytest

from postroom.attachments.policy import Bounds, Limits, Policy
from postroom.envelope import Verdict
from postroom.errors import Retryable
from postroom.events import AttachmentsStored
from postroom.ids import SesId
from postroom.memory.objects import MemoryObjects
from postroom.memory.scanner import MemoryScanner
from postroom.outcome import Stage, StageRecord
from postroom.ports import ScanResult
from postroom.reasons import Disposition, Reason, Treatment
from postroom.stages.attachments import MOST_HELD
from tests.unit.attachments.made import winmail, zipped
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
        desk.attachments(desk.parse(desk.arrived(with_attachments(b"%PDF-1", b"%PDF-1"), ses_id)))
    assert objects.written == [(key(b"%PDF-1"), "application/octet-stream")]


def test_all_attachments_of_an_infected_mail_go_to_quarantine() -> None:
    desk = MemoryDesk()
    received = desk.arrived(with_attachments(b"virus", b"%PDF-1"), verdicts=with_verdicts(virus=Verdict.FAIL))
    desk.attachments(desk.parse(received))
    record = desk.ledger.rows_by_id[SesId("mail-1")].records[Stage.ATTACHMENTS]
    assert (record.disposition, record.reason) == (Disposition.QUARANTINED, Reason.VIRUS)
    assert [held.reason for held in record.held] == [Reason.VIRUS_SES] * 2
    assert stored(desk) == {quarantined(b"virus"), quarantined(b"%PDF-1")}


def test_bytes_that_are_not_those_that_were_parsed_are_never_stored() -> None:
    desk = MemoryDesk()
    parsed = desk.parse(desk.arrived(with_attachments(b"as parsed")))
    desk.objects.bodies["raw/mail-1"] = with_attachments(b"tampered!")
    with pytest.raises(Retryable):
        desk.attachments(parsed)
    assert not any(k.startswith("attachments/") for k in desk.objects.bodies)


# The policy


def quarantined(body: bytes) -> str:
    return f"quarantine/{hashlib.sha256(body).hexdigest()}"


def stored(desk: MemoryDesk) -> set[str]:
    return {name for name in desk.objects.bodies if name.startswith(("attachments/", "quarantine/"))}


def part(name: str, body: bytes, content_type: str = "application/octet-stream") -> MIMEBase:
    made = MIMEBase(*content_type.split("/"))
    made.set_payload(body)
    encode_base64(made)
    made.add_header("Content-Disposition", "attachment", filename=name)
    return made


def mixed(*parts: Message) -> MIMEMultipart:
    made = MIMEMultipart()
    made["From"], made["To"], made["Subject"] = "ann@example.com", "support@desk.example", "files"
    for each in (MIMEText("See the files."), *parts):
        made.attach(each)
    return made


def attached(mail: Message) -> Message:
    """The mail as an attachment of another, readable by ranges."""
    made = MIMEBase("message", "rfc822")
    made.set_payload([mail])
    return made


def decided(mail: Message, desk: MemoryDesk | None = None) -> tuple[MemoryDesk, StageRecord, AttachmentsStored]:
    desk = desk or MemoryDesk()
    event = desk.attachments(desk.parse(desk.arrived(mail.as_bytes(policy=SMTP))))
    assert isinstance(event, AttachmentsStored)
    return desk, desk.ledger.rows_by_id[SesId("mail-1")].records[Stage.ATTACHMENTS], event


PROGRAM = zipped(("setup.exe", b"MZ"))


def test_a_good_file_is_stored_and_a_bad_one_beside_it_is_quarantined_with_its_reason() -> None:
    desk, record, event = decided(mixed(part("a.pdf", b"%PDF-1"), part("tool.zip", PROGRAM)))
    assert stored(desk) == {key(b"%PDF-1"), quarantined(PROGRAM)}
    assert (record.disposition, record.reason) == (Disposition.ACCEPTED, Reason.ATTACHMENTS_HELD)
    (held,) = record.held
    assert (held.path, held.treatment, held.reason) == ("3", Treatment.QUARANTINE, Reason.EXECUTABLE_IN_ARCHIVE)
    assert held.detail == "tool.zip: setup.exe"
    assert (event.count, event.quarantined, event.refused) == (1, 1, 0)
    assert [(h.path, h.reason, h.detail) for h in event.held] == [("3", Reason.EXECUTABLE_IN_ARCHIVE, "")]
    assert record.facts == {"stored": "1", "quarantined": "1", "refused": "0"}


def test_what_is_refused_is_stored_nowhere_and_the_raw_mail_stays() -> None:
    bomb = zipped(("a.zip", bytes(20 << 20)))
    desk, record, event = decided(mixed(part("a.zip", bomb)))
    assert stored(desk) == set()
    assert [held.reason for held in record.held] == [Reason.ARCHIVE_BOMB]
    assert event.refused == 1
    assert "raw/mail-1" in desk.objects.bodies


def test_a_repeat_decides_the_same_and_writes_nothing() -> None:
    desk, objects = MemoryDesk(), NotingObjects()
    desk.objects = objects
    mail = mixed(part("a.pdf", b"%PDF-1"), part("tool.zip", PROGRAM), part("winmail.dat", winmail("b.pdf", b"%PDF-2")))
    first = decided(mail, desk)[1:]
    written = list(objects.written)
    assert decided(mail, desk)[1:] == first
    assert objects.written == written


def test_the_same_bytes_under_a_bad_name_are_held_and_under_a_good_one_stored() -> None:
    """The decision is each mail's own: what is allowed in one is allowed whatever another called it."""
    desk, record, _ = decided(mixed(part("a.pdf", b"%PDF-1"), part("a.pdf.exe", b"%PDF-1")))
    assert stored(desk) == {key(b"%PDF-1"), quarantined(b"%PDF-1")}
    assert [held.path for held in record.held] == ["3"]


def test_an_attached_message_is_held_with_what_is_in_it_and_not_with_what_is_beside_it() -> None:
    inner = mixed(part("tool.zip", PROGRAM), part("a.pdf", b"%PDF-1"))
    desk, record, _ = decided(mixed(attached(inner), part("b.pdf", b"%PDF-2")))
    assert [(held.path, held.reason) for held in record.held] == [
        ("2", Reason.EXECUTABLE_IN_ARCHIVE),
        ("2/2", Reason.EXECUTABLE_IN_ARCHIVE),
    ]
    assert record.held[0].detail.endswith("in it: tool.zip")
    assert {key(b"%PDF-1"), key(b"%PDF-2"), quarantined(PROGRAM)} <= stored(desk)


def test_the_files_of_a_winmail_dat_are_stored_each_by_itself() -> None:
    body = winmail("a.pdf", b"%PDF-1")
    desk, record, event = decided(mixed(part("winmail.dat", body, "application/ms-tnef")))
    assert stored(desk) == {key(body), key(b"%PDF-1")}
    assert (record.held, event.count) == ((), 2)


def test_a_winmail_dat_is_held_with_a_program_in_it() -> None:
    body = winmail("tool.zip", PROGRAM)
    desk, record, _ = decided(mixed(part("winmail.dat", body, "application/ms-tnef")))
    assert stored(desk) == {quarantined(body), quarantined(PROGRAM)}
    assert [(held.path, held.reason) for held in record.held] == [
        ("2", Reason.EXECUTABLE_IN_ARCHIVE),
        ("2/1", Reason.EXECUTABLE_IN_ARCHIVE),
    ]


def test_what_is_in_a_message_that_is_itself_encoded_is_decided_about_like_all_else() -> None:
    inner = mixed(part("setup.exe", b"MZ"), part("a.pdf", b"%PDF-1")).as_bytes(policy=SMTP)
    desk, record, _ = decided(mixed(part("mail.eml", inner, "message/rfc822")))
    assert {held.path: held.reason for held in record.held} == {"2": Reason.EXECUTABLE, "2/2": Reason.EXECUTABLE}
    assert stored(desk) == {quarantined(inner), quarantined(b"MZ"), key(b"%PDF-1")}


def test_what_is_in_something_that_is_held_already_is_held_and_not_taken_out() -> None:
    inner = mixed(part("a.pdf", b"%PDF-1")).as_bytes(policy=SMTP)
    desk, record, _ = decided(mixed(part("mail.pdf.exe", inner, "message/rfc822")))
    assert {held.path for held in record.held} == {"2", "2/2"}
    assert stored(desk) == {quarantined(inner)}


def test_more_attachments_than_the_policy_takes_are_refused_the_last_first() -> None:
    desk = MemoryDesk(policy=Policy(limits=Limits(count=2)))
    _, record, event = decided(mixed(*(part(f"{n}.pdf", b"%%PDF-%d" % n) for n in range(4))), desk)
    assert [(held.path, held.reason) for held in record.held] == [("4", Reason.TOO_MANY), ("5", Reason.TOO_MANY)]
    assert (event.count, event.refused) == (2, 2)


def test_messages_inside_each_other_are_looked_into_as_deep_as_the_policy_says() -> None:
    mail = mixed(part("a.pdf", b"%PDF-1"))
    for _ in range(3):
        mail = mixed(attached(mail))
    _, record, _ = decided(mail, MemoryDesk(policy=Policy(bounds=Bounds(depth=2))))
    assert {held.reason for held in record.held} == {Reason.TOO_DEEP}


def test_a_thousand_held_attachments_keep_the_record_small() -> None:
    desk = MemoryDesk(policy=Policy(limits=Limits(count=0)))
    _, record, event = decided(mixed(*(part(f"{n}.pdf", b"%PDF-1") for n in range(300))), desk)
    assert (len(record.held), len(event.held), event.refused) == (MOST_HELD, MOST_HELD, 300)


# The scanner

#: Not the EICAR file: what is in memory needs no standard.
MARK = b"a mark that stands for a virus"


def test_a_virus_that_the_scanner_finds_holds_the_attachment_and_its_holder() -> None:
    desk = MemoryDesk(scanner=MemoryScanner(signatures={"Test": MARK}))
    picture = b"\x89PNG\r\n\x1a\n" + MARK
    desk, record, _ = decided(
        mixed(attached(mixed(part("a.png", picture, "image/png"))), part("b.txt", b"hello")), desk
    )
    assert {held.path: held.reason for held in record.held} == {"2": Reason.VIRUS_CLAMD, "2/2": Reason.VIRUS_CLAMD}
    assert record.held[1].detail == "a.png: Test"
    assert {key(b"hello"), quarantined(picture)} <= stored(desk)


def test_what_is_too_large_for_the_scanner_is_not_released() -> None:
    _, record, _ = decided(mixed(part("a.pdf", b"%PDF-" + bytes(99))), MemoryDesk(scanner=MemoryScanner(longest=50)))
    assert [held.reason for held in record.held] == [Reason.NOT_SCANNED]


@dataclass
class Silent:
    """A scanner that doesn't answer."""

    def scan(self, pieces: Iterable[bytes]) -> ScanResult:
        raise Retryable("no answer")


def test_nothing_is_stored_while_the_scanner_does_not_answer() -> None:
    desk = MemoryDesk(scanner=Silent())
    with pytest.raises(Retryable):
        decided(mixed(part("a.pdf", b"%PDF-1")), desk)
    assert stored(desk) == set()
