"""The acknowledgement as bytes: an RFC 5322 message that threads, that robots leave alone, and that injects nothing.

The body is the standard library's. The header block is written here, since the library turns a long message id into
encoded words (python/cpython#79986), and Outlook then loses the thread; and since it writes a Subject that some servers
refuse (python/cpython#144156).

Date and Message-ID are left out: SES writes both, over whatever stands there (SES developer guide, header fields), and
so the same mail and token always give the same bytes. Return-Path is SES's as well, so the null return path that RFC
3834 section 3.3 wants is out of reach: Auto-Submitted and our own loop header stand in for it.

Precedence is left out: no standard defines it (RFC 2076), filters file `bulk` under advertisements, and Auto-Submitted
says to machines what it was used for.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP

from postroom.desk import Desk
from postroom.ids import ConversationId, MessageId
from postroom.message import Address, Message, Parsed
from postroom.replies.preflight import LOOP_HEADER
from postroom.replies.templates import Rendered, one_line
from postroom.threads import tokens
from postroom.threads.subjects import unmarked

SUBJECT_LENGTH = 200  # characters, `Re: ` included: more is no subject that a person wrote
REFERENCES_KEPT = 18  # the last ids of References, beside the first (RFC 5322 section 3.6.4 trims nothing, mail does)
_ID_LENGTH = 500  # characters of one id; a header line may have 998 (RFC 5322 section 2.1.1)
_EMPTY = "—"  # stands for a subject that the mail doesn't have

# What stands between < and >: printable ASCII without the brackets. Ids in the wild lack the @ at times; they thread.
_ID = re.compile(rf"[!-;=?-~]{{1,{_ID_LENGTH}}}")

_ATOMS = re.compile(r"[A-Za-z0-9 -]{0,60}")  # a phrase that needs no quotes (RFC 5322 section 3.2.5)
_PLAIN = re.compile(r"[ -~]{0,300}")


def variables(parsed: Parsed, desk: Desk, conversation: ConversationId) -> dict[str, str]:
    """A value for each of `templates.VARIABLES`, each on one line.

    The author's words are not quoted back: whoever found a way to forge a sender could make us carry advertisements.
    """
    return {
        "subject": subject_of(parsed.message),
        "reference": one_line(conversation),
        "from_name": one_line(desk.from_name) or desk.address,
        "desk_address": one_line(desk.address),
    }


def subject_of(message: Message) -> str:
    """The subject to speak of, at most SUBJECT_LENGTH characters."""
    return _cut(one_line(message.subject), SUBJECT_LENGTH) or _EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The conversation that a mail of ours is part of, and the token by which an answer finds it again."""

    conversation: ConversationId
    token: str


def acknowledgement(parsed: Parsed, rendered: Rendered, desk: Desk, thread: Thread, recipient: Address) -> bytes:
    """The whole mail, in 7-bit ASCII with CRLF. The recipient's display name is left out: strangers chose it."""
    head = b"".join(_head(parsed.message, rendered, desk, thread, recipient))
    return head + _body(rendered, thread.token, f"{parsed.received.ses_id} {thread.conversation}")


def _head(message: Message, rendered: Rendered, desk: Desk, thread: Thread, recipient: Address) -> Iterator[bytes]:
    yield _field("From", *_words(desk.from_name, _ATOMS), f"<{_ascii(desk.address)}>")
    yield _field("To", _ascii(recipient.address))
    if labelled := tokens.reply_to(desk.address, thread.token):
        yield _field("Reply-To", *_words(desk.from_name, _ATOMS), f"<{_ascii(labelled)}>")
    yield _field("Subject", *_words(reply_subject(rendered.subject), _PLAIN))
    if message.message_id and valid(message.message_id):
        yield _field("In-Reply-To", f"<{message.message_id}>")
    if chain := references(message, tokens.reference(desk.address, thread.token)):
        yield _field("References", *(f"<{i}>" for i in chain))
    yield _field("Auto-Submitted", "auto-replied")  # RFC 3834 section 5
    yield _field("X-Auto-Response-Suppress", "All")  # Exchange: no out-of-office, no receipts
    yield _field(LOOP_HEADER, _ascii(desk.address))
    yield _field("X-Postroom-Conversation", _ascii(thread.conversation))  # a bounce gives the header back to us
    yield _field("Content-Language", _ascii(rendered.language))


def reply_subject(subject: str) -> str:
    """`Re: ` once before the subject, however often and in whatever language it stood there."""
    return "Re: " + (_cut(unmarked(one_line(subject)), SUBJECT_LENGTH - 4) or _EMPTY)


def references(message: Message, ours: MessageId) -> tuple[MessageId, ...]:
    """The ids that lead here, the mail's own last (RFC 5322 section 3.6.4); bounded, since threads grow for years.

    `ours` stands before the last: SES overwrites our Message-ID, so it is here that an answer can bring an id back.
    """
    before = message.references or (message.in_reply_to if len(message.in_reply_to) == 1 else ())
    own = message.message_id
    ids = [i for i in dict.fromkeys(before) if valid(i) and i != own]
    kept = ids[:1] + ids[1:][-REFERENCES_KEPT:]
    return (*kept, ours, own) if own and valid(own) else (*kept, ours)


def valid(message_id: str) -> bool:
    """Whether the id can stand in a header as it is: one that can't is left out, never mended."""
    return _ID.fullmatch(message_id) is not None


def _body(rendered: Rendered, token: str, seed: str) -> bytes:
    """multipart/alternative, the plain text first. Quoted-printable never contains `=_` (RFC 2045 section 6.7)."""
    body = EmailMessage(policy=SMTP)
    body.set_content(_text(rendered.text), cte="quoted-printable")
    body.add_alternative(_marked(_text(rendered.html), token), subtype="html", cte="quoted-printable")
    for part in body.iter_parts():
        del part["MIME-Version"]  # it belongs to the whole (RFC 2045 section 4); the library writes it into the second
    body.set_boundary("=_" + hashlib.sha256(seed.encode("utf-8", "replace")).hexdigest()[:32])
    return body.as_bytes()


def _marked(html: str, token: str) -> str:
    """With the token in it, unseen: a client that keeps neither Reply-To nor References quotes the body at least."""
    before, end, after = html.rpartition("</body>")
    mark = f'<span style="display:none">{token}</span>'
    return f"{before}{mark}{end}{after}" if end else f"{html}{mark}"


def _text(text: str) -> str:
    """Without lone surrogates, which no encoding takes, and with line ends that the library will turn into CRLF."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def _field(name: str, *words: str) -> bytes:
    """One header field, folded before each word that would pass 78 columns (RFC 5322 section 2.1.1)."""
    lines, line = [], f"{name}:"
    for word in words:
        if len(line) + 1 + len(word) > 78 and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join((*lines, line)).encode("ascii") + b"\r\n"


def _words(text: str, safe: re.Pattern[str]) -> Iterable[str]:
    """The text as words for `_field`: as it is where that is safe, else as encoded words (RFC 2047)."""
    plain = one_line(text)
    if safe.fullmatch(plain) and "=?" not in plain:
        return plain.split()
    return Header(plain, "utf-8", maxlinelen=75).encode(linesep="\n").split()


def _ascii(word: str) -> str:
    """A word for a header from our own settings, or one that the pre-flight has let through."""
    if not re.fullmatch(r"[!-~]{1,320}", word):
        raise ValueError(f"{word!r} can't stand in a header: it should be printable ASCII without spaces")
    return word


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
