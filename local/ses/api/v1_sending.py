"""The calls of SES's first API that send mail, and that tell of what was sent."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from local.ses.api import bulk
from local.ses.api.bulk import Entry
from local.ses.api.fields import Fields
from local.ses.api.mails import Envelope, with_message
from local.ses.api.query import Call, Tree, flag, plain
from local.ses.api.v2_account import send_quota
from local.ses.sending import compose, filling
from local.ses.sending.send import Sender
from local.ses.values import Json, iso


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingCalls:
    sender: Sender

    def calls(self) -> Mapping[str, Call]:
        return {
            "SendEmail": self._send,
            "SendRawEmail": self._send_raw,
            "SendTemplatedEmail": self._send_templated,
            "SendBulkTemplatedEmail": self._send_bulk,
            "GetSendQuota": self._quota,
            "GetSendStatistics": self._statistics,
            "GetAccountSendingEnabled": self._enabled,
            "UpdateAccountSendingEnabled": self._enable,
        }

    async def _send(self, call: Tree) -> Json:
        asked = Fields(plain(call))
        envelope = _envelope(asked, "Tags").addressed(asked.object("Destination"))
        parts = with_message(envelope.parts(), asked.object("Message"))
        raw = await asyncio.to_thread(compose.composed, parts)
        return {"MessageId": await self.sender.send(envelope.outgoing(raw))}

    async def _send_raw(self, call: Tree) -> Json:
        asked = Fields(plain(call))
        envelope = replace(_envelope(asked, "Tags"), to=asked.texts("Destinations"))
        raw = asked.object("RawMessage").bytes("Data")
        return {"MessageId": await self.sender.send(envelope.outgoing(raw))}

    async def _send_templated(self, call: Tree) -> Json:
        asked = Fields(plain(call))
        envelope = _envelope(asked, "Tags").addressed(asked.object("Destination"))
        template = self.sender.account.templates.get(asked.required("Template"))
        data = filling.data(asked.text("TemplateData") or "")
        return {"MessageId": await self.sender.send_filled(envelope.outgoing(), template, data, envelope.parts())}

    async def _send_bulk(self, call: Tree) -> Json:
        asked = Fields(plain(call))
        envelope, template = _envelope(asked, "DefaultTags"), asked.required("Template")
        entries = [_entry(one, envelope) for one in asked.objects("Destinations")]
        default = asked.text("DefaultTemplateData") or ""
        found = self.sender.account.templates.get(template)
        outcomes = await bulk.sent(self.sender, found, default, entries)
        return {
            "Status": [{"Status": one.statuses[0], "Error": one.error, "MessageId": one.message_id} for one in outcomes]
        }

    async def _quota(self, _call: Tree) -> Json:
        return send_quota(self.sender.account)

    async def _statistics(self, _call: Tree) -> Json:
        points: list[Json] = [
            {
                "Timestamp": iso(one.timestamp),
                "DeliveryAttempts": one.attempts,
                "Bounces": one.bounces,
                "Complaints": one.complaints,
                "Rejects": one.rejects,
            }
            for one in self.sender.account.statistics.points()
        ]
        return {"SendDataPoints": points}

    async def _enabled(self, _call: Tree) -> Json:
        return {"Enabled": self.sender.account.sending_enabled}

    async def _enable(self, call: Tree) -> Json:
        self.sender.account.sending_enabled = flag(call, "Enabled")
        return {}


def _envelope(asked: Fields, tags: str) -> Envelope:
    return Envelope(
        source=asked.text("Source"),
        reply_to=asked.texts("ReplyToAddresses"),
        return_path=asked.text("ReturnPath"),
        tags=asked.pairs(tags),
        configuration_set=asked.text("ConfigurationSetName"),
    )


def _entry(asked: Fields, envelope: Envelope) -> Entry:
    own = envelope.addressed(asked.object("Destination")).retagged(asked.pairs("ReplacementTags"))
    return Entry(envelope=own.outgoing(), parts=own.parts(), data=asked.text("ReplacementTemplateData") or "")
