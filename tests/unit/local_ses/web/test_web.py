"""The page's server: what it shows, whom it refuses, and what it sends."""

import http.client
import json
import smtplib
import time
import urllib.error
import urllib.request
from email.message import EmailMessage, Message
from email.policy import SMTP
from typing import Any  # what json.loads gives

import pytest

from local.ses.server import MAX_REQUEST_BYTES
from tests.unit.local_ses.conftest import EVENTS, Running
from tests.unit.local_ses.feedback.desk import configured

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
HOSTILE_NAME = '..\\..\\a"; filename=b.html'


def _mail(**fields: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Ann <ann@example.com>", "support@desk.example"
    mail["Subject"] = fields.pop("Subject", "Where is <script>my</script> order?")
    for name, value in fields.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("Hello")
    return mail


def _deliver(ses: Running, mail: EmailMessage) -> str:
    """The id of the mail, which is received."""
    with smtplib.SMTP("127.0.0.1", ses.smtp) as client:
        client.ehlo()
        client.mail("ann@example.com")
        client.rcpt("support@desk.example")
        _, said = client.data(mail.as_bytes(policy=SMTP.clone(max_line_length=998)))
    return said.decode().split()[-1]


@pytest.fixture
def desk(ses: Running) -> Running:
    ses.activate("desk.example")
    return ses


def _get(ses: Running, path: str, **headers: str) -> tuple[int, Message, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(ses.url + path, headers=named)  # noqa: S310 (our own server)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 (our own server)
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read()


def _json(ses: Running, path: str) -> Any:
    return json.loads(_get(ses, path)[2])


def _post(ses: Running, path: str, body: bytes, kind: str = "application/json", **headers: str) -> tuple[int, Any]:
    named = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
    request = urllib.request.Request(ses.url + path, data=body, headers=named, method="POST")  # noqa: S310 (ours)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 (our own server)
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read())


def test_a_received_mail_is_listed_and_can_be_fetched(desk: Running) -> None:
    ses_id = _deliver(desk, _mail(Message_ID="<q@example.com>"))
    (row,) = _json(desk, "/_local/received")
    assert row["id"] == ses_id
    assert row["subject"] == "Where is <script>my</script> order?"
    assert row["recipients"] == ["support@desk.example"]
    assert row["verdicts"]["spam"] == "PASS"
    status, headers, raw = _get(desk, f"/_local/received/{ses_id}")
    assert status == 200
    assert headers["Content-Disposition"] == f'attachment; filename="{ses_id}.eml"'
    assert raw.startswith(b"Return-Path: <ann@example.com>\r\n")
    assert raw == desk.cloud.buckets["mail"][f"raw/{ses_id}"]


def test_a_mail_is_taken_apart_to_be_shown(desk: Running) -> None:
    mail = _mail()
    mail.add_alternative("<b>Hello</b>", subtype="html")
    mail.add_attachment(b"<script>", maintype="text", subtype="html", filename=HOSTILE_NAME)
    ses_id = _deliver(desk, mail)
    shown = _json(desk, f"/_local/received/{ses_id}/shown")
    assert shown["text"] == "Hello\r\n"
    assert shown["html"] is True
    assert shown["broken"] == ""
    assert ["Subject", "Where is <script>my</script> order?"] in shown["headers"]
    (file,) = shown["files"]
    assert (file["type"], file["bytes"]) == ("text/html", 8)
    status, headers, body = _get(desk, f"/_local/received/{ses_id}/parts/{file['number']}")
    assert (status, body, headers.get_content_type()) == (200, b"<script>", "application/octet-stream")
    assert headers["Content-Disposition"].startswith("attachment; filename=")
    assert "filename=b" not in headers["Content-Disposition"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_source_is_text_and_stays_text(desk: Running) -> None:
    ses_id = _deliver(desk, _mail())
    _, headers, body = _get(desk, f"/_local/received/{ses_id}/source")
    assert headers.get_content_type() == "text/plain"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert b"<script>my</script>" in body


def test_html_has_a_policy_of_its_own_and_its_pictures(desk: Running) -> None:
    mail = _mail()
    mail.add_alternative('<link rel="preconnect" href="//x.example"><img src="cid:pic">', subtype="html")
    mail.get_payload(1).add_related(PNG, "image", "png", cid="<pic>")  # type: ignore[union-attr]  # a message, not text
    ses_id = _deliver(desk, mail)
    _, headers, body = _get(desk, f"/_local/received/{ses_id}/html")
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'; ")
    assert f"img-src {desk.url}/_local/received/{ses_id}/pictures/ data:;" in policy
    assert "script-src" not in policy
    assert b"<link" not in body
    picture = body.decode().partition('<img src="')[2].partition('"')[0]
    status, headers, content = _get(desk, picture)
    assert (status, headers.get_content_type(), content) == (200, "image/png", PNG)


def test_a_part_that_only_says_it_is_a_picture_is_not_shown(desk: Running) -> None:
    mail = _mail()
    mail.add_attachment(b"<svg onload=alert(1)>", maintype="image", subtype="svg+xml")
    mail.add_attachment(b"<html>", maintype="image", subtype="png")
    ses_id = _deliver(desk, mail)
    for number in (1, 2, 3, 4, 99, "x", "1e1", "-1"):
        assert _get(desk, f"/_local/received/{ses_id}/pictures/{number}")[0] == 404


@pytest.mark.parametrize("shelf", ["received", "outbox"])
@pytest.mark.parametrize("rest", ["", "/shown", "/source", "/html", "/parts/1", "/pictures/1"])
def test_a_mail_that_is_not_there_is_nowhere(ses: Running, shelf: str, rest: str) -> None:
    for mail_id in ("unknown", "..%2Foutbox%2Fx", "%00"):
        status, _, body = _get(ses, f"/_local/{shelf}/{mail_id}{rest}")
        assert status == 404
        assert "no mail of this id" in json.loads(body)["error"]


def test_question_and_answer_lead_to_each_other(desk: Running) -> None:
    ses_id = _deliver(desk, _mail(Message_ID="<q@example.com>"))
    raw = b"From: support@desk.example\r\nTo: ann@example.com\r\nIn-Reply-To: <q@example.com>\r\n\r\nx\r\n"
    sent_id = desk.v2.send_email(Content={"Raw": {"Data": raw}})["MessageId"]
    again = _deliver(desk, _mail(In_Reply_To=f"<{sent_id}@email.amazonses.com>"))
    linked = [(one["how"], one["shelf"], one["id"]) for one in _json(desk, f"/_local/outbox/{sent_id}/shown")["linked"]]
    assert linked == [("answers", "received", ses_id), ("answered by", "received", again)]
    (first,) = _json(desk, f"/_local/received/{ses_id}/shown")["linked"]
    assert (first["how"], first["shelf"], first["id"]) == ("answered by", "outbox", sent_id)


def test_the_events_of_a_mail_are_told_beside_it(desk: Running) -> None:
    configured(desk, ["BOUNCE"])
    raw = b"From: support@desk.example\r\nTo: bounce@nowhere.invalid\r\n\r\nx\r\n"
    sent_id = desk.v2.send_email(Content={"Raw": {"Data": raw}}, ConfigurationSetName="desk")["MessageId"]
    desk.cloud.messages(EVENTS, 2)  # the first says that the topic works
    (told,) = _json(desk, f"/_local/outbox/{sent_id}/shown")["told"]
    assert (told["type"], told["said"], told["recipients"]) == (
        "Bounce",
        "Permanent · General",
        ["bounce@nowhere.invalid"],
    )
    assert _json(desk, "/_local/told") == [told]
    assert _json(desk, f"/_local/told?mail={sent_id}") == [told]
    assert _json(desk, f"/_local/told/{told['number']}")["bounce"]["bounceType"] == "Permanent"
    assert _get(desk, "/_local/told/99")[0] == _get(desk, "/_local/told/x")[0] == 404


def test_mails_are_searched(desk: Running) -> None:
    first = _deliver(desk, _mail(Subject="An invoice"))
    _deliver(desk, _mail(Subject="A parcel"))
    assert [row["id"] for row in _json(desk, "/_local/received?q=INVOICE+ann")] == [first]
    assert _json(desk, "/_local/outbox?q=invoice") == []


def test_a_change_is_streamed(desk: Running) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", desk.http, timeout=10)
    connection.request("GET", "/_local/stream")
    stream = connection.getresponse()
    assert stream.headers.get_content_type() == "text/event-stream"
    assert stream.readline() == b": here\n"
    ses_id = _deliver(desk, _mail(Subject="two lines"))
    assert stream.readline() == b"\n"
    assert stream.readline() == b"event: received\n"
    data = stream.readline()
    assert json.loads(data.removeprefix(b"data: "))["id"] == ses_id
    assert stream.readline() == b"\n"
    connection.close()


# Who may look


@pytest.mark.parametrize("path", ["/", "/_local/received", "/_local/stream", "/_local/page/page.js"])
def test_a_name_of_elsewhere_is_refused(ses: Running, path: str) -> None:
    status, _, body = _get(ses, path, Host="rebound.example")
    assert status == 403
    assert "127.0.0.1" in json.loads(body)["error"]
    assert _get(ses, path, Host="127.0.0.1.rebound.example:80")[0] == 403
    assert _get(ses, path, Host="[::1")[0] in (400, 403)


@pytest.mark.parametrize("host", ["localhost", "localhost:1234", "127.0.0.1", "[::1]:80"])
def test_the_names_of_this_machine_are_not(ses: Running, host: str) -> None:
    assert _get(ses, "/_local/health", Host=host)[0] == 200
    assert _get(ses, "/", Host=host)[0] == 200


def test_a_page_of_another_origin_changes_nothing(desk: Running) -> None:
    body = json.dumps({"from": "ann@example.com", "to": "support@desk.example"}).encode()
    for more in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}):
        status, said = _post(desk, "/_local/compose", body, **more)
        assert status == 403
        assert "another origin" in said["error"]
    assert _json(desk, "/_local/received") == []
    assert _post(desk, "/_local/compose", body, Origin=desk.url, Sec_Fetch_Site="same-origin")[0] == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://[", "http://rebound.example:{port}"])
