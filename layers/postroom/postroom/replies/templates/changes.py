"""What has to be done for SES's templates to be ours. Pure, but for `make`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from postroom.replies.templates.ses import SesTemplate

_NOTHING = SesTemplate(name="", subject="", text="", html="")


class Kept(Protocol):
    """The templates of one stack that SES keeps."""

    def names(self) -> Iterable[str]: ...

    def all(self) -> Iterator[SesTemplate]:
        """Those that are there, by name."""

    def create(self, template: SesTemplate) -> None: ...

    def update(self, template: SesTemplate) -> None: ...

    def delete(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One template: `before` in SES, `after` here; None where it isn't there."""

    before: SesTemplate | None
    after: SesTemplate | None

    @property
    def kind(self) -> Literal["create", "update", "delete"]:
        if self.before is None:
            return "create"
        return "delete" if self.after is None else "update"

    @property
    def name(self) -> str:
        return (self.before or self.after or _NOTHING).name

    def make(self, kept: Kept) -> None:
        if self.after is None:
            kept.delete(self.name)
        elif self.before is None:
            kept.create(self.after)
        else:
            kept.update(self.after)


def changes(ours: Iterable[SesTemplate], theirs: Iterable[SesTemplate]) -> list[Change]:
    """In the order of the names; those that are the same need none."""
    here, there = ({each.name: each for each in templates} for templates in (ours, theirs))
    pairs = [(there.get(name), here.get(name)) for name in sorted(here.keys() | there.keys())]
    return [Change(before=before, after=after) for before, after in pairs if before != after]
