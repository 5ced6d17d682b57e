"""The fields of a form that was posted: by an SDK of AWS's query protocol, or by a mail program (RFC 8058)."""

from aiohttp import web


class NoForm(Exception):
    """What was posted can't be read as a form."""


async def fields(request: web.Request) -> dict[str, str]:
    """By name, without files; of several of one name the last. Raises NoForm."""
    try:
        return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    except (ValueError, LookupError, AssertionError, RuntimeError) as error:  # a boundary, a charset that there isn't
        raise NoForm("The body is not a form.") from error
