"""postroom reply: a person of the desk answers a conversation."""

import argparse
import hashlib
import mimetypes
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cli import anatomy, canned, desk, editor, mails, running
from cli.commands import Commands, command
from cli.files import Usage, write_json
from cli.running import Running
from cli.terminal import Terminal
from postroom.clock import now
from postroom.conversation import State
from postroom.errors import Retryable
from postroom.ids import ConversationId
from postroom.replies import compose, inline, quoting, templates
from postroom.replies.answer import is_language
from postroom.replies.files import File
from postroom.replies.templates import markup
from postroom.stages.answering import Answering, NotSent, Prepared, Sent, Uncertain, Wanted
from postroom.stages.attachments import attachment_key
from postroom.stages.original import Original
from postroom.stages.work import Refused, address_of

_LONGEST = 1_000_000  # bytes of a text or a page
_PIECE = 1 << 20
_TOLD = 10  # faults of a page that are told
_THEN = (State.PENDING, State.SOLVED, State.OPEN)
_DONE, _NOT_SENT = 0, 1


def arguments(commands: "Commands[argparse.ArgumentParser]") -> None:
    reply = command(commands, "reply", "answer a conversation; without a text, in $EDITOR", replied)
    reply.add_argument("id", metavar="ID", help="the conversation's id, or the start of it")
    reply.add_argument("--text", metavar="FILE", help="what to say; - is standard input")
    reply.add_argument("--html", metavar="FILE", help="the same as a page; cid:NAME in it shows the attached file NAME")
    reply.add_argument("--template", metavar="NAME", help="say what this template of the desk says")
    values = "a value that the template needs and no mail tells; for a list, once for each item"
    reply.add_argument("--set", metavar="NAME=VALUE", action="append", default=[], help=values)
    reply.add_argument("--language", metavar="CODE", help="the language of the answer (default: the conversation's)")
    reply.add_argument("--edit", action="store_true", help="open the text, or the template's, in $EDITOR first")
    reply.add_argument("--attach", metavar="FILE", nargs="+", type=Path, default=[], help="files to go with it")
    attached = "attachments of mails of the desk to go with it: a mail's id, and the number in its list"
    reply.add_argument("--attached", metavar="MAIL:N", nargs="+", default=[], help=attached)
    to = "whom it goes to, also who takes no part (default: who wrote last, and the customer)"
    reply.add_argument("--to", metavar="ADDRESS", nargs="+", default=[], help=to)
    cc = "who takes part and gets a copy; without addresses, all the others"
    reply.add_argument("--cc", metavar="ADDRESS", nargs="*", help=cc)
    then = "the conversation's state afterwards: %(choices)s (default: %(default)s)"
    reply.add_argument("--then", metavar="STATE", choices=[str(each) for each in _THEN], default="pending", help=then)
    anyway = "send it although it was sent before, or something else speaks against it that you may decide"
    reply.add_argument("--anyway", action="store_true", help=anyway)
    reply.add_argument("--dry-run", action="store_true", help="show what would be sent, and send nothing")
    page = "with --dry-run: write the page that would be sent to this file"
    reply.add_argument("--page", metavar="FILE", type=Path, help=page)
    desk.arguments(reply)
    reply.add_argument("--json", action="store_true", help="JSON, for scripts")


def replied(args: argparse.Namespace) -> int:
    _check(args)
    stack = running.find(args)
    id_ = desk.conversation(stack, args.id).id
    answering = _answering(stack, desk.agent_of(args))
    said = _said(args, stack, answering.original(id_), id_)
    kept = said.kept
    if kept and not said.text:
        kept.unlink(missing_ok=True)
        Terminal().line("nothing was written, so nothing was sent")
        return _NOT_SENT
    sent = False
    try:
        prepared = answering.prepared(id_, _wanted(args, stack, said), again=args.anyway)
        status = _shown(args, prepared) if args.dry_run else _sent(args, answering, prepared)
        sent = status == _DONE and not args.dry_run
    finally:
        if kept and sent:
            kept.unlink(missing_ok=True)
        elif kept:
            Terminal().error(f"what you wrote is kept in {kept}: --text {kept} sends it")
    return status


