"""What is said of a mail, and how a mail asks for it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ses.mail import Delivery
from local.ses.verdicts.check import Asked
from local.ses.verdicts.findings import CHECKS, STATUSES, Findings

GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*" + b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def _found(raw: bytes, scan_enabled: bool = True) -> Findings:
    delivery = Delivery(
        ses_id="id",
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
        client_ip="127.0.0.1",
        helo="mx.example.org",
        mail_from="ann@example.org",
        rcpt_to=("help@example.com",),
        raw=raw,
    )
    return Asked().check(delivery, scan_enabled)


def _asking(for_: str) -> Findings:
    return _found(b"X-Local-Verdicts: " + for_.encode() + b"\r\n\r\n")


def test_everything_passes_unless_something_is_asked_for() -> None:
    assert dict(_found(b"hello").statuses) == dict.fromkeys(CHECKS, "PASS")


def test_a_rule_without_scanning_says_that_it_is_disabled() -> None:
    found = _found(GTUBE + EICAR, scan_enabled=False).statuses
    assert (found["spam"], found["virus"], found["dmarc"]) == ("DISABLED", "DISABLED", "PASS")


def test_gtube_is_spam_and_eicar_is_a_virus() -> None:
    assert _found(b"x\r\n" + GTUBE).statuses["spam"] == "FAIL"
    assert _found(b"x\r\n" + EICAR).statuses["virus"] == "FAIL"


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("status", STATUSES)
def test_any_verdict_can_be_asked_for(check: str, status: str) -> None:
    assert _asking(f" {check.upper()} = {status.lower()} ").statuses[check] == status


def test_a_missing_verdict_is_left_out() -> None:
    assert "virus" not in _asking("virus=MISSING; spam=GRAY").statuses


def test_a_dmarc_policy_is_there_only_where_dmarc_failed() -> None:
    assert _asking("dmarc=FAIL; policy=reject").dmarc_policy == "reject"
    assert _asking("dmarc=FAIL").dmarc_policy == "none"
    assert _asking("dmarc=GRAY; policy=reject").dmarc_policy is None


@given(asked=st.text(max_size=100))
def test_a_wish_that_makes_no_sense_changes_nothing_that_exists(asked: str) -> None:
    assert set(_asking(asked).statuses.values()) <= set(STATUSES)
