"""What a change of a template in SES changes in it, line by line."""

from collections.abc import Iterator
from difflib import unified_diff

from postroom.replies.templates.changes import Change


def difference(change: Change) -> Iterator[str]:
    """The lines that change, as `diff -u` shows them; only of an update, since all lines of the others do."""
    if change.before is None or change.after is None:
        return
    for part in ("subject", "text", "html"):
        before, after = (getattr(each, part).splitlines() for each in (change.before, change.after))
        yield from unified_diff(before, after, f"SES/{part}", f"here/{part}", n=1, lineterm="")
