"""Mail sent by SMTP, as programs do that know no API."""

import json
import smtplib
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any  # what json.loads gives

import pytest

from local.ses.account import Limits
from local.ses.assembly import Settings
from local.ses.sending.credentials import smtp_password
from tests.unit.local_ses.conftest import EVENTS, Running, serving
from tests.unit.local_ses.feedback.desk import configured
from tests.unit.local_ses.memory_cloud import MemoryCloud

MAIL = b"From: desk@example.com\r\nTo: ann@example.org\r\nSubject: hello\r\n\r\nLike this.\r\n"
FROM, TO = "desk@example.com", ["ann@example.org"]


@pytest.fixture
def ses(cloud: MemoryCloud, tmp_path: Path) -> Iterator[Running]:
    with serving(Settings(state=tmp_path, submission_port=0), cloud) as running:
        yield running


def _client(ses: Running, login: str = "test", password: str | None = None) -> smtplib.SMTP:
    """Connected, encrypted with a certificate that was verified, and logged in."""
    client = smtplib.SMTP("localhost", ses.submission or 0, timeout=10)
    client.starttls(context=ssl.create_default_context(cafile=str(ses.state / "tls" / "email-smtp.pem")))
    client.login(login, smtp_password("test", "us-east-1") if password is None else password)
    return client


def _outbox(ses: Running) -> list[Any]:
    return [json.loads(path.read_text()) for path in (ses.state / "outbox").glob("*.json")]


def _refusal(client: smtplib.SMTP, mail: bytes = MAIL, to: list[str] | None = None) -> str:
    with client, pytest.raises(smtplib.SMTPDataError) as refused:
        client.sendmail(FROM, to or TO, mail)
    error = refused.value.smtp_error
    text = error.decode() if isinstance(error, bytes) else error
    return f"{refused.value.smtp_code} {text}"


@pytest.mark.parametrize(
    ("region", "password"),
    [
        ("eu-central-1", "BMXhUYlu5Z3gSXVQORxlVa7XPaz91aGWdfHxvkOZdWZ2"),
        ("us-west-1", "BH+jbMzper5WwlwUar9E1ySBqHa9whi0GPo+sJ0mVYJj"),
    ],
)
def test_the_password_is_the_one_that_others_make_of_the_secret(region: str, password: str) -> None:
    # The values that terraform-provider-aws expects in its tests of ses_smtp_password_v4.
    assert smtp_password("some+secret+key", region) == password


def test_a_mail_is_sent_and_its_id_is_told(ses: Running) -> None:
    with _client(ses) as client:
        client.mail(FROM)
        client.rcpt(TO[0])
        code, answer = client.data(MAIL)
    (sent,) = _outbox(ses)
    assert (code, answer.decode()) == (250, f"Ok {sent['id']}")
    assert (sent["source"], sent["destination"]) == (FROM, TO)


@pytest.mark.parametrize("method", ["PLAIN", "LOGIN"])
def test_either_way_to_log_in_is_known(ses: Running, method: str) -> None:
    client = smtplib.SMTP("localhost", ses.submission or 0, timeout=10)
    with client:
        client.starttls(context=ssl.create_default_context(cafile=str(ses.state / "tls" / "email-smtp.pem")))
        client.ehlo()
        assert set(client.esmtp_features["auth"].split()) == {"PLAIN", "LOGIN"}
        client.user, client.password = "test", "test"
        assert client.auth(method, getattr(client, f"auth_{method.lower()}"))[0] == 235


def test_a_login_leaves_nothing_in_the_log(ses: Running, caplog: pytest.LogCaptureFixture) -> None:
    with _client(ses):
        assert [record.getMessage() for record in caplog.records if record.name == "mail.log"] == []


def test_without_tls_and_without_a_password_nothing_is_sent(ses: Running) -> None:
    with smtplib.SMTP("localhost", ses.submission or 0, timeout=10) as client:
        client.ehlo()
        assert "auth" not in client.esmtp_features
        assert client.mail(FROM) == (530, b"Must issue a STARTTLS command first")
        client.starttls()
        client.ehlo()
        assert client.mail(FROM) == (530, b"Authentication required")


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("test", "wrong"),
        ("other", None),
        ("test", smtp_password("test", "eu-west-1")),
        ("test", smtp_password("x", "us-east-1")),
    ],
    ids=["password", "name", "region", "secret"],
)
def test_wrong_credentials_are_refused(ses: Running, login: str, password: str | None) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        _client(ses, login, password)
    assert (refused.value.smtp_code, refused.value.smtp_error) == (535, b"Authentication Credentials Invalid")


def test_configuration_set_and_tags_stand_in_fields_and_go_away(ses: Running) -> None:
    configured(ses, ["SEND"])
    fields = b"X-SES-CONFIGURATION-SET: desk\r\nX-SES-MESSAGE-TAGS: a=1, b=2\r\n"
    with _client(ses) as client:
        client.sendmail(FROM, TO, fields + MAIL)
    assert json.loads(ses.cloud.messages(EVENTS, 2)[1])["mail"]["tags"]["b"] == ["2"]
    (path,) = (ses.state / "outbox").glob("*.eml")
    assert b"X-SES-MESSAGE-TAGS" not in path.read_bytes()


def test_an_address_that_is_not_verified_is_refused_in_ses_words(ses: Running) -> None:
    ses.v2.create_email_identity(EmailIdentity="example.net")
    assert _refusal(_client(ses)) == (
        "554 Message rejected: Email address is not verified. The following identities failed the check in region "
        "US-EAST-1: desk@example.com"
    )


def test_a_paused_account_and_an_unknown_configuration_set_are_refused(ses: Running) -> None:
    assert _refusal(_client(ses), b"X-SES-CONFIGURATION-SET: no\r\n" + MAIL).startswith(
        "554 Configuration set does not"
    )
    ses.v2.put_account_sending_attributes(SendingEnabled=False)
    assert _refusal(_client(ses)).startswith("554 Sending paused for this account.")


def test_a_mail_with_a_duplicate_field_fails_as_a_transaction(ses: Running) -> None:
    assert _refusal(_client(ses), b"Subject: one\r\n" + MAIL) == "554 Transaction failed: Duplicate header 'Subject'."
    assert _outbox(ses) == []


def test_more_than_fifty_recipients_are_refused_one_by_one(ses: Running) -> None:
    with _client(ses) as client:
        refused = client.sendmail(FROM, [f"a{number}@example.org" for number in range(52)], MAIL)
    assert [code for code, _ in refused.values()] == [452, 452]
    assert len(_outbox(ses)[0]["destination"]) == 50


def test_too_fast_is_told_with_454(cloud: MemoryCloud, tmp_path: Path) -> None:
    settings = Settings(state=tmp_path, submission_port=0, limits=Limits(max_send_rate=0.001))
    with serving(settings, cloud) as ses:
        with _client(ses) as client:
            client.sendmail(FROM, TO, MAIL)
        assert _refusal(_client(ses)) == "454 Throttling failure: Maximum sending rate exceeded."
