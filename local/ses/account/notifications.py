"""What an identity's own topics hear: the older way to hear of bounces, complaints and deliveries, topic by topic.

Source: SES API v1 (SetIdentityNotificationTopic, SetIdentityHeadersInNotificationsEnabled,
SetIdentityFeedbackForwardingEnabled).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from local.ses.refused import Refused

KINDS = ("Bounce", "Complaint", "Delivery")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifications:
    """What one identity wants: topics and headers by kind. `forwarding` by mail is kept and told, and not played."""

    topics: Mapping[str, str] = field(default_factory=dict)
    with_headers: frozenset[str] = frozenset()
    forwarding: bool = True

    def with_topic(self, kind: str, topic_arn: str | None) -> "Notifications":
        """No topic: no notifications of this kind any more."""
        topics = {**self.topics, _checked(kind): topic_arn}
        return replace(self, topics={name: arn for name, arn in topics.items() if arn})

    def with_header_fields(self, kind: str, enabled: bool) -> "Notifications":
        """Raises Refused where there is no topic for this kind yet."""
        if _checked(kind) not in self.topics:
            raise Refused("InvalidParameterValue", f"There is no SNS topic for {kind} notifications.")
        return replace(self, with_headers=self.with_headers | {kind} if enabled else self.with_headers - {kind})

    def with_forwarding(self, enabled: bool) -> "Notifications":
        """Raises Refused where it would be the only way to hear of bounces and complaints that is turned off."""
        if not enabled and not {"Bounce", "Complaint"} <= self.topics.keys():
            text = "Feedback forwarding can be turned off only with SNS topics for both bounces and complaints."
            raise Refused("InvalidParameterValue", text)
        return replace(self, forwarding=enabled)


def _checked(kind: str) -> str:
    if kind not in KINDS:
        raise Refused("InvalidParameterValue", f"{kind} is none of {', '.join(KINDS)}.")
    return kind
