"""Notifications of an identity: the older way to hear of bounces, complaints and deliveries, topic by topic.

Source: "Amazon SNS notification contents for Amazon SES" and SES API v1 (SetIdentityNotificationTopic,
SetIdentityHeadersInNotificationsEnabled, SetIdentityFeedbackForwardingEnabled, GetIdentityNotificationAttributes). An
identity and a configuration set that both want an event both get it, under different feedback ids.

Feedback forwarding by mail is kept and told, and not played: no bounce is mailed to the sender.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from local.ses.feedback.events import Event
from local.ses.refused import Refused
from local.ses.values import Json, feedback_id

TYPES: Mapping[str, str] = {"BOUNCE": "Bounce", "COMPLAINT": "Complaint", "DELIVERY": "Delivery"}
_HEADERS = ("headersTruncated", "headers", "commonHeaders")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifications:
    """What one identity wants. Topics and headers by notification type (Bounce, Complaint, Delivery)."""

    topics: Mapping[str, str] = field(default_factory=dict)
    with_headers: frozenset[str] = frozenset()

    def with_topic(self, kind: str, topic_arn: str | None) -> "Notifications":
        """No topic: no notifications of this type any more."""
        others = {name: arn for name, arn in self.topics.items() if name != kind}
        return replace(self, topics={**others, **({kind: topic_arn} if topic_arn else {})})

    def attributes(self, forwarding: bool) -> dict[str, Json]:
        """As GetIdentityNotificationAttributes gives them; `forwarding` is the identity's own."""
        topics: dict[str, Json] = {f"{kind}Topic": self.topics.get(kind) for kind in TYPES.values()}
        wants: dict[str, Json] = {
            f"HeadersIn{kind}NotificationsEnabled": kind in self.with_headers for kind in TYPES.values()
        }
        return {**topics, "ForwardingEnabled": forwarding, **wants}


@dataclass(slots=True, kw_only=True)
class IdentityNotifications:
    """The notifications of every identity of the account. Names as SES takes them: a name or an ARN, in any case."""

    _known: dict[str, Notifications] = field(default_factory=dict)

    def of(self, identity: str) -> Notifications:
        return self._known.get(_name(identity), Notifications())

    def set_topic(self, identity: str, kind: str, topic_arn: str | None) -> None:
        self._known[_name(identity)] = self.of(identity).with_topic(_checked(kind), topic_arn)

    def set_headers(self, identity: str, kind: str, enabled: bool) -> None:
        """Raises Refused where there is no topic for this type yet, as the API does."""
        one = self.of(identity)
        if _checked(kind) not in one.topics:
            raise Refused("InvalidParameterValue", f"Identity <{identity}> has no SNS topic for {kind} notifications.")
        kinds = one.with_headers | {kind} if enabled else one.with_headers - {kind}
        self._known[_name(identity)] = replace(one, with_headers=kinds)

    def check_forwarding(self, identity: str, enabled: bool) -> None:
        """Raises Refused where it would be the only way to hear of bounces and complaints that is turned off."""
        if not enabled and not {"Bounce", "Complaint"} <= self.of(identity).topics.keys():
            text = "Feedback forwarding can be turned off only with SNS topics for both bounces and complaints"
            raise Refused("InvalidParameterValue", f"{text}: identity <{identity}>.")

    def wanting(self, source: str, kind: str) -> Notifications | None:
        """Those of the address itself, or else of its domain or the domain above that; None where none wants it."""
        address = source.lower()
        labels = address.rpartition("@")[2].split(".")
        names = [address, *(".".join(labels[start:]) for start in range(len(labels)))]
        found = next((self._known[name] for name in names if name in self._known), None)
        return found if found is not None and kind in found.topics else None


def _name(identity: str) -> str:
    return identity.rpartition(":identity/")[2].lower()


def _checked(kind: str) -> str:
    if kind not in TYPES.values():
        raise Refused("InvalidParameterValue", f"{kind} is none of {', '.join(TYPES.values())}.")
    return kind


def notification(event: Event, moment: datetime, *, with_headers: bool) -> dict[str, Json] | None:
    """The event as an identity is told of it, or None where it never is. No tags; headers only if they are wanted."""
    if event.event_type not in TYPES:
        return None
    kind = TYPES[event.event_type]
    mail, told = event.body["mail"], event.body[kind.lower()]
    about = dict(mail) if isinstance(mail, Mapping) else {}
    about.pop("tags", None)
    for name in () if with_headers else _HEADERS:
        about.pop(name, None)
    about |= {"sourceIp": "127.0.0.1", "callerIdentity": "local"}
    details = dict(told) if isinstance(told, Mapping) else {}
    if "feedbackId" in details:
        details["feedbackId"] = feedback_id(moment)
    return {"notificationType": kind, kind.lower(): details, "mail": about}
