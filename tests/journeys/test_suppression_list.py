"""SES's suppression list and the desk's own book are kept alike by the hourly run, both ways."""

from email import message_from_bytes
from email.policy import SMTP

import pytest

from postroom.address import State
from postroom.outcome import Stage
from postroom.reasons import Reason
from tests.journeys.conftest import Town
from tests.journeys.test_feedback_and_ledger import dsn

pytestmark = pytest.mark.journey


def test_what_came_as_mail_is_told_to_ses_and_what_ses_lists_is_read_until_it_is_taken_off(town: Town) -> None:
    ses = town.client("sesv2")
    who, listed = f"bob{town.fresh()}@example.net", f"Eve{town.fresh()}@example.net"
    first = town.outcome(town.send(town.mail(sender=who)))
    town.outcome(town.send(dsn(first.fact(Stage.REPLY, "sent_id"), who), ""))
    ses.put_suppressed_destination(EmailAddress=listed, Reason="BOUNCE")
    failed, did = town.invoked("TendFunction", {})
    assert failed == "", did
    assert ses.get_suppressed_destination(EmailAddress=who)["SuppressedDestination"]["Reason"] == "BOUNCE"
    assert town.addresses.state(listed) is State.LISTED
    withheld = town.outcome(town.send(town.mail(sender=listed)))
    assert withheld.records[Stage.REPLY].reason is Reason.SUPPRESSED
    ses.delete_suppressed_destination(EmailAddress=listed)
    town.invoked("TendFunction", {})
    assert town.addresses.state(listed) is State.HEALTHY


def test_a_token_that_a_server_gives_back_proves_its_report(town: Town) -> None:
    """Where it shows no id of SES: the function reads the key of the tokens for it."""
    who = f"bob{town.fresh()}@example.net"
    town.outcome(town.send(town.mail(sender=who)))
    (sent,) = (raw for raw in (each.read_bytes() for each in town.outbox()) if who.encode() in raw)
    reply_to = message_from_bytes(sent, policy=SMTP)["Reply-To"]
    returned = b"Reply-To: " + str(reply_to).encode() + b"\r\nX-Was: "
    report = dsn("gone", who).replace(b"Message-ID: <gone@email.amazonses.com>", returned)
    assert town.outcome(town.send(report, "")).records[Stage.FEEDBACK].reason is Reason.RECORDED
    assert town.addresses.state(who) is State.HARD
