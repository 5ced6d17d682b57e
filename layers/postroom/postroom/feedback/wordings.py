"""Wordings as data: one a line, so that a table of a hundred reads like a list, compiled into one pattern."""

import re


def alternatives(lines: str) -> str:
    """One pattern that matches any of the lines. A line that ends in a backslash goes on in the next one."""
    whole = re.sub(r"\\\n *", "", lines)
    return "|".join(f"(?:{line.strip()})" for line in whole.splitlines() if line.strip())


def any_of(lines: str, before: str = "") -> re.Pattern[str]:
    """The compiled pattern of all lines, each with `before` in front; case doesn't matter, `^` is a line's start."""
    return re.compile(f"{before}(?:{alternatives(lines)})", re.IGNORECASE | re.MULTILINE)
