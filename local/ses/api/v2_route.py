"""How a call of API v2 is heard and answered."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from aiohttp import web

from local.ses.api import errors
from local.ses.api.fields import Fields
from local.ses.refused import Refused
from local.ses.values import Json, read_json

Call: TypeAlias = "Callable[[web.Request], Awaitable[Json]]"
Route: TypeAlias = "tuple[str, str, Call]"  # method, path below /v2/email, call
Handler: TypeAlias = "Callable[[web.Request], Awaitable[web.Response]]"


async def body(request: web.Request) -> Fields:
    """The JSON of the request; raises Refused."""
    try:
        return Fields.of(read_json(await request.read() or b"{}"))
    except ValueError as error:
        raise Refused("BadRequestException", "The request is not JSON.") from error


def spoken(call: Call) -> Handler:
    """The call with its result, or the refusal, as SES writes it."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(await call(request))
        except Refused as error:
            name, status = errors.in_v2(error)
            return web.json_response({"message": str(error)}, status=status, headers={"x-amzn-ErrorType": name})

    return handle


def present(**members: Json) -> dict[str, Json]:
    """The members that have a value: what SES doesn't know it leaves out."""
    return {name: value for name, value in members.items() if value is not None}
