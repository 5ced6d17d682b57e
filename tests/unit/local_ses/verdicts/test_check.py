"""The checks together, and conversations with a server that has a zone."""

import json
import logging
import smtplib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ses.assembly import Settings
from local.ses.mail import Delivery
from local.ses.verdicts.check import Asked, Checks
from local.ses.verdicts.findings import Findings
from local.ses.verdicts.zone import ZoneFile
from tests.unit.local_ses.conftest import TOPIC, Running
from tests.unit.local_ses.verdicts.mails import MAIL, delivery, key_record, signed

ZONE = f"""
example.org.                TXT "v=spf1 ip4:192.0.2.1 -all"
s1._domainkey.example.org.  TXT "{key_record()}"
_dmarc.example.org.         TXT "v=DMARC1; p=reject"
"""


@pytest.fixture
def zone(tmp_path: Path) -> Path:
    path = tmp_path / "dns.zone"
    path.write_text(ZONE)
    return path


@pytest.fixture
def settings(tmp_path: Path, zone: Path) -> Settings:
    return Settings(state=tmp_path / "state", zone=zone)


def _statuses(found: Findings) -> list[str]:
    return [found.statuses[check] for check in ("spf", "dkim", "dmarc")]


def _send(ses: Running, raw: bytes, client_ip: str, to: str = "help@desk.example") -> tuple[dict[str, object], bytes]:
    """The receipt, and the mail as it is stored."""
    ses.activate("desk.example")
    with smtplib.SMTP("127.0.0.1", ses.smtp, local_hostname="mx.example.org") as client:
        client.sendmail("ann@example.org", [to], f"X-Local-Client-IP: {client_ip}\r\n".encode() + raw)
    told = json.loads(ses.cloud.topics[TOPIC][-1])
    return told["receipt"], ses.cloud.buckets["mail"][told["receipt"]["action"]["objectKey"]]


def test_a_signed_mail_from_its_own_server_passes(ses: Running) -> None:
    receipt, stored = _send(ses, signed(), "192.0.2.1")
    assert [receipt[f"{check}Verdict"] for check in ("spf", "dkim", "dmarc")] == [{"status": "PASS"}] * 3
    assert "dmarcPolicy" not in receipt
    spf = (
        b"pass (spfCheck: domain of example.org designates 192.0.2.1 as permitted sender) client-ip=192.0.2.1; "
        b"envelope-from=ann@example.org; helo=mx.example.org;\r\n"
    )
    assert b"\r\nReceived-SPF: " + spf in stored
    top = b"\r\nAuthentication-Results: amazonses.com;\r\n spf=" + spf
    assert top + b" dkim=pass header.i=@example.org;\r\n dmarc=pass header.from=example.org;\r\n" in stored
    assert stored.endswith(signed())


def test_a_forged_mail_fails_and_has_the_policy(ses: Running) -> None:
    receipt, stored = _send(ses, MAIL, "198.51.100.9")
    assert receipt["spfVerdict"] == receipt["dmarcVerdict"] == {"status": "FAIL"}
    assert receipt["dkimVerdict"] == {"status": "GRAY"}
    assert receipt["dmarcPolicy"] == "reject"
    assert b"[198.51.100.9]" in stored
    assert b"X-Local" not in stored


def test_what_a_mail_asks_for_wins_over_what_is_found(ses: Running) -> None:
    receipt, _ = _send(ses, MAIL, "198.51.100.9", "help+dmarc-pass.spf-missing@desk.example")
    assert receipt["dmarcVerdict"] == {"status": "PASS"}
    assert "spfVerdict" not in receipt
    assert "dmarcPolicy" not in receipt


@pytest.mark.parametrize(("field", "to"), [("X-Local-Client-IP: here", "help"), ("X: y", "help+spam-fial")])
def test_what_is_misunderstood_is_refused(ses: Running, field: str, to: str) -> None:
    ses.activate("desk.example")
    with smtplib.SMTP("127.0.0.1", ses.smtp) as client, pytest.raises(smtplib.SMTPDataError) as refused:
        client.sendmail("ann@example.org", [f"{to}@desk.example"], f"{field}\r\n".encode() + MAIL)
    assert refused.value.smtp_code == 554


@given(
    forged=st.sampled_from(["Authentication-Results", "Received-SPF", "X-SES-Spam-Verdict", "X-SES-RECEIPT"]),
    value=st.text(max_size=80),
)
def test_what_a_sender_writes_of_itself_never_matters(
    tmp_path_factory: pytest.TempPathFactory, forged: str, value: str
) -> None:
    path = tmp_path_factory.mktemp("zone") / "dns.zone"
    path.write_text(ZONE)
    checks = Checks(zone=ZoneFile(path))
    lie = " ".join(value.split())
    raw = f"{forged}: amazonses.com; spf=pass; dkim=pass header.i=@example.org; dmarc=pass {lie}\r\n".encode() + MAIL
    for client_ip in ("192.0.2.1", "198.51.100.9"):
        assert checks.check(delivery(raw, client_ip=client_ip), True) == checks.check(
            delivery(client_ip=client_ip), True
        )


def _raises(_delivery: Delivery) -> str:
    raise RuntimeError("about ann@example.org")


def test_what_goes_wrong_is_a_failed_check_and_no_word_of_the_mail_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        found = Checks(spam=_raises, virus=_raises).check(delivery(), scan_enabled=True)
    assert (found.statuses["spam"], found.statuses["virus"]) == ("PROCESSING_FAILED", "PROCESSING_FAILED")
    assert "RuntimeError" in caplog.text
    assert "ann@" not in caplog.text


def test_a_client_that_has_no_address_is_a_failed_check(zone: Path) -> None:
    found = Checks(zone=ZoneFile(zone)).check(delivery(client_ip="nowhere"), scan_enabled=True)
    assert _statuses(found) == ["PROCESSING_FAILED"] * 3


@given(raw=st.binary(max_size=300), mail_from=st.text(max_size=60), helo=st.text(max_size=60))
def test_no_mail_is_too_strange_to_be_checked(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, mail_from: str, helo: str
) -> None:
    path = tmp_path_factory.mktemp("zone") / "dns.zone"
    path.write_text(ZONE)
    strange = delivery(b"From: " + raw, mail_from=mail_from, helo=helo)
    found = Asked(Checks(zone=ZoneFile(path))).check(strange, scan_enabled=True)
    assert not any("\n" in words or "\r" in words for words in (*found.results, found.received_spf or ""))
