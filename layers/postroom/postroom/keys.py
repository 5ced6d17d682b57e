"""The keys that sign thread tokens."""

from dataclasses import dataclass

SHORTEST = 32  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The key that signs, and the one before it, which is still believed: so what it has signed stays good."""

    current: bytes
    previous: bytes | None = None

    def __post_init__(self) -> None:
        if any(len(key) < SHORTEST for key in self.all()):
            raise ValueError(f"a key for thread tokens has {SHORTEST} bytes or more")

    def all(self) -> tuple[bytes, ...]:
        return (self.current,) if self.previous is None else (self.current, self.previous)
