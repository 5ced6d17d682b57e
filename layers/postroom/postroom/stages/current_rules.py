"""The rules as they are now: those that the function came with, or a file that the desk puts elsewhere, looked at anew
every few minutes. A file with faults decides nothing: the last good one stays, and the faults are told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from postroom.clock import Clock
from postroom.errors import Misconfigured, Retryable
from postroom.ports import NotFound, RuleFile, RuleFiles
from postroom.rules.rules import RuleSet, load

KEPT = timedelta(minutes=3)  # how long a running function may go by rules that were replaced


@dataclass(slots=True, kw_only=True)
class CurrentRules:
    """`files` is None where the desk keeps to what was deployed. `shipped` decide where it has put no file, or none
    that is right; a file is `kept` for so long. `tell` gets the faults of a wrong file, at every look: an alarm stays
    on while mail comes."""

    files: RuleFiles | None
    shipped: RuleSet
    source: str
    clock: Clock
    tell: Callable[[Sequence[str]], None]
    kept: timedelta = KEPT
    _held: RuleSet | None = field(default=None)
    _looked_at: datetime | None = field(default=None)
    _tag: str = field(default="")
    _faults: tuple[str, ...] = field(default=())

    def __call__(self) -> RuleSet:
        """The rules. Retryable where none were ever read and they can't be read now: the mails wait for them."""
        if self.files is None:
            return self.shipped
        moment = self.clock()
        if self._held is None or self._looked_at is None or moment - self._looked_at > self.kept:
            self._held = self._look(self.files)
            self._looked_at = moment
        return self._held

    def _look(self, files: RuleFiles) -> RuleSet:
        try:
            newest = files.newest(self._tag)
        except NotFound:
            self._tag, self._faults = "", ()
            return self.shipped
        except Retryable:
            if self._held is None:
                raise
            return self._held
        if newest is not None:
            self._tag, found = newest.tag, self._read(newest)
            self._faults = found if isinstance(found, tuple) else ()
            if isinstance(found, RuleSet):
                return found
        if self._faults:
            self.tell(self._faults)
        return self._held or self._last_good(files)

    def _last_good(self, files: RuleFiles) -> RuleSet:
        """Of the versions before the newest the first that is right: nobody was there to hold on to it."""
        read = (self._read(each) for each in files.earlier())
        return next((each for each in read if isinstance(each, RuleSet)), self.shipped)

    def _read(self, file: RuleFile) -> RuleSet | tuple[str, ...]:
        """The rules, or their faults."""
        try:
            return load(file.text.decode(), self.source)
        except UnicodeDecodeError as error:
            return (f"{self.source}: it is no UTF-8 text ({error.reason} at byte {error.start}): save it as UTF-8.",)
        except Misconfigured as error:
            return error.faults
