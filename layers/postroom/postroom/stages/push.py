"""push: the templates that SES keeps for others to send are those of the deployment.

A custom resource asks for it. No mail of the desk needs what SES keeps: so what SES doesn't take is told, and the
deployment goes on. Templates that can't be read are another matter: the reply function has the same.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from postroom.errors import Misconfigured
from postroom.replies.lines import one_line
from postroom.replies.templates.changes import Change, Kept, changes
from postroom.replies.templates.ses import SesTemplate, prefix
from postroom.stages.custom_resource import Answer, Request, Status

T = TypeVar("T")

#: Seconds between looks at what SES has, if it can't be seen: the role is as new as the function, and it takes IAM a
#: moment to know a role everywhere ("Troubleshoot IAM": changes are not always immediately visible).
_PAUSES = (5.0, 10.0, 20.0)
_TOLD = 300  # characters: beside the reason they have to fit into the answer's 4096 bytes


def own_id(request: Request) -> str:
    """How the templates of this stack begin: all that it may see, change and delete."""
    return prefix(request.stack)


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """`time_left` gives seconds. A call that is tried again and again takes `longest`: none is begun with less left."""

    kept: Kept
    pause: Callable[[float], None]
    time_left: Callable[[], float]
    longest: float

    def carry_out(self, request: Request, ours: Callable[[], Iterable[SesTemplate]]) -> Answer:
        """Does what is asked; the same request twice changes nothing. Raises Misconfigured, and what `ours` raises."""
        match request.type:
            case "Create" | "Update":
                wanted = list(ours())
                return _answer(request, f"{len(wanted)} templates are in SES", self._pushed(wanted))
            case "Delete":
                return _answer(request, "SES has no templates of this stack any more", self._deleted())
            case _:
                raise Misconfigured([f"RequestType must be Create, Update or Delete; this one is {request.type!r}"])

    def _pushed(self, wanted: list[SesTemplate]) -> list[str]:
        try:
            needed = changes(wanted, self._seen(self.kept.all))
        except Exception as error:  # see above: whatever it is, the mail flow must not be put back for it
            return [_fault("what SES has is not known", error)]
        return self._made(needed)

    def _deleted(self) -> list[str]:
        try:
            names = self._seen(self.kept.names)
        except Exception as error:  # a stack that can't be deleted is worse than a template that is left
            return [_fault("what SES has is not known", error)]
        return self._made([Change(before=_named(name), after=None) for name in names])

    def _made(self, needed: list[Change]) -> list[str]:
        return [fault for change in needed if (fault := self._tried(change))]

    def _tried(self, change: Change) -> str:
        """Makes the change, or says why not: one that fails leaves the others."""
        if self.time_left() < self.longest:
            return f"{change.name}: there was no time left"
        try:
            change.make(self.kept)
        except Exception as error:  # see above: one that fails leaves the others, whatever it is
            return _fault(change.name, error)
        return ""

    def _seen(self, look: Callable[[], Iterable[T]]) -> list[T]:
        """What a look gives, at the latest the last one; TimeoutError where there is no time for it."""
        for seconds in _PAUSES:
            try:
                return list(self._in_time(look))
            except TimeoutError:
                raise
            except Exception:  # whatever it is: the last look tells
                self.pause(seconds)
        return list(self._in_time(look))

    def _in_time(self, look: Callable[[], Iterable[T]]) -> Iterator[T]:
        self._hurry()
        for each in look():
            yield each
            self._hurry()

    def _hurry(self) -> None:
        if self.time_left() < self.longest:
            raise TimeoutError("there was no time left to look at all the templates that are there")


def _answer(request: Request, done: str, faults: list[str]) -> Answer:
    """SUCCESS in each case. The attribute Told is for the stack's outputs, where people look."""
    told = f"not done, see the log of push: {'; '.join(faults)}" if faults else done
    return Answer(
        status=Status.SUCCESS, physical_id=own_id(request), reason="; ".join(faults), data={"Told": told[:_TOLD]}
    )


def _named(name: str) -> SesTemplate:
    return SesTemplate(name=name, subject="", text="", html="")


def _fault(what: str, error: Exception) -> str:
    return one_line(f"{what}: {type(error).__name__}: {error}")
