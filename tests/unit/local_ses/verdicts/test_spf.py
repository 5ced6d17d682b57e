"""SPF of a received mail, with a made-up DNS."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ses.verdicts import spf
from local.ses.verdicts.zone import Zone
from tests.unit.local_ses.verdicts.mails import delivery, zone

TEN = [f'i{n}.test. TXT "v=spf1 ?all"' for n in range(11)]


def _zone(record: str, *more: str) -> Zone:
    return zone(f'example.org. TXT "{record}"', *more)


@pytest.mark.parametrize(
    ("record", "word", "status"),
    [
        ("v=spf1 ip4:192.0.2.1 -all", "pass", "PASS"),
        ("v=spf1 ip4:192.0.2.0/24 -all", "pass", "PASS"),
        ("v=spf1 a:mx.example.org -all", "pass", "PASS"),
        ("v=spf1 mx -all", "pass", "PASS"),
        ("v=spf1 ptr -all", "pass", "PASS"),
        ("v=spf1 include:other.test -all", "pass", "PASS"),
        ("v=spf1 redirect=other.test", "pass", "PASS"),
        ("v=spf1 exists:%{i}.list.test -all", "pass", "PASS"),
        ("v=spf1 ip4:198.51.100.1 -all", "fail", "FAIL"),
        ("v=spf1 ~all", "softfail", "GRAY"),
        ("v=spf1 ?all", "neutral", "GRAY"),
        ("v=spf1", "neutral", "GRAY"),
        ("no policy at all", "none", "GRAY"),
        ("v=spf1 bananas -all", "permerror", "PROCESSING_FAILED"),
        ("v=spf1 include:nothing.test -all", "permerror", "PROCESSING_FAILED"),
        ("v=spf1 include:slow.test -all", "temperror", "PROCESSING_FAILED"),
        ("v=spf1 a:gone1.test a:gone2.test a:gone3.test -all", "permerror", "PROCESSING_FAILED"),
        ("v=spf1 " + " ".join(f"include:i{n}.test" for n in range(11)) + " -all", "permerror", "PROCESSING_FAILED"),
        ("v=spf1 " + " ".join(f"include:i{n}.test" for n in range(10)) + " -all", "fail", "FAIL"),
        ("v=spf1 include:example.org -all", "permerror", "PROCESSING_FAILED"),
    ],
)
def test_every_result_of_spf_has_its_status(record: str, word: str, status: str) -> None:
    dns = _zone(
        record,
        "mx.example.org. A 192.0.2.1",
        "example.org. MX 10 mx.example.org.",
        "1.2.0.192.in-addr.arpa. PTR mx.example.org.",
        'other.test. TXT "v=spf1 ip4:192.0.2.1 -all"',
        "192.0.2.1.list.test. A 127.0.0.2",
        "slow.test. CNAME timeout.invalid.",
        *TEN,
    )
    found = spf.check(delivery(), dns)
    assert (found.word, found.result(delivery()).status) == (word, status)


def test_every_result_has_a_status_and_a_comment() -> None:
    for word in spf.STATUSES:
        told = spf.SpfResult(word=word, domain="example.org", by="example.org").result(delivery()).words
        assert told[0].startswith(f"{word} (spfCheck: ")


def test_two_records_are_an_error() -> None:
    dns = _zone("v=spf1 -all", 'example.org. TXT "v=spf1 +all"')
    assert spf.check(delivery(), dns).word == "permerror"


def test_an_ipv6_client_is_looked_for_among_its_like() -> None:
    assert spf.check(delivery(client_ip="2001:db8::1"), _zone("v=spf1 ip6:2001:db8::/32 -all")).word == "pass"
    assert spf.check(delivery(client_ip="2001:db8::1"), _zone("v=spf1 ip4:192.0.2.1 -all")).word == "fail"


def test_the_words_are_those_of_ses() -> None:
    (words,) = spf.check(delivery(), _zone("v=spf1 ip4:192.0.2.1 -all")).result(delivery()).words
    assert words == (
        "pass (spfCheck: domain of example.org designates 192.0.2.1 as permitted sender) "
        "client-ip=192.0.2.1; envelope-from=ann@example.org; helo=mx.example.org"
    )


@pytest.mark.parametrize(
    ("record", "by"), [("v=spf1 redirect=other.test", "other.test"), ("v=spf1 include:other.test -all", "example.org")]
)
def test_who_redirects_has_another_named_and_who_includes_has_not(record: str, by: str) -> None:
    found = spf.check(delivery(), _zone(record, 'other.test. TXT "v=spf1 ip4:192.0.2.1 -all"'))
    assert (found.domain, found.by) == ("example.org", by)


def test_the_null_sender_is_the_postmaster_of_the_helo() -> None:
    bounce = delivery(mail_from="")
    found = spf.check(bounce, zone('mx.example.org. TXT "v=spf1 ip4:192.0.2.1 -all"'))
    assert (found.word, found.domain) == ("pass", "mx.example.org")
    assert "; envelope-from=postmaster@mx.example.org; helo=mx.example.org" in found.result(bounce).words[0]


@pytest.mark.parametrize("mail_from", ['"a@good.test"@example.org', "a@good.test@example.org"])
def test_the_domain_is_what_stands_after_the_last_at(mail_from: str) -> None:
    dns = _zone("v=spf1 -all", 'good.test. TXT "v=spf1 +all"')
    assert spf.check(delivery(mail_from=mail_from), dns).word == "fail"


@given(mail_from=st.text(max_size=400), helo=st.text(max_size=100))
def test_no_envelope_gets_a_member_of_its_own_into_the_words(mail_from: str, helo: str) -> None:
    strange = delivery(mail_from=f"{mail_from};dkim=pass (", helo=f"{helo};\r\ndmarc=pass")
    (words,) = spf.check(strange, zone("example.org. A 192.0.2.1")).result(strange).words
    comment, _, tail = words.partition(") ")
    assert [part.partition("=")[0] for part in tail.split("; ")] == ["client-ip", "envelope-from", "helo"]
    assert "\n" not in words
    assert ";" not in comment
