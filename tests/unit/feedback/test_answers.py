"""What servers of many makes say, in many languages, and what it means."""

import re

import pytest

from postroom.feedback.answers import ANSWERS
from postroom.feedback.codes import meaning_of, smtp_code_in, status_in
from postroom.feedback.languages import LANGUAGES, answers
from postroom.feedback.providers import CODES
from postroom.feedback.report import BounceReason

R = BounceReason

ENGLISH: dict[BounceReason, tuple[str, ...]] = {
    R.NO_SUCH_USER: (
        "550 5.1.1 account that you wrote to does not exist",
        "550 5.1.1 <jane@example.com>... User unknown",
        "no mailbox here by that name (#5.1.1)",
        "553 recipient is not in my validrcptto list",
        "550 RESOLVER.ADR.RecipNotFound; not found",
        "user jane not listed in Domino Directory",
        "550 mailbox not found",
        "550 recipient not on file",
        "550 I cannot deliver mail for jane",
        "550 5.4.1 Recipient address rejected: Access denied. AS(201)",
    ),
    R.MAILBOX_INACTIVE: (
        "550 5.2.1 this account is disabled",
        "550 mailbox was blocked due to inactivity",
        "554 archived mailbox",
        "550 user is suspended",
    ),
    R.MAILBOX_FULL: (
        "552 5.2.2 user is over quota",
        "452 4.2.2 the inbox is out of storage space",
        "cannot append message to /var/mail/jane: file too large",
        "error writing message: Disk quota exceeded",
    ),
    R.DOMAIN_ERROR: (
        "Host or domain name not found. Name service error for name=nowhere.invalid type=A: Host not found",
        "domain nowhere.invalid doesn't accept mail (nullMX)",
        "550 5.4.310 DNS domain does not exist",
    ),
    R.NETWORK_OR_TIMEOUT: (
        "Name service error for name=example.com type=MX: Host not found, try again",
        "mx.example.com: host name lookup failure",
        "lost connection with mx.example.com while sending RCPT TO",
        "connect to mx.example.com[192.0.2.1]:25: Connection refused",
        "all hosts have been failing for a long time",
        "Envelope expired",
        "554 too many hops 19 (17 max): from <joe@example.com>",
        "could not be delivered for 5 days",
    ),
    R.RATE_LIMITED: (
        "421 4.7.28 an unusual rate of unsolicited mail from your address",
        "421 too many spams from your address",
        "451 the server is too busy",
        "550 your hourly message limit is reached",
        "454 Throttling: daily message quota exceeded",
        "450 greylisted, come back",
        "450 excessive number of connections",
        "451 you have exceeded your messaging limits",
    ),
    R.SPAM_OR_BLOCKED: (
        "554 your address is on UCEPROTECT level 2",
        "550 dynamic address ranges may not connect",
        "550 your address is listed at bl.example.org",
        "550 taken for junk",
        "550 no reverse resolution of your address",
        "421 intrusion prevention for [192.0.2.1]",
        "554 poor reputation of your server",
        "550 scored too high on our filter",
        "failed for some recipients (jane@example.com:blocked)",
    ),
    R.AUTHENTICATION: (
        "454 4.7.0 TLS not available at the moment",
        "the server certificate is not trusted",
        "550 5.7.515 the sending domain falls short",
        "550 anti-spoofing rule",
        "550 Sender ID says no",
    ),
    R.REJECTED_POLICY: (
        "550 5.7.133 the group takes mail from inside only; authentication required",
        "550 callback setup failed while verifying",
        "550 envelope blocked, says the user",
        "571 delivery not authorized, message refused",
    ),
    R.RELAY_DENIED: (
        "550 5.7.1 unable to relay for jane@example.com",
        "550 we don't handle mail for that domain",
        "550 this is not a relay",
        "554 relay operation rejected",
        "550 5.1.2 domain not hosted here",
    ),
    R.TOO_LARGE: ("552 5.3.4 message size exceeds a fixed limit",),
    R.CONTENT_REJECTED: (
        "550 5.6.0 message has duplicate header 'Date'",
        "550 a line length of 998 is the most",
        "552 executable files are not taken",
        "554 refused for its content",
    ),
    R.SYSTEM_ERROR: (
        "transport returned 127 from command",
        "local mailer exited with EX_TEMPFAIL",
        "unknown mailer error 1",
        "450 LDAP lookup failure",
    ),
    R.PROTOCOL_ERROR: ("502 5.5.2 command not recognized", "503 bad sequence"),
    R.SUPPRESSED: ("550 the address is on our suppression list",),
}