@pytest.mark.parametrize(("path", "kind"), [("/", "text/plain"), ("/v2/email/identities", "text/plain")])
def test_a_page_of_another_origin_calls_no_api(ses: Running, origin: str, path: str, kind: str) -> None:
    """A form, or fetch with no-cors, sends it from any page; a rebound name has it in Host, too."""
    origin = origin.format(port=ses.http)
    host = origin.partition("://")[2] if "rebound" in origin else f"127.0.0.1:{ses.http}"
    body = b'Action=VerifyDomainIdentity&Domain=example.com&x={"EmailIdentity": "example.com"}'
    assert _post(ses, path, body, kind, Origin=origin, Host=host)[0] == 403
    assert not ses.v2.list_email_identities()["EmailIdentities"]


def test_the_apis_of_ses_are_called_by_any_name(ses: Running) -> None:
    """A stack's functions may know this machine by another name; no browser is among them."""
    connection = http.client.HTTPConnection("127.0.0.1", ses.http, timeout=10)
    form = {"Content-Type": "application/x-www-form-urlencoded", "Host": "ses.internal"}
    connection.request("POST", "/", b"Action=ListReceiptRuleSets&Version=2010-12-01", form)
    assert connection.getresponse().status == 200
    connection.close()


# The page's files


def test_the_page_loads_nothing_from_elsewhere_and_says_so(ses: Running) -> None:
    status, headers, body = _get(ses, "/")
    assert (status, headers.get_content_type()) == (200, "text/html")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy
    for name in ("page.js", "page.css", "icon.svg"):
        assert f'"/_local/page/{name}"'.encode() in body
        assert _get(ses, f"/_local/page/{name}")[0] == 200
    assert b"http://" not in body
    assert b"https://" not in body
    assert _get(ses, "/_local/page/..%2Fpage.py")[0] == 404


