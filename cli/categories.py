"""postroom train, predict, learn: a model of a desk's categories, what it says, and what people say instead."""

import argparse
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path

import msgspec
from rich.text import Text

from cli import desk, files, mails, running
from cli.commands import Commands, command
from cli.files import Unreadable, Usage, write_json
from cli.forms import Form
from cli.running import Running
from cli.terminal import Column, Terminal
from postroom.categories import form
from postroom.categories.example import Example
from postroom.categories.model import Guess, Model
from postroom.categories.report import LabelReport, Report
from postroom.clock import iso, now
from postroom.conversation import State
from postroom.errors import Poison
from postroom.memory.raw_mails import MemoryRawMail
from postroom.stages import parse as parsing
from postroom.stages.categorising import seen
from postroom.stages.history import History

NEEDED = "scikit-learn"
_RIGHT = 0.8
_LOOKED_AT = 2_000  # conversations of each state whose categories are the known ones


def arguments(commands: "Commands[argparse.ArgumentParser]") -> None:
    train = command(commands, "train", "train a model of the desk's categories, from a file or from the desk", trained)
    train.add_argument(
        "--data", metavar="FILE", help="JSON lines of subject, text and label (default: the desk's mails)"
    )
    train.add_argument("--model", metavar="OUT", required=True, help="where the model is written")
    train.add_argument(
        "--right", type=_share, default=_RIGHT, help="the share of its answers to be right (%(default)s)"
    )
    train.add_argument("--skip-rare", action="store_true", help="leave out categories with too few mails")
    train.add_argument(
        "--most", type=mails.limit, default=5_000, help="conversations of each state to read (%(default)s)"
    )
    train.add_argument("--json", action="store_true", help="the report as JSON, for scripts")
    running.arguments(train)
    predict = command(commands, "predict", "what a model says of texts, or of raw messages", predicted)
    predict.add_argument("--model", metavar="MODEL", required=True, help="a model of `postroom train`")
    predict.add_argument("--data", metavar="FILE", help="JSON lines of subject and text, instead of raw messages")
    files.arguments(predict)
    learn = command(commands, "learn", "say what the category of conversations is, for the next training", learned)
    learn.add_argument("ids", nargs="+", metavar="ID", help="a conversation's id, or the start of it")
    learn.add_argument("category", metavar="CATEGORY", help="one that the desk has")
    learn.add_argument("--new", action="store_true", help="it is a new one")
    learn.add_argument("--json", action="store_true", help="JSON, for scripts")
    desk.arguments(learn)


def _share(text: str) -> float:
    with suppress(ValueError):
        if 0 < (share := float(text)) < 1:
            return share
    raise argparse.ArgumentTypeError(f"{text!r} is no share: write one between 0 and 1, such as {_RIGHT}")


def model(path: str) -> Model:
    """The model of this file; Usage where it can't be read, Unusable where it is none."""
    try:
        return form.read(Path(path).read_bytes())
    except OSError as error:
        raise Usage(f"--model {path}: can't be read ({error.strerror})") from error
    except form.Unusable as error:
        raise form.Unusable(f"--model {path}: {error}") from error


# Train


def trained(args: argparse.Namespace) -> int:
    try:
        from cli.training import data, enough, fit
    except ModuleNotFoundError as error:
        raise Usage(f"training needs {NEEDED}, and {error.name} is not here: pip install {NEEDED}") from None
    found = data.examples(args.data) if args.data else list(_of_the_desk(args))
    wanted = enough.enough(found, args.skip_rare)
    content = fit.train(wanted, iso(now()), args.right)
    try:
        Path(args.model).write_bytes(content)
    except OSError as error:
        raise Usage(f"--model {args.model}: can't be written ({error.strerror})") from error
    _show_training(args, form.read(content), len(content), enough.left_out(found, wanted))
    return 0


def _of_the_desk(args: argparse.Namespace) -> Iterator[Example]:
    stack = running.find(args)
    history = History(
        conversations=stack.conversations,
        ledger=stack.ledger,
        objects=stack.objects,
        desk=stack.desk.address.lower(),
    )
    return history.examples(args.most)


