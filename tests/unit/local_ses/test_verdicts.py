"""What is said of a mail, and how a mail asks for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ses.verdicts import CHECKS, STATUSES, verdicts

GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*" + b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def test_everything_passes_unless_something_is_asked_for() -> None:
    assert dict(verdicts(b"hello", True, None)) == dict.fromkeys(CHECKS, "PASS")


def test_a_rule_without_scanning_says_that_it_is_disabled() -> None:
    found = verdicts(GTUBE + EICAR, False, None)
    assert (found["spam"], found["virus"], found["dmarc"]) == ("DISABLED", "DISABLED", "PASS")


def test_gtube_is_spam_and_eicar_is_a_virus() -> None:
    assert verdicts(b"x\r\n" + GTUBE, True, None)["spam"] == "FAIL"
    assert verdicts(b"x\r\n" + EICAR, True, None)["virus"] == "FAIL"


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("status", [status for status in STATUSES if status != "MISSING"])
def test_any_verdict_can_be_asked_for(check: str, status: str) -> None:
    assert verdicts(b"", True, f" {check.upper()} = {status.lower()} ")[check] == status


def test_a_missing_verdict_is_left_out() -> None:
    assert "virus" not in verdicts(b"", True, "virus=MISSING; spam=GRAY")


def test_a_dmarc_policy_is_there_only_where_dmarc_failed() -> None:
    assert verdicts(b"", True, "dmarc=FAIL; policy=reject")["dmarcPolicy"] == "reject"
    assert verdicts(b"", True, "dmarc=FAIL")["dmarcPolicy"] == "none"
    assert "dmarcPolicy" not in verdicts(b"", True, "dmarc=GRAY; policy=reject")


@given(asked=st.text(max_size=100))
def test_a_wish_that_makes_no_sense_changes_nothing_that_exists(asked: str) -> None:
    assert set(verdicts(b"", True, asked).values()) <= set(STATUSES) | {"none", "quarantine", "reject"}
