"""The mails that SES composes itself: of a subject, bodies, fields and attachments. Pure.

Source: API_Message, API_Attachment, API_MessageHeader (API v2); "Amazon SES header fields" for those that SES sets.
"""

import email.policy
import mimetypes
import re
from dataclasses import dataclass
from email.message import EmailMessage

from local.ses.refused import Refused

_POLICY = email.policy.SMTP.clone(cte_type="7bit")  # what SES composes is 7-bit
MAX_HEADERS = 15  # API_MessageHeader: "Headers ... up to 15"
_FIELD_NAME = re.compile(r"[!-9;-~]{1,126}\Z")  # API_MessageHeader: all that is printable but the colon
_MAX_ATTACHMENTS = 500  # MIME parts of one message ("Service quotas")

# "You cannot set custom header content for headers that are set by SES" ("Amazon SES header fields").
_SET_BY_SES = frozenset({
    "bcc", "cc", "content-disposition", "content-type", "date", "from", "message-id", "mime-version", "reply-to",
    "return-path", "subject", "to",
})  # fmt: skip
# "Unsupported attachment types" (developer guide): those that start programs, abridged to what mail has had.
_UNSUPPORTED = frozenset({
    "ade", "adp", "app", "asp", "bas", "bat", "cer", "chm", "cmd", "com", "cpl", "crt", "csh", "der", "exe", "fxp",
    "gadget", "hlp", "hta", "inf", "ins", "isp", "its", "js", "jse", "ksh", "lib", "lnk", "mad", "maf", "mag", "mam",
    "maq", "mar", "mas", "mat", "mau", "mav", "maw", "mda", "mdb", "mde", "mdt", "mdw", "mdz", "msc", "msh", "msh1",
    "msh2", "mshxml", "msh1xml", "msh2xml", "msi", "msp", "mst", "ops", "pcd", "pif", "plg", "prf", "prg", "reg",
    "scf", "scr", "sct", "shb", "shs", "sys", "ps1", "ps1xml", "ps2", "ps2xml", "psc1", "psc2", "tmp", "url", "vb",
    "vbe", "vbs", "vps", "vsmacros", "vss", "vst", "vsw", "vxd", "ws", "wsc", "wsf", "wsh", "xnk",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """`content_type` None: by the name's ending. `inline` with a `content_id` can be shown in the HTML (`cid:`)."""

    name: str
    content: bytes
    content_type: str | None = None
    inline: bool = False
    content_id: str | None = None
    description: str | None = None
    encoding: str = "BASE64"  # or QUOTED_PRINTABLE, SEVEN_BIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Simple:
    """The parts of a mail that SES composes itself."""

    source: str  # as in From, with a name
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    return_path: str | None = None
    subject: str
    text: str | None = None
    html: str | None = None
    text_charset: str = "utf-8"
    html_charset: str = "utf-8"
    fields: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()


def checked(simple: Simple) -> Simple:
    """The parts themselves, where SES would take them; raises Refused."""
    if simple.text is None and simple.html is None:
        raise Refused("InvalidParameterValue", "Body has neither Text nor Html.")
    if len(simple.fields) > MAX_HEADERS:
        raise Refused("InvalidParameterValue", f"There are {len(simple.fields)} headers; the most is {MAX_HEADERS}.")
    for name, value in simple.fields:
        _check_field(name, value)
    if len(simple.attachments) > _MAX_ATTACHMENTS:
        raise Refused("InvalidParameterValue", f"There are more than {_MAX_ATTACHMENTS} attachments.")
    for one in simple.attachments:
        if one.name.rpartition(".")[2].lower() in _UNSUPPORTED:
            raise Refused("MessageRejected", f"Attachments of this type are not supported: {one.name[:255]}")
    return simple


def _check_field(name: str, value: str) -> None:
    if name.lower() in _SET_BY_SES:
        raise Refused("InvalidParameterValue", f"Header {name} can't be set: SES sets it.")
    if not _FIELD_NAME.match(name):
        raise Refused("InvalidParameterValue", f"Not the name of a header: {name[:126]!r}")
    if not (value.isascii() and value.isprintable() and 1 <= len(value) <= 995):
        raise Refused("InvalidParameterValue", f"The value of header {name} is not 1 to 995 printable ASCII.")


def composed(simple: Simple) -> bytes:
    """The mail; raises Refused where a field can't be written."""
    simple = checked(simple)
    try:
        message = EmailMessage(policy=_POLICY)
        _head(message, simple)
        _bodies(message, simple)
        for one in simple.attachments:
            if not one.inline or simple.html is None:
                _attach(message, one)
        return message.as_bytes()
    except (ValueError, IndexError, LookupError, UnicodeError, RecursionError) as error:
        raise Refused("InvalidParameterValue", f"The message can't be composed: {error}") from error


def _head(message: EmailMessage, simple: Simple) -> None:
    if simple.return_path:
        message["Return-Path"] = f"<{simple.return_path}>"
    if simple.source:
        message["From"] = simple.source
    for name, members in (("To", simple.to), ("Cc", simple.cc), ("Reply-To", simple.reply_to)):
        if members:
            message[name] = ", ".join(members)
    message["Subject"] = simple.subject
    for name, value in simple.fields:
        message[name] = value


def _bodies(message: EmailMessage, simple: Simple) -> None:
    if simple.text is not None:
        message.set_content(simple.text, charset=_charset(simple.text_charset))
    if simple.html is None:
        return
    charset = _charset(simple.html_charset)
    if simple.text is not None:
        message.add_alternative(simple.html, subtype="html", charset=charset)
    else:
        message.set_content(simple.html, subtype="html", charset=charset)
    shown = message.get_body(("html",))
    for one in simple.attachments:
        if one.inline and isinstance(shown, EmailMessage):
            _attach(shown, one, related=True)


def _charset(name: str) -> str:
    """Raises LookupError where there is none of this name."""
    "".encode(name)
    return name.lower()


def _attach(message: EmailMessage, one: Attachment, related: bool = False) -> None:
    guessed = one.content_type or mimetypes.guess_type(one.name)[0] or "application/octet-stream"
    main, _, sub = guessed.partition(";")[0].strip().partition("/")
    if main not in ("application", "audio", "font", "image", "model", "text", "video") or not sub:
        raise ValueError(f"{guessed} is not the content type of an attachment")
    add = message.add_related if related else message.add_attachment
    cte = {"QUOTED_PRINTABLE": "quoted-printable", "SEVEN_BIT": "7bit"}.get(one.encoding, "base64")
    cid = None if one.content_id is None else f"<{one.content_id.strip('<>')}>"
    place = "inline" if one.inline else "attachment"
    add(one.content, main, sub, cte=cte, disposition=place, filename=one.name, cid=cid)
    part = list(message.iter_parts())[-1]
    if one.description is not None:
        part["Content-Description"] = one.description
