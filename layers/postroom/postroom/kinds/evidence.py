"""What the decision about a mail's kind looks at, prepared once: words without case, the outer parts, the addresses."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from postroom.kinds.words import flat
from postroom.message import Attachment, Message

#: `mail_from` where nobody knows the envelope: a file, not a received mail. None is the null return path.
UNKNOWN_ENVELOPE = "unknown"

_LABEL_END = re.compile("[:：]")
_TEXT, _BEGINNING = 8_000, 1_500  # characters: enough for what a machine has to say


def nobody(_address: str) -> bool:
    """The desk's own addresses where no desk is known: none."""
    return False


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One message as the signals see it; `owns` tells of the desk's own addresses. Not slotted: what is worked out once
    is kept."""

    message: Message
    mail_from: str | None
    owns: Callable[[str], bool] = nobody

    def header(self, name: str) -> str:
        """The first value of a header field, case-folded; empty where it is missing."""
        return self.message.fact(name).strip().casefold()

    def has(self, *names: str) -> bool:
        """Whether any of the header fields is there, whatever it says."""
        return any(name in self.message.facts for name in names)

    def said(self, name: str) -> bool:
        """Whether a header field says something other than no."""
        return self.header(name) not in ("", "no", "none", "false", "0")

    @cached_property
    def auto_submitted(self) -> str:
        """The keyword of Auto-Submitted without its comment and parameters (RFC 3834 section 5)."""
        return re.split(r"[;(\s]", self.header("auto-submitted"), maxsplit=1)[0]

    @cached_property
    def precedence(self) -> str:
        return self.header("precedence").replace("-", "_")

    @cached_property
    def subject(self) -> str:
        return flat(self.message.subject, 500)

    @cached_property
    def label(self) -> str:
        """The words before the first colon of the subject ("Automatic reply: your order"), or all of it."""
        return flat(_LABEL_END.split(self.message.subject[:500], maxsplit=1)[0])

    @cached_property
    def text(self) -> str:
        return flat(self.message.text or "", _TEXT)

    @cached_property
    def beginning(self) -> str:
        """The words of the sender's own text, without what was quoted: an absence is told at once."""
        return flat(self.message.reply.visible or self.message.text or "", _BEGINNING)

    @cached_property
    def asked(self) -> str:
        """Subject and beginning with their punctuation."""
        return f"{self.message.subject[:500]}\n{(self.message.reply.visible or self.message.text or '')[:_BEGINNING]}"

    @cached_property
    def local_part(self) -> str:
        """The author's local part as `local_part` gives it; empty without an author."""
        return local_part(self.message.author.address) if self.message.author else ""

    @cached_property
    def display_name(self) -> str:
        return flat(self.message.author.name, 200) if self.message.author else ""

    @cached_property
    def client(self) -> str:
        """The mail program, as it calls itself."""
        return flat(f"{self.header('user-agent')} {self.header('x-mailer')}", 200)

    @cached_property
    def outer(self) -> tuple[Attachment, ...]:
        """The attachments of this mail itself, not those inside an attached message."""
        return tuple(a for a in self.message.attachments if "/" not in a.path)

    @cached_property
    def types(self) -> frozenset[str]:
        return frozenset((self.message.content_type, *(a.content_type for a in self.outer)))

    @cached_property
    def report_type(self) -> str:
        """The report-type of a multipart/report, case-folded (RFC 6522); empty for anything else."""
        if self.message.content_type != "multipart/report":
            return ""
        return self.message.content_params.get("report-type", "").casefold()

    @cached_property
    def null_return_path(self) -> bool:
        """MAIL FROM:<>, by the envelope, or by what the last server wrote into Return-Path."""
        if self.mail_from is None or self.mail_from.strip() in ("", "<>"):
            return True
        return self.mail_from == UNKNOWN_ENVELOPE and self.header("return-path").replace(" ", "") == "<>"

    @cached_property
    def actions(self) -> frozenset[str]:
        """The Action fields of a delivery status (RFC 3464 section 2.3.3), where the parse stage kept them."""
        return frozenset(value.strip().casefold() for value in self.message.facts.get("dsn-action", ()))


def local_part(address: str) -> str:
    """The local part in small letters and digits, no label: noreply, no-reply and No_Reply+x are the same."""
    local = address.rpartition("@")[0] or address
    return re.sub(r"[^a-z0-9]", "", local.casefold().partition("+")[0])
