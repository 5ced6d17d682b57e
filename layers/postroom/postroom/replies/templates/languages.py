"""Languages of templates: from what a mail is written in to the folder that answers it."""

import re

DEFAULT_LANGUAGE = "en"
FOLDER = re.compile(r"[a-z]{2}(?:-[A-Z]{2})?")  # ISO 639-1, ISO 3166-1

_TAG = re.compile(r"([A-Za-z]{2})(?:[-_]([A-Za-z]{2}))?(?![A-Za-z])")


def spoken(language: str | None) -> tuple[str, ...]:
    """The folders that a language tag (RFC 5646: `de`, `DE`, `de-AT`) may be found in, the nearest first."""
    found = _TAG.match(language or "")
    if found is None:
        return ()
    base = found[1].lower()
    return (f"{base}-{found[2].upper()}", base) if found[2] else (base,)
