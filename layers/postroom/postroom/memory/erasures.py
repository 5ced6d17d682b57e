"""Who has which attachment, and what is kept of erasures, in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from postroom.ids import SesId
from postroom.ports import Tombstone


@dataclass(slots=True)
class MemoryHolders:
    """`postroom.ports.Holders`."""

    held: set[tuple[str, SesId]] = field(default_factory=set)

    def hold(self, sha256: str, ses_id: SesId) -> None:
        self.held.add((sha256, ses_id))

    def let_go(self, sha256: str, ses_id: SesId) -> None:
        self.held.discard((sha256, ses_id))

    def holders(self, sha256: str) -> Iterator[SesId]:
        return iter(sorted(ses_id for held, ses_id in self.held if held == sha256))


@dataclass(slots=True)
class MemoryErasures:
    """`postroom.ports.Erasures`."""

    buried: dict[tuple[str, str], Tombstone] = field(default_factory=dict)

    def bury(self, tombstone: Tombstone) -> None:
        self.buried[tombstone.who, tombstone.at] = tombstone

    def of(self, who: str) -> Iterator[Tombstone]:
        return (stone for (whose, _), stone in sorted(self.buried.items()) if whose == who)
