"""What is wrong with a template, where, and how it is mended."""

from dataclasses import dataclass

from postroom.replies.templates.handlebars import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`bearable`: it can be sent so, and arrives a little worse than it should. `runs`: it is code, and not merely
    something that mail clients leave out."""

    at: Place
    what: str
    fix: str
    bearable: bool = False
    runs: bool = False

    def __str__(self) -> str:
        return f"{self.at}: {self.what}: {self.fix}"
