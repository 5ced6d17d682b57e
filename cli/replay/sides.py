"""The two sides of a replay: rules, and the desk's model beside them, as values that go to processes of their own."""

import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cli import files
from cli.files import Usage
from cli.paths import ROOT
from postroom.categories.form import Unusable
from postroom.rules import rules
from postroom.rules.rules import RuleSet
from postroom.stages import categorising
from postroom.stages.categorising import NO_MODEL, Categorising


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A rules file: its text, and its name for people."""

    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A model's file, and its name for people. Two of one digest are the same: a model may have megabytes."""

    source: str
    digest: str
    content: bytes = field(repr=False, compare=False)

    @classmethod
    def of(cls, content: bytes, source: str) -> "Trained":
        return cls(content=content, source=source, digest=hashlib.sha256(content).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What decides. `model` is None where the desk has none."""

    rules: Written
    model: Trained | None = None


@cache
def loaded(written: Written) -> RuleSet:
    """The rules of the file; Misconfigured with every fault. Once in each process."""
    return rules.load(written.text, written.source)


@cache
def asked(trained: Trained | None) -> Categorising:
    """The model as the classify stage has it: one that can't be used holds up no mail. Once in each process."""
    return categorising.of(trained.content) if trained else NO_MODEL


def written(path: Path) -> Written:
    """The rules file at this path, known to be right; Misconfigured with its faults, Usage where it can't be read."""
    text, source = files.desks_own(path)
    file = Written(text=text, source=source)
    loaded(file)
    return file


def trained(path: Path) -> Trained:
    """The model at this path, known to be one; Unusable where it isn't, Usage where it can't be read."""
    try:
        found = Trained.of(path.read_bytes(), named(path))
    except OSError as error:
        raise Usage(f"{path}: can't be read ({error.strerror})") from error
    if fault := asked(found).fault:
        raise Unusable(f"{path}: {fault}")
    return found


def named(path: Path) -> str:
    """A file of the checkout by its place there, another as it was given."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)
