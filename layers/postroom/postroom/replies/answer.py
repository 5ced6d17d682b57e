"""What a person of the desk answers, as bytes: a mail of the desk like any that people write.

It has no Auto-Submitted, no X-Auto-Response-Suppress and no loop header, since no machine wrote it (RFC 3834 section
5); and no List-Unsubscribe, since nobody has subscribed to the answer to a question (RFC 8058 is about lists).
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from postroom.desk import Desk
from postroom.message import Message
from postroom.mime.html import to_text
from postroom.replies import parts, quoting
from postroom.replies.compose import Head, Thread, head, marked, references
from postroom.replies.departure import MOST_BYTES
from postroom.replies.files import File
from postroom.replies.quoting import Quoted
from postroom.threads import tokens

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")  # RFC 5646, without what nobody writes


def is_language(tag: str) -> bool:
    """Whether it has the shape of a language tag: `de`, `pt-BR`, `zh-Hant-TW`."""
    return _LANGUAGE.fullmatch(tag) is not None


class TooLarge(Exception):
    """The mail would be larger than SES takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is to be sent. `answered` is the mail that it threads with, `quoted` what stands below it.

    `to` and `cc` are addresses. `text` is what the person wrote; `html` is a page of their own, or empty: then it is
    made of the text. Where there is a page alone, the text is made of that.
    """

    thread: Thread
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    subject: str
    language: str | None = None
    text: str = ""
    html: str = ""
    answered: Message | None = None
    quoted: Quoted | None = None
    files: tuple[File, ...] = ()

    @property
    def said(self) -> str:
        """What the person says, in plain text."""
        return (self.text or to_text(self.html)).strip()


def composed(answer: Answer, desk: Desk) -> bytes:
    """The whole mail, in 7-bit ASCII with CRLF; TooLarge as soon as it has more bytes than MOST_BYTES.

    Date and Message-ID are SES's, as on an acknowledgement. Files are read piece by piece into the one buffer that the
    SDK needs.
    """
    raw = bytearray()
    for piece in chain(_head(answer, desk), (b"MIME-Version: 1.0\r\n",), _body(answer)):
        raw += piece
        if len(raw) > MOST_BYTES:
            raise TooLarge(f"it has more than {MOST_BYTES // 1_000_000} MB, of which files in base64 take a third more")
    return bytes(raw)


def _head(answer: Answer, desk: Desk) -> Iterator[bytes]:
    answered, thread = answer.answered or Message(), answer.thread
    return head(
        Head(
            to=answer.to,
            cc=answer.cc,
            reply_token=thread.token,
            subject=answer.subject,
            in_reply_to=answered.message_id,
            references=references(answered, tokens.reference(desk.address, thread.token)),
            conversation=thread.conversation,
            language=answer.language if answer.language and is_language(answer.language) else None,
        ),
        desk,
    )


def _body(answer: Answer) -> Iterator[bytes]:
    seed = f"{answer.thread.token} {answer.said}"
    shown = [each for each in answer.files if each.content_id]
    attached = [each for each in answer.files if not each.content_id]
    page: Iterator[bytes] = parts.text(_html(answer), "html")
    if shown:
        page = parts.several("related", seed, page, *map(parts.file, shown))
    body = parts.several("alternative", seed, parts.text(_text(answer)), page)
    return parts.several("mixed", seed, body, *map(parts.file, attached)) if attached else body


def _text(answer: Answer) -> str:
    below = (quoting.as_text(answer.quoted, answer.language),) if answer.quoted else ()
    return "\n\n".join((answer.said, *below))


def _html(answer: Answer) -> str:
    """The page, the quote below what was written, and the token at the end."""
    quoted = f"<br>\n{quoting.as_html(answer.quoted, answer.language)}\n" if answer.quoted else ""
    before, end, after = (answer.html or _page(answer)).rpartition("</body>")
    return marked(f"{before}{quoted}{end}{after}" if end else f"{after}{quoted}", answer.thread.token)


def _page(answer: Answer) -> str:
    language = f' lang="{html.escape(answer.language)}"' if answer.language else ""
    return (
        f'<!DOCTYPE html>\n<html{language}>\n<head><meta charset="utf-8">'
        '<meta name="color-scheme" content="light dark"></head>\n'
        f'<body>\n<div dir="auto">{quoting.paragraphs(answer.said)}</div>\n</body>\n</html>\n'
    )
