"""postroom inbox, show, why, outbox, send: the commands that speak to a running stack."""

import argparse
import sys
from collections.abc import Sequence
from datetime import timedelta
from email import message_from_bytes, policy
from itertools import islice
from pathlib import Path

import msgspec
from rich.text import Text

from cli import forms, mailbox, running, views
from cli.explaining import effects
from cli.files import write_json
from cli.mailbox import Unread
from cli.sending import Refused, deliver
from cli.terminal import Column, Terminal
from postroom.clock import iso, now
from postroom.message import Attachment, Message, Parsed
from postroom.mime import secured
from postroom.outcome import MailRow, Stage, outcome
from postroom.ports import NotFound
from postroom.reasons import Held
from postroom.stages import documents
from postroom.stages.attachments import MOST_HELD, attachment_key
from postroom.stages.documents import parsed_key

_MOST_ROWS = 100_000
_LONGEST_LINK = timedelta(days=7)
_SHOWN_LINES = 200  # of a mail's text; --raw and --json have all of it
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def limit(text: str) -> int:
    """How many rows at most, for argparse."""
    if text.isdecimal() and 0 < int(text) <= _MOST_ROWS:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {_MOST_ROWS}")


def since(text: str) -> timedelta:
    """`90m`, `24h`, `7d` as a duration, for argparse."""
    if text[-1:] in _UNITS and text[:-1].isdigit() and len(text) < 7:
        return timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
    raise argparse.ArgumentTypeError(f"{text!r} is no duration: write 90m, 24h or 7d")


def lasting(text: str) -> timedelta:
    """How long a link holds, for argparse."""
    # A URL that is signed with SigV4 holds no longer (S3 User Guide, "Sharing objects with presigned URLs").
    if timedelta() < (wanted := since(text)) <= _LONGEST_LINK:
        return wanted
    raise argparse.ArgumentTypeError(f"a link holds from 1m to 7d, not {text!r}")


def inbox(args: argparse.Namespace) -> int:
    stack = running.find(args)
    rows = list(islice(stack.ledger.rows_since(iso(now() - args.since)), args.limit))
    if args.json:
        write_json([_row_form(row) for row in rows])
    else:
        views.inbox(Terminal(), f"{plural(len(rows), 'mail')}, newest first (times in UTC)", rows)
    return 0


def show(args: argparse.Namespace) -> int:
    stack = running.find(args)
    row = stack.row(args.id)
    if args.raw:
        with stack.raw_mails.open(f"raw/{row.ses_id}") as raw:
            sys.stdout.buffer.writelines(raw.stream(0, raw.size))
        return 0
    parsed = documents.load(stack.objects, parsed_key(row.ses_id))
    if args.json:
        write_json({**_row_form(row), "message": forms.message(parsed.message)})
        return 0
    terminal, message = Terminal(), parsed.message
    terminal.line(message.subject or "(no subject)", "bold")
    raw_mail = f"s3://{stack.bucket}/{parsed.received.key}  {parsed.size:,} bytes"
    terminal.facts([*_facts(row, parsed), ("raw mail", raw_mail)])
    terminal.line()
    _show_text(terminal, message)
    return 0


def _facts(row: MailRow, parsed: Parsed) -> list[tuple[str, str]]:
    message, envelope = parsed.message, parsed.received.envelope
    return [
        ("id", row.ses_id),
        ("from", ", ".join(f"{a.name} <{a.address}>".strip() for a in message.from_)),
        ("envelope", f"{envelope.mail_from or '<>'} to {', '.join(envelope.rcpt_to)}"),
        ("date", message.date or ""),
        ("reply", views.reply(row).plain),
        ("attachments", "\n".join(_attached(row, each) for each in message.attachments)),
        ("secured", secured.told(message.facts)),
    ]


def _show_text(terminal: Terminal, message: Message) -> None:
    lines = (message.reply.visible or message.text or "(no text)").splitlines()
    terminal.line("\n".join(lines[:_SHOWN_LINES]))
    if len(lines) > _SHOWN_LINES:
        terminal.line(f"({len(lines) - _SHOWN_LINES} more lines; --json has them)", "dim")
    if message.reply.quoted:
        terminal.line(f"\n({len(message.reply.quoted.splitlines())} quoted lines; --json has them)", "dim")


def why(args: argparse.Namespace) -> int:
    row = running.find(args).row(args.id)
    if args.json:
        write_json(_row_form(row))
    else:
        views.why(Terminal(), row, now())
    return 0


def attachment(args: argparse.Namespace) -> int:
    """A short-lived link to one attachment; none to what the policy did not allow, and the reason in its place."""
    stack = running.find(args)
    row = stack.row(args.id)
    if args.number is None:
        _list(row, documents.load(stack.objects, parsed_key(row.ses_id)).message.attachments)
        return 0
    chosen = stored(stack, row, args.number)
    seconds = int(args.expires.total_seconds())
    print(stack.objects.link(attachment_key(chosen.sha256), chosen.safe_filename, seconds))
    return 0