def test_a_file_that_is_known_is_not_sent_again(ses: Running) -> None:
    _, headers, _ = _get(ses, "/_local/page/page.js")
    status, _, body = _get(ses, "/_local/page/page.js", If_None_Match=headers["ETag"])
    assert (status, body) == (304, b"")


# Writing a mail


def test_a_mail_of_the_form_goes_through_the_front_door(desk: Running) -> None:
    form = {
        "from": "Ánn <ann@example.com>",
        "to": "support@desk.example",
        "subject": "Grüße\nX: y",
        "text": "ö\n.\n",
    }
    status, said = _post(desk, "/_local/compose", json.dumps(form).encode())
    assert (status, said["taken"]) == (200, True)
    assert [command for command, _ in said["steps"]] == [
        "MAIL FROM:<ann@example.com>",
        "RCPT TO:<support@desk.example>",
        "DATA",
    ]
    shown = _json(desk, f"/_local/received/{said['id']}/shown")
    assert shown["about"]["subject"] == "Grüße X: y"
    assert shown["text"] == "ö\r\n.\r\n"


def test_a_recipient_that_no_rule_takes_is_told(desk: Running) -> None:
    form = {"from": "ann@example.com", "to": "nobody@example.org, support@desk.example", "text": "x"}
    _, said = _post(desk, "/_local/compose", json.dumps(form).encode())
    assert said["taken"] is True
    assert said["steps"][1][1].startswith("550 5.1.1")
    _, said = _post(desk, "/_local/compose", json.dumps({**form, "to": "nobody@example.org"}).encode())
    assert (said["taken"], said["id"]) == (False, None)


