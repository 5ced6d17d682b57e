"""The calls of SES's first API that keep templates. Names and parts are those of API v2, with other names."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from local.ses.account import Account, Template
from local.ses.api import query
from local.ses.api.paging import page, size_of
from local.ses.api.query import Call, Tree, required
from local.ses.sending import filling, preview
from local.ses.values import Json, iso, now


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCalls:
    account: Account

    def calls(self) -> Mapping[str, Call]:
        return {
            "CreateTemplate": self._create,
            "UpdateTemplate": self._update,
            "GetTemplate": self._get,
            "ListTemplates": self._list,
            "DeleteTemplate": self._delete,
            "TestRenderTemplate": self._render,
        }

    async def _create(self, call: Tree) -> Json:
        self.account.templates.create(await asyncio.to_thread(filling.checked, _template(call)))
        return {}

    async def _update(self, call: Tree) -> Json:
        made = _template(call)
        known = self.account.templates.get(made.name)
        made = await asyncio.to_thread(filling.checked, replace(made, created_at=known.created_at))
        self.account.templates.update(made)
        return {}

    async def _get(self, call: Tree) -> Json:
        found = self.account.templates.get(required(call, "TemplateName"))
        parts = {"SubjectPart": found.subject, "TextPart": found.text, "HtmlPart": found.html}
        return {"Template": {"TemplateName": found.name, **parts}}

    async def _list(self, call: Tree) -> Json:
        size = size_of(query.text(call, "MaxItems"))
        shown, following = page(self.account.templates.all(), query.text(call, "NextToken"), size)
        listed: list[Json] = [{"Name": one.name, "CreatedTimestamp": iso(one.created_at)} for one in shown]
        return {"TemplatesMetadata": listed, "NextToken": following}

    async def _delete(self, call: Tree) -> Json:
        self.account.templates.delete(required(call, "TemplateName"))
        return {}

    async def _render(self, call: Tree) -> Json:
        found = self.account.templates.get(required(call, "TemplateName"))
        return {"RenderedTemplate": await asyncio.to_thread(preview.shown, found, required(call, "TemplateData"))}


def _template(call: Tree) -> Template:
    asked = query.child(call, "Template")
    subject, text, html = (query.text(asked, f"{name}Part") for name in ("Subject", "Text", "Html"))
    return Template(name=required(asked, "TemplateName"), subject=subject, text=text, html=html, created_at=now())
