"""What may still be spent on looking into an attachment."""

from collections.abc import Callable
from dataclasses import dataclass, field

from postroom.attachments.policy import MIB, Bounds, Sign
from postroom.reasons import Reason

RATIO_FROM = 10 * MIB


class BoundReached(Exception):
    """A bound of looking is reached; `sign` says which."""

    def __init__(self, sign: Sign) -> None:
        super().__init__(sign.reason)
        self.sign = sign


@dataclass(slots=True)
class Budget:
    """What may still be looked at in one attachment; `deadline` is on `clock`, in seconds, and may be the mail's."""

    bounds: Bounds
    clock: Callable[[], float]
    deadline: float
    files: int = field(init=False)
    unpacked: int = field(init=False)

    def __post_init__(self) -> None:
        self.files, self.unpacked = self.bounds.files, self.bounds.unpacked

    def file(self) -> None:
        """One more file is looked at."""
        self.files -= 1
        if self.files < 0:
            raise BoundReached(Sign(reason=Reason.TOO_MANY_FILES, detail=f"over {self.bounds.files}"))
        self.tick()

    def unpack(self, size: int) -> None:
        """So many bytes more were unpacked."""
        self.unpacked -= size
        if self.unpacked < 0:
            raise BoundReached(Sign(reason=Reason.ARCHIVE_BOMB, detail=f"over {self.bounds.unpacked:,} bytes"))
        self.tick()

    def claim(self, size: int) -> None:
        """An archive says that it unpacks to so many bytes: a bomb that says so is not touched."""
        if size > self.bounds.unpacked:
            raise BoundReached(Sign(reason=Reason.ARCHIVE_BOMB, detail=f"{size:,} bytes by its own account"))

    def compare(self, unpacked: int, packed: int) -> None:
        """The ratio of what unpacks to over `RATIO_FROM`: a page of zeros is no bomb."""
        if unpacked > RATIO_FROM and unpacked > self.bounds.ratio * max(packed, 1):
            raise BoundReached(Sign(reason=Reason.ARCHIVE_BOMB, detail=f"{unpacked:,} bytes in {packed:,}"))

    def enter(self, depth: int) -> None:
        """An archive at this depth is opened; the attachment itself is at depth 1."""
        if depth > self.bounds.depth:
            raise BoundReached(Sign(reason=Reason.TOO_DEEP, detail=f"deeper than {self.bounds.depth}"))

    def tick(self) -> None:
        if self.clock() > self.deadline:
            raise BoundReached(Sign(reason=Reason.TOO_COSTLY, detail=f"over {self.bounds.seconds} seconds"))


class Unreadable(Exception):
    """The file can't be looked into: it is broken, of a form that we don't read, or says two things of itself."""
