"""A mail handed to the local stack's SMTP port, as any mail server would."""

import re
import smtplib
from email import message_from_bytes, policy
from email.utils import parseaddr

_SENDABLE = re.compile(r"[!-;=?A-~]{1,64}@[!-;=?A-~]{1,255}")  # printable ASCII without space, @ and angle brackets
_TIMEOUT = 120  # seconds: 40 MB on a busy laptop


class Refused(Exception):
    """The server did not take the mail; the text is what it said."""


def envelope_sender(raw: bytes) -> str:
    """Who a stored mail's envelope sender was: its Return-Path if it has one, else its author. Empty is `<>`.

    A Return-Path without a domain (`MAILER-DAEMON`) is how some servers write the null one.
    """
    head = message_from_bytes(raw.partition(b"\r\n\r\n")[0].partition(b"\n\n")[0], policy=policy.compat32)
    if "Return-Path" in head:
        address = parseaddr(str(head["Return-Path"]))[1]
        return address if _SENDABLE.fullmatch(address) else ""
    address = parseaddr(str(head.get("From", "")))[1]
    return address if _SENDABLE.fullmatch(address) else "unknown@sender.example"


def deliver(server: tuple[str, int], raw: bytes, mail_from: str, rcpt_to: str) -> str:
    """Hands the mail over and gives the id that the server answered with; Refused where it took nothing."""
    try:
        with smtplib.SMTP(*server, timeout=_TIMEOUT) as smtp:
            smtp.ehlo()
            _expect(smtp.mail(mail_from, [f"size={len(raw)}"] if smtp.has_extn("size") else []), 250)
            _expect(smtp.rcpt(rcpt_to), 250)
            return _id(_expect(smtp.data(_lines(raw)), 250))
    except UnicodeError as error:
        raise Refused("an address of the envelope has letters beyond ASCII: write xn--... for the domain") from error
    except (OSError, smtplib.SMTPException) as error:
        raise Refused(f"{server[0]}:{server[1]}: {error}") from error


def _expect(answer: tuple[int, bytes], code: int) -> bytes:
    if answer[0] != code:
        raise Refused(f"{answer[0]} {answer[1].decode('utf-8', 'replace')}")
    return answer[1]


def _id(answer: bytes) -> str:
    """SES answers `OK <message id>`."""
    return answer.decode("ascii", "replace").rpartition(" ")[2].strip()


def _lines(raw: bytes) -> bytes:
    """A stored mail may have bare line ends; SMTP has only CRLF (RFC 5321 section 2.3.8)."""
    return b"\r\n".join(raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