def test_a_source_is_sent_as_it_is(desk: Running) -> None:
    raw = b"From: Ann <ann@example.com>\nTo: support@desk.example\nSubject: pasted\n\n.dot\n\xff\n"
    status, said = _post(desk, "/_local/compose", raw, "message/rfc822")
    assert (status, said["taken"]) == (200, True)
    assert _get(desk, f"/_local/received/{said['id']}")[2].endswith(raw.replace(b"\n", b"\r\n"))
    query = "?from=other@example.com&to=a@desk.example,b@desk.example"
    _, said = _post(desk, f"/_local/compose{query}", raw, "message/rfc822")
    about = _json(desk, f"/_local/received/{said['id']}/shown")["about"]
    assert (about["source"], about["recipients"]) == ("other@example.com", ["a@desk.example", "b@desk.example"])


@pytest.mark.parametrize(
    ("body", "kind", "status", "why"),
    [
        (b"{", "application/json", 400, "not JSON"),
        (b"[" * 100_000, "application/json", 400, "not JSON"),
        (b'{"from": 1}', "application/json", 400, "texts"),
        (b'{"from": "ann@example.com", "to": ""}', "application/json", 400, "To: 1 to 50"),
        (b'{"from": "ann", "to": "a@example.com"}', "application/json", 400, "'ann' is no address"),
        (b'{"from": "a@b\\r\\nRCPT TO:<x@y>", "to": "a@example.com"}', "application/json", 400, "linefeed"),
        (b"x", "text/plain", 415, "not text/plain"),
        (b"Subject: from nobody\n\nx", "message/rfc822", 400, "From: 1 to 50"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_reason(
    desk: Running, body: bytes, kind: str, status: int, why: str
) -> None:
    found, said = _post(desk, "/_local/compose", body, kind)
    assert found == status
    assert why in said["error"]


def test_a_mail_that_is_made_to_hurt_is_shown_as_its_source(desk: Running) -> None:
    nest = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000))
    query = "?from=ann@example.com&to=support@desk.example"
    _, said = _post(desk, f"/_local/compose{query}", b"Subject: nest\r\n" + nest, "message/rfc822")
    started = time.monotonic()
    shown = _json(desk, f"/_local/received/{said['id']}/shown")
    assert shown["broken"]
    assert shown["about"]["subject"] == "nest"
    assert time.monotonic() - started < 60  # it ends: no measure of speed
    assert len(nest) < MAX_REQUEST_BYTES
