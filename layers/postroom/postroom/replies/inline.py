"""Images that a page shows by the names of files that go with it: `<img src="cid:logo.png">`."""

import re
from collections.abc import Sequence
from dataclasses import replace

from postroom.replies.files import File

_NAMED = re.compile(r"cid:([^\"'<>\s)]{1,200})")


def shown(page: str, files: Sequence[File], domain: str) -> tuple[str, tuple[File, ...]]:
    """The page with the ids that its files get, and the files: those that it names are inline. An id has the form of a
    Message-ID (RFC 2392 section 2)."""
    wanted = set(_NAMED.findall(page))
    ids = {each.name: f"{each.sha256[:24]}@{domain}" for each in files if each.name in wanted}
    linked = _NAMED.sub(lambda found: f"cid:{ids.get(found[1], found[1])}", page)
    return linked, tuple(replace(each, content_id=ids.get(each.name, "")) for each in files)


def missing(page: str, files: Sequence[File]) -> tuple[str, ...]:
    """The names that the page shows and that no file has."""
    names = {each.name for each in files}
    return tuple(sorted(name for name in set(_NAMED.findall(page)) if name not in names))
