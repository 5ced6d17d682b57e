"""What SES composes itself, by both APIs, and what it refuses to."""

import email
import email.policy
import json
import urllib.error
import urllib.request
from typing import Any  # what json.loads gives

import pytest
from types_boto3_sesv2.type_defs import AttachmentTypeDef, MessageTypeDef

from tests.unit.local_ses.conftest import Running

FROM, TO = "Desk <desk@example.com>", "Ann <ann@example.org>"
PNG = b"\x89PNG\r\n\x1a\n"


def _message(**more: Any) -> MessageTypeDef:
    return {"Subject": {"Data": "hello"}, "Body": {"Text": {"Data": "Like this."}, "Html": {"Data": "<p>so"}}, **more}  # type: ignore[typeddict-item] # what a test adds


def _send(ses: Running, message: MessageTypeDef, **more: Any) -> Any:
    sent = ses.v2.send_email(
        FromEmailAddress=FROM, Destination={"ToAddresses": [TO]}, Content={"Simple": message}, **more
    )
    return _mail(ses, sent["MessageId"])


def _mail(ses: Running, sent_id: str) -> Any:
    raw = (ses.state / "outbox" / f"{sent_id}.eml").read_bytes()
    return email.message_from_bytes(raw, policy=email.policy.default)


def _envelope(ses: Running) -> Any:
    (path,) = (ses.state / "outbox").glob("*.json")
    return json.loads(path.read_text())


def test_fields_of_its_own_and_who_is_answered_are_in_the_mail(ses: Running) -> None:
    headers = [{"Name": "X-Ticket", "Value": "42"}, {"Name": "In-Reply-To", "Value": "<a@example.org>"}]
    mail = _send(ses, _message(Headers=headers), ReplyToAddresses=["reply@example.com"])
    assert (mail["X-Ticket"], mail["In-Reply-To"], mail["Reply-To"]) == ("42", "<a@example.org>", "reply@example.com")
    assert (mail["From"], mail["To"]) == (FROM, TO)


def test_copies_that_are_blind_are_in_the_envelope_only(ses: Running) -> None:
    sent = ses.v2.send_email(
        FromEmailAddress=FROM,
        Destination={"ToAddresses": [TO], "CcAddresses": ["bob@example.org"], "BccAddresses": ["boss@example.org"]},
        Content={"Simple": _message()},
    )
    assert _envelope(ses)["destination"] == ["ann@example.org", "bob@example.org", "boss@example.org"]
    assert "boss" not in _mail(ses, sent["MessageId"]).as_string()


def test_attachments_hang_on_the_mail_or_stand_in_its_html(ses: Running) -> None:
    attachments: list[AttachmentTypeDef] = [
        {"FileName": "récit.pdf", "RawContent": b"%PDF", "ContentDescription": "the story"},
        {"FileName": "a.png", "RawContent": PNG, "ContentDisposition": "INLINE", "ContentId": "pic"},
    ]
    mail = _send(ses, _message(Attachments=attachments))
    assert mail.get_content_type() == "multipart/mixed"
    (pdf,) = mail.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content_type(), pdf.get_content()) == ("récit.pdf", "application/pdf", b"%PDF")
    assert pdf["Content-Description"] == "the story"
    related = next(part for part in mail.walk() if part.get_content_type() == "multipart/related")
    html, picture = related.iter_parts()
    assert html.get_content().strip() == "<p>so"
    assert (picture["Content-ID"], picture["Content-Disposition"].content_disposition) == ("<pic>", "inline")
    assert picture.get_content() == PNG


@pytest.mark.parametrize("name", ["run.exe", "RUN.JS", "a.pdf.lnk"])
def test_attachments_that_start_programs_are_rejected(ses: Running, name: str) -> None:
    with pytest.raises(ses.v2.exceptions.MessageRejected, match="not supported"):
        _send(ses, _message(Attachments=[{"FileName": name, "RawContent": b"x"}]))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("From", "x@example.com"),
        ("bcc", "x@example.com"),
        ("Date", "now"),
        ("X-A", "é"),
        ("X-A", "a\r\nB: c"),
        ("A:", "b"),
    ],
)
def test_fields_that_ses_sets_or_that_are_broken_are_refused(ses: Running, name: str, value: str) -> None:
    with pytest.raises(ses.v2.exceptions.BadRequestException):
        _send(ses, _message(Headers=[{"Name": name, "Value": value}]))


