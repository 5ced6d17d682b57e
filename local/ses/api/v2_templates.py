"""Templates in API v2."""

import asyncio
from dataclasses import dataclass, replace

from aiohttp import web

from local.ses.account import Account, Template
from local.ses.api.fields import Fields
from local.ses.api.paging import page, size_of
from local.ses.api.v2_route import Route, body, present
from local.ses.refused import Refused
from local.ses.sending import filling, preview
from local.ses.values import Json, now

_PATH = "/templates"


def template(name: str, content: Fields) -> Template:
    """A template with the parts of an EmailTemplateContent."""
    subject, text, html = content.text("Subject"), content.text("Text"), content.text("Html")
    return Template(name=name, subject=subject, text=text, html=html, created_at=now())


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCalls:
    account: Account

    def routes(self) -> list[Route]:
        return [
            ("POST", _PATH, self._create),
            ("GET", _PATH, self._list),
            ("GET", _PATH + "/{name}", self._get),
            ("PUT", _PATH + "/{name}", self._update),
            ("DELETE", _PATH + "/{name}", self._delete),
            ("POST", _PATH + "/{name}/render", self._render),
        ]

    async def _create(self, request: web.Request) -> Json:
        asked = await body(request)
        made = template(asked.required("TemplateName"), asked.object("TemplateContent"))
        self.account.templates.create(await asyncio.to_thread(filling.checked, made))
        return {}

    async def _list(self, request: web.Request) -> Json:
        query = request.query
        shown, following = page(self.account.templates.all(), query.get("NextToken"), size_of(query.get("PageSize")))
        listed: list[Json] = [
            {"TemplateName": one.name, "CreatedTimestamp": one.created_at.timestamp()} for one in shown
        ]
        return present(TemplatesMetadata=listed, NextToken=following)

    async def _get(self, request: web.Request) -> Json:
        found = self._found(request)
        content = present(Subject=found.subject, Text=found.text, Html=found.html)
        return {"TemplateName": found.name, "TemplateContent": content}

    async def _update(self, request: web.Request) -> Json:
        known = self._found(request)
        made = template(known.name, (await body(request)).object("TemplateContent"))
        made = await asyncio.to_thread(filling.checked, replace(made, created_at=known.created_at))
        self.account.templates.update(made)
        return {}

    async def _delete(self, request: web.Request) -> Json:
        self.account.templates.delete(self._found(request).name)
        return {}

    async def _render(self, request: web.Request) -> Json:
        found, asked = self._found(request), await body(request)
        if not asked.has("TemplateData"):
            raise Refused("BadRequestException", "TemplateData is required.")
        return {"RenderedTemplate": await asyncio.to_thread(preview.shown, found, asked.text("TemplateData") or "")}

    def _found(self, request: web.Request) -> Template:
        return self.account.templates.get(request.match_info["name"])
