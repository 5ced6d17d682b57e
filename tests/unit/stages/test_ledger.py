"""ledger: every raw mail has an outcome, or is sent round again, or a person is told which one has none."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from postroom.envelope import UNKNOWN_SENDER, Envelope, Verdict
from postroom.errors import Poison, PostroomError, Retryable
from postroom.ids import SesId
from postroom.memory.objects import MemoryObjects
from postroom.mime import stored
from postroom.outcome import Stage, outcome
from postroom.ports import NotFound, RawMail, RawMails
from postroom.reasons import Disposition, Reason
from tests.contracts.conftest import NOW, clock
from tests.unit.stages.desk import MemoryDesk, mail

BY_SES = (
    b"Return-Path: <ann@example.com>\r\n"
    b"Received: from mx.example.com (mx.example.com [192.0.2.1])\r\n by inbound-smtp.us-east-1.amazonaws.com with SMTP"
    b" id mail-1\r\n for support@desk.example;\r\n Tue, 24 Nov 2026 07:29:00 +0000 (UTC)\r\n"
    b"X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n"
    b"Received-SPF: pass (spfCheck: domain of example.com designates 192.0.2.1)\r\n"
    b"Authentication-Results: amazonses.com;\r\n spf=pass smtp.mailfrom=ann@example.com;\r\n"
    b" dkim=pass header.i=@example.com;\r\n dmarc=pass header.from=example.com;\r\n"
)


def test_a_mail_with_an_outcome_is_left_alone() -> None:
    desk = MemoryDesk()
    desk.answered(mail())
    checked = desk.check()()
    assert (checked.looked_at, checked.again, checked.lost) == (1, (), ())
    assert desk.requeue.mails == []


def test_a_mail_that_no_stage_ever_saw_is_sent_round_again_with_what_ses_wrote_on_it() -> None:
    desk = MemoryDesk()
    received = desk.arrived(BY_SES + mail())
    assert desk.check()().again == ("mail-1",)
    again = desk.requeue.mails[0]
    assert again.envelope == received.envelope
    assert again.verdicts == received.verdicts
    assert (again.ses_id, again.bucket, again.key) == (received.ses_id, received.bucket, received.key)


@dataclass(frozen=True)
class Failing:
    """Raw mails of which one can't be opened."""

    others: RawMails
    key: str
    error: PostroomError

    @contextmanager
    def open(self, key: str) -> Iterator[RawMail]:
        if key == self.key:
            raise self.error
        with self.others.open(key) as mail:
            yield mail


def test_a_mail_that_cannot_be_read_now_keeps_no_other_from_its_turn() -> None:
    desk = MemoryDesk()
    for ses_id in ("mail-1", "mail-2", "mail-3"):
        desk.arrived(BY_SES + mail(), ses_id)
    failing = Failing(desk.raw_mails, "raw/mail-2", Retryable("give kms:Decrypt on the key"))
    checked = replace(desk.check(), raw_mails=failing)()
    assert checked.again == ("mail-1", "mail-3")
    assert checked.unread == ("give kms:Decrypt on the key",)
    assert desk.check()().again == ("mail-1", "mail-2", "mail-3")


def test_a_mail_that_can_never_be_read_is_sent_round_so_that_parse_says_why() -> None:
    desk = MemoryDesk()
    desk.arrived(BY_SES + mail())
    failing = Failing(desk.raw_mails, "raw/mail-1", Poison(Reason.SEAL_BROKEN, "its tag does not fit"))
    checked = replace(desk.check(), raw_mails=failing)()
    assert (checked.again, checked.unread) == (("mail-1",), ())
    assert desk.requeue.mails[0].verdicts.dmarc is Verdict.MISSING  # nothing that could be taken for a proof


def test_a_mail_in_its_first_minutes_is_left_to_the_pipeline() -> None:
    desk = MemoryDesk()
    desk.arrived(mail())
    assert desk.check(hours_later=0.1)().looked_at == 0


def test_a_mail_that_is_under_way_has_its_queues_own_time() -> None:
    desk = MemoryDesk()
    desk.classified(mail())
    assert desk.check(hours_later=2.0)().again == ()


def test_a_mail_that_stopped_half_way_is_sent_round_again() -> None:
    desk = MemoryDesk()
    desk.classified(mail())
    assert desk.check()().again == ("mail-1",)


def test_after_every_try_a_person_is_told_once() -> None:
    desk = MemoryDesk()
    desk.classified(mail())
    again = [bool(desk.check()().again) for _ in range(3)]
    told = desk.check()()
    after = desk.check()()
    assert again == [True, True, True]
    assert [(m.ses_id, m.stage, m.reason) for m in told.lost] == [("mail-1", Stage.REPLY, Reason.WITHOUT_OUTCOME)]
    assert (after.again, after.lost) == ((), ())
    assert desk.bus.events == list(told.lost)
    end = outcome(desk.ledger.rows_by_id[SesId("mail-1")])
    assert end is not None
    assert (end.disposition, end.reason) == (Disposition.QUARANTINED, Reason.WITHOUT_OUTCOME)


def test_an_empty_object_is_sent_round_again_too() -> None:
    desk = MemoryDesk()
    desk.arrived(b"")
    assert desk.check()().again == ("mail-1",)


@dataclass(slots=True, kw_only=True)
class ErasingObjects(MemoryObjects):
    """A person has a mail erased while the check runs."""

    def read(self, key: str, start: int = 0, end: int | None = None) -> bytes:
        raise NotFound(key)


def test_a_mail_that_is_erased_meanwhile_is_no_trouble() -> None:
    desk = MemoryDesk()
    desk.objects = ErasingObjects(clock=clock)
    desk.arrived(mail())
    assert desk.check()().again == ()


def test_ses_own_setup_object_is_no_mail() -> None:
    desk = MemoryDesk()
    desk.objects.write("raw/AMAZON_SES_SETUP_NOTIFICATION", b"x", "text/plain")
    assert desk.check()().looked_at == 0


def test_hundreds_of_mails_are_looked_at_in_one_check() -> None:
    desk = MemoryDesk()
    for number in range(250):
        desk.arrived(mail(), f"mail-{number:03}")
    checked = desk.check()()
    assert (checked.looked_at, len(set(checked.again))) == (250, 250)


def test_the_check_looks_back_a_bounded_time() -> None:
    desk = MemoryDesk()
    desk.arrived(mail())
    assert replace(desk.check(), clock=lambda: NOW + timedelta(days=30))().looked_at == 0


def test_a_forged_block_below_the_first_is_not_believed() -> None:
    forged = b"From: eve@evil.example\r\n" + BY_SES + b"\r\nhi\r\n"
    received = stored.received(forged, SesId("m"), "mail", "raw/m", "2026-11-24T07:29:00.000Z")
    assert received.envelope == Envelope(mail_from=UNKNOWN_SENDER, rcpt_to=())
    assert received.verdicts.dmarc is Verdict.MISSING


def test_a_second_authentication_result_is_not_believed() -> None:
    twice = BY_SES.replace(b"dmarc=pass", b"dmarc=fail") + BY_SES
    received = stored.received(twice, SesId("m"), "mail", "raw/m", "2026-11-24T07:29:00.000Z")
    assert received.verdicts.dmarc is Verdict.FAIL
