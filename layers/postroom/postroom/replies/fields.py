"""Header fields as bytes: folded, in ASCII, and never more than one field each, whatever stands in their values.

They are written here, and not by the standard library: it turns a long message id into encoded words
(python/cpython#79986), and Outlook then loses the thread; and it writes a Subject that some servers refuse
(python/cpython#144156).
"""

import re
from collections.abc import Iterable
from email.header import Header

from postroom.replies.lines import one_line

ATOMS = re.compile(r"[A-Za-z0-9 -]{0,60}")  # a phrase that needs no quotes (RFC 5322 section 3.2.5)
PLAIN = re.compile(r"[ -~]{0,300}")
_COLUMNS = 78  # RFC 5322 section 2.1.1


def field(name: str, *words: str) -> bytes:
    """One header field, folded before each word that would pass 78 columns."""
    lines, line = [], f"{name}:"
    for word in words:
        if len(line) + 1 + len(word) > _COLUMNS and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join((*lines, line)).encode("ascii") + b"\r\n"


def words(text: str, safe: re.Pattern[str]) -> Iterable[str]:
    """The text as words for `field`: as it is where that is safe, else as encoded words (RFC 2047)."""
    plain = one_line(text)
    if safe.fullmatch(plain) and "=?" not in plain:
        return plain.split()
    return Header(plain, "utf-8", maxlinelen=75).encode(linesep="\n").split()


def token(word: str) -> str:
    """A word for a header from our own settings, or one that the pre-flight has let through; ValueError for others."""
    if not re.fullmatch(r"[!-~]{1,320}", word):
        raise ValueError(f"{word!r} can't stand in a header: it should be printable ASCII without spaces")
    return word
