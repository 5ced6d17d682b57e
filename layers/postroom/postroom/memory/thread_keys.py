"""Keys of thread tokens that stand in memory."""

from dataclasses import dataclass, field

from postroom.keys import SHORTEST, Keys


@dataclass(frozen=True, slots=True)
class MemoryKeys:
    """`postroom.ports.ThreadKeys`."""

    held: Keys = field(default_factory=lambda: Keys(current=b"k" * SHORTEST))

    def keys(self) -> Keys:
        return self.held
