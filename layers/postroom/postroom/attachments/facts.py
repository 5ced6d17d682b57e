"""What is known of a file before its bytes are looked into: what that says against it, and whether a look is needed."""

from collections.abc import Iterator
from dataclasses import dataclass

from postroom.attachments import names
from postroom.attachments.extensions import TEXTS
from postroom.attachments.policy import Sign
from postroom.reasons import Reason

#: Detected types of what a machine runs.
PROGRAMS = frozenset(
    {
        "application/vnd.microsoft.portable-executable",
        "application/x-elf",
        "application/x-mach-binary",
        "application/java-vm",
        "application/java-archive",
        "application/vnd.android.package-archive",
        "text/x-shellscript",
    }
)
#: The families of what never needs a look: nothing opens them as anything else, where the name agrees.
HARMLESS: dict[str, frozenset[str]] = {
    "image/png": frozenset({"png"}),
    "image/jpeg": frozenset({"jpg", "jpeg", "jpe", "jfif"}),
    "image/gif": frozenset({"gif"}),
    "image/webp": frozenset({"webp"}),
    "image/bmp": frozenset({"bmp", "dib"}),
    "image/tiff": frozenset({"tif", "tiff"}),
    "image/heic": frozenset({"heic"}),
    "image/heif": frozenset({"heif", "heic"}),
    "image/avif": frozenset({"avif"}),
    "audio/mpeg": frozenset({"mp3"}),
    "audio/ogg": frozenset({"ogg", "oga", "opus"}),
    "audio/flac": frozenset({"flac"}),
    "audio/wav": frozenset({"wav"}),
    "video/mp4": frozenset({"mp4", "m4v", "m4a", "mov", "3gp"}),
    "video/quicktime": frozenset({"mov", "qt"}),
    "video/x-msvideo": frozenset({"avi"}),
    "video/x-matroska": frozenset({"mkv", "webm"}),
    "text/calendar": frozenset({"ics", "ical", "ifb", "vcs"}),
    "text/vcard": frozenset({"vcf", "vcard"}),
    "application/pgp-signature": frozenset({"asc", "sig"}),
    "application/pgp-encrypted": frozenset({"asc", "pgp", "gpg"}),
}
_PICTURES = frozenset().union(*HARMLESS.values())
_TEXT_TYPES = ("text/plain", "text/csv", "text/calendar", "text/rfc822-headers", "message/", "application/pkcs7-")
#: What a name or a declared type claims, and the detected types that agree; what else is detected is a mismatch.
_CLAIMS: dict[str, str] = {"pdf": "application/pdf", "csv": "text/", "txt": "text/", "log": "text/"} | dict.fromkeys(
    _PICTURES - {"ics", "ical", "ifb", "vcs", "vcf", "vcard", "asc", "sig", "pgp", "gpg"}, "media"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a file before a look: its name as sent, its declared type (empty for a file in an archive), and
    what its first bytes show."""

    name: str
    content_type: str
    detected_type: str | None

    @property
    def extension(self) -> str:
        return names.extension(self.name)


def needs_look(facts: Facts) -> bool:
    """Whether the bytes beyond the first ones can matter."""
    known = HARMLESS.get(facts.detected_type or "")
    if known is not None:
        return facts.extension not in known and facts.extension != ""
    if facts.detected_type is None and facts.content_type.startswith(_TEXT_TYPES):
        return facts.extension not in TEXTS and facts.extension != ""
    return True


def signs_of_facts(facts: Facts, *, named: bool = True, within: bool = False) -> Iterator[Sign]:
    """What speaks against a file by name, declared type and first bytes alone. `named` is False where the policy allows
    the name."""
    detail = names.shown(facts.name)
    if named:
        yield from names.signs(facts.name, within=within)
    if facts.detected_type in PROGRAMS:
        yield Sign(reason=Reason.EXECUTABLE_IN_ARCHIVE if within else Reason.EXECUTABLE, detail=detail)
    if facts.detected_type == "application/x-ms-shortcut":
        yield Sign(reason=Reason.SHORTCUT, detail=detail)
    if _is_mismatch(facts):
        yield Sign(reason=Reason.TYPE_MISMATCH, detail=f"{detail} is {facts.detected_type}")


def _is_mismatch(facts: Facts) -> bool:
    """Whether it says that it is a picture, a PDF or plain text, and its first bytes are another thing's.

    A picture of another format is none, nor is a text that is not known by its first bytes: both come every day.
    """
    found = facts.detected_type
    claim = _CLAIMS.get(facts.extension) or ("media" if facts.content_type.startswith("image/") else "")
    if not found or not claim:
        return False
    if claim == "media":
        return not found.startswith(("image/", "audio/", "video/")) and found != "text/xml"
    return not found.startswith(claim) or found in ("text/html", "text/x-shellscript")
