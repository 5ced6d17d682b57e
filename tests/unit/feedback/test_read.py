"""Mails that report on a delivery, and mails that only look like it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.feedback.read import from_file_bytes, from_json, from_mail, sent_id, to_json
from postroom.feedback.report import BounceReason, FeedbackKind, Permanence, Source
from postroom.feedback.table import event_of

K, R, P = FeedbackKind, BounceReason, Permanence

ROBOT = (
    "From: Mail Delivery System <MAILER-DAEMON@mx.example.net>\n"
    "To: desk@example.com\n"
    "Date: Mon, 2 Mar 2026 10:00:00 +0100\n"
)
OUR_ID = "0100018ee0000000-11111111-2222-3333-4444-555555555555-000000@email.amazonses.com"
RETURNED = f"Message-ID: <{OUR_ID}>\nFrom: desk@example.com\nTo: jane@example.net\nSubject: Your order\n"


def mail(headers: str, body: str) -> bytes:
    return f"{headers}\n{body}".encode()


def dsn(*recipients: str, notice: str = "It could not be delivered.", type_: str = "message/delivery-status") -> bytes:
    status = "\n".join(recipients)
    return mail(
        ROBOT
        + "Subject: Undelivered Mail Returned to Sender\n"
        + 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n',
        f"--b\nContent-Type: text/plain\n\n{notice}\n--b\nContent-Type: {type_}\n\n"
        f"Reporting-MTA: dns; mx.example.net\n\n{status}\n"
        f"--b\nContent-Type: text/rfc822-headers\n\n{RETURNED}\n--b--\n",
    )


FAILED = (
    "Original-Recipient: rfc822;jane+3Dshop@example.net\nFinal-Recipient: rfc822; jane@mx.example.net\n"
    "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 <jane@mx.example.net>:\n    User unknown\n"
)
DELAYED = (
    "Final-Recipient: rfc822; joe@example.net\nAction: delayed\nStatus: 4.4.1\n"
    "Diagnostic-Code: smtp; Connection timed out\n"
)
RELAYED = "Final-Recipient: rfc822; ann@example.net\nAction: relayed\nStatus: 2.1.9\n"


def test_a_report_names_the_server_that_said_so() -> None:
    told = from_mail(dsn(FAILED + "Remote-MTA: dns; mx.example.net\n", RELAYED))
    assert [report.remote_mta for report in told.reports] == ["mx.example.net", None]
    text = "Not delivered.\n\n<jane@example.net>: host mx2.example.net[192.0.2.7] said: 550 user unknown\n"
    written = from_mail(mail(ROBOT + "Subject: Undelivered Mail\n", text))
    assert [report.remote_mta for report in written.reports] == ["mx2.example.net"]


@pytest.mark.parametrize("disposition", ["displayed", "deleted", "denied", "failed"])
def test_what_became_of_a_mail_that_arrived_is_no_bounce(disposition: str) -> None:
    receipt = mail(
        "From: postmaster@mx.example.net\nTo: desk@example.com\nSubject: Not read: Your order\n"
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"\n',
        "--b\nContent-Type: text/plain\n\nYour message to jane@example.net could not be delivered to her eyes.\n"
        "--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; jane@example.net\n"
        f"Disposition: automatic-action/MDN-sent-automatically; {disposition}\n--b--\n",
    )
    feedback = from_mail(receipt)
    assert (feedback.kind, feedback.reports) == (K.NONE, ())


def test_a_filter_rejects_by_a_disposition_notification() -> None:
    rejected = mail(
        ROBOT + "Subject: Rejected mail\nAuto-Submitted: auto-replied (rejected)\n"
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"\n',
        "--b\nContent-Type: text/plain\n\n<jane@example.net>: it was automatically rejected:\nQuota exceeded\n--b--\n",
    )
    feedback = from_mail(rejected)
    assert (feedback.kind, feedback.reports[0].reason) == (K.BOUNCE, R.MAILBOX_FULL)


def test_a_status_may_say_why_in_a_comment() -> None:
    status = "Final-Recipient: rfc822; joe@example.net\nAction: delayed\nStatus: 4.0.0 (host name lookup failure)\n"
    assert from_mail(dsn(status)).reports[0].reason is R.NETWORK_OR_TIMEOUT


def test_the_fields_of_a_report_in_one_text_are_no_words() -> None:
    text = "Not delivered to <jane@example.net>\n\nReporting-MTA: dns; x\n\nFinal-Recipient: RFC822; jane@example.net\n"
    report = from_mail(mail(ROBOT + "Subject: Undelivered Mail\n", text)).reports[0]
    assert (report.recipient, report.reason) == ("jane@example.net", R.OTHER)


def test_a_dsn_tells_of_each_recipient() -> None:
    feedback = from_mail(dsn(FAILED, DELAYED, RELAYED))
    assert feedback.kind is K.BOUNCE
    assert feedback.source is Source.MAIL
    assert [(r.recipient, r.action, r.status, r.reason, r.permanence) for r in feedback.reports] == [
        ("jane=shop@example.net", "failed", "5.1.1", R.NO_SUCH_USER, P.PERMANENT),
        ("joe@example.net", "delayed", "4.4.1", R.NETWORK_OR_TIMEOUT, P.TRANSIENT),
        ("ann@example.net", "relayed", "2.1.9", R.DELIVERED, P.UNDETERMINED),
    ]
    assert feedback.reports[0].diagnostic == "550 5.1.1 <jane@mx.example.net>: User unknown"


def test_a_report_names_the_mail_of_ours_that_it_speaks_of() -> None:
    feedback = from_mail(dsn(FAILED))
    assert feedback.reports[0].original_message_id == OUR_ID
    assert feedback.about == OUR_ID.partition("@")[0]
    assert feedback.at == "2026-03-02T09:00:00.000Z"


def test_only_delays_are_a_delay_and_only_deliveries_are_delivered() -> None:
    assert from_mail(dsn(DELAYED)).kind is K.DELAY
    assert from_mail(dsn(RELAYED)).kind is K.DELIVERED


def test_an_international_report_is_read_like_any_other() -> None:
    assert from_mail(dsn(FAILED, type_="message/global-delivery-status")).kind is K.BOUNCE


def test_groups_without_blank_lines_between_them_are_told_apart() -> None:
    assert len(from_mail(dsn(FAILED.strip(), DELAYED)).reports) == 2


def test_an_answer_that_only_people_are_told_is_read_from_the_notice() -> None:
    bare = "Final-Recipient: rfc822; jane@example.net\nAction: failed\nStatus: 5.0.0\n"
    (report,) = from_mail(dsn(bare, notice="<jane@example.net>: 552 5.2.2 mailbox is full")).reports
    assert (report.status, report.smtp_code, report.reason) == ("5.2.2", "552", R.MAILBOX_FULL)


def test_a_dsn_that_a_person_attached_to_a_mail_reports_nothing() -> None:
    inner = dsn(FAILED).decode()
    headers = "From: Jane <jane@example.net>\nTo: desk@example.com\nSubject: what does this mean?\n"
    raw = mail(
        headers + 'Content-Type: multipart/mixed; boundary="o"\n',
        "--o\nContent-Type: text/plain\n\nIt could not be delivered, why?\n"
        f"--o\nContent-Type: message/rfc822\n\n{inner}\n--o--\n",
    )
    assert (from_mail(raw).kind, from_mail(raw).reports) == (K.NONE, ())


def test_a_dsn_that_a_gateway_put_into_a_notice_of_its_own_is_found() -> None:
    inner = dsn(FAILED).decode()
    raw = mail(
        ROBOT + 'Subject: Delivery Status Notification\nContent-Type: multipart/mixed; boundary="o"\n',
        f"--o\nContent-Type: message/rfc822\n\n{inner}\n--o--\n",
    )
    assert [r.status for r in from_mail(raw).reports] == ["5.1.1"]


def arf(fields: str) -> bytes:
    return mail(
        "From: fbl@example.net\nTo: abuse@example.com\nSubject: FW: Your order\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n',
        f"--b\nContent-Type: text/plain\n\nAn abuse report.\n--b\nContent-Type: message/feedback-report\n\n{fields}\n"
        f"--b\nContent-Type: message/rfc822\n\n{RETURNED}\nHello\n--b--\n",
    )


def test_a_complaint_names_who_complained_and_of_what() -> None:
    feedback = from_mail(arf("Feedback-Type: abuse\nVersion: 1\nOriginal-Rcpt-To: <ann@example.net>\n"))
    assert feedback.kind is K.COMPLAINT
    assert [(r.recipient, r.feedback_type, r.reason) for r in feedback.reports] == [
        ("ann@example.net", "abuse", R.COMPLAINT)
    ]
    assert feedback.about == OUR_ID.partition("@")[0]


def test_a_redacted_complaint_takes_the_only_address_that_we_wrote_to() -> None:
    (report,) = from_mail(arf("Feedback-Type: fraud\nVersion: 1\n")).reports
    assert (report.recipient, report.feedback_type) == ("jane@example.net", "fraud")


QMAIL = (
    "Hi. This is the qmail-send program at mx.example.net.\n"
    "I'm afraid I wasn't able to deliver your message to the following addresses.\n\n"
    "<jane@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
    "<joe@example.net>:\nMailbox over quota. (#5.2.2)\n\n"
    f"--- Below this line is a copy of the message.\n\n{RETURNED}"
)
EXIM = (
    "A message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. "
    "The following address(es) failed:\n\n"
    "  jane@example.net\n    host mx.example.net [192.0.2.1]: 550 No such user here\n"
)
EXCHANGE = (
    "Your message\n\n  To:      list@example.com\n  Subject: Your order\n\n"
    "did not reach the following recipient(s):\n\n"
    "jane@example.net on Mon, 2 Mar 2026 10:00:00 +0100\n    The recipient name is not recognized\n"
)
DOMINO = (
    "Your message\n\n  Subject: Your order\n\nwas not delivered to:\n\n  jane@example.net\n\nbecause:\n\n"
    "  User jane not listed in Domino Directory\n"
)
SENDMAIL = (
    "   ----- The following addresses had permanent fatal errors -----\n"
    "<jane@example.net>\n    (reason: 550 5.1.1 User unknown)\n"
)
WARNING = (
    "Your message has not yet been delivered. Delivery attempts will continue.\n\n"
    "  jane@example.net\n    450 user unknown\n"
)
ASKED_ABOUT = "My mail could not be delivered. 550 5.1.1 user unknown joe@example.net"


@pytest.mark.parametrize("notice", [EXIM, EXCHANGE, DOMINO, SENDMAIL])
def test_a_notice_for_people_names_address_and_reason(notice: str) -> None:
    feedback = from_mail(mail(ROBOT + "Subject: Mail delivery failed: returning message to sender\n", notice))
    assert feedback.kind is K.BOUNCE
    assert [(r.recipient, r.reason, r.permanence) for r in feedback.reports] == [
        ("jane@example.net", R.NO_SUCH_USER, P.PERMANENT)
    ]


def test_each_address_of_a_notice_has_its_own_reason() -> None:
    feedback = from_mail(mail(ROBOT + "Subject: failure notice\n", QMAIL))
    assert [(r.recipient, r.status, r.reason) for r in feedback.reports] == [
        ("jane@example.net", "5.1.1", R.NO_SUCH_USER),
        ("joe@example.net", "5.2.2", R.MAILBOX_FULL),
    ]
    assert feedback.reports[0].original_message_id == OUR_ID


def test_a_field_for_the_failed_address_is_believed_before_the_text() -> None:
    headers = ROBOT + "X-Failed-Recipients: ann@example.net\nSubject: Mail delivery failed\n"
    assert [r.recipient for r in from_mail(mail(headers, EXIM)).reports] == ["ann@example.net"]


def test_a_warning_is_a_delay_and_changes_no_address() -> None:
    feedback = from_mail(mail(ROBOT + "Subject: Warning: message delayed 24 hours\n", WARNING))
    assert feedback.kind is K.DELAY
    assert [event_of(report) for report in feedback.reports] == ["delayed"]


def test_an_exim_bounce_that_calls_itself_auto_replied_is_a_bounce_all_the_same() -> None:
    assert (
        from_mail(mail(ROBOT + "Auto-Submitted: auto-replied\nSubject: Mail delivery failed\n", EXIM)).kind is K.BOUNCE
    )


@pytest.mark.parametrize(
    ("headers", "body", "kind"),
    [
        ("From: jane@example.net\nSubject: Re: Mail delivery failed\n", ASKED_ABOUT, K.NONE),
        ("From: jane@example.net\nSubject: my parcel\n", "The parcel could not be delivered. Delivery failed!", K.NONE),
        ("From: MAILER-DAEMON@example.net\nSubject: Your weekly digest\n", "12 messages are in quarantine.", K.NONE),
        ("From: jane@example.net\nAuto-Submitted: auto-replied\nSubject: Re: order\n", "I am away.", K.AUTO_REPLY),
        ("From: jane@example.net\nSubject: Out of office: order\n", "I am away, mail joe@example.net.", K.AUTO_REPLY),
        ("From: jane@example.net\nSubject: hello\n", "", K.NONE),
        ("", "", K.NONE),
    ],
)  # fmt: skip
def test_a_mail_that_reports_on_no_delivery_has_no_reports(headers: str, body: str, kind: FeedbackKind) -> None:
    feedback = from_mail(mail(headers, body))
    assert (feedback.kind, feedback.reports) == (kind, ())


def test_an_event_that_sns_sent_by_mail_is_read_and_still_is_a_mail() -> None:
    event = json.dumps({"notificationType": "Bounce", "mail": {"messageId": "m"}, "bounce": {
        "bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "jane@example.net"}]}})  # fmt: skip
    footer = "\n\n--\nIf you wish to stop receiving notifications, visit the link below.\n"
    feedback = from_mail(mail("From: AWS <no-reply@sns.amazonaws.com>\nSubject: AWS Notification\n", event + footer))
    assert (feedback.kind, feedback.source, len(feedback.reports)) == (K.BOUNCE, Source.MAIL, 1)
    assert from_mail(mail("From: jane@example.net\nSubject: look\n", event)).kind is K.NONE


def test_the_answer_in_a_transcript_counts_before_the_mailer_s_summary_of_it() -> None:
    transcript = (
        "   ----- Transcript of session follows -----\n... while talking to mx.example.net.:\n"
        ">>> RCPT To:<jane@example.net>\n"
        "<<< 550 5.7.1 Relaying denied\n554 <jane@example.net>... Service unavailable\n"
    )
    (report,) = from_mail(mail(ROBOT + "Subject: Returned mail: Service unavailable\n", transcript)).reports
    assert (report.recipient, report.smtp_code, report.reason) == ("jane@example.net", "550", R.RELAY_DENIED)


def test_a_notice_that_names_nobody_condemns_nobody() -> None:
    (report,) = from_mail(mail(ROBOT + "Subject: failure notice\n", "Your message could not be delivered.\n")).reports
    assert report.recipient is None


@pytest.mark.parametrize(
    ("message_id", "expected"),
    [
        (OUR_ID, OUR_ID.partition("@")[0]),
        (OUR_ID.replace("email.", "eu-central-1."), OUR_ID.partition("@")[0]),
        ("0100018ee-1@amazonses.com.example.org", None),
        ("id@example.com", None),
        (None, None),
    ],
)
def test_only_the_message_id_that_ses_gives_is_an_id_of_a_mail_of_ours(
    message_id: str | None, expected: str | None
) -> None:
    assert sent_id(message_id) == expected


def test_the_same_bytes_are_the_same_report() -> None:
    assert from_mail(dsn(FAILED)).event_id == from_mail(dsn(FAILED)).event_id != from_mail(dsn(DELAYED)).event_id


def test_json_that_is_no_sending_event_reports_on_nothing() -> None:
    for text in ("{}", "{", '{"notificationType": "Received", "mail": {}}', "[1]", '{"Records": []}'):
        assert from_json(text).kind is K.NONE


def test_a_file_may_be_an_event_or_a_mail() -> None:
    event = {
        "eventType": "Delivery",
        "mail": {"messageId": "m"},
        "delivery": {"recipients": ["jane@example.net"], "smtpResponse": "250 2.0.0 ok"},
    }
    assert from_file_bytes(b"\xef\xbb\xbf " + json.dumps(event).encode()).kind is K.DELIVERED
    assert from_file_bytes(dsn(FAILED)).kind is K.BOUNCE


def test_the_json_form_is_the_one_of_the_command_line() -> None:
    (report,) = to_json(from_mail(dsn(FAILED)))["reports"]
    codes, words = {"status", "smtp_code", "feedback_type"}, {"diagnostic", "original_message_id"}
    assert set(report) == {"recipient", "action", "reason", "permanence"} | codes | words
    assert json.loads(json.dumps(report)) == report


@given(st.binary(max_size=400))
def test_no_bytes_raise(raw: bytes) -> None:
    assert from_file_bytes(raw).event_id


PIECES = [
    b"--b\n",
    b"Content-Type: multipart/report; boundary=b\n",
    b"Content-Type: message/delivery-status\n\n",
    b"Final-Recipient: ",
    b"a@b.example\n",
    b"Status: 5.1.1\n",
    b"From: MAILER-DAEMON@x.example\n",
    b"could not be delivered\n",
    b"\xff:\n",
    b"\n",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_no_broken_report_raises(pieces: list[bytes]) -> None:
    feedback = from_mail(b"".join(pieces))
    assert to_json(feedback)["kind"] == feedback.kind
