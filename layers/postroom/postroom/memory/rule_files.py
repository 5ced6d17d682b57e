"""A rules file in memory, with its versions."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from postroom.ports import NotFound, RuleFile


@dataclass(slots=True, kw_only=True)
class MemoryRuleFiles:
    """`postroom.ports.RuleFiles`; `versions` are in the order in which they were put."""

    versions: list[bytes] = field(default_factory=list)

    def newest(self, known: str = "") -> RuleFile | None:
        if not self.versions:
            raise NotFound("rules")
        newest = _file(self.versions[-1])
        return None if newest.tag == known else newest

    def earlier(self) -> Iterator[RuleFile]:
        yield from map(_file, self.versions[-2::-1])

    def put(self, text: bytes) -> None:
        self.versions.append(text)


def _file(text: bytes) -> RuleFile:
    return RuleFile(text=text, tag=hashlib.sha256(text).hexdigest())
