"""What the desk tells its own agents by mail: that a customer has written, or that an answer of theirs did not go out.

A machine writes it (RFC 3834), and it has no links: nothing in it asks to be clicked. Whoever it is for answers it, and
what they write goes to the customer in the desk's name (`postroom.stages.by_mail`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from postroom.conversation import Conversation
from postroom.desk import Desk
from postroom.message import Message
from postroom.replies import parts
from postroom.replies.compose import Head, Submitted, Thread, head
from postroom.replies.lines import cut, one_line, wrapped
from postroom.threads import tokens
from postroom.threads.by_agents import without_commands

#: Where this line stands above what an agent wrote, their client's quote was not recognised.
MARK = "=== Write above this line: it goes to the customer in the desk's name. ==="
_UNPROVEN = "Nothing proves that this address wrote it."
_WHERE_TO = "Answer this mail, and it goes to {whom}, if nobody else writes before.\n"
_NOT_BY_MAIL = "`postroom reply {conversation}` answers it; the desk's address is too long to be answered by mail.\n"
_HELP = """Your signature, attachments and addresses are not sent on.
A first line of #note keeps what you write inside the desk; #solved, #open or #pending sends it and sets the state.
"""
_COLUMNS = 78  # RFC 5322 section 2.1.1
_LONGEST = 20_000  # characters of a customer's or an agent's text


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A mail to one agent. `agent_token` stands in its Reply-To, if it has one; `answers` is the mail of
    theirs that it answers."""

    to: str
    subject: str
    text: str
    thread: Thread
    agent_token: str
    submitted: Submitted
    answers: Message | None = None


def of_mail(message: Message, conversation: Conversation, desk: Desk, whom: Sequence[str], proven: bool) -> str:
    """The text of a notice that somebody has written. Who that was is told, which may not be the customer, and whom the
    answer goes to, which a stranger may have named in Reply-To."""
    return _answerable(_wrote(message, conversation, proven), conversation, desk, whom)


def of_assignment(
    by: str, message: Message, conversation: Conversation, desk: Desk, whom: Sequence[str], proven: bool
) -> str:
    """The text of a notice that somebody gave the conversation to the agent; below it stands its last mail, if there is
    one still."""
    given = f"{one_line(by)} has given you conversation {conversation.id}, of {one_line(conversation.customer)}."
    wrote = _wrote(message, conversation, proven) if message.author else ()
    return _answerable((given, *wrote), conversation, desk, whom)


def _wrote(message: Message, conversation: Conversation, proven: bool) -> tuple[str, ...]:
    author = message.author
    who = one_line(f"{author.name} <{author.address}>".strip() if author else "")
    files = ", ".join(each.safe_filename for each in message.attachments[:20])
    return (
        f"{who} wrote in conversation {conversation.id} ({conversation.state}):",
        *(() if proven else (_UNPROVEN,)),
        cut((message.reply.visible or message.text or "").strip(), _LONGEST),
        *((f"Attached: {files}",) if files else ()),
    )


def _answerable(told: Sequence[str], conversation: Conversation, desk: Desk, whom: Sequence[str]) -> str:
    """With the line above which an answer stands, and whom it goes to."""
    if not tokens.has_room(desk.address):
        return "\n\n".join((*told, f"-- \n{_NOT_BY_MAIL.format(conversation=conversation.id)}"))
    return "\n\n".join((MARK, *told, f"-- \n{_WHERE_TO.format(whom=one_line(', '.join(whom)) or 'nobody')}{_HELP}"))


def remains(text: str) -> bool:
    """Whether something of a notice is left in what an agent wrote, however their client has broken its lines."""
    letters = _letters(text)
    return any(each in letters for each in _SENTENCES) or tokens.names_an_agent(text)


def of_refusal(written: str, conversation: str, why: str) -> str:
    """The text of a notice that what an agent wrote was not sent."""
    told = f"Your answer in conversation {conversation} was not sent: {why}"
    return "\n\n".join((told, "You wrote:", cut(written.strip(), _LONGEST)))


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text)).lower()


#: The beginnings of a notice's lines: a client may cut the rest.
_SENTENCES = tuple(_letters(each)[:30] for each in (MARK, *_HELP.splitlines()))


def composed(notice: Notice, desk: Desk) -> bytes:
    """The whole mail, in 7-bit ASCII with CRLF."""
    fields = head(
        Head(
            to=(notice.to,),
            reply_token=notice.agent_token,
            reply_name=False,
            subject=without_commands(notice.subject),
            in_reply_to=notice.answers.message_id if notice.answers else None,
            references=(tokens.reference(desk.address, notice.thread.token),),
            conversation=notice.thread.conversation,
            submitted=notice.submitted,
        ),
        desk,
    )
    return b"".join((*fields, b"MIME-Version: 1.0\r\n", *parts.text(wrapped(notice.text, _COLUMNS))))
