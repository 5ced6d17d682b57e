"""What a client sends after DATA (RFC 5321 section 4.5.2), read into one piece of memory that is as large as a mail.

aiosmtpd keeps a list of lines: of a mail of 40 MB in short ones that is two GB, and a line that never ends it keeps for
ever. Only CR LF, a dot and CR LF end a mail; a dot between bare CRs or LFs is text (no SMTP smuggling).
"""

import asyncio

from aiosmtpd.smtp import SMTP

PIECE = 64 * 1024  # bytes: of a longer line so many are held at once


async def read(reader: asyncio.StreamReader, limit: int) -> bytes | None:
    """The mail with its dots as they were, or None where it has more than `limit` bytes; then it is read, and gone."""
    mail, fits, begins = bytearray(), True, True
    while True:
        line = await _piece(reader)
        if begins and line == b".\r\n":
            return bytes(mail) if fits else None
        mail += line[1:] if begins and line.startswith(b".") else line
        begins = line.endswith(b"\r\n")
        if len(mail) > limit:
            mail, fits = bytearray(), False


async def _piece(reader: asyncio.StreamReader) -> bytes:
    """A line with its end, or a part of a long one; what follows a part may be no more than the end."""
    try:
        return await reader.readuntil(b"\r\n")
    except asyncio.LimitOverrunError as error:
        return await reader.readexactly(error.consumed)


class Reading(SMTP):
    """aiosmtpd's protocol with this way to read a mail."""

    line_length_limit = PIECE  # of commands, and of what waits to be read

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