def _show_training(args: argparse.Namespace, made: Model, size: int, left_out: Mapping[str, int]) -> None:
    if args.json:
        whole = {"model": args.model, "version": made.version, "bytes": size, "left_out": dict(left_out)}
        write_json({**whole, **msgspec.to_builtins(made.report)})
        return
    terminal, report = Terminal(), made.report
    terminal.line(f"{args.model}: model {made.version}, {size / 1000:,.0f} kB", "bold")
    rare = ", ".join(f"{label} ({mails.plural(count, 'mail')})" for label, count in left_out.items())
    terminal.facts([*_facts(report, made.threshold), ("left out", rare)])
    terminal.table("\nBy category", _LABEL_COLUMNS, [_row(*_figures(each)) for each in report.labels])
    languages = [_row(each.language or "unknown", each.examples, each.accuracy) for each in report.languages]
    terminal.table("\nBy language", _LANGUAGE_COLUMNS, languages)


def _facts(report: Report, threshold: float) -> list[tuple[str, str]]:
    corrected = f", {report.corrected:,} of them corrected by a person" if report.corrected else ""
    answers = (
        f"from a confidence of {threshold:.2f} on: {report.answered:.0%} of mails, {report.right:.0%} of them right"
    )
    never = "never: no threshold makes so many answers right (see --right)"
    return [
        ("trained on", f"{report.examples:,} mails{corrected}"),
        ("accuracy", f"{report.accuracy:.1%} of all, macro-F1 {report.macro_f1:.1%}, on mails that it had not seen"),
        ("calibration", f"expected error {report.ece:.1%}"),
        ("answers", answers if report.answered else never),
    ]


_LABEL_COLUMNS = [
    Column("category", shrinks=True),
    Column("mails", justify="right"),
    Column("precision", justify="right"),
    Column("recall", justify="right"),
]
_LANGUAGE_COLUMNS = [Column("language"), Column("mails", justify="right"), Column("accuracy", justify="right")]


def _figures(of: LabelReport) -> tuple[str, int, float, float]:
    return of.label, of.examples, of.precision, of.recall


def _row(name: str, count: int, *shares: float) -> list[str | Text]:
    return [name, f"{count:,}", *(f"{share:.1%}" for share in shares)]


# Predict


def predicted(args: argparse.Namespace) -> int:
    of = model(args.model)
    if args.data:
        return _predicted_lines(args, of)
    return files.run_mails(args, lambda raw: _form(of.guess(*_seen(raw))), _show_guess)


def _predicted_lines(args: argparse.Namespace, of: Model) -> int:
    from cli.training import data

    terminal = Terminal()
    for number, line in enumerate(data.lines(args.data), 1):
        found = _form(of.guess(line.subject or "", line.text))
        if args.jsonl:
            write_json(found, indent=None)
        else:
            _show_guess(terminal, {"file": f"line {number}", **found})
    return 0


def _seen(raw: bytes) -> tuple[str, str]:
    try:
        return seen(parsing.read(MemoryRawMail(body=raw)))
    except Poison as poison:
        raise Unreadable(f"{poison.reason.text} ({poison})") from poison


def _form(guess: Guess) -> Form:
    """`label` is the likeliest one also where the model is not `sure`: then the desk takes it for "don't know"."""
    confidence = round(guess.confidence, 4)
    return {"label": guess.label, "confidence": confidence, "sure": guess.sure, "words": list(guess.words)}


def _show_guess(terminal: Terminal, found: Form) -> None:
    said = found["label"] if found["sure"] else f"don't know (perhaps {found['label']})"
    by = f", by {', '.join(found['words'])}" if found["words"] else ""
    terminal.line(f"{found['file']}: {said}, {found['confidence']:.0%}{by}")


# Learn


def learned(args: argparse.Namespace) -> int:
    stack, work = desk.work(args)
    found = [desk.conversation(stack, id_) for id_ in args.ids]  # all of them are there before one is changed
    known = _known(stack)
    if args.category not in known and not args.new:
        raise Usage(
            f"the desk has no category {args.category!r} (with --new it gets it): {', '.join(known) or 'none yet'}"
        )
    for each in found:
        now_ = work.categorise(each.id, args.category)
        if args.json:
            write_json({"id": now_.id, "category": now_.category}, indent=1 if len(found) == 1 else None)
        else:
            Terminal().line(f"{now_.id} is {now_.category}; the next `postroom train` learns it")
    return 0


def _known(stack: Running) -> list[str]:
    """The categories of the conversations that changed last."""
    recent = (each for state in State for each in islice(desk.every(stack, state), _LOOKED_AT))
    return sorted({each.category for each in recent if each.category})
