"""A test mail, written on the page: it goes through our own SMTP port like any other, and the answers are shown."""

import asyncio
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, make_msgid

from aiohttp import web

from local.ses import headers
from local.ses.refused import Refused
from local.ses.values import MAX_MESSAGE_BYTES, Json, now, read_json

_PATIENCE = 60  # seconds for an answer: rules may call slow functions
_MAX_ADDRESSES = 50
_MAX_FIELD = 5000  # characters of From or To: `email` takes time by the square of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    mail_from: str
    rcpt_to: tuple[str, ...]
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Compose:
    """`POST /_local/compose`: JSON {from, to, subject, text}, or a mail as message/rfc822 with ?from= and ?to=.

    `host` and `port` are where our SMTP port is reached.
    """

    host: str
    port: int

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/_local/compose", self._compose)]

    async def _compose(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            letter = await asyncio.to_thread(_letter, request, body)
            said = await asyncio.to_thread(send, letter, self.host, self.port)
        except Refused as error:
            return web.json_response({"error": str(error)}, status=error.status)
        return web.json_response(said)


def _letter(request: web.Request, body: bytes) -> Letter:
    match request.content_type:
        case "application/json":
            return written(_form(body))
        case "message/rfc822":
            return pasted(body, request.query.get("from", ""), request.query.get("to", ""))
        case other:
            raise Refused("BadRequest", f"Send application/json or message/rfc822, not {other[:100]}.", 415)


def _form(body: bytes) -> Mapping[str, str]:
    try:
        form = read_json(body)
    except ValueError as error:
        raise Refused("BadRequest", "The form is not JSON.") from error
    texts = {name: value for name, value in form.items() if isinstance(value, str)} if isinstance(form, dict) else {}
    if texts != form:
        raise Refused("BadRequest", "The form is an object of texts: from, to, subject, text.")
    return texts


def written(form: Mapping[str, str]) -> Letter:
    """The mail of the form. Raises Refused."""
    senders, recipients = _addresses(form.get("from", ""), "From"), _addresses(form.get("to", ""), "To")
    mail = EmailMessage(policy=SMTP_POLICY)
    try:
        mail["From"], mail["To"] = form["from"].strip(), form["to"].strip()
        mail["Subject"] = " ".join(form.get("subject", "").split())
        mail["Date"], mail["Message-ID"] = format_datetime(now()), make_msgid(domain="page.example.com")
        mail.set_content(form.get("text", ""))
        raw = mail.as_bytes()
    except (
        ValueError,
        LookupError,
        IndexError,
        AttributeError,
        RecursionError,
    ) as error:  # `email` means all of these by a bad address
        raise Refused("BadRequest", f"This can't be made into a mail: {error}") from error
    return Letter(mail_from=senders[0], rcpt_to=tuple(recipients), raw=raw)


def pasted(source: bytes, sender: str, to: str) -> Letter:
    """A mail as it is; who gets it stands in its own fields unless it is said. Raises Refused."""
    if len(source) > MAX_MESSAGE_BYTES:
        raise Refused("BadRequest", f"A mail has at most {MAX_MESSAGE_BYTES} bytes; this one has {len(source)}.")
    raw = source if b"\r\n" in source else source.replace(b"\n", b"\r\n")
    fields, _ = headers.split(raw)
    mail_from = sender.strip() or next(iter(headers.addresses(fields, ["From"])), "")
    recipients = to.strip() or ", ".join(headers.addresses(fields, ["To", "Cc"]))
    return Letter(mail_from=_addresses(mail_from, "From")[0], rcpt_to=tuple(_addresses(recipients, "To")), raw=raw)


def _addresses(text: str, where: str) -> list[str]:
    if len(text) > _MAX_FIELD:
        raise Refused("BadRequest", f"{where}: {len(text)} characters are too many; {_MAX_FIELD} may be.")
    found = [headers.address(member) for member in headers.mailboxes(text)]
    if not found or len(found) > _MAX_ADDRESSES:
        raise Refused("BadRequest", f"{where}: 1 to {_MAX_ADDRESSES} addresses, please, separated by commas.")
    for one in found:
        if "@" not in one or not one.isprintable() or any(char in one for char in "<> "):
            raise Refused("BadRequest", f"{where}: {one[:100]!r} is no address. Write name@example.com.")
    return found


def send(letter: Letter, host: str, port: int) -> dict[str, Json]:
    """Sends it, and tells what was answered: `steps` are [what was said, the answer], `taken` whether it went well."""
    steps: list[Json] = []
    try:
        with smtplib.SMTP(host, port, local_hostname="page.example.com", timeout=_PATIENCE) as client:
            client.ehlo()
            wide = not all(one.isascii() for one in (letter.mail_from, *letter.rcpt_to))
            options = ["SMTPUTF8"] if wide else []
            client.command_encoding = "utf-8" if wide else "ascii"
            if not _noted(steps, f"MAIL FROM:<{letter.mail_from}>", client.mail(letter.mail_from, options)):
                return {"taken": False, "id": None, "steps": steps}
            taken = [_noted(steps, f"RCPT TO:<{one}>", client.rcpt(one)) for one in letter.rcpt_to]
            if any(taken) and _noted(steps, "DATA", client.data(letter.raw)):
                return {"taken": True, "id": _id(steps), "steps": steps}
    except smtplib.SMTPDataError as error:
        _noted(steps, "DATA", (error.smtp_code, error.smtp_error))
    except (OSError, smtplib.SMTPException) as error:
        raise Refused("BadGateway", f"The SMTP port doesn't answer: {error}", 502) from error
    return {"taken": False, "id": None, "steps": steps}


def _noted(steps: list[Json], said: str, answer: tuple[int, bytes | str]) -> bool:
    code, text = answer
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    steps.append([said, f"{code} {words}"])
    return 200 <= code < 300


def _id(steps: list[Json]) -> str | None:
    """The id at the end of `250 2.0.0 OK <id>`."""
    last = steps[-1]
    words = str(last[1]).split() if isinstance(last, list) else []
    return words[-1] if len(words) > 2 and words[-2] == "OK" else None
