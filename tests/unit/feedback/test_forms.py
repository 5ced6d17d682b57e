"""Bounces as mail systems of many makes write them for people, and mails that only speak of bounces."""

from dataclasses import dataclass

import pytest

from postroom.feedback.read import from_mail
from postroom.feedback.report import BounceReason, Feedback, FeedbackKind

K, R = FeedbackKind, BounceReason
DAEMON = "Mailer-Daemon@mx.example.org"
JANE, JOE = "jane@example.net", "joe@example.net"
RETURNED = f"Message-ID: <1@example.com>\nFrom: desk@example.com\nTo: {JANE}\nSubject: Your order\n\nHello\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    by: str
    subject: str
    text: str
    fields: str = "To: desk@example.com\n"

    def read(self) -> Feedback:
        head = f"From: {self.by}\nSubject: {self.subject}\n{self.fields}Content-Type: text/plain; charset=utf-8\n"
        return from_mail(f"{head}\n{self.text}".encode())


BOUNCES: dict[str, tuple[Form, tuple[str, ...], BounceReason]] = {
    "an address in brackets, then the answer (qmail)": (
        Form(
            by=DAEMON,
            subject="failure notice",
            text=f"I was not able to deliver it.\n\n<{JANE}>:\nNo mailbox here by that name. (#5.1.1)\n\n"
            f"<{JOE}>:\nThe user is over quota.\n\n--- Below this line is a copy of it.\n\n{RETURNED}",
        ),
        (JANE, JOE),
        R.NO_SUCH_USER,
    ),
    "an indented address, and where it came from (Exim)": (
        Form(
            by=f"Mail Delivery System <{DAEMON}>",
            subject="Mail delivery failed",
            text=f"The following address failed:\n\n  {JANE}\n    (generated from sales@example.org)\n"
            "    mailbox is full: retries are used up\n",
        ),
        (JANE,),
        R.MAILBOX_FULL,
    ),
    "an address with its reason in parentheses (GroupWise)": (
        Form(
            by="postmaster@example.org",
            subject="Message status - undeliverable",
            text=f"It was undeliverable to the following:\n\t{JANE} (user not found)\n",
        ),
        (JANE,),
        R.NO_SUCH_USER,
    ),
    "to whom and because of what (Domino)": (
        Form(
            by="postmaster@example.org",
            subject="DELIVERY FAILURE: not listed",
            text=f"Your mail\n\n  Subject: Your order\n\nwas not delivered to:\n\n  {JANE}\n\nbecause:\n\n"
            "  User jane not listed in the directory\n",
        ),
        (JANE,),
        R.NO_SUCH_USER,
    ),
    "a label for each (SmarterMail, SurgeMail)": (
        Form(
            by="System Administrator <postmaster@example.org>",
            subject="Delivery Failure",
            text=f"It could not be delivered.\n\nFailed Recipient: {JANE}\nReason: 550 5.1.1 unknown user\n",
        ),
        (JANE,),
        R.NO_SUCH_USER,
    ),
    "a first line that tells of the original message is no returned message (Courier, sendmail)": (
        Form(
            by=DAEMON,
            subject="NOTICE: mail delivery status",
            text="A notice of mx.example.org.\n\nThe original message was received on Monday\n\n"
            f"It could not be delivered to:\n\n<{JANE}>:\n    >>> RCPT TO:<{JANE}>\n    <<< 550 User unknown\n",
        ),
        (JANE,),
        R.NO_SUCH_USER,
    ),
    "what the other host said, and not its name (Postfix)": (
        Form(
            by=DAEMON,
            subject="Undelivered Mail",
            text=f"Not delivered.\n\n<{JANE}>: host mx.example.net[192.0.2.7] said: 550 mailbox not found\n",
        ),
        (JANE,),
        R.NO_SUCH_USER,
    ),
    "the other side's answer below a general sentence (Gmail)": (
        Form(
            by=f"Mail Delivery Subsystem <{DAEMON}>",
            subject="Delivery Status Notification (Failure)",
            text=f"Delivery to this recipient failed:\n\n     {JANE}\n\nIt was rejected by the recipient domain. "
            "It answered: 550 5.1.1 no such user\n",
            fields=f"X-Failed-Recipients: {JANE}\n",
        ),
        (JANE,),
        R.NO_SUCH_USER,
    ),
    "nobody named but on our own envelope (VERP)": (
        Form(
            by="postmaster@example.org",
            subject="Undeliverable: Your order",
            text="It could not be delivered. The user is unknown here.\n",
            fields="To: bounces+jane=example.net@example.com\n",
        ),
        (JANE,),
        R.NO_SUCH_USER,
    ),
    "whom it was from is not whom it was for": (
        Form(
            by=DAEMON,
            subject="Mail Delivery Problem",
            text=f"It could not be delivered: they take no mail from list@example.org.\n\n{JANE}\n",
        ),
        (JANE,),
        R.REJECTED_POLICY,
    ),
    "a machine without a server's name that gives the mail back": (
        Form(
            by="ndr@example.org",
            subject="Mail delivery failed",
            text=f"It could not be delivered: user unknown.\n\n<{JANE}>\n\n--- The header of it follows.\n\n{RETURNED}",
        ),
        (JANE,),
        R.NO_SUCH_USER,
    ),
}

