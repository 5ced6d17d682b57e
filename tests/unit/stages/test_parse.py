"""parse: the raw MIME of a received mail becomes a parsed document."""

import pytest

from postroom.errors import Poison
from postroom.ids import SesId
from postroom.memory.raw_mails import MemoryRawMail
from postroom.message import Message
from postroom.mime import second
from postroom.mime.scan import TooComplex
from postroom.outcome import Stage
from postroom.ports import RawMail
from postroom.reasons import Reason
from postroom.stages import documents
from postroom.stages.parse import ENGINES, read
from tests.unit.stages.desk import MemoryDesk, mail


def test_the_document_holds_what_ses_said_and_what_the_bytes_say() -> None:
    desk = MemoryDesk()
    received = desk.arrived(mail("Grüße"))
    event = desk.parse(received)
    parsed = documents.load(desk.objects, event.parsed_key)
    assert parsed.received == received
    assert parsed.message.subject == "Grüße"
    assert parsed.size == event.size == len(mail("Grüße"))
    assert (event.raw_key, event.parsed_key, event.attachments) == ("raw/mail-1", "parsed/mail-1.json", 0)


def test_a_repeat_writes_the_same_bytes_to_the_same_place() -> None:
    desk = MemoryDesk()
    received = desk.arrived(mail())
    first = desk.parse(received)
    before = dict(desk.objects.bodies)
    assert desk.parse(received) == first
    assert desk.objects.bodies == before


def test_the_same_mail_under_another_ses_id_is_a_resubmission() -> None:
    desk = MemoryDesk()
    desk.parse(desk.arrived(mail(), "mail-1"))
    desk.parse(desk.arrived(mail(), "mail-2"))
    first, second = (desk.ledger.rows_by_id[SesId(i)].records[Stage.PARSE] for i in ("mail-1", "mail-2"))
    assert (first.reason, second.reason) == (Reason.ORDINARY, Reason.RESUBMISSION)
    assert second.facts["first"] == "mail-1"


def test_a_different_body_under_the_same_message_id_is_no_resubmission() -> None:
    desk = MemoryDesk()
    desk.parse(desk.arrived(mail(body="one"), "mail-1"))
    desk.parse(desk.arrived(mail(body="two"), "mail-2"))
    assert desk.ledger.rows_by_id[SesId("mail-2")].records[Stage.PARSE].reason is Reason.ORDINARY


def test_the_row_keeps_a_short_subject_only() -> None:
    desk = MemoryDesk()
    desk.parse(desk.arrived(mail(subject="x" * 5_000)))
    assert len(desk.ledger.rows_by_id[SesId("mail-1")].fact(Stage.PARSE, "subject")) == 200


def test_the_row_tells_the_way_the_results_that_ses_wrote_and_the_list() -> None:
    ours = (
        b"Received: from mx.example.com by inbound-smtp.eu-west-1.amazonaws.com;\r\n 24 Nov 2026 08:00:09 +0000\r\n"
        b"Authentication-Results: amazonses.com; spf=pass smtp.mailfrom=a@example.com; dmarc=fail\r\n"
    )
    theirs = (
        b"Received: from laptop by mx.example.com; Tue, 24 Nov 2026 08:00:00 +0000\r\n"
        b"Authentication-Results: amazonses.com; dmarc=pass\r\nList-Id: Talk <talk.example.com>\r\n"
    )
    desk = MemoryDesk()
    desk.parse(desk.arrived(ours + theirs + mail()))
    facts = desk.ledger.rows_by_id[SesId("mail-1")].records[Stage.PARSE].facts
    assert facts["way"] == "2 hops in 9 s, 9 s of them to inbound-smtp.eu-west-1.amazonaws.com"
    assert facts["authentication"] == "spf=pass example.com, dmarc=fail"
    assert facts["list"] == "Talk <talk.example.com>"


def test_the_row_says_nothing_of_what_the_header_does_not_tell() -> None:
    desk = MemoryDesk()
    desk.parse(desk.arrived(mail()))
    assert not {"way", "authentication", "list"} & set(
        desk.ledger.rows_by_id[SesId("mail-1")].records[Stage.PARSE].facts
    )


@pytest.mark.parametrize(("raw", "reason"), [(b"", Reason.EMPTY_MAIL), (b"\r\n \r\n", Reason.EMPTY_MAIL)])
def test_an_empty_object_is_poison(raw: bytes, reason: Reason) -> None:
    desk = MemoryDesk()
    with pytest.raises(Poison) as caught:
        desk.parse(desk.arrived(raw))
    assert caught.value.reason is reason


def test_a_raw_mail_that_is_gone_is_poison_and_says_so() -> None:
    desk = MemoryDesk()
    received = desk.arrived(mail())
    desk.objects.bodies.clear()
    with pytest.raises(Poison, match="raw/mail-1") as caught:
        desk.parse(received)
    assert caught.value.reason is Reason.RAW_MAIL_MISSING


def test_a_parsed_document_that_is_gone_is_poison() -> None:
    with pytest.raises(Poison) as caught:
        documents.load(MemoryDesk().objects, "parsed/none.json")
    assert caught.value.reason is Reason.DOCUMENT_UNUSABLE


def test_a_parsed_document_of_another_version_or_form_is_poison() -> None:
    desk = MemoryDesk()
    key = desk.parse(desk.arrived(mail())).parsed_key
    body = desk.objects.read(key)
    for changed in (body.replace(b'"version":1', b'"version":2'), b"{}", b"not json"):
        desk.objects.write(key, changed, "application/json")
        with pytest.raises(Poison) as caught:
            documents.load(desk.objects, key)
        assert caught.value.reason is Reason.DOCUMENT_UNUSABLE


def broken(mail: RawMail) -> Message:
    raise TypeError("a fault of ours")


def test_what_the_first_engine_cant_read_the_second_does_and_says_so() -> None:
    raw = mail("Grüße", extra="Auto-Submitted: auto-replied\r\n")
    message = read(MemoryRawMail(body=raw), (broken, ENGINES[1]))
    assert (message.subject, message.author and message.author.address) == ("Grüße", "ann@example.com")
    assert "where is my order" in (message.text or "")
    assert second.DEFECT in message.defects
    assert message.fact("auto-submitted") == "auto-replied"  # a robot's mail stays one, whoever reads it


def test_what_no_engine_can_read_is_poison_that_names_every_fault() -> None:
    with pytest.raises(Poison, match="TypeError: a fault of ours; TypeError") as caught:
        read(MemoryRawMail(body=b"x"), (broken, broken))
    assert caught.value.reason is Reason.UNPARSEABLE


def test_a_mail_that_is_made_to_hurt_is_given_to_no_other_engine() -> None:
    def too_complex(mail: RawMail) -> Message:
        raise TooComplex("over 10000 parts")

    def never(mail: RawMail) -> Message:
        raise AssertionError("the second engine was asked")

    with pytest.raises(Poison) as caught:
        read(MemoryRawMail(body=b"x"), (too_complex, never))
    assert caught.value.reason is Reason.TOO_COMPLEX
