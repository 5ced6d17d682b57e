"""Mail with bytes over 127 becomes 7-bit: text as quoted-printable, everything else as base64. Pure.

Not every server takes 8 bits (RFC 6152), so a server that passes mail on converts it (RFC 6152 section 3); SES asks for
7-bit mail ("If any of the MIME parts contain content that is outside of the 7-bit ASCII range, encode that content").
"""

import email.policy
from email.encoders import encode_base64, encode_quopri
from email.message import Message
from email.parser import BytesParser

from local.ses import headers

_MAX_VALUE = 4000  # characters of a field of MIME: reading its parameters takes the square of them


class _Bounded(email.policy.Compat32):
    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        if len(value) > _MAX_VALUE and name.lower().startswith("content-"):
            raise ValueError("a field of MIME is too long to be read")
        return name, value


_POLICY = _Bounded(linesep="\r\n", max_line_length=0, mangle_from_=False)
_MAX_PARTS = 500  # MIME parts of one message ("Service quotas")


def sevenbit(raw: bytes) -> bytes:
    """The mail, its header fields as they were. One that is 7-bit already, or too tangled to read, is not touched."""
    _, end = headers.split(raw)
    if raw[end:].isascii():
        return raw
    try:
        message = BytesParser(policy=_POLICY).parsebytes(raw)
        parts = list(message.walk())
        if len(parts) > _MAX_PARTS:
            return raw
        for part in parts:
            _convert(part)
        return message.as_bytes(policy=_POLICY)
    except (RecursionError, ValueError, LookupError, AttributeError):
        return raw


def _convert(part: Message) -> None:
    """RFC 2045 section 6.4: a multipart or a message has no encoding but 7bit, 8bit or binary."""
    if part.is_multipart():
        if "Content-Transfer-Encoding" in part:
            part.replace_header("Content-Transfer-Encoding", "7bit")
        return
    body = part.get_payload(decode=True)
    encoding = str(part.get("Content-Transfer-Encoding", "7bit")).strip().lower()
    if not isinstance(body, bytes) or body.isascii() or encoding in ("base64", "quoted-printable"):
        return
    del part["Content-Transfer-Encoding"]
    part.set_payload(body)
    (encode_quopri if part.get_content_maintype() == "text" else encode_base64)(part)
