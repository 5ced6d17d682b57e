"""An automatic mail as bytes: an RFC 5322 message that threads, that robots leave alone, and that injects nothing.

Date and Message-ID are left out: SES writes both, over whatever stands there (SES developer guide, header fields), and
so the same mail and token always give the same bytes. Return-Path is SES's as well, so the null return path that RFC
3834 section 3.3 wants is out of reach: Auto-Submitted and our own loop header stand in for it.

Precedence is left out: no standard defines it (RFC 2076), filters file `bulk` under advertisements, and Auto-Submitted
says to machines what it was used for.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from postroom.desk import Desk
from postroom.ids import ConversationId, MessageId
from postroom.message import Address, Message, Parsed
from postroom.replies import parts
from postroom.replies.fields import ATOMS, PLAIN, field, token, words
from postroom.replies.lines import cut, one_line
from postroom.replies.preflight import LOOP_HEADER
from postroom.replies.templates import Rendered
from postroom.threads import tokens
from postroom.threads.subjects import unmarked

SUBJECT_LENGTH = 200  # characters, `Re: ` included: more is no subject that a person wrote
REFERENCES_KEPT = 18  # the last ids of References, beside the first (RFC 5322 section 3.6.4 trims nothing, mail does)
_ID_LENGTH = 500  # characters of one id; a header line may have 998 (RFC 5322 section 2.1.1)
_EMPTY = "—"  # stands for a subject that the mail doesn't have

# What stands between < and >: printable ASCII without the brackets. Ids in the wild lack the @ at times; they thread.
_ID = re.compile(rf"[!-;=?-~]{{1,{_ID_LENGTH}}}")


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
    return cut(one_line(message.subject), SUBJECT_LENGTH) or _EMPTY


class Submitted(StrEnum):
    """Auto-Submitted, RFC 3834 section 5."""

    GENERATED = "auto-generated"
    REPLIED = "auto-replied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The conversation that a mail of ours is part of, and the token by which an answer finds it again."""

    conversation: ConversationId
    token: str


def automatic(
    parsed: Parsed,
    rendered: Rendered,
    desk: Desk,
    thread: Thread,
    recipient: Address,
    submitted: Submitted = Submitted.REPLIED,
) -> bytes:
    """The whole mail, in 7-bit ASCII with CRLF. The recipient's display name is left out: strangers chose it."""
    message = parsed.message
    fields = head(
        Head(
            to=(recipient.address,),
            reply_token=thread.token,
            subject=rendered.subject,
            in_reply_to=message.message_id,
            references=references(message, tokens.reference(desk.address, thread.token)),
            conversation=thread.conversation,
            language=rendered.language,
            submitted=submitted,
        ),
        desk,
    )
    texts = parts.text(rendered.text), parts.text(marked(rendered.html, thread.token), "html")
    body = parts.several("alternative", f"{parsed.received.ses_id} {thread.conversation}", *texts)
    return b"".join((*fields, b"MIME-Version: 1.0\r\n", *body))


def unsubscribable(mail: bytes, uri: str) -> bytes:
    """The mail, with the URI by which its reader asks for no more of its kind (RFC 2369 section 3.2)."""
    return field("List-Unsubscribe", f"<{token(uri)}>") + mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The header fields of a mail of ours. `to` and `cc` are addresses; an empty value leaves its field out.

    `reply_token` is the label of Reply-To. `submitted` is None where a person wrote the mail: then nothing in it speaks
    of a machine.
    """

    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    reply_token: str
    reply_name: bool = True
    subject: str
    in_reply_to: MessageId | None
    references: tuple[MessageId, ...]
    conversation: ConversationId
    language: str | None = None
    submitted: Submitted | None = None


def head(of: Head, desk: Desk) -> Iterator[bytes]:
    name = tuple(words(desk.from_name, ATOMS))
    yield field("From", *name, f"<{token(desk.address)}>")
    yield field("To", *_listed(of.to))
    if of.cc:
        yield field("Cc", *_listed(of.cc))
    if of.reply_token and (labelled := tokens.reply_to(desk.address, of.reply_token)):
        yield field("Reply-To", *(name if of.reply_name else ()), f"<{token(labelled)}>")
    yield field("Subject", *words(reply_subject(of.subject), PLAIN))
    if of.in_reply_to and valid(of.in_reply_to):
        yield field("In-Reply-To", f"<{of.in_reply_to}>")
    if of.references:
        yield field("References", *(f"<{i}>" for i in of.references))
    if of.submitted:
        yield field("Auto-Submitted", of.submitted)
        yield field("X-Auto-Response-Suppress", "All")  # Exchange: no out-of-office, no receipts
        yield field(LOOP_HEADER, token(desk.address))
    yield field("X-Postroom-Conversation", token(of.conversation))  # a bounce gives the header back to us
    if of.language:
        yield field("Content-Language", token(of.language))


def _listed(addresses: Iterable[str]) -> Iterator[str]:
    """With commas between. Display names are left out: strangers chose them."""
    *others, last = map(token, addresses)
    yield from (f"{each}," for each in others)
    yield last


def marked(html: str, token: str) -> str:
    """The page with the token at its end, small and for all to see: some clients keep the body alone."""
    before, end, after = html.rpartition("</body>")
    mark = f'<p style="margin:24px 0 0;font-size:11px;opacity:0.6;">ref: {token}</p>\n'
    return f"{before}{mark}{end}{after}" if end else f"{after}{mark}"


def reply_subject(subject: str) -> str:
    """`Re: ` once before the subject, however often and in whatever language it stood there."""
    return "Re: " + (cut(unmarked(one_line(subject)), SUBJECT_LENGTH - 4) or _EMPTY)


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
