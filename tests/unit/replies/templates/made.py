"""Templates made from text, for tests."""

from collections.abc import Mapping
from pathlib import Path

from postroom.replies.templates.handlebars import Nodes, Shared, Source, parse
from postroom.replies.templates.template import Template

OURS = Path(__file__).parents[4] / "functions" / "reply" / "templates"
VALUES = {
    "subject": "Size & <b>price</b>",
    "reference": "ab12",
    "from_name": "Support",
    "desk_address": "s@desk.example",
}


def nodes(text: str, file: str = "note/en/body.txt", partials: Mapping[str, str] | None = None) -> Nodes:
    return parse(Source(file, text), shared(partials or {}))


def shared(partials: Mapping[str, str]) -> Shared:
    return lambda name: Source(f"partials/{name}.txt", partials[name]) if name in partials else None


def template(subject: str = "s", text: str = "t", body: str = "h") -> Template:
    return Template(
        name="note",
        language="en",
        subject=nodes(subject, "note/en/subject.txt"),
        text=nodes(text),
        html=nodes(body, "note/en/body.html"),
    )


def write(folder: Path, subject: str = "Re: {{subject}}", text: str = "Hello", body: str = "<p>Hello</p>") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in (("subject.txt", subject), ("body.txt", text), ("body.html", body)):
        (folder / name).write_text(source, encoding="utf-8")
