"""The calls of SES's first API by which an identity hears of bounces, complaints and deliveries."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from local.ses.account import Account
from local.ses.api import query, topics
from local.ses.api.query import Call, Entries, Tree, members, required
from local.ses.cloud import Cloud
from local.ses.feedback.identities import IdentityNotifications
from local.ses.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationCalls:
    account: Account
    notifications: IdentityNotifications
    cloud: Cloud

    def calls(self) -> Mapping[str, Call]:
        return {
            "SetIdentityNotificationTopic": self._set_topic,
            "SetIdentityHeadersInNotificationsEnabled": self._set_headers,
            "SetIdentityFeedbackForwardingEnabled": self._set_forwarding,
            "GetIdentityNotificationAttributes": self._attributes,
        }

    async def _set_topic(self, call: Tree) -> Json:
        name = self.account.identities.get(required(call, "Identity")).name
        kind, topic_arn = required(call, "NotificationType"), query.text(call, "SnsTopic") or None
        if topic_arn is not None:
            await asyncio.to_thread(topics.try_out, self.cloud, topic_arn)
        self.notifications.set_topic(name, kind, topic_arn)
        return {}

    async def _set_headers(self, call: Tree) -> Json:
        name = self.account.identities.get(required(call, "Identity")).name
        self.notifications.set_headers(name, required(call, "NotificationType"), query.text(call, "Enabled") == "true")
        return {}

    async def _set_forwarding(self, call: Tree) -> Json:
        found, enabled = (
            self.account.identities.get(required(call, "Identity")),
            call.get("ForwardingEnabled") == "true",
        )
        self.notifications.check_forwarding(found.name, enabled)
        self.account.identities.update(replace(found, feedback_forwarding=enabled))
        return {}

    async def _attributes(self, call: Tree) -> Json:
        asked = [one for one in members(call, "Identities") if isinstance(one, str)]
        found = [identity for one in asked[:100] if (identity := self.account.identities.find(one)) is not None]
        told = {one.name: self.notifications.of(one.name).attributes(one.feedback_forwarding) for one in found}
        return {"NotificationAttributes": Entries(told)}
