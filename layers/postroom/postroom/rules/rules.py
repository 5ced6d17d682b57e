"""A desk's own categories: a file of rules, read from the top; the first rule that fits gives category and priority.

    rules:
      - name: outage
        category: technical_problem
        priority: high
        when:
          words: [outage, "does not work", "ausfall*"]
          unless: [newsletter]

All conditions under `when` must hold, and of each list one entry:

    words        phrases in the subject or in the visible text (not in what was quoted)
    subject      phrases in the subject
    text         phrases in the visible text
    unless       phrases in neither of them
    to           local parts of To, Cc and Delivered-To ("billing" also fits billing+2024@)
    kind         kinds of mail (see postroom.kinds)
    language     ISO 639-1 codes
    attachments  yes or no

Phrases are compared word by word without case and punctuation; an asterisk at an end leaves that end open.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from postroom.errors import Misconfigured
from postroom.kinds.kind import Kind
from postroom.kinds.words import flat
from postroom.message import Message
from postroom.rules.reading import read
from postroom.rules.rule import Conditions, Phrase, Priority, Rule

__all__ = ["CategoryFinding", "Conditions", "Phrase", "Priority", "Rule", "RuleSet", "load"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryFinding:
    """What the rules say: the rule that fired and what it saw ("subject:invoice"). All empty where none fitted."""

    category: str | None = None
    priority: Priority | None = None
    rule: str = ""
    confidence: int = 0  # 0 to 100
    signals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """The rules of a file in its order. `version` is a short hash of the file's text: it tells which rules decided."""

    version: str
    rules: tuple[Rule, ...] = ()

    def apply(self, message: Message, kind: Kind, language: str | None) -> CategoryFinding:
        """The finding of the first rule that fits."""
        mail = _Mail.of(message, kind, language)
        for rule in self.rules:
            signals = mail.fits(rule.when)
            if signals is not None:
                return CategoryFinding(
                    category=rule.category,
                    priority=rule.priority,
                    rule=rule.name,
                    confidence=_confidence(signals),
                    signals=signals,
                )
        return CategoryFinding()


def load(text: str, source: str = "") -> RuleSet:
    """The rules of a YAML text. Raises Misconfigured with every fault: the file, the line, the rule, what to write."""
    try:
        return RuleSet(version=hashlib.sha256(text.encode()).hexdigest()[:12], rules=read(text))
    except Misconfigured as error:
        raise Misconfigured([f"{source}: {fault}" if source else fault for fault in error.faults]) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mail:
    """A message as the rules see it: prepared once for all of them."""

    subject: str
    text: str
    local_parts: frozenset[str]
    kind: Kind
    language: str | None
    attachments: bool

    @classmethod
    def of(cls, message: Message, kind: Kind, language: str | None) -> "_Mail":
        return cls(
            subject=flat(message.subject),
            text=flat(message.reply.visible or message.text or ""),
            local_parts=frozenset(_local_parts(message)),
            kind=kind,
            language=language,
            attachments=any(a.disposition != "inline" or a.content_id is None for a in message.attachments),
        )

    def fits(self, when: Conditions) -> tuple[str, ...] | None:
        """What was seen for each condition; None where one doesn't hold."""
        if self._first(when.unless, subject=True, text=True):
            return None
        found = tuple(self._seen(when))
        return None if None in found else tuple(signal for signal in found if signal)

    def _seen(self, when: Conditions) -> Iterator[str | None]:
        """One signal for each condition that was set; None for one that doesn't hold."""
        if when.words:
            yield self._first(when.words, subject=True, text=True)
        if when.subject:
            yield self._first(when.subject, subject=True)
        if when.text:
            yield self._first(when.text, text=True)
        if when.to:
            local = next(iter(sorted(when.to & self.local_parts)), None)
            yield f"to:{local}" if local else None
        if when.kind:
            yield f"kind:{self.kind}" if self.kind in when.kind else None
        if when.language:
            yield f"language:{self.language}" if self.language in when.language else None
        if when.attachments is not None:
            yield f"attachments:{'yes' if self.attachments else 'no'}" if self.attachments is when.attachments else None

    def _first(self, wanted: Iterable[Phrase], *, subject: bool = False, text: bool = False) -> str | None:
        """The first phrase that is there, and where; the subject tells more than the text."""
        wanted = tuple(wanted)
        places = (("subject", self.subject, subject), ("text", self.text, text))
        return next(
            (f"{name}:{p.written}" for name, words, on in places if on for p in wanted if p.wanted in words), None
        )


def _local_parts(message: Message) -> Iterator[str]:
    """The local parts that the mail was written to, each whole and without its plus-label."""
    written = (*(a.address for a in (*message.to, *message.cc)), *message.facts.get("delivered-to", ()))
    for address in written:
        local = address.strip().rpartition("@")[0].casefold()
        yield local
        yield local.partition("+")[0]


_CONFIDENCE = {"to": 90, "kind": 90, "subject": 80, "text": 60}  # by what speaks for it


def _confidence(signals: tuple[str, ...]) -> int:
    """How sure a rule is: as its best signal. A rule for all the rest is not sure of anything."""
    return max((_CONFIDENCE.get(signal.partition(":")[0], 40) for signal in signals), default=20)
