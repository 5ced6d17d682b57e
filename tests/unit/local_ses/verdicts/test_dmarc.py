"""DMARC of a received mail: alignment, and where a policy is found."""

import pytest

from local.ses.verdicts import dmarc
from local.ses.verdicts.dkim import Signature
from local.ses.verdicts.dmarc import DmarcResult
from local.ses.verdicts.domains import organizational
from local.ses.verdicts.results import Result
from local.ses.verdicts.spf import SpfResult
from tests.unit.local_ses.verdicts.mails import zone

REJECT = ['_dmarc.example.org. TXT "v=DMARC1; p=reject; sp=quarantine"']
FAILED = SpfResult(word="fail", domain="example.org", by="example.org")


def _found(
    *lines: str,
    sender: str | None = "example.org",
    spf: tuple[str, str] = ("fail", "example.org"),
    dkim: tuple[tuple[str, str], ...] = (),
    mail_from: str = "ann@example.org",
) -> DmarcResult:
    by_spf = SpfResult(word=spf[0], domain=spf[1], by=spf[1])
    signatures = [Signature(word=word, domain=domain) for word, domain in dkim]
    return dmarc.check(mail_from, [sender], by_spf, signatures, zone(*lines))


def test_spf_of_the_same_domain_passes() -> None:
    found = _found(*REJECT, spf=("pass", "example.org"))
    assert found.result == Result(status="PASS", words=("pass header.from=example.org",))
    assert found.policy is None


def test_dkim_of_the_same_domain_passes() -> None:
    assert _found(*REJECT, dkim=(("fail", "mailer.test"), ("pass", "example.org"))).word == "pass"


@pytest.mark.parametrize("word", ["fail", "softfail", "neutral", "none", "permerror"])
def test_a_mail_for_which_nothing_speaks_fails_with_the_policy(word: str) -> None:
    found = _found(*REJECT, spf=(word, "example.org"))
    assert (found.result.status, found.policy) == ("FAIL", "reject")


def test_what_passes_for_another_domain_does_not_count() -> None:
    assert _found(*REJECT, spf=("pass", "mailer.test"), dkim=(("pass", "evil-example.org"),)).word == "fail"


@pytest.mark.parametrize(
    ("tags", "by", "word"),
    [
        ("", "mail.example.org", "pass"),
        ("; adkim=r; aspf=r", "mail.example.org", "pass"),
        ("; adkim=s; aspf=s", "mail.example.org", "fail"),
        ("; ADKIM=S; ASPF=S", "mail.example.org", "fail"),
        ("; adkim=s; aspf=s", "example.org", "pass"),
    ],
)
def test_alignment_is_relaxed_or_strict_as_the_owner_wants(tags: str, by: str, word: str) -> None:
    record = f'_dmarc.example.org. TXT "v=DMARC1; p=reject{tags}"'
    assert _found(record, spf=("pass", by)).word == word
    assert _found(record, dkim=(("pass", by),)).word == word


def test_spf_and_dkim_are_strict_each_for_itself() -> None:
    record = '_dmarc.example.org. TXT "v=DMARC1; p=reject; adkim=s"'
    assert _found(record, dkim=(("pass", "mail.example.org"),)).word == "fail"
    assert _found(record, spf=("pass", "mail.example.org")).word == "pass"


@pytest.mark.parametrize(
    ("lines", "policy"),
    [
        (REJECT, "quarantine"),
        (['_dmarc.example.org. TXT "v=DMARC1; p=reject"'], "reject"),
        ([*REJECT, '_dmarc.shop.example.org. TXT "v=DMARC1; p=none"'], "none"),
    ],
)
def test_a_subdomain_has_its_own_policy_or_that_for_subdomains(lines: list[str], policy: str) -> None:
    assert _found(*lines, sender="shop.example.org").policy == policy


def test_a_policy_of_none_fails_and_is_told() -> None:
    found = _found('_dmarc.example.org. TXT "v=DMARC1; p=none; pct=50"')
    assert (found.result.status, found.policy) == ("FAIL", "none")


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ['_dmarc.example.org. TXT "p=reject; v=DMARC1"'],
        ['_dmarc.example.org. TXT "v=DMARC2; p=reject"'],
        ['_dmarc.example.org. TXT "v=DMARC1; p=bananas"'],
        ['_dmarc.example.org. TXT "v=DMARC1"'],
        [*REJECT, '_dmarc.example.org. TXT "v=DMARC1; p=none"'],
    ],
)
def test_without_one_policy_that_can_be_read_a_mail_is_gray(lines: list[str]) -> None:
    found = _found(*lines, spf=("pass", "example.org"))
    assert found.result == Result(status="GRAY", words=("none header.from=example.org",))


def test_a_broken_policy_with_an_address_for_reports_is_none() -> None:
    assert _found('_dmarc.example.org. TXT "v=DMARC1; p=bananas; rua=mailto:a@example.org"').policy == "none"


def test_a_policy_that_can_not_be_looked_up_is_a_failed_check() -> None:
    found = _found("_dmarc.example.org. CNAME servfail.invalid.", spf=("pass", "example.org"))
    assert found.result == Result(status="PROCESSING_FAILED", words=("temperror header.from=example.org",))


def test_a_temporary_error_of_what_could_have_passed_is_one_of_dmarc() -> None:
    assert _found(*REJECT, spf=("temperror", "example.org")).word == "temperror"
    assert _found(*REJECT, dkim=(("temperror", "example.org"),)).word == "temperror"
    assert _found(*REJECT, dkim=(("temperror", "mailer.test"),)).word == "fail"
    assert _found(*REJECT, spf=("pass", "example.org"), dkim=(("temperror", "example.org"),)).word == "pass"


@pytest.mark.parametrize(("mail_from", "sender"), [("", "example.org"), ("ann@example.org", None)])
def test_bounces_and_mails_without_a_domain_have_an_error(mail_from: str, sender: str | None) -> None:
    found = _found(*REJECT, sender=sender, mail_from=mail_from, dkim=(("pass", "example.org"),))
    assert found.result == Result(status="PROCESSING_FAILED", words=("permerror",))


@pytest.mark.parametrize("senders", [(), ("example.org", "example.net")])
def test_a_mail_has_one_domain_in_its_from(senders: tuple[str, ...]) -> None:
    assert dmarc.check("ann@example.org", senders, FAILED, [], zone(*REJECT)).word == "permerror"


@pytest.mark.parametrize(
    ("domain", "owner"),
    [
        ("mail.example.org", "example.org"),
        ("a.b.desk.example", "desk.example"),
        ("desk.example", "desk.example"),
        ("a.example.co.uk", "example.co.uk"),
        ("co.uk", "co.uk"),
        ("test", "test"),
    ],
)
def test_the_organizational_domain_is_one_label_below_the_public_suffix(domain: str, owner: str) -> None:
    assert organizational(domain) == owner


def test_two_shops_below_one_public_suffix_are_not_one() -> None:
    record = '_dmarc.a.co.uk. TXT "v=DMARC1; p=reject"'
    assert _found(record, sender="a.co.uk", spf=("pass", "b.co.uk")).word == "fail"
