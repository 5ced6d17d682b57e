"""The calls of SES's first API that let an identity's own topics hear of its mail.

An identity is its name or its ARN (API_SetIdentityNotificationTopic).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from local.ses.account import Identities, Identity
from local.ses.account.notifications import KINDS, Notifications
from local.ses.api import query, topics
from local.ses.api.query import Call, Entries, Tree, required
from local.ses.cloud import Cloud
from local.ses.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationCalls:
    identities: Identities
    cloud: Cloud

    def calls(self) -> Mapping[str, Call]:
        return {
            "SetIdentityNotificationTopic": self._set_topic,
            "SetIdentityHeadersInNotificationsEnabled": self._set_headers,
            "SetIdentityFeedbackForwardingEnabled": self._set_forwarding,
            "GetIdentityNotificationAttributes": self._attributes,
        }

    async def _set_topic(self, call: Tree) -> Json:
        kind, topic_arn = required(call, "NotificationType"), query.text(call, "SnsTopic") or None
        self._found(call).notifications.with_topic(kind, topic_arn)
        await topics.try_out(self.cloud, topic_arn)
        found = self._found(call)  # asked for again: it may have changed while the topic was tried
        return self._put(found, found.notifications.with_topic(kind, topic_arn))

    async def _set_headers(self, call: Tree) -> Json:
        found, kind = self._found(call), required(call, "NotificationType")
        return self._put(found, found.notifications.with_header_fields(kind, query.flag(call, "Enabled")))

    async def _set_forwarding(self, call: Tree) -> Json:
        found = self._found(call)
        return self._put(found, found.notifications.with_forwarding(query.flag(call, "ForwardingEnabled")))

    async def _attributes(self, call: Tree) -> Json:
        found = (self.identities.find(_name(one)) for one in query.texts(call, "Identities")[:100])
        told = Entries((one.name, _json(one.notifications)) for one in found if one is not None)
        return {"NotificationAttributes": told}

    def _found(self, call: Tree) -> Identity:
        return self.identities.get(_name(required(call, "Identity")))

    def _put(self, identity: Identity, notifications: Notifications) -> Json:
        self.identities.update(replace(identity, notifications=notifications))
        return {}


def _name(identity: str) -> str:
    return identity.rpartition(":identity/")[2]


def _json(wanted: Notifications) -> dict[str, Json]:
    topics: dict[str, Json] = {f"{kind}Topic": wanted.topics.get(kind) for kind in KINDS}
    headers: dict[str, Json] = {f"HeadersIn{kind}NotificationsEnabled": kind in wanted.with_headers for kind in KINDS}
    return {**topics, "ForwardingEnabled": wanted.forwarding, **headers}
