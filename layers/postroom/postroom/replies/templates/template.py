"""A template in one language: three files understood, which values turn into the words of a mail."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from postroom.replies.lines import one_line
from postroom.replies.templates.handlebars import Nodes
from postroom.replies.templates.meaning import Use, uses
from postroom.replies.templates.rendering import render
from postroom.replies.templates.variables import BY_NAME, Value, escaped, given

SUBJECT, TEXT, HTML = "subject.txt", "body.txt", "body.html"
FILES = (SUBJECT, TEXT, HTML)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A mail's words. `subject` is one line without control characters; `html` has every variable escaped."""

    subject: str
    text: str
    html: str
    language: str  # ISO 639-1, or with a region: de-AT


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One template in one language, its three files with partials put in."""

    name: str
    language: str
    subject: Nodes
    text: Nodes
    html: Nodes

    def render(self, variables: Mapping[str, Value]) -> Rendered:
        """The mail's words; raises MissingVariable, Unfit, Unrendered. Variables that no template knows are ignored."""
        values = given(variables)
        return Rendered(
            subject=one_line(render(self.subject, values)),
            text=render(self.text, values),
            html=render(self.html, {name: escaped(value) for name, value in values.items()}),
            language=self.language,
        )

    def uses(self) -> Iterator[Use]:
        for nodes in (self.subject, self.text, self.html):
            yield from uses(nodes)

    def needs(self) -> frozenset[str]:
        """The variables that it has to be given."""
        return frozenset(use.name for use in self.uses() if use.name and not BY_NAME[use.name].optional)
