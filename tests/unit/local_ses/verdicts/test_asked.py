"""What is said of a mail, and how a mail asks for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ses.verdicts import asked
from local.ses.verdicts.check import Asked
from local.ses.verdicts.findings import CHECKS, POLICIES, STATUSES, Findings
from tests.unit.local_ses.verdicts.mails import delivery

GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*" + b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def _found(raw: bytes, scan_enabled: bool = True) -> Findings:
    return Asked().check(delivery(raw), scan_enabled)


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


@given(wish=st.text(max_size=100))
def test_a_wish_that_makes_no_sense_changes_nothing_that_exists(wish: str) -> None:
    assert set(_asking(wish).statuses.values()) <= set(STATUSES)


def _by_address(*rcpt_to: str, mail_from: str = "ann@example.org", raw: bytes = b"\r\n") -> Findings:
    return Asked().check(delivery(raw, mail_from=mail_from, rcpt_to=rcpt_to), scan_enabled=True)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("status", [*STATUSES, "MISSING"])
def test_a_label_asks_for_any_verdict(check: str, status: str) -> None:
    label = f"{check}-{status}".lower()
    for found in (
        _by_address(f"help+{label}@desk.example"),
        _by_address("help@desk.example", mail_from=f"ann+{label}@example.org"),
        _by_address("help@desk.example", mail_from=f"{label}@example.org"),
    ):
        assert found.statuses.get(check, "MISSING") == status


@pytest.mark.parametrize("policy", POLICIES)
def test_a_label_has_a_policy_and_several_wishes(policy: str) -> None:
    found = _by_address(f"help+dmarc-fail-{policy}.spf-gray@desk.example")
    assert (found.statuses["dmarc"], found.dmarc_policy, found.statuses["spf"]) == ("FAIL", policy, "GRAY")
    assert "dmarc=fail header.from=unknown" in found.results


def test_the_field_wins_over_the_recipients_and_those_over_the_sender() -> None:
    to = ("help+spf-gray@desk.example", "help+spf-fail.dkim-fail@desk.example")
    found = _by_address(*to, mail_from="spf-missing.dmarc-gray@example.org", raw=b"X-Local-Verdicts: dkim=GRAY\r\n\r\n")
    asked_for = {check: found.statuses[check] for check in ("spf", "dkim", "dmarc")}
    assert asked_for == {"spf": "GRAY", "dkim": "GRAY", "dmarc": "GRAY"}


@pytest.mark.parametrize(
    "sender", ["spam-reports@example.org", "virus@example.org", "dkim@example.org", "a-b.c-d@x.test"]
)
def test_a_sender_with_a_name_like_a_wish_is_a_sender(sender: str) -> None:
    assert set(_by_address("help@desk.example", mail_from=sender).statuses.values()) == {"PASS"}
    assert asked.misunderstood(delivery(mail_from=sender)) is None


@pytest.mark.parametrize(
    ("rcpt_to", "raw"),
    [
        ("help+spam-fial@desk.example", b"\r\n"),
        ("help+spam-gray.dmarc-reject@desk.example", b"\r\n"),
        ("help+spam-fail-reject@desk.example", b"\r\n"),
        ("help+dmarc-fail-bananas@desk.example", b"\r\n"),
        ("help@desk.example", b"X-Local-Verdicts: spam=BANANA\r\n\r\n"),
        ("help@desk.example", b"X-Local-Verdicts: spam\r\n\r\n"),
        ("help@desk.example", b"X-Local-Client-IP: my laptop\r\n\r\n"),
    ],
)
def test_what_is_misunderstood_is_said(rcpt_to: str, raw: bytes) -> None:
    assert asked.misunderstood(delivery(raw, rcpt_to=(rcpt_to,))) is not None


@given(local=st.text(max_size=60), raw=st.binary(max_size=60))
def test_no_address_asks_for_what_is_no_verdict(local: str, raw: bytes) -> None:
    strange = delivery(
        raw, mail_from=f"{local}@example.org", rcpt_to=(f"spam-{local}+dmarc-fail-{local}@desk.example",)
    )
    assert set(Asked().check(strange, scan_enabled=True).statuses.values()) <= set(STATUSES)


@pytest.mark.parametrize(
    ("value", "ip"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:DB8::1", "2001:db8::1"),
        ("fe80::1%; dmarc=pass header.from=example.org", "fe80::1"),  # it stands in Authentication-Results
        ("nowhere", None),
    ],
)
def test_a_mail_says_from_where_it_comes(value: str, ip: str | None) -> None:
    assert asked.client_ip(f"X-Local-Client-IP: {value}\r\n\r\n".encode()) == ip