ABROAD = (
    ("Unzustellbar: Bestellung", "hat folgende Empfänger nicht erreicht:", "Das Konto existiert nicht."),
    ("Non remis : commande", "n'a pas pu être remis à :", "Cette adresse n'existe pas."),
    ("No se puede entregar: pedido", "no ha llegado a:", "La cuenta no existe."),
    ("Impossibile recapitare: ordine", "Impossibile recapitare a:", "L'indirizzo non è stato trovato."),
    ("Não é possível entregar: pedido", "Falha na entrega a:", "O endereço não foi encontrado."),
    ("Niet te bestellen: order", "De bezorging aan deze mensen is mislukt:", "Het adres is niet gevonden."),
    ("Niedostarczalne: order", "Dostarczenie nie powiodło się:", "Nie znaleziono adresu."),
    ("Не удалось доставить: заказ", "Не удалось доставить:", "Адрес не найден."),
    ("Kan inte levereras: order", "Leveransen till dessa misslyckades:", "Adressen hittades inte."),
    ("Nedoručitelné: objednávka", "Nepodařilo se doručit:", "Uživatel neexistuje."),
    ("Teslim edilemedi: sipariş", "Teslim edilemedi:", "Adres bulunamadı."),
    ("配信不能: 注文", "配信できませんでした:", "宛先が見つかりません"),
    ("系统退信", "未能送达以下收件人：", "用户不存在"),
    ("배달되지 않음: 주문", "배달하지 못했습니다:", "주소를 찾을 수 없습니다."),
)

ORDINARY = {
    "a customer forwards a bounce and asks": Form(
        by="carla@example.com",
        subject="Fwd: Undelivered Mail Returned to Sender",
        text="What should I do?\n\nFrom: Mailer-Daemon@mx.example.org\nSubject: Undelivered Mail\n\n"
        "It could not be delivered.\n\n<desk@example.com>: 550 5.1.1 user unknown\n",
    ),
    "a customer tells of a bounce": Form(
        by="carla@example.com",
        subject="Undelivered mail again",
        text=f"My mail to {JANE} could not be delivered, 550 user unknown. Please help.\n",
    ),
    "a customer tells of a parcel": Form(
        by="carla@example.com",
        subject="Delivery failed",
        text="It could not be delivered, they say the address is unknown. Write to carla2@example.com.\n",
    ),
    "a parcel service tells of a parcel": Form(
        by="Parcel Delivery Service <service@parcel.example>",
        subject="Delivery failed: your parcel",
        text="We were unable to deliver your parcel: the address does not exist. Call jane@parcel.example.\n",
    ),
    "an answer to a bounce": Form(
        by="carla@example.com",
        subject="Re: Undeliverable: Your order",
        text=f"Again.\n\n> It could not be delivered to {JANE}\n> 550 user unknown\n",
    ),
    "a colleague forwards one in German": Form(
        by="carla@example.com",
        subject="WG: Unzustellbar: Bestellung",
        text="Was soll ich tun?\n\nVon: Mailer-Daemon@mx.example.org\nNicht zugestellt: desk@example.com\n",
    ),
    "an out-of-office with a null return path": Form(
        by="carla@example.com",
        subject="Out of office: Your order",
        text=f"I cannot be reached until Monday; {JANE} helps.\n",
        fields="Return-Path: <>\nAuto-Submitted: auto-replied\n",
    ),
    "an automatic answer with a null return path and no mark": Form(
        by="carla@example.com",
        subject="Your order",
        text=f"I cannot be reached until Monday; {JANE} helps.\n",
        fields="Return-Path: <>\n",
    ),
}


@pytest.mark.parametrize("form", BOUNCES)
def test_a_bounce_for_people(form: str) -> None:
    mail, recipients, reason = BOUNCES[form]
    feedback = mail.read()
    assert (feedback.kind, tuple(r.recipient for r in feedback.reports)) == (K.BOUNCE, recipients)
    assert feedback.reports[0].reason is reason


@pytest.mark.parametrize(("subject", "said", "why"), ABROAD)
def test_a_bounce_in_another_language(subject: str, said: str, why: str) -> None:
    feedback = Form(by="postmaster@example.org", subject=subject, text=f"{said}\n\n{JANE}\n{why}\n").read()
    assert (feedback.kind, [(r.recipient, r.reason) for r in feedback.reports]) == (K.BOUNCE, [(JANE, R.NO_SUCH_USER)])


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Delivery delayed", f"Delivery is delayed, and will be retried:\n\n  {JANE}\n"),
        ("Zustellung verzögert", f"Die Zustellung an diesen Empfänger wurde verzögert:\n\n  {JANE}\n"),
        ("Remise retardée", f"La remise n'a pas pu se faire et a été retardée :\n\n  {JANE}\n"),
    ],
)
def test_a_delay_for_people(subject: str, text: str) -> None:
    feedback = Form(by=DAEMON, subject=subject, text=text).read()
    assert (feedback.kind, [r.recipient for r in feedback.reports]) == (K.DELAY, [JANE])


@pytest.mark.parametrize("form", ORDINARY)
def test_ordinary_mail_is_no_bounce(form: str) -> None:
    feedback = ORDINARY[form].read()
    assert (feedback.kind in (K.NONE, K.AUTO_REPLY), feedback.reports) == (True, ())