@pytest.mark.parametrize(
    "message",
    [
        {"Subject": {"Data": "a\r\nBcc: x@example.org"}, "Body": {"Text": {"Data": "x"}}},
        {"Subject": {"Data": "a"}, "Body": {}},
        {"Subject": {"Data": "a"}, "Body": {"Text": {"Data": "x", "Charset": "klingon"}}},
        {"Subject": {"Data": "a"}, "Body": {"Text": {"Data": "€", "Charset": "iso-8859-1"}}},
    ],
    ids=["line end", "no body", "charset", "not in charset"],
)
def test_what_can_not_be_composed_is_refused(ses: Running, message: MessageTypeDef) -> None:
    with pytest.raises(ses.v2.exceptions.BadRequestException):
        _send(ses, message)


def test_a_charset_that_is_asked_for_is_used(ses: Running) -> None:
    mail = _send(ses, {"Subject": {"Data": "é"}, "Body": {"Text": {"Data": "é", "Charset": "ISO-8859-1"}}})
    assert (mail.get_content_charset(), mail.get_content().strip()) == ("iso-8859-1", "é")


@pytest.mark.parametrize("content", [{}, {"Raw": {"Data": "eA=="}, "Template": {"TemplateName": "x"}}])
def test_content_is_one_of_three(ses: Running, content: dict[str, object]) -> None:
    status, name = _post(ses, "/v2/email/outbound-emails", {"Content": content})
    assert (status, name) == (400, "BadRequestException")


@pytest.mark.parametrize("tag", ["", "a b", "ä", "a" * 257])
def test_a_tag_of_other_characters_is_refused(ses: Running, tag: str) -> None:
    with pytest.raises(ses.v2.exceptions.BadRequestException):
        _send(ses, _message(), EmailTags=[{"Name": tag, "Value": "x"}])


def test_the_first_api_composes_too(ses: Running) -> None:
    ses.v1.create_configuration_set(ConfigurationSet={"Name": "desk"})
    sent = ses.v1.send_email(
        Source=FROM,
        Destination={"ToAddresses": [TO], "BccAddresses": ["boss@example.org"]},
        Message={"Subject": {"Data": "Grüße"}, "Body": {"Text": {"Data": "a & <b>"}, "Html": {"Data": "<p>"}}},
        ReplyToAddresses=["reply@example.com"],
        ReturnPath="bounces@example.com",
        Tags=[{"Name": "a", "Value": "b"}],
        ConfigurationSetName="desk",
    )
    mail = _mail(ses, sent["MessageId"])
    assert (mail["Subject"], mail["Reply-To"]) == ("Grüße", "reply@example.com")
    assert mail["Return-Path"].endswith("@amazonses.com>")
    assert mail.get_body(("plain",)).get_content().strip() == "a & <b>"
    envelope = _envelope(ses)
    assert (envelope["tags"], envelope["configuration_set"]) == ([{"Name": "a", "Value": "b"}], "desk")


def test_the_first_api_sends_raw_mail_to_whom_it_is_told(ses: Running) -> None:
    raw = b"From: desk@example.com\r\nTo: ann@example.org\r\n\r\nx"
    ses.v1.send_raw_email(RawMessage={"Data": raw}, Destinations=["bob@example.org"])
    assert _envelope(ses)["destination"] == ["bob@example.org"]
    with pytest.raises(ses.v1.exceptions.ConfigurationSetDoesNotExistException):
        ses.v1.send_raw_email(RawMessage={"Data": raw}, ConfigurationSetName="no")
    with pytest.raises(ses.v1.exceptions.ClientError, match="InvalidParameterValue"):
        ses.v1.send_raw_email(RawMessage={"Data": b"Subject: x\r\n\r\n"}, Destinations=["bob@example.org"])


def test_a_list_that_is_a_text_is_refused_and_not_taken_apart(ses: Running) -> None:
    asked = {"Content": {"Raw": {"Data": "eA=="}}, "Destination": {"ToAddresses": "ann@example.org"}}
    assert _post(ses, "/v2/email/outbound-emails", asked) == (400, "BadRequestException")


def _post(ses: Running, path: str, asked: object) -> tuple[int, str | None]:
    request = urllib.request.Request(ses.url + path, data=json.dumps(asked).encode(), method="POST")  # noqa: S310 (ours)
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 (our own server)
            return answer.status, None
    except urllib.error.HTTPError as error:
        return error.code, error.headers["x-amzn-ErrorType"]
