"""What is wrong with a template, where, and how it is mended."""

from dataclasses import dataclass

from postroom.replies.templates.handlebars import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    at: Place
    what: str
    fix: str
    bearable: bool = False  # it can be sent so, and arrives a little worse than it should

    def __str__(self) -> str:
        return f"{self.at}: {self.what}: {self.fix}"
