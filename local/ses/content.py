"""What a client sends after DATA (RFC 5321 section 4.5.2), read into one piece of memory that is as large as a mail.

aiosmtpd keeps a list of lines: of a mail of 40 MB in short ones that is two GB, and a line that never ends it keeps for
ever. Only CR LF, a dot and CR LF end a mail; a dot between bare CRs or LFs is text (no SMTP smuggling).
"""

import asyncio

from aiosmtpd.smtp import SMTP

PIECE = 64 * 1024  # bytes that wait to be read; a command has fewer
_END = b"\r\n.\r\n"
_ALL = 1 << 30  # bytes: all that waits


async def read(reader: asyncio.StreamReader, limit: int) -> bytes | None:
    """The mail with its dots as they were, or None where it has more than `limit` bytes; then it is read, and gone."""
    mail, fits, looked = bytearray(b"\r\n"), True, 0  # as if after a line: a dot may be all
    while (end := mail.find(_END, looked)) < 0:
        looked = max(0, len(mail) - len(_END) + 1)
        if len(mail) > limit + 2 * len(_END):
            mail, looked, fits = mail[looked:], 0, False
        more = await reader.read(_ALL)
        if not more:
            raise ConnectionResetError("the client went away in the middle of a mail")
        mail += more
    left = bytes(mail[end + len(_END) :])
    if left and not reader.at_eof():
        reader.feed_data(left)  # nothing else waits: it was all taken out
    del mail[end + 2 :]
    return bytes(mail.replace(b"\r\n.", b"\r\n")[2:]) if fits and len(mail) <= limit + 2 else None


class Reading(SMTP):
    """aiosmtpd's protocol with this way to read a mail."""

    line_length_limit = PIECE

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 (aiosmtpd's name)
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        envelope = self.envelope
        if envelope is None or not envelope.rcpt_tos:
            await self.push("503 Error: need RCPT command")
        elif arg:
            await self.push("501 Syntax: DATA")
        else:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            mail = await read(self._reader, self.data_size_limit or 0)
            envelope.content = envelope.original_content = mail
            status = "552 Error: Too much mail data" if mail is None else await self._call_handler_hook("DATA")
            self._set_post_data_state()  # type: ignore[no-untyped-call]  # aiosmtpd has no annotation for it
            await self.push(status)
