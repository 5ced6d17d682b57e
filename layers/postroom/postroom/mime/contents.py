"""What is inside an attachment and no range of the raw mail: in a winmail.dat, an S/MIME object, an encoded message."""

from collections.abc import Iterator

from postroom.message import Attachment
from postroom.mime import cms, secured, tnef, transfer, winmail
from postroom.mime.parts import Parts
from postroom.mime.scan import scan

_DEEPEST = 8  # of containers inside each other; `postroom.mime.parts` lists no deeper


def inside(holder: Attachment, data: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each file in the holder, whose decoded bytes these are, under the paths that `read` gave them.

    Raises TooComplex where `read` would.
    """
    if depth >= _DEEPEST:
        return
    if winmail.is_named_so(holder.content_type, holder.filename):
        found = tnef.open(data)
        if found:
            yield from winmail.files(found, holder.path)
        return
    mail = _mail(holder, data)
    if mail is None:
        return
    parts = Parts()
    parts.sort(scan(mail, parts.wanted))
    for attachment in parts.attachments:
        if attachment.span is None:
            continue
        inner = transfer.decode(attachment.span.encoding, mail[attachment.span.start : attachment.span.end])
        yield f"{holder.path}/{attachment.path}", inner
        for path, file in inside(attachment, inner, depth + 1):
            yield f"{holder.path}/{path}", file


def _mail(holder: Attachment, data: bytes) -> bytes | None:
    """The mail that the holder is, or has signed."""
    if secured.is_smime(holder):
        opened = cms.open(data)
        return opened.content if opened else None
    return data if holder.content_type.startswith("message/") else None
