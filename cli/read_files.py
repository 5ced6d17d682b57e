"""postroom parse, trim, forwarded, classify, policy, feedback, threads: what files say, without a stack or network."""

import argparse
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from cli import categories, files, forms, mailbox
from cli import rules as desk_rules
from cli.explaining.signals import seen, who
from cli.files import Unreadable
from cli.forms import Form
from cli.paths import POLICY, ROOT, RULES, TEMPLATES
from cli.templates.command import linted
from cli.terminal import Terminal
from postroom.attachments import reading
from postroom.attachments.policy import Policy
from postroom.clock import now
from postroom.errors import Misconfigured, Poison
from postroom.feedback import read as feedback
from postroom.memory.erasures import MemoryHolders
from postroom.memory.objects import MemoryObjects
from postroom.memory.raw_mails import MemoryRawMail, MemoryRawMails
from postroom.message import Message
from postroom.mime import charsets, forward, reply, secured
from postroom.reasons import Reason
from postroom.rules import rules
from postroom.rules.rules import RuleSet
from postroom.stages import classify
from postroom.stages import parse as parsing
from postroom.stages.attachments import AttachmentsStage
from postroom.stages.categorising import Categorising
from postroom.threads import by_ids


def parse(args: argparse.Namespace) -> int:
    return files.run(args, lambda raw: forms.message(_message(raw)), _show_message)


def classified(args: argparse.Namespace) -> int:
    def answer(raw: bytes) -> Form:
        message = _message(raw)
        reading = classify.read(message, _rules(args.rules), mailbox.return_path(message), _model(args.model))
        form = forms.classification(reading.finding, reading.language, reading.category, reading.absence)
        # The JSON form is fixed, and has no place for it.
        return form if args.jsonl else {**form, "category_confidence": reading.category.confidence / 100}

    return files.run_mails(args, answer, _show_classification)


def reported(args: argparse.Namespace) -> int:
    def answer(raw: bytes) -> Form:
        try:
            return dict(feedback.to_json(feedback.from_file_bytes(raw)))
        except Poison as poison:
            raise Unreadable(str(poison)) from poison

    return files.run(args, answer, _show_feedback)


def trimmed(args: argparse.Namespace) -> int:
    def answer(raw: bytes) -> Form:
        text = charsets.to_text(raw, None)
        return forms.cut(reply.cut_html(text) if args.html else reply.cut(text))

    return files.run(args, answer, _show_cut)


def forwarded(args: argparse.Namespace) -> int:
    return files.run(args, lambda raw: forms.forwarded(forward.find(charsets.to_text(raw, None))), _show_forwarded)


def policy(args: argparse.Namespace) -> int:
    """What the policy does with the attachments of each FILE. No virus scanner is asked."""

    def answer(raw: bytes) -> Form:
        message, objects = _message(raw), MemoryObjects()
        objects.write("raw/file", raw, "message/rfc822")
        stage = AttachmentsStage(
            objects=objects,
            raw_mails=MemoryRawMails(objects=objects),
            holders=MemoryHolders(),
            policy=_policy(args.policy),
            scanner=None,
            clock=now,
        )
        return forms.policy(message, stage.rulings(message, "raw/file"))

    return files.run(args, answer, _show_policy)


def threads(args: argparse.Namespace) -> int:
    """Which mails belong together by what they say alone."""
    messages: list[Message] = []

    def answer(raw: bytes) -> Form:
        messages.append(_message(raw))
        return {}

    def complete(read: Sequence[Form]) -> None:
        for form, thread in zip(read, by_ids.threads(messages), strict=True):
            form["conversation"] = thread

    return files.run_together(args, answer, complete, _show_thread)


def check(_args: argparse.Namespace) -> int:
    """Whether what a desk edits can be deployed: its rules, its policy and its templates."""
    terminal, faults = Terminal(), list[str]()
    for load in (
        lambda: desk_rules.warn(terminal, desk_rules.checked(RULES).warnings),
        lambda: linted(TEMPLATES),
        lambda: _policy(None),
    ):
        try:
            load()
        except Misconfigured as error:
            faults += error.faults
    for fault in faults:
        terminal.error(fault)
    if not faults:
        checked = [str(path.relative_to(ROOT)) for path in (RULES, POLICY, TEMPLATES)]
        terminal.line(f"{checked[0]}, {checked[1]} and {checked[2]} are right")
    return 1 if faults else 0


def _message(raw: bytes) -> Message:
    try:
        return parsing.read(MemoryRawMail(body=raw))
    except Poison as poison:
        raise Unreadable(f"{poison.reason.text} ({poison})") from poison