def _check(args: argparse.Namespace) -> None:
    """What can be seen to be wrong before anybody is asked anything."""
    if args.text and args.template:
        raise Usage("--text and --template both say what to say: use one of them, and --edit to change it")
    if args.set and not args.template:
        raise Usage("--set gives values to a template: name it with --template NAME")
    if args.page and not args.dry_run:
        raise Usage("--page writes the page of a mail that is not sent: use it with --dry-run")
    if args.language and not is_language(args.language):
        raise Usage(f"--language {args.language!r} is no language tag (RFC 5646): write de, en-GB or the like")


def _answering(stack: Running, agent: str) -> Answering:
    return Answering(
        conversations=stack.conversations,
        objects=stack.objects,
        sends=stack.sends,
        addresses=stack.addresses,
        mailer=stack.mailer,
        desk=stack.desk,
        keys=stack.keys,
        clock=now,
        agent=agent,
        account=stack.account,
        breakers=stack.breakers,
        pause=_pause,
    )


def _pause(seconds: float) -> None:
    Terminal().error(f"SES takes no more mails this second; the next try is in {seconds:g} s")
    time.sleep(seconds)


# What is said


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A text, and the page that says the same, or none: then it is made of the text. `kept` is the editor's file. The
    `language` is the text's, None where it is the conversation's."""

    text: str
    page: str = ""
    language: str | None = None
    kept: Path | None = None


def _said(args: argparse.Namespace, stack: Running, original: Original, id_: ConversationId) -> Said:
    page = _page(args.html) if args.html else ""
    # What the editor left behind may be sent as it is: what stands below the scissors is not.
    said = Said(text=editor.above(_read(args.text)) if args.text else "", page=page, language=args.language)
    if args.template:
        rendered = _canned(args, stack, original, id_)
        said = Said(text=rendered.text.strip(), page=page or rendered.html, language=rendered.language)
    if not args.edit and (args.text or args.template or args.html):
        return said
    text, kept = editor.written(said.text, quoting.as_text(original.quoted, said.language) if original.quoted else "")
    # A template's page says what its text says no more, once that is another.
    return replace(said, text=text, page=said.page if text == said.text else page, kept=kept)


def _canned(args: argparse.Namespace, stack: Running, original: Original, id_: ConversationId) -> templates.Rendered:
    template = canned.picked(args.template, args.language, desk.conversation(stack, id_).language)
    if original.parsed is None:
        raise Usage("no mail of this conversation is kept any more, so a template has nothing to speak of: use --text")
    return canned.filled(template, args.set, original.parsed, stack.desk, id_)


def _page(name: str) -> str:
    """A page of the person's own. What would be code is refused; what mail clients leave out is told."""
    page = _read(name)
    faults = tuple(markup.faults(name, page))
    if code := [str(each) for each in faults if each.runs]:
        raise Usage("the page has code in it, and mail clients refuse such mails: " + "; ".join(code[:_TOLD]))
    for each in faults[:_TOLD]:
        Terminal().note(f"mail clients may leave this out: {each}")
    return page


def _wanted(args: argparse.Namespace, stack: Running, said: Said) -> Wanted:
    files = (*map(_on_disk, args.attach), *(_in_bucket(stack, each) for each in args.attached))
    if lacking := inline.missing(said.page, files):
        raise Usage(f"the page shows cid:{lacking[0]}, and no file of that name is attached: --attach {lacking[0]}")
    linked, shown = inline.shown(said.page, files, stack.desk.address.rpartition("@")[2])
    try:
        to, cc = (tuple(map(address_of, each or ())) for each in (args.to, args.cc))
    except Refused as error:
        raise Usage(str(error)) from None
    return Wanted(
        text=said.text,
        html=linked,
        files=shown,
        to=to,
        cc=cc,
        others=args.cc == [],
        then=State(args.then),
        language=said.language,
    )


def _read(name: str) -> str:
    try:
        text = sys.stdin.buffer.read(_LONGEST + 1) if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise Usage(f"{name}: can't be read ({error.strerror})") from None
    if len(text) > _LONGEST:
        raise Usage(f"{name}: has over {_LONGEST:,} bytes: nobody reads so long a text; attach it as a file")
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        raise Usage(f"{name}: is not UTF-8: write it in that, or convert it with iconv") from None


