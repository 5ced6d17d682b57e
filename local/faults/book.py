"""The faults that stand at this moment, in the order in which they were added."""

import logging
from dataclasses import dataclass, replace

from local.faults.call import Call
from local.faults.fault import Fault, decide

MAX_FAULTS = 100
_LOG = logging.getLogger(__name__)


class Full(Exception):
    """There are too many; the text says what to do."""


@dataclass(slots=True)
class Book:
    """For one event loop: nothing in it waits."""

    faults: tuple[Fault, ...] = ()
    last_id: int = 0

    def add(self, fault: Fault) -> Fault:
        """The same with an id of its own; Full."""
        if len(self.faults) >= MAX_FAULTS:
            raise Full(f"{MAX_FAULTS} faults stand already: clear some first")
        self.last_id += 1
        numbered = replace(fault, id=self.last_id)
        self.faults = (*self.faults, numbered)
        return numbered

    def clear(self) -> None:
        self.faults = ()

    def remove(self, id_: int) -> bool:
        """Whether there was one."""
        before = len(self.faults)
        self.faults = tuple(fault for fault in self.faults if fault.id != id_)
        return len(self.faults) < before

    def strike(self, call: Call) -> Fault | None:
        if not self.faults:
            return None
        struck, self.faults = decide(self.faults, call)
        if struck:
            _LOG.info("%s: %s (fault %d, hit %d)", struck.kind, call, struck.id, struck.hits)
        return struck
