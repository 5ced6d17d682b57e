"""The attachment policy: every sign that is seen has a treatment, and the strictest of them is the ruling."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from postroom.reasons import Reason, Treatment

MIB = 1 << 20
LONGEST_DETAIL = 120  # characters


_STRICTNESS = {Treatment.ALLOW: 0, Treatment.QUARANTINE: 1, Treatment.REFUSE: 2}

#: Every sign there is and its treatment where a policy says nothing of it; functions/attachments/policy.yaml has the
#: same with a line on each. Of several signs with one treatment, the first in this order is named as the reason.
SIGNS: Mapping[Reason, Treatment] = MappingProxyType(
    {
        Reason.VIRUS_SES: Treatment.QUARANTINE,
        Reason.VIRUS_CLAMD: Treatment.QUARANTINE,
        Reason.EXECUTABLE: Treatment.QUARANTINE,
        Reason.EXECUTABLE_IN_ARCHIVE: Treatment.QUARANTINE,
        Reason.DOUBLE_EXTENSION: Treatment.QUARANTINE,
        Reason.DISGUISED_NAME: Treatment.QUARANTINE,
        Reason.SHORTCUT: Treatment.QUARANTINE,
        Reason.DISK_IMAGE: Treatment.QUARANTINE,
        Reason.MACROS: Treatment.QUARANTINE,
        Reason.REMOTE_TEMPLATE: Treatment.QUARANTINE,
        Reason.EMBEDDED_OBJECT: Treatment.QUARANTINE,
        Reason.PDF_LAUNCH: Treatment.QUARANTINE,
        Reason.PDF_SCRIPT: Treatment.QUARANTINE,
        Reason.HTML_SMUGGLING: Treatment.QUARANTINE,
        Reason.SCRIPT_IN_SVG: Treatment.QUARANTINE,
        Reason.TYPE_MISMATCH: Treatment.QUARANTINE,
        Reason.ENCRYPTED_ARCHIVE: Treatment.QUARANTINE,
        Reason.ENCRYPTED_DOCUMENT: Treatment.QUARANTINE,
        Reason.ENCRYPTED_PDF: Treatment.ALLOW,  # banks and authorities send them; most open without a password
        Reason.ARCHIVE_BOMB: Treatment.REFUSE,
        Reason.TOO_DEEP: Treatment.QUARANTINE,
        Reason.TOO_MANY_FILES: Treatment.QUARANTINE,
        Reason.TOO_COSTLY: Treatment.QUARANTINE,
        Reason.ARCHIVE_UNREADABLE: Treatment.QUARANTINE,
        Reason.NOT_SCANNED: Treatment.QUARANTINE,
        Reason.TOO_LARGE: Treatment.REFUSE,
        Reason.TOO_MANY: Treatment.REFUSE,
        Reason.TOO_LARGE_TOGETHER: Treatment.REFUSE,
    }
)
#: What no policy can allow.
NEVER_ALLOWED = frozenset({Reason.VIRUS_SES, Reason.VIRUS_CLAMD})
#: Signs of the mail as a whole, which say nothing against what holds the attachment.
OF_THE_MAIL = frozenset({Reason.TOO_MANY, Reason.TOO_LARGE_TOGETHER})
_ORDER = {reason: number for number, reason in enumerate((*SIGNS, Reason.NAME_LISTED, Reason.TYPE_LISTED))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One thing that speaks against an attachment. `detail` says where it was seen, in a few words; it may quote names
    out of the mail. `treatment` is set where the policy's own list of names or types gave it."""

    reason: Reason
    detail: str = ""
    treatment: Treatment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What is done with one attachment and why; `signs` are all that were seen, also those that the policy allows."""

    treatment: Treatment
    reason: Reason
    detail: str = ""
    signs: tuple[Sign, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a mail may bring. Sizes are of decoded bytes."""

    count: int = 100  # attachments of a mail, those of attached messages too
    size: int = 40 * MIB
    total: int = 120 * MIB  # of different attachments; an attached message counts, and what is in it as well


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How far an attachment is looked into. Once one is reached, looking stops, and the bound is the sign."""

    depth: int = 4  # archives inside archives; also attached messages inside each other
    files: int = 2_000  # in one attachment, at all depths
    unpacked: int = 200 * MIB  # of one attachment, at all depths
    ratio: int = 200  # unpacked to packed, of what unpacks to over 10 MB
    seconds: int = 20  # for all attachments of a mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A line of the policy's list of names or types: `*` stands for anything."""

    pattern: str
    treatment: Treatment

    def fits(self, text: str) -> bool:
        form = ".*".join(re.escape(piece) for piece in self.pattern.lower().split("*"))
        return re.fullmatch(form, text.lower(), re.DOTALL) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A desk's policy. Of `names` and of `types` the first line that fits counts."""

    limits: Limits = field(default_factory=Limits)
    bounds: Bounds = field(default_factory=Bounds)
    signs: Mapping[Reason, Treatment] = field(default_factory=lambda: SIGNS)
    names: tuple[Listed, ...] = ()
    types: tuple[Listed, ...] = ()

    def allows_name(self, name: str) -> bool:
        """Whether the list of names allows it: then nothing is held against its extension, only against its bytes."""
        found = _first(self.names, (name,))
        return found is not None and found.treatment is Treatment.ALLOW

    def listed(self, name: str, types: Iterable[str]) -> Iterable[Sign]:
        """The signs that the policy's own lists give."""
        for reason, lines, texts in (
            (Reason.NAME_LISTED, self.names, (name,)),
            (Reason.TYPE_LISTED, self.types, tuple(types)),
        ):
            found = _first(lines, texts)
            if found and found.treatment is not Treatment.ALLOW:
                yield Sign(reason=reason, detail=found.pattern, treatment=found.treatment)

    def of_number(self, number: int, size: int, before: int) -> Iterable[Sign]:
        """The signs of an attachment's place in its mail: `number` from 1, `before` the bytes of those before it."""
        if number > self.limits.count:
            yield Sign(reason=Reason.TOO_MANY, detail=f"over {self.limits.count}")
        if size > self.limits.size:
            yield Sign(reason=Reason.TOO_LARGE, detail=f"{size:,} bytes")
        if before + size > self.limits.total:
            yield Sign(reason=Reason.TOO_LARGE_TOGETHER, detail=f"over {self.limits.total:,} bytes")

    def rule(self, signs: Iterable[Sign]) -> Ruling:
        """The strictest treatment that any of the signs has. Total: any signs in any order have one ruling."""
        seen = tuple(sorted(signs, key=lambda sign: (-_STRICTNESS[self.treatment(sign)], _ORDER[sign.reason])))
        worst = seen[0] if seen else None
        if worst is None or self.treatment(worst) is Treatment.ALLOW:
            return Ruling(treatment=Treatment.ALLOW, reason=Reason.NOTHING_AGAINST, signs=seen)
        return Ruling(treatment=self.treatment(worst), reason=worst.reason, detail=worst.detail, signs=seen)

    def treatment(self, sign: Sign) -> Treatment:
        if sign.treatment is not None:
            return sign.treatment
        return self.signs.get(sign.reason, SIGNS.get(sign.reason, Treatment.QUARANTINE))


def _first(lines: Iterable[Listed], texts: Iterable[str]) -> Listed | None:
    texts = tuple(texts)
    return next((line for line in lines if any(map(line.fits, texts))), None)
