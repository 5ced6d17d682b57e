"""What has to be done for SES's templates to be ours. Pure, but for `make`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Literal

from postroom.aws.ses_templates import SesTemplates
from postroom.replies.templates.ses import SesTemplate

_NOTHING = SesTemplate(name="", subject="", text="", html="")


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

    def difference(self) -> Iterator[str]:
        """The lines that change, as `diff -u` shows them; only of an update, since all lines of the others do."""
        if self.before is None or self.after is None:
            return
        for part in ("subject", "text", "html"):
            before, after = (getattr(each, part).splitlines() for each in (self.before, self.after))
            yield from unified_diff(before, after, f"SES/{part}", f"here/{part}", n=1, lineterm="")

    def make(self, account: SesTemplates) -> None:
        if self.after is None:
            account.delete(self.name)
        elif self.before is None:
            account.create(self.after)
        else:
            account.update(self.after)


def changes(ours: Sequence[SesTemplate], theirs: Sequence[SesTemplate]) -> list[Change]:
    """In the order of the names; those that are the same need none."""
    here, there = ({each.name: each for each in templates} for templates in (ours, theirs))
    pairs = [(there.get(name), here.get(name)) for name in sorted(here.keys() | there.keys())]
    return [Change(before=before, after=after) for before, after in pairs if before != after]
