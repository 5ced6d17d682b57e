"""A template as SES keeps it, and the data that fills it there, to the same words as here.

SES has no partials but inline ones, so all are put in; and it escapes nothing, so the data holds every value twice: as
it is, for the subject and the text, and under `html` as HTML. The HTML part stands in `{{#with html}}`.

Source: "Using templates to send personalized email", "Advanced email personalization" (SES developer guide).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from postroom.replies.templates.folder import Templates
from postroom.replies.templates.handlebars import Block, Path, Place, source_of
from postroom.replies.templates.template import Template
from postroom.replies.templates.variables import Value, escaped, given

ESCAPED = "html"  # no variable of the table is called so
MAX_NAME = 64  # characters (API_Template)
_TOP = Path(ESCAPED, 0, (ESCAPED,))


@dataclass(frozen=True, slots=True, kw_only=True)
class SesTemplate:
    """What CreateEmailTemplate takes."""

    name: str
    subject: str
    text: str
    html: str

    @property
    def size(self) -> int:
        """Bytes, of which SES takes 500 KB."""
        return sum(len(part.encode()) for part in (self.subject, self.text, self.html))


def prefix(stack: str) -> str:
    """How the names of a stack's templates begin. A stack's name has no underscore, so no two begin alike."""
    return f"{stack}__"


def for_ses(template: Template, stack: str) -> SesTemplate:
    """The template under its name in SES: `desk__acknowledgement__de-AT`."""
    whole = Block("with", _TOP, template.html, (), Place("", 1))
    return SesTemplate(
        name=f"{prefix(stack)}{template.name}__{template.language}",
        subject=source_of(template.subject),
        text=source_of(template.text),
        html=source_of((whole,)),
    )


def all_for_ses(templates: Templates, stack: str) -> Iterator[SesTemplate]:
    """Every template in every language; raises Misconfigured where files have faults."""
    for languages in templates.by_name.values():
        yield from (for_ses(each, stack) for each in languages.values())


def data(template: Template, variables: Mapping[str, Value]) -> dict[str, Value]:
    """TemplateData; raises what rendering raises, since SES would accept the mail and then not send it."""
    template.render(variables)
    values = given(variables)
    return {**values, ESCAPED: {name: escaped(value) for name, value in values.items()}}
