"""Sending in API v2: SendEmail and SendBulkEmail."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from local.ses.account import Template
from local.ses.api import bulk
from local.ses.api.bulk import Entry
from local.ses.api.fields import Fields
from local.ses.api.mails import Envelope, with_extras, with_message
from local.ses.api.v2_route import Route, body, present
from local.ses.api.v2_templates import template
from local.ses.refused import Refused
from local.ses.sending import compose, filling
from local.ses.sending.send import Sender
from local.ses.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingCalls:
    sender: Sender

    def routes(self) -> list[Route]:
        return [("POST", "/outbound-emails", self._send), ("POST", "/outbound-bulk-emails", self._send_bulk)]

    async def _send(self, request: web.Request) -> Json:
        asked = await body(request)
        content, envelope = asked.object("Content"), _envelope(asked, "EmailTags")
        given = [name for name in ("Raw", "Simple", "Template") if content.has(name)]
        if len(given) != 1:
            raise Refused("BadRequestException", "Content has one of Raw, Simple and Template.")
        envelope = envelope.addressed(asked.object("Destination"))
        return {"MessageId": await self._sent(given[0], content.object(given[0]), envelope)}

    async def _sent(self, kind: str, content: Fields, envelope: Envelope) -> str:
        if kind == "Raw":
            return await self.sender.send(envelope.outgoing(content.bytes("Data")))
        parts = with_extras(envelope.parts(), content)
        if kind == "Simple":
            raw = await asyncio.to_thread(compose.composed, with_message(parts, content))
            return await self.sender.send(envelope.outgoing(raw))
        data = filling.data(content.text("TemplateData") or "")
        return await self.sender.send_filled(envelope.outgoing(), self._template(content), data, parts)

    def _template(self, content: Fields) -> Template:
        """A stored template by its name or ARN, or one that stands in the request."""
        if content.has("TemplateContent"):
            return template("inline", content.object("TemplateContent"))
        name = content.text("TemplateName") or (content.text("TemplateArn") or "").rpartition("/")[2]
        if not name:
            raise Refused("BadRequestException", "Template has neither TemplateName nor TemplateContent.")
        return self.sender.account.templates.get(name)

    async def _send_bulk(self, request: web.Request) -> Json:
        asked = await body(request)
        content, envelope = asked.object("DefaultContent").object("Template"), _envelope(asked, "DefaultEmailTags")
        entries = [_entry(one, content, envelope) for one in asked.objects("BulkEmailEntries")]
        default = content.text("TemplateData") or ""
        outcomes = await bulk.sent(self.sender, self._template(content), default, entries)
        results = [present(Status=one.statuses[1], Error=one.error, MessageId=one.message_id) for one in outcomes]
        return {"BulkEmailEntryResults": results}


def _envelope(asked: Fields, tags: str) -> Envelope:
    return Envelope(
        source=asked.text("FromEmailAddress"),
        reply_to=asked.texts("ReplyToAddresses"),
        return_path=asked.text("FeedbackForwardingEmailAddress"),
        tags=asked.pairs(tags),
        configuration_set=asked.text("ConfigurationSetName"),
    )


def _entry(asked: Fields, content: Fields, envelope: Envelope) -> Entry:
    """One mail of many: its tags and headers replace the default ones of the same name."""
    own = envelope.addressed(asked.object("Destination")).retagged(asked.pairs("ReplacementTags"))
    replacement = asked.object("ReplacementEmailContent").object("ReplacementTemplate")
    return Entry(
        envelope=own.outgoing(),
        parts=with_extras(own.parts(), content, asked.pairs("ReplacementHeaders")),
        data=replacement.text("ReplacementTemplateData") or "",
    )