@cache
def _rules(path: str | None) -> RuleSet:
    return rules.load(*files.desks_own(Path(path or RULES)))


@cache
def _model(path: str | None) -> Categorising:
    return Categorising(model=categories.model(path)) if path else Categorising()


@cache
def _policy(path: str | None) -> Policy:
    return reading.read(*files.desks_own(Path(path or POLICY)))


def _show_policy(terminal: Terminal, form: Form) -> None:
    count = len(form["attachments"])
    terminal.line(f"{form['file']}: {count} attachment{'' if count == 1 else 's'}", "bold")
    for each in form["attachments"]:
        detail = f" ({each['detail']})" if each["detail"] else ""
        said = f"{each['treatment']}, {each['reason']}: {Reason(each['reason']).text}{detail}"
        terminal.facts([(f"{each['path']}  {each['safe_filename']}", said), ("", ", ".join(each["signs"]))])
    terminal.line()


def _show_message(terminal: Terminal, form: Form) -> None:
    people = {name: ", ".join(_mailbox(a) for a in form[name]) for name in ("from", "to", "cc", "reply_to")}
    terminal.line(form["subject"] or "(no subject)", "bold")
    terminal.facts(
        [
            ("file", form["file"]),
            ("from", people["from"]),
            ("to", people["to"]),
            ("cc", people["cc"]),
            ("reply to", people["reply_to"]),
            ("date", form["date"] or ""),
            ("message id", form["message_id"] or ""),
            (
                "attachments",
                "\n".join(f"{a['path']}  {a['safe_filename']}  {a['size']:,} bytes" for a in form["attachments"]),
            ),
            ("secured", secured.told({secured.FACT: form["secured"]})),
            ("defects", ", ".join(form["defects"])),
        ]
    )
    terminal.line()
    terminal.line(form["reply"]["visible"] or form["text"] or "(no text)")
    terminal.line()


def _show_thread(terminal: Terminal, form: Form) -> None:
    terminal.line(f"{form['conversation']}  {form['file']}")


def _show_classification(terminal: Terminal, form: Form) -> None:
    """Two things are decided, each with its own reasons and its own confidence: the kind, and the category."""
    at = next(n for n, reason in enumerate(form["reasons"]) if reason.startswith("category:"))
    (by, *signs), (named, *of_category) = form["reasons"][:at], form["reasons"][at:]
    sure = 100 * form["category_confidence"]
    rule, absence = named.removeprefix("category:"), form.get("absence") or {}
    terminal.line(f"{form['file']}: {form['kind']}", "bold")
    terminal.facts(
        [
            ("kind", f"{form['kind'].replace('_', ' ')}, {100 * form['confidence']:.0f} % sure"),
            ("decided", f"by the rule “{by.removeprefix('rule:')}”: {', '.join(signs) or 'nothing seen'}"),
            ("back on", absence.get("back_on") or ""),
            ("stand-in", absence.get("stand_in") or ""),
            ("language", form["language"] or ""),
            ("category", f"{form['category']}, {sure:.0f} % sure" if form["category"] else ""),
            ("decided", "\n".join([f"by {who(rule)}", *map(seen, of_category)]) if rule else ""),
            ("priority", form["priority"] or ""),
        ]
    )
    terminal.line()


def _show_feedback(terminal: Terminal, form: Form) -> None:
    terminal.line(f"{form['file']}: {form['kind']}", "bold")
    for report in form["reports"]:
        shown = ("recipient", "action", "status", "smtp_code", "reason", "permanence", "feedback_type", "diagnostic")
        terminal.facts([(name.replace("_", " "), str(report[name] or "")) for name in shown])
    terminal.line()


def _show_cut(terminal: Terminal, form: Form) -> None:
    terminal.line(form["visible"] or "(nothing but what was quoted)")
    for part in ("signature", "quoted"):
        if form[part]:
            terminal.line(f"\n{part}:", "dim")
            terminal.line(form[part], "dim")
    terminal.line()


def _show_forwarded(terminal: Terminal, form: Form) -> None:
    original = form["original"]
    if not form["forwarded"]:
        terminal.line(f"{form['file']}: nothing is forwarded in it", "bold")
        return
    terminal.line(f"{form['file']}: {original['subject'] or '(no subject)'}", "bold")
    sender = _mailbox(original["from"]) if original["from"] else ""
    terminal.facts([("from", sender), ("date", original["date"]), ("note", form["note"])])
    terminal.line(f"\n{original['body']}\n")


def _mailbox(address: Form) -> str:
    return f"{address['name']} <{address['address']}>" if address["name"] else str(address["address"])
