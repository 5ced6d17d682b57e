"""Words before codes, codes before guesses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.feedback.codes import meaning_of, smtp_code_in, status_in
from postroom.feedback.phrases import reason_of_words
from postroom.feedback.report import BounceReason, Permanence

R, P = BounceReason, Permanence


@pytest.mark.parametrize(
    ("words", "status", "code", "reason", "permanence"),
    [
        ("550 5.1.1 mailbox is full", "5.1.1", "550", R.MAILBOX_FULL, P.TRANSIENT),
        ("550 5.1.1 <jane@example.com>: user unknown", "5.1.1", "550", R.NO_SUCH_USER, P.PERMANENT),
        ("450 4.1.1 user unknown", "4.1.1", "450", R.NO_SUCH_USER, P.TRANSIENT),
        ("553 5.1.8 Sender address rejected: domain does not exist", "5.1.8", "553", R.REJECTED_POLICY, P.PERMANENT),
        ("550 sender address rejected: user unknown", None, "550", R.REJECTED_POLICY, P.PERMANENT),
        ("554 5.7.1 Relay access denied", "5.7.1", "554", R.RELAY_DENIED, P.PERMANENT),
        ("554 5.7.1 blocked using bl.example.org", "5.7.1", "554", R.SPAM_OR_BLOCKED, P.UNDETERMINED),
        ("550 5.7.26 failed the SPF and DKIM checks", "5.7.26", "550", R.AUTHENTICATION, P.UNDETERMINED),
        ("451 4.7.1 greylisted, try again later", "4.7.1", "451", R.RATE_LIMITED, P.TRANSIENT),
        ("552 5.3.4 message too large", "5.3.4", "552", R.TOO_LARGE, P.UNDETERMINED),
        ("554 5.6.0 virus found", "5.6.0", "554", R.CONTENT_REJECTED, P.UNDETERMINED),
        (
            "connect to mx.example.net[192.0.2.1]:25: Connection timed out",
            "4.4.1",
            None,
            R.NETWORK_OR_TIMEOUT,
            P.TRANSIENT,
        ),
        ("Host or domain name not found", "5.4.4", None, R.DOMAIN_ERROR, P.PERMANENT),
        ("I have been in the queue too long", None, None, R.NETWORK_OR_TIMEOUT, P.TRANSIENT),
        ("", "5.1.10", "556", R.DOMAIN_ERROR, P.PERMANENT),
        ("", "5.1.10", "550", R.NO_SUCH_USER, P.PERMANENT),
        ("", "5.7.620", "550", R.SPAM_OR_BLOCKED, P.UNDETERMINED),
        ("", "5.7.13", "525", R.MAILBOX_INACTIVE, P.PERMANENT),
        ("", None, "550", R.OTHER, P.PERMANENT),
        ("", None, "554", R.OTHER, P.PERMANENT),
        ("", "5.0.0", None, R.OTHER, P.PERMANENT),
        ("", None, None, R.OTHER, P.UNDETERMINED),
    ],
)
def test_the_meaning_of_an_answer(
    words: str, status: str | None, code: str | None, reason: BounceReason, permanence: Permanence
) -> None:
    meaning = meaning_of(words, status, code)
    assert (meaning.reason, meaning.permanence) == (reason, permanence)


def test_a_refusal_that_says_only_access_denied_does_not_condemn_the_address() -> None:
    words = "550 5.7.1 <jane@example.com>: Recipient address rejected: Access denied"
    assert meaning_of(words, "5.7.1", "550").reason is R.REJECTED_POLICY


def test_the_words_inside_an_address_say_nothing() -> None:
    assert reason_of_words("could not deliver to <spam.virus.quota@example.com>") is None


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("550 5.1.1 <a@b.example>", "5.1.1"),
        ("(#5.1.1)", "5.1.1"),
        ("host 192.0.2.1 said 5.2.2", "5.2.2"),
        ("4.4.7 Message expired <421 4.4.2 time-out>", "4.4.7"),
        ("server 5.1.1.7", None),
        ("postfix-2.1.10", None),
        ("[5.1.1]", None),
    ],
)
def test_an_enhanced_status_is_told_from_addresses_and_versions(text: str, status: str | None) -> None:
    assert status_in(text) == status


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("smtp; 550 5.1.1 unknown", "550"),
        ("said: 452-4.2.2 full", "452"),
        ("550: 5.2.2 full", "550"),
        ("250 ok", None),
        ("exceeded 550000 bytes", None),
        ("port 5503", None),
    ],
)
def test_a_reply_code_is_told_from_other_numbers(text: str, code: str | None) -> None:
    assert smtp_code_in(text) == code


@given(st.text(max_size=300), st.sampled_from([None, "5.1.1", "4.9.99", "5.999.999", "2.0.0"]))
def test_any_answer_has_a_meaning(words: str, status: str | None) -> None:
    assert meaning_of(words, status, smtp_code_in(words)).reason in BounceReason
