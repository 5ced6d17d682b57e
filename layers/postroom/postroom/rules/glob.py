"""Patterns in which an asterisk stands for anything: no regular expressions, so that no mail makes one slow."""

from dataclasses import dataclass

MOST_STARS = 5


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern, compared without case and as a whole."""

    written: str

    def fits(self, text: str) -> bool:
        """The pieces between the asterisks are looked for from the left, each once: time is linear in the text."""
        first, *rest = self.written.casefold().split("*")
        folded = text.casefold()
        if not rest:
            return folded == first
        *middle, last = rest
        if not folded.startswith(first) or not folded.endswith(last) or len(folded) < len(first) + len(last):
            return False
        place, end = len(first), len(folded) - len(last)
        for piece in middle:
            found = folded.find(piece, place, end)
            if found < 0:
                return False
            place = found + len(piece)
        return True


@dataclass(frozen=True, slots=True)
class AddressPattern:
    """Addresses as an SES receipt rule writes them (ann@example.com, example.com, .example.com for the subdomains), or
    with asterisks (billing*@example.com). A label is asked with and without (billing+118@), the case never."""

    written: str

    def fits(self, address: str) -> bool:
        wanted, whole = self.written.casefold(), address.strip().casefold()
        local, _, domain = whole.rpartition("@")
        if "@" in wanted or "*" in wanted:
            glob, plain = Glob(wanted), f"{local.partition('+')[0]}@{domain}"
            return glob.fits(whole) or glob.fits(plain)
        return domain.endswith(wanted) if wanted.startswith(".") else domain == wanted
