"""A mail's category where the rules have left it open: what the desk's own model says, if it is sure.

A model sees only what the reader of the mail sees, and its answer is one of the labels that it was trained on. It gives
a category and nothing else: no disposition, no priority.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from postroom.kinds import sight
from postroom.kinds.kind import BY_PEOPLE, Kind
from postroom.message import Message
from postroom.ports import NotFound, Objects
from postroom.rules.rules import FOR_THE_REST, CategoryFinding

if TYPE_CHECKING:  # a desk without a model loads nothing for it
    from postroom.categories.model import Guess, Model

MODEL = "model:"  # before its version, where a record names what gave the category


@dataclass(frozen=True, slots=True, kw_only=True)
class Categorising:
    """The desk's model, if it has one. `fault` says why a model that should be there can't be used."""

    model: "Model | None" = None
    fault: str = ""

    def complete(self, found: CategoryFinding, message: Message, kind: Kind) -> CategoryFinding:
        """The finding, with the model's category where no rule knew it; its signals tell what the model has said."""
        if not found.is_open or kind not in BY_PEOPLE:
            return found
        if self.model is None:
            return replace(found, signals=(*found.signals, f"{MODEL}unusable")) if self.fault else found
        guess = self.model.guess(*seen(message))
        signals = (*found.signals, *_told(guess, self.model))
        if not guess.sure:
            return replace(found, signals=signals)
        confidence = max(round(100 * guess.confidence), FOR_THE_REST + 1)  # sure among many labels may be less
        by = f"{MODEL}{self.model.version}"
        return replace(found, category=guess.label, rule=by, confidence=confidence, signals=signals)


NO_MODEL = Categorising()


def seen(message: Message) -> tuple[str, str]:
    """The subject and the text as their reader sees them: what was quoted is not what this mail is about."""
    return sight.seen(message.subject), sight.seen(message.reply.visible or message.text or "")


def stored(objects: Objects, key: str) -> Categorising:
    """The model under this key of the bucket. One that can't be used holds up no mail: the records tell of it."""
    try:
        return of(objects.read(key))
    except NotFound:
        return Categorising(fault=f"there is no {key} in the mail bucket: put the file of `postroom train` there")


def of(content: bytes) -> Categorising:
    """The model of a file's bytes."""
    from postroom.categories import form

    try:
        return Categorising(model=form.read(content))
    except form.Unusable as error:
        return Categorising(fault=str(error))


def _told(guess: "Guess", model: "Model") -> tuple[str, ...]:
    """Which model, how sure of what, and by which words."""
    said = "category" if guess.sure else "unsure"
    words = tuple(f"word:{word}" for word in guess.words)
    return (f"{MODEL}{model.version}", f"{said}:{guess.label} {guess.confidence:.2f}", *words)
