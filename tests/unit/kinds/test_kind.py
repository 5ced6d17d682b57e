"""The kind of a mail: each rule of the table by the mail that it is for, and what must never be taken for a machine."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.kinds import phrases
from postroom.kinds.kind import TABLE, Kind, Signal, kind_of
from postroom.message import Address, Attachment, Message, Reply


def mail(
    subject: str = "Order 118",
    text: str = "Hello, when will it arrive?",
    *,
    sender: str | None = "jo@customer.example",
    name: str = "",
    reply_to: str = "",
    types: tuple[str, ...] = (),
    content_type: str = "text/plain",
    report_type: str = "",
    method: str | None = None,
    facts: Mapping[str, str] | None = None,
) -> Message:
    """A message with these header fields."""
    return Message(
        subject=subject,
        text=text,
        reply=Reply(visible=text),
        from_=(Address(name=name, address=sender),) if sender else (),
        reply_to=(Address(name="", address=reply_to),) if reply_to else (),
        attachments=tuple(attachment(kind, str(n)) for n, kind in enumerate(types, start=2)),
        content_type=content_type,
        content_params={"report-type": report_type} if report_type else {},
        calendar_method=method,
        facts={name: (value,) for name, value in (facts or {}).items()},
    )


def attachment(content_type: str, path: str, disposition: str | None = None) -> Attachment:
    return Attachment(
        path=path,
        filename=None,
        safe_filename="part",
        content_type=content_type,
        detected_type=None,
        disposition=disposition,
        content_id=None,
        size=1,
        sha256="0" * 64,
    )


def kind(message: Message, mail_from: str | None = "jo@customer.example") -> Kind:
    return kind_of(message, mail_from).kind


def report(report_type: str, subject: str = "Your mail", text: str = "", action: str = "") -> Message:
    facts = {"dsn-action": action} if action else {}
    return mail(
        subject, text, content_type="multipart/report", report_type=report_type, sender="mta@mx.test", facts=facts
    )


# --- people


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: your refund", "I was out of the office last week, sorry. Please refund it to my card."),
        ("AW: Urlaub auf der Insel", "Unser Urlaub war herrlich. Können Sie mir die Rechnung schicken?"),
        ("Automatic gate", "We would like to order two automatic gates."),
        ("Out of stock?", "Is the chair out of stock?"),
        ("Undelivered parcel", "My parcel was returned to sender and could not be delivered."),
        ("Delivery failed", "The courier says my parcel could not be delivered. I am at home all day."),
        ("On vacation next week", "I am on vacation until Friday, please deliver after that."),
        ("Autoresponder: how do I switch it on?", "I will be out of the office and need it."),
        ("SES sender verification", "How do I do the sender verification?"),
        ("Delay of my order", "My order has been delayed twice."),
        ("Read this please", "It is important."),
        ("Fwd: Undeliverable: offer", "This came back: 550 5.1.1 user unknown. What is wrong?"),
        ("Re: Automatic reply: offer", "Thanks, then I will wait for Ann."),
    ],
)
def test_a_person_who_writes_as_machines_do_stays_a_person(subject: str, text: str) -> None:
    assert kind(mail(subject, text)) is Kind.PERSON


@pytest.mark.parametrize(
    "facts",
    [
        {"x-auto-response-suppress": "OOF"},
        {"auto-submitted": "no"},
        {"feedback-id": "::1.eu-west-1.x:AmazonSES"},
        {"x-ms-exchange-inbox-rules-loop": "support@desk.example"},
        {"x-autoreply": "no"},
        {"x-loop": "support@desk.example"},
        {"list-post": "NO"},
    ],
)
def test_a_field_that_people_send_too_marks_no_machine(facts: Mapping[str, str]) -> None:
    assert kind(mail(facts=facts)) is Kind.PERSON


def test_a_postmaster_may_be_a_person() -> None:
    assert kind(mail("Your SPF record", "It has a mistake.", sender="postmaster@customer.example")) is Kind.PERSON


def test_a_contact_form_writes_for_the_person_in_reply_to() -> None:
    form = mail(sender="no-reply@site.example", reply_to="ann@customer.test")
    assert kind(form, "no-reply@site.example") is Kind.PERSON


def test_a_shop_that_names_itself_in_reply_to_is_no_contact_form() -> None:
    shop = mail(sender="noreply@news.shop.example", reply_to="service@shop.example")
    assert kind(shop, "noreply@news.shop.example") is Kind.NOTIFICATION


def test_what_is_inside_an_attached_mail_says_nothing_of_this_one() -> None:
    inner = (attachment("message/rfc822", "2"), attachment("message/delivery-status", "2/2"))
    forwarded = Message(from_=mail().from_, text="Why did this come back?", attachments=inner)
    assert kind(forwarded) is Kind.PERSON


def test_a_calendar_file_attached_to_a_letter_leaves_it_a_letter() -> None:
    letter = mail("Our dates", "Please find the dates of the fair attached.", method="PUBLISH")
    shared = Message(
        from_=letter.from_, text=letter.text, attachments=(attachment("text/calendar", "2", "attachment"),)
    )
    assert kind(shared) is Kind.PERSON


@given(st.sampled_from(phrases.ABSENCE_TEXT + phrases.BOUNCE_TEXT + phrases.RECEIVED_TEXT + phrases.CHALLENGE))
def test_no_words_in_the_text_alone_make_a_machine(words: str) -> None:
    assert kind(mail("A question", f"Hello. {words} Best wishes, Jo")) is Kind.PERSON


@given(st.sampled_from(phrases.AUTO_REPLY_SUBJECT + phrases.ABSENCE_SUBJECT + phrases.BOUNCE_SUBJECT))
def test_an_answer_to_a_machines_mail_is_a_persons(words: str) -> None:
    assert kind(mail(f"Re: {words.strip()}: order", "Thanks for telling me.")) is Kind.PERSON


# --- reports


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("failed", Kind.BOUNCE),
        ("Failure", Kind.BOUNCE),
        ("expired", Kind.BOUNCE),
        ("delayed", Kind.DELIVERY_REPORT),
        ("delivered", Kind.DELIVERY_REPORT),
        ("relayed", Kind.DELIVERY_REPORT),
        ("expanded", Kind.DELIVERY_REPORT),
    ],
)
def test_the_action_of_a_delivery_status_decides(action: str, expected: Kind) -> None:
    assert kind(report("delivery-status", action=action), None) is expected


def test_one_failed_recipient_makes_a_bounce() -> None:
    mixed = Message(
        content_type="multipart/report",
        content_params={"report-type": "delivery-status"},
        facts={"dsn-action": ("delivered", "failed")},
    )
    assert kind(mixed, None) is Kind.BOUNCE


@pytest.mark.parametrize(
    ("subject", "text", "expected"),
    [
        ("Undelivered Mail Returned to Sender", "", Kind.BOUNCE),
        ("Delivery Status Notification (Delay)", "", Kind.DELIVERY_REPORT),
        ("Warning", "You do not need to resend your message.", Kind.DELIVERY_REPORT),
        ("Delivered: your offer", "", Kind.DELIVERY_REPORT),
        ("Something", "", Kind.BOUNCE),
    ],
)
def test_without_an_action_the_words_of_a_status_decide(subject: str, text: str, expected: Kind) -> None:
    assert kind(report("delivery-status", subject, text), None) is expected


def test_a_read_receipt_is_a_delivery_report() -> None:
    assert kind(report("disposition-notification", "Read: offer")) is Kind.DELIVERY_REPORT


def test_a_feedback_report_is_a_complaint() -> None:
    assert kind(report("feedback-report", "Abuse report")) is Kind.COMPLAINT


def test_a_bounce_in_words_of_its_own_needs_a_delivery_agent() -> None:
    text = "I'm afraid I wasn't able to deliver your message. This is a permanent error."
    assert kind(mail("failure notice", text, sender="MAILER-DAEMON@mx.test")) is Kind.BOUNCE
    assert kind(mail("failure notice", text, sender="jo@customer.example")) is Kind.PERSON


@pytest.mark.parametrize("sender", ["postmaster@mx.test", "postmaster-cluster2@mx.test", "Mailer-Daemon-7@mx.test"])
def test_a_delivery_agent_may_have_a_number(sender: str) -> None:
    assert kind(mail("Undeliverable: offer", "550 5.1.1 user unknown", sender=sender)) is Kind.BOUNCE


def test_failed_recipients_are_a_bounce() -> None:
    assert kind(mail(facts={"x-failed-recipients": "ann@customer.test"}), None) is Kind.BOUNCE


def test_a_delay_told_by_the_daemon_is_no_bounce() -> None:
    text = "No action is required on your part. Delivery attempts will continue for some time."
    warning = mail(
        "Warning: message 1 delayed 24 hours",
        text,
        sender="Mailer-Daemon@mx.test",
        facts={"auto-submitted": "auto-replied"},
    )
    assert kind(warning, None) is Kind.DELIVERY_REPORT


# --- automatic answers


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Automatische Antwort: Rechnung", "Ich bin zurzeit nicht im Büro."),
        ("Out of office: Re: order", "I am on annual leave until 3 October."),
        ("Respuesta automática: pedido", "Estoy fuera de la oficina."),
        ("Risposta automatica: fattura", "Sono assente dall'ufficio."),
        ("Frånvaro: order", "Jag är på semester."),
        ("自動返信: お問い合わせ", "ただいま不在にしております。"),
        ("Autoodpowiedź: zamówienie", "Jestem na urlopie."),
        ("Réponse automatique : devis", "Je suis en congé jusqu'au 30."),
    ],
)
def test_an_absence_is_known_by_its_label_and_its_words(subject: str, text: str) -> None:
    assert kind(mail(subject, text)) is Kind.OUT_OF_OFFICE


@pytest.mark.parametrize("field", ["x-autoreply", "x-autorespond", "x-auto-reply-from"])
def test_a_field_of_an_autoresponder_makes_an_automatic_reply(field: str) -> None:
    assert kind(mail(facts={field: "yes"})) is Kind.AUTO_REPLY


def test_auto_replied_with_words_of_an_absence_is_out_of_office() -> None:
    assert kind(mail("Re: order", "Ich bin im Urlaub.", facts={"auto-submitted": "auto-replied"})) is Kind.OUT_OF_OFFICE
    assert (
        kind(mail("Re: order", "Wir haben Ihre Anfrage.", facts={"auto-submitted": "auto-replied"})) is Kind.AUTO_REPLY
    )
    assert kind(mail("Re: order", "Hello", facts={"auto-submitted": "auto-replied (vacation)"})) is Kind.OUT_OF_OFFICE


def test_words_of_an_absence_without_a_return_path_are_out_of_office() -> None:
    assert kind(mail("Re: order", "I am away until Monday."), None) is Kind.OUT_OF_OFFICE


def test_a_challenge_needs_a_mark_of_a_machine() -> None:
    asked = ("Please confirm", "Click here to confirm that you are not a spammer.")
    assert kind(mail(*asked), None) is Kind.CHALLENGE
    assert kind(mail(*asked)) is Kind.PERSON


# --- lists, bulk mail, machines, meetings


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"list-post": "<mailto:talk@lists.test>"}, Kind.LIST),
        ({"precedence": "list"}, Kind.LIST),
        ({"mailing-list": "contact talk-help@lists.test"}, Kind.LIST),
        ({"delivered-to": "mailing list talk@lists.test"}, Kind.LIST),
        ({"list-id": "<talk.lists.test>"}, Kind.LIST),
        ({"list-id": "<news.shop.example>", "list-unsubscribe": "<https://shop.example/u>"}, Kind.BULK),
        ({"list-unsubscribe": "<https://shop.example/u>"}, Kind.BULK),
        ({"precedence": "bulk"}, Kind.BULK),
        ({"x-campaign": "spring"}, Kind.BULK),
        ({"auto-submitted": "auto-generated"}, Kind.NOTIFICATION),
        ({"auto-submitted": "auto-notified; owner-email=jo@customer.example"}, Kind.NOTIFICATION),
        ({"x-github-reason": "mention", "list-id": "<repo.test>", "list-post": "<mailto:r@x.test>"}, Kind.NOTIFICATION),
        ({"x-cron-env": "<SHELL=/bin/sh>"}, Kind.NOTIFICATION),
        ({"x-mlserver": "fml [fml 4.0.3]"}, Kind.LIST),
    ],
)
def test_the_fields_of_lists_and_machines(facts: Mapping[str, str], expected: Kind) -> None:
    assert kind(mail(facts=facts)) is expected


@pytest.mark.parametrize("local", ["noreply", "No-Reply", "do_not_reply", "alerts", "notifications", "account-noreply"])
def test_a_machines_address_makes_a_notification(local: str) -> None:
    assert kind(mail(sender=f"{local}@service.example")) is Kind.NOTIFICATION


@pytest.mark.parametrize("local", ["robert", "cronin", "alertson", "bot", "bouncehouse", "jenkins", "norbert"])
def test_a_name_that_looks_like_a_machines_is_a_persons(local: str) -> None:
    assert kind(mail(sender=f"{local}@customer.example")) is Kind.PERSON


def test_a_null_return_path_alone_is_never_a_person() -> None:
    assert kind(mail(), None) is Kind.NOTIFICATION
    assert kind_of(mail(facts={"return-path": "<>"})).kind is Kind.NOTIFICATION


@pytest.mark.parametrize("method", ["REQUEST", "reply", "CANCEL", "COUNTER"])
def test_an_invitation_and_its_answers_are_calendar_mails(method: str) -> None:
    assert kind(mail("Invitation", "Let us meet", method=method)) is Kind.CALENDAR


def test_a_mail_without_an_author_is_unknown() -> None:
    assert kind(mail(sender=None)) is Kind.UNKNOWN


# --- the table


def test_every_signal_has_a_text_for_people() -> None:
    assert all(signal.text for signal in Signal)


def test_every_rule_has_a_name_of_its_own_and_every_kind_a_rule() -> None:
    assert len({rule.name for rule in TABLE}) == len(TABLE)
    assert {rule.kind for rule in TABLE} == set(Kind)


@given(st.frozensets(st.sampled_from(Signal)))
def test_the_table_is_total(signals: frozenset[Signal]) -> None:
    assert any(rule.holds(signals) for rule in TABLE)


_FIELDS = [
    "auto-submitted",
    "precedence",
    "list-id",
    "list-post",
    "return-path",
    "delivered-to",
    "dsn-action",
    "x-autoreply",
]


@given(
    subject=st.text(max_size=80),
    text=st.none() | st.text(max_size=200),
    address=st.text(max_size=40),
    facts=st.dictionaries(st.sampled_from(_FIELDS), st.lists(st.text(max_size=40), max_size=3).map(tuple)),
    mail_from=st.none() | st.text(max_size=20),
)
def test_any_mail_gets_a_kind(
    subject: str, text: str | None, address: str, facts: dict[str, tuple[str, ...]], mail_from: str | None
) -> None:
    author = (Address(name=subject, address=address),)
    finding = kind_of(Message(subject=subject, text=text, from_=author, reply_to=author, facts=facts), mail_from)
    assert 0 <= finding.confidence <= 100
    assert finding.rule


def test_a_huge_text_is_read_only_in_part() -> None:
    assert kind(mail("Order", "word " * 2_000_000)) is Kind.PERSON