def _on_disk(path: Path) -> File:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    sha256, size = hashlib.sha256(), 0
    try:
        for piece in _pieces(path):
            sha256.update(piece)
            size += len(piece)
    except OSError as error:
        raise Usage(f"{path}: can't be read ({error.strerror})") from None
    return File(name=path.name, content_type=kind, size=size, sha256=sha256.hexdigest(), pieces=lambda: _pieces(path))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _in_bucket(stack: Running, wanted: str) -> File:
    """An attachment that a mail of the desk came with, if its policy lets anybody have it."""
    mail, colon, number = wanted.rpartition(":")
    if not colon or not number.isdecimal():
        raise Usage(f"{wanted!r} names no attachment: write MAIL:N; `postroom attachment MAIL` has the numbers")
    chosen = mails.stored(stack, stack.row(mail), int(number))
    return File(
        name=chosen.safe_filename,
        content_type=chosen.detected_type or chosen.content_type,
        size=chosen.size,
        sha256=chosen.sha256,
        pieces=lambda: stack.objects.stream(attachment_key(chosen.sha256), 0, chosen.size),
    )


# What becomes of it


def _shown(args: argparse.Namespace, prepared: Prepared) -> int:
    against = prepared.against(args.anyway)
    if args.page:
        _write(args.page, anatomy.page(prepared.raw or b""))
    if args.json:
        write_json(_form(prepared, "dry_run"))
    else:
        terminal, answer = Terminal(), prepared.answer
        terminal.facts(_facts(prepared))
        for part in anatomy.parts(prepared.raw or b""):
            terminal.line(f"  {part.text}", "dim")
        terminal.line(f"\n{answer.said}\n")
        if answer.quoted:
            terminal.line(quoting.as_text(answer.quoted, answer.language), "dim")
        for each in against:
            terminal.error(each.text)
    return _NOT_SENT if against else _DONE


def _write(place: Path, page: str) -> None:
    try:
        place.write_text(page, encoding="utf-8")
    except OSError as error:
        raise Usage(f"--page {place}: can't be written ({error.strerror})") from None


def _sent(args: argparse.Namespace, answering: Answering, prepared: Prepared) -> int:
    try:
        outcome = answering.send(prepared, args.anyway)
    except Retryable as error:
        Terminal().error(f"nothing was sent: {error}. Type the command again in a minute")
        return _NOT_SENT
    match outcome:
        case Sent(sent_id=sent_id):
            told = f"sent to {', '.join(prepared.recipients)} as {sent_id}; {prepared.draft.conversation} is"
            _tell(args, prepared, "sent", f"{told} {prepared.draft.then}", sent_id=sent_id)
            return _DONE
        case NotSent(refusals=refusals):
            _tell(args, prepared, "refused", *(f"not sent: {each.text}" for each in refusals))
        case Uncertain(told=told):
            kept = "the conversation says so, and tells if SES has taken it as soon as SES does"
            _tell(args, prepared, "uncertain", f"it may have been sent, since SES gave no answer ({told}); {kept}")
    return _NOT_SENT


def _tell(args: argparse.Namespace, prepared: Prepared, outcome: str, *told: str, sent_id: str = "") -> None:
    if args.json:
        write_json(_form(prepared, outcome, sent_id))
        return
    tell: Callable[[str], None] = Terminal().line if sent_id else Terminal().error
    for each in told:
        tell(each)


def _facts(prepared: Prepared) -> list[tuple[str, str]]:
    answer = prepared.answer
    return [
        ("to", ", ".join(answer.to)),
        ("cc", ", ".join(answer.cc)),
        ("subject", compose.reply_subject(answer.subject)),
        ("language", answer.language or ""),
        ("files", ", ".join(f"{each.safe_name} ({each.size:,} bytes)" for each in answer.files)),
        ("size", f"{len(prepared.raw or b''):,} bytes"),
        ("page", "as text/html beside the text: --page FILE writes it"),
        ("afterwards", prepared.draft.then),
    ]


def _form(prepared: Prepared, outcome: str, sent_id: str = "") -> dict[str, object]:
    answer = prepared.answer
    return {
        "conversation": prepared.draft.conversation,
        "draft": prepared.draft.id,
        "outcome": outcome,
        "sent_id": sent_id,
        "to": list(answer.to),
        "cc": list(answer.cc),
        "subject": compose.reply_subject(answer.subject),
        "text": answer.said,
        "language": answer.language,
        "size": len(prepared.raw or b""),
        "parts": [{"type": e.type, "name": e.name, "size": e.size} for e in anatomy.parts(prepared.raw or b"")],
        "then": prepared.draft.then,
        "refusals": [{"reason": e.reason, "text": e.text, "anyway": e.anyway} for e in prepared.refusals],
    }