def stored(stack: running.Running, row: MailRow, number: int) -> Attachment:
    """The attachment of this number, which is stored and allowed; NotFound otherwise."""
    attached = documents.load(stack.objects, parsed_key(row.ses_id)).message.attachments
    if not 1 <= number <= len(attached):
        raise NotFound(f"{row.ses_id} has {plural(len(attached), 'attachment')}, and no number {number}")
    chosen = attached[number - 1]
    if refusal := _refusal(row, chosen):
        raise NotFound(f"nobody gets {chosen.safe_filename}: {refusal}")
    if stack.objects.written_at(attachment_key(chosen.sha256)) is None:
        raise NotFound(f"{chosen.safe_filename} is not stored by itself: it was deleted, or what holds it has it")
    return chosen


def _list(row: MailRow, attached: Sequence[Attachment]) -> None:
    rows: list[list[str | Text]] = [
        [str(number), a.safe_filename, a.detected_type or a.content_type, f"{a.size:,}", a.sha256[:12], _fate(row, a)]
        for number, a in enumerate(attached, start=1)
    ]
    columns = [
        Column("number"),
        Column("name", True),
        Column("type", True, rank=1),
        Column("bytes"),
        Column("sha256", rank=2),
        Column("policy", True),
    ]
    Terminal().table(plural(len(rows), "attachment"), columns, rows)


def _attached(row: MailRow, attachment: Attachment) -> str:
    fate = _fate(row, attachment)
    return f"{attachment.safe_filename}  {attachment.size:,} bytes  {attachment.sha256[:12]}  {fate}"


def _fate(row: MailRow, attachment: Attachment) -> str:
    """What the attachments stage did with it, in few words; `why` has the sentence."""
    record = row.records.get(Stage.ATTACHMENTS)
    held = _held(row, attachment)
    if held:
        return f"{effects.PAST[held.treatment]}: {held.reason.replace('_', ' ')}"
    return "waiting" if record is None else "unknown" if _refusal(row, attachment) else "allowed"


def _held(row: MailRow, attachment: Attachment) -> Held | None:
    record = row.records.get(Stage.ATTACHMENTS)
    return next((held for held in record.held if held.path == attachment.path), None) if record else None


def _refusal(row: MailRow, attachment: Attachment) -> str:
    """Why there is no link to it; empty where there may be one. The decision is this mail's: another mail may have had
    the same bytes under a name that was allowed."""
    record = row.records.get(Stage.ATTACHMENTS)
    if record is None:
        return "the policy has not decided about it yet"
    if held := _held(row, attachment):
        return effects.treated(held)
    if len(record.held) >= MOST_HELD:
        return "so many attachments of this mail are held that not all of them are recorded; the raw mail has it"
    return ""


def outbox(args: argparse.Namespace) -> int:
    stack = running.find(args)
    if stack.outbox is None:
        raise running.NoStack("only the local stack has an outbox; SES keeps none (see the configuration set's events)")
    mails = sorted(stack.outbox.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
    if args.id:
        found = [path for path in mails if args.id in path.stem]
        if len(found) != 1:
            many = f"{len(found)} sent mails have" if found else "no sent mail has"
            raise NotFound(f"{many} {args.id!r} in the id: `postroom outbox` lists them")
        sys.stdout.buffer.write(found[0].read_bytes())
        return 0
    rows = [_sent(path) for path in mails[: args.limit]]
    if args.json:
        write_json(rows)
    else:
        table: list[list[str | Text]] = [[r["id"][-19:], r["to"], r["subject"], r["in_reply_to"]] for r in rows]
        columns = [Column("id"), Column("to", True), Column("subject", True), Column("answers", True, rank=1)]
        Terminal().table(f"{plural(len(mails), 'mail')} sent, newest first; files in {stack.outbox}", columns, table)
    return 0


def _sent(path: Path) -> dict[str, str]:
    head = message_from_bytes(path.read_bytes(), policy=policy.default)
    fields = {"to": "To", "subject": "Subject", "in_reply_to": "In-Reply-To"}
    return {"id": path.stem, **{name: str(head.get(field, "")) for name, field in fields.items()}, "file": str(path)}


def send(args: argparse.Namespace) -> int:
    stack, terminal, status = running.find(args), Terminal(), 0
    if stack.smtp is None:
        raise running.NoStack("`postroom send` speaks to the local stack only")
    files = [file for path in args.files for file in mailbox.found(path).files]
    for sample in mailbox.samples(files):
        if isinstance(sample, Unread):
            terminal.error(f"{sample.mail}: {sample.why}")
            status = 1
            continue
        sender = sample.mail_from if args.sender is None else args.sender
        try:
            terminal.line(f"{deliver(stack.smtp, sample.raw, sender, args.to)}  {sample.name}")
        except Refused as error:
            terminal.error(f"{sample.name}: {error}")
            status = 1
    return status


def _row_form(row: MailRow) -> dict[str, object]:
    found = outcome(row)
    return {**msgspec.to_builtins(row), "outcome": msgspec.to_builtins(found) if found else None}
