"""Stored mails under what decides at present and under what is new, on as many processes as there is work for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice

from cli import mailbox
from cli.mailbox import Unread
from cli.replay.judging import judge
from cli.replay.processes import spread
from cli.replay.sides import Side
from cli.replay.sources import Stored
from cli.replay.tally import Replayed
from postroom.clock import from_iso, iso, now
from postroom.desk import Desk
from postroom.envelope import UNKNOWN_SENDER, Received, Verdict, Verdicts
from postroom.errors import Poison, PostroomError
from postroom.ids import SesId
from postroom.memory.raw_mails import MemoryRawMail
from postroom.message import Message, Parsed
from postroom.mime import message as mime
from postroom.mime import stored as by_ses
from postroom.reasons import Reason
from postroom.stages import parse as parsing

_FEW = 50  # mails that are done sooner than processes start
_HEAD = 65_536  # bytes of a raw mail that hold what SES wrote on top of it

#: What is taken to be so where nothing tells: each is counted, and told with the result.
VERDICTS = "bear no verdicts of SES: their senders are taken to be proven"
OPENED = "have no place in a conversation yet: each is taken for the first of its own"

#: The same of a single mail.
OF_ONE = {
    VERDICTS: "bears no verdicts of SES: its sender is taken to be proven",
    OPENED: "has no place in a conversation yet: it is taken for the first of its own",
}

_TAKEN = Verdicts(spam=Verdict.PASS, virus=Verdict.PASS, spf=Verdict.PASS, dkim=Verdict.PASS, dmarc=Verdict.PASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is compared, and for which desk."""

    present: Side
    new: Side
    desk: Desk


def replay(plan: Plan, mails: Iterable[Stored | Unread], processes: int) -> Iterator[Replayed | Unread]:
    """Every mail under both, in the order of the mails. A few are done here, more on that many processes."""
    todo = iter(mails)
    first = list(islice(todo, _FEW))
    if len(first) < _FEW or processes < 2:
        yield from (one(plan, mail) for mail in chain(first, todo))
        return
    yield from spread(partial(one, plan), chain(first, todo), processes, size=_size, lost=_lost)


def one(plan: Plan, mail: Stored | Unread) -> Replayed | Unread:
    """One mail under both; raises nothing but what ends a process."""
    if isinstance(mail, Unread):
        return mail
    try:
        return _under_both(plan, mail)
    except Poison as poison:
        return Unread(mail=mail.name, why=f"{poison.reason.text} ({poison})")
    except PostroomError as error:
        return Unread(mail=mail.name, why=str(error))
    except Exception as error:  # whatever one mail does to us, the others are replayed
        return Unread(mail=mail.name, why=f"unforeseen: {type(error).__name__}: {error}")


def _under_both(plan: Plan, mail: Stored) -> Replayed:
    parsed = mail.content if isinstance(mail.content, Parsed) else _parsed(mail.name, mail.content)
    assumed = (OPENED,) * (mail.opened is None)
    if parsed.received.verdicts == Verdicts():
        parsed = replace(parsed, received=replace(parsed.received, verdicts=_TAKEN))
        assumed = (*assumed, VERDICTS)
    opened = mail.opened is not False
    return Replayed(
        mail=mail.name,
        subject=parsed.message.subject,
        present=judge(parsed, plan.present, plan.desk, opened=opened),
        new=judge(parsed, plan.new, plan.desk, opened=opened),
        assumed=assumed,
        decided_by=mail.decided_by,
    )


def _parsed(name: str, raw: bytes) -> Parsed:
    """The document that the parse stage would write of these bytes, with as much of the envelope as they tell."""
    if not raw.strip():
        raise Poison(Reason.EMPTY_MAIL, f"{len(raw)} bytes")
    message = parsing.read(MemoryRawMail(body=raw))
    received = by_ses.received(raw[:_HEAD], SesId(name), bucket="", key=name, stored_at=_moment(message))
    if received.envelope.mail_from == UNKNOWN_SENDER:
        received = _enveloped(received, message)
    return Parsed(received=received, message=message, size=len(raw), fingerprint=mime.fingerprint(message))


def _enveloped(received: Received, message: Message) -> Received:
    sender = mailbox.return_path(message)
    to = tuple(each.address for each in (*message.to, *message.cc))[:50]
    return replace(received, envelope=replace(received.envelope, mail_from=sender, rcpt_to=to))


def _moment(message: Message) -> str:
    """When it came: by its last hop, else by its own date, else now."""
    written = (message.hops[-1].date if message.hops else None) or message.date
    try:
        return iso(from_iso(written)) if written else iso(now())
    except (ValueError, OverflowError):  # year 1 or 9999, in a zone that leads out of the calendar
        return iso(now())


def _size(mail: Stored | Unread) -> int:
    if isinstance(mail, Unread):
        return 0
    return mail.content.size if isinstance(mail.content, Parsed) else len(mail.content)


def _lost(mail: Stored | Unread) -> Replayed | Unread:
    if isinstance(mail, Unread):
        return mail
    return Unread(mail=mail.name, why="the process that read it was ended from outside: it may need too much memory")
