"""What comes back, what got lost, and races: on the real local stack."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest

from postroom.address import AddressEvent, Incident, State
from postroom.aws.bus import SqsRequeue
from postroom.clock import iso, now
from postroom.memory.outside import MemoryBus
from postroom.outcome import Stage
from postroom.reasons import Reason
from postroom.stages.ledger import LedgerCheck
from tests.journeys.conftest import DESK, Town, until

pytestmark = pytest.mark.journey

EVENTS = {"bounce": "bounce", "complaint": "complaint", "success": "delivery"}


def dsn(about: str, recipient: str) -> bytes:
    """RFC 3464, as a mail server sends it to the return path of what it could not deliver."""
    return (
        f"From: mailer-daemon@mx.example.net\r\nTo: {DESK}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: <dsn-{about}@mx.example.net>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n\r\n'
        "It could not be delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\nAction: failed\r\n"
        "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 No such user\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{about}@email.amazonses.com>\r\n--b--\r\n"
    ).encode()


def test_a_dsn_about_our_reply_suppresses_its_address(town: Town) -> None:
    who = f"bob{town.fresh()}@example.net"
    first = town.outcome(town.send(town.mail(sender=who)))
    report = town.outcome(town.send(dsn(first.fact(Stage.REPLY, "sent_id"), who), ""))
    assert report.records[Stage.FEEDBACK].reason is Reason.RECORDED
    assert town.addresses.state(who) == State.HARD
    second = town.outcome(town.send(town.mail(sender=who)))
    assert second.records[Stage.REPLY].reason is Reason.SUPPRESSED


def test_a_forged_dsn_suppresses_nobody(town: Town) -> None:
    who = f"bob{town.fresh()}@example.net"
    report = town.outcome(town.send(dsn(f"0100-made-up-{town.fresh()}", who), ""))
    assert report.records[Stage.FEEDBACK].reason is Reason.NOT_OURS
    assert town.addresses.state(who) == State.HEALTHY


@pytest.mark.parametrize(
    ("mailbox", "state"), [("bounce", State.HARD), ("complaint", State.COMPLAINED), ("success", State.HEALTHY)]
)
def test_ses_events_of_what_we_send_change_the_state_of_its_address(town: Town, mailbox: str, state: State) -> None:
    """SES's mailbox simulator, through the configuration set and its topic."""
    before = town.counted(EVENTS[mailbox])
    who = f"{mailbox}+{town.fresh()}@simulator.amazonses.com"
    town.client("sesv2").send_email(
        FromEmailAddress=DESK,
        Destination={"ToAddresses": [who]},
        Content={"Simple": {"Subject": {"Data": "hello"}, "Body": {"Text": {"Data": "hello"}}}},
        ConfigurationSetName=town.known.outputs["ConfigurationSetName"],
    )
    until(lambda: town.counted(EVENTS[mailbox]) > before, f"{EVENTS[mailbox]} event")
    until(lambda: town.addresses.state(who) == state, f"state {state} of {who}")


def test_a_bounce_of_our_reply_shows_where_the_mail_is_explained(town: Town) -> None:
    """Any address under .invalid bounces here, and its event comes back with the tag of the reply."""
    row = town.outcome(town.send(town.mail(sender=f"nobody-{town.fresh()}@gone.invalid")))
    assert row.records[Stage.REPLY].reason is Reason.ACKNOWLEDGED

    def bounced() -> str:
        again = town.stack.ledger.row(row.ses_id)
        return again.fact(Stage.FEEDBACK, "feedback") if again else ""

    assert until(bounced, "bounce in the row of the mail") == "bounce"


def test_a_raw_mail_whose_notification_was_lost_is_found_and_goes_through(town: Town) -> None:
    whole = town.send(town.mail(sender="lost@example.com"))
    town.outcome(whole)
    raw = town.stack.objects.read(f"raw/{whole}").replace(b"Where is", b"Where on earth is")
    town.stack.objects.write("raw/lostnotification", raw, "message/rfc822")
    check = LedgerCheck(
        objects=town.stack.objects,
        raw_mails=town.raw_mails,
        ledger=town.stack.ledger,
        sends=town.sends,
        queue=SqsRequeue(client=town.client("sqs"), queue_url=town.queue("ParseQueue")),
        bus=MemoryBus(),
        bucket=town.stack.bucket,
        clock=lambda: now() + timedelta(seconds=5),
        unseen=timedelta(0),
        settle=timedelta(0),
    )
    town.settled()
    assert "lostnotification" in check().again
    row = town.outcome("lostnotification")  # type: ignore[arg-type] # an id of our own making
    assert row.fact(Stage.PARSE, "from") == "lost@example.com"
    assert row.records[Stage.REPLY].reason is not Reason.SENDER_NOT_AUTHENTICATED


def test_sixteen_tries_at_once_begin_one_send(town: Town) -> None:
    with ThreadPoolExecutor(16) as pool:
        begun = list(pool.map(lambda _: town.sends.begin("race/1", "2026-11-24T07:00:00.000Z"), range(16)))
    assert sum(state is None for state in begun) == 1


def test_a_budget_is_never_overdrawn_by_a_race(town: Town) -> None:
    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(lambda _: town.sends.take("race", 10, 3600, 0.0), range(48)))
    assert sum(taken) == 10


def test_no_event_of_an_address_is_lost_in_a_race(town: Town) -> None:
    """Three soft bounces at once are three: the state counts them."""

    def bounced(who: str, number: int) -> None:
        town.addresses.move(who, Incident(event=AddressEvent.SOFT_BOUNCE, id=f"e{number}", at=iso(now())))

    for turn in range(5):
        who = f"race-{turn}@example.com"
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(partial(bounced, who), range(3)))
        assert town.addresses.state(who) == State.SOFT_OFTEN


def test_nothing_is_left_in_the_dead_letters(town: Town) -> None:
    town.settled()
    assert town.dead_letters() == 0