ABROAD: dict[BounceReason, tuple[str, ...]] = {
    R.NO_SUCH_USER: (
        "Der Empfänger existiert nicht",
        "Cette adresse est introuvable",
        "El destinatario no existe",
        "L'indirizzo non è stato trovato",
        "Endereço não encontrado",
        "Onbekende gebruiker",
        "Nie znaleziono adresu",
        "Такой пользователь не зарегистрирован",
        "Okänd mottagare",
        "Vastaanottajaa ei löydy",
        "Uživatel neexistuje",
        "Kullanıcı bulunamadı",
        "宛先が見つかりません",
        "收件人不存在",
        "사용자를 찾을 수 없습니다",
    ),
    R.MAILBOX_FULL: (
        "Das Postfach ist voll",
        "Sa boîte est pleine",
        "El buzón está lleno",
        "La casella è piena",
        "A caixa postal está cheia",
        "De mailbox is vol",
        "Skrzynka jest pełna",
        "Ящик переполнен",
        "メールボックスが一杯です",
        "邮箱已满",
    ),
    R.MAILBOX_INACTIVE: ("Konto deaktiviert", "boîte désactivée", "Ящик заблокирован", "帐号已停用"),
    R.TOO_LARGE: ("Die Nachricht ist zu groß", "Le message est trop volumineux", "Письмо слишком большое", "邮件太大"),
    R.DOMAIN_ERROR: ("Domain nicht gefunden", "Le domaine n'existe pas", "El dominio no existe", "域名不存在"),
    R.NETWORK_OR_TIMEOUT: ("Zeitüberschreitung", "Délai de connexion dépassé", "连接超时"),
    R.SPAM_OR_BLOCKED: ("als Spam eingestuft", "垃圾邮件", "迷惑メール"),
    R.REJECTED_POLICY: ("Zugriff verweigert", "Accès refusé", "Доступ запрещён"),
}

PROVIDERS = (
    ("421 OFR004_104 [104]", R.RATE_LIMITED),
    ("550 5.2.0 Mail rejected. OFR_506 [506]", R.SPAM_OR_BLOCKED),
    ("550 5.1.0 sender rejected AUP#In-1320", R.RATE_LIMITED),
    ("421 4.7.0 [TSS04] deferred", R.RATE_LIMITED),
    ("553 5.7.1 [BL21] not accepted", R.SPAM_OR_BLOCKED),
    ("554 RTR:BB", R.SPAM_OR_BLOCKED),
    ("421 DYN:T1", R.RATE_LIMITED),
    ("554 mx.example.com comcast BL000010", R.SPAM_OR_BLOCKED),
    ("554 cox IPBL0011", R.SPAM_OR_BLOCKED),
    ("554 DT:SPM mx3", R.SPAM_OR_BLOCKED),
    ("554 IP=192.0.2.1 - ask jane@example.com (BL)", R.SPAM_OR_BLOCKED),
)


@pytest.mark.parametrize(
    "words",
    [
        "SMTP error after MAIL FROM:<desk@example.com>: 553 mail.example.com does not exist",
        "550 no such user (in reply to MAIL FROM command)",
        "550 unknown host (in reply to EHLO command)",
    ],
)
def test_what_is_answered_to_our_own_name_condemns_no_recipient(words: str) -> None:
    assert meaning_of(words, None, "550").reason is R.REJECTED_POLICY


def rows(table: dict[BounceReason, tuple[str, ...]]) -> list[tuple[str, BounceReason]]:
    return [(words, reason) for reason, answers in table.items() for words in answers]


@pytest.mark.parametrize(("words", "reason"), [*rows(ENGLISH), *rows(ABROAD), *PROVIDERS])
def test_an_answer_means(words: str, reason: BounceReason) -> None:
    assert meaning_of(words, status_in(words), smtp_code_in(words)).reason is reason


@pytest.mark.parametrize(
    "words",
    [
        "",
        "see below",
        "we are sorry",
        "550 failed",
        "Content-Type: message/rfc822",
        "The vol. 2 of our account is here",
        "ein Brief",
    ],
)
def test_words_that_say_nothing_stay_other(words: str) -> None:
    assert meaning_of(words, None, None).reason is R.OTHER


def test_no_wildcard_of_the_tables_is_unbounded() -> None:
    patterns = [*(lines for _, lines in ANSWERS), *(code.pattern for code in CODES), *(p for _, p in answers())]
    assert not [found for pattern in patterns if (found := re.search(r"(?:\.|\]|\\[wsdWSD])[*+]", pattern))]


def test_every_language_names_people_boxes_and_messages() -> None:
    for words in LANGUAGES:
        assert all((words.person, words.unknown, words.mailbox, words.full, words.disabled, words.too_large))
