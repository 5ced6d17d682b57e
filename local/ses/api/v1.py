"""The first SES API (2010-12-01): what `boto3.client("ses")` calls, and `aws ses ...`."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from local.ses import form
from local.ses.api import errors, query
from local.ses.api.query import Call, Tree
from local.ses.refused import Refused
from local.ses.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiV1:
    """All calls come to one address; the form's field `Action` names them."""

    calls: Mapping[str, Call]

    async def handle(self, request: web.Request) -> web.Response:
        request_id = str(uuid.uuid4())
        try:
            fields = await _fields(request)
            name = fields.get("Action", "")
            call = self.calls.get(name, _unknown)
            body, status = query.answer(name, await call(query.tree(fields)), request_id), 200
        except Refused as error:
            code, status = errors.in_v1(error)
            body = query.failure(code, str(error), request_id)
        return web.Response(text=body, status=status, content_type="text/xml")


async def _fields(request: web.Request) -> Mapping[str, str]:
    try:
        return await form.fields(request)
    except form.NoForm as error:
        raise Refused("MalformedInput", str(error)) from error


async def _unknown(call: Tree) -> Json:
    raise Refused("InvalidAction", f"The action {query.text(call, 'Action') or '(none)'} is not played here.")
