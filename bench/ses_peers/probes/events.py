"""Events: what becomes of a sent mail, told to SNS and to EventBridge."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request

from bench.ses_peers.probe import Group, Partly, same
from bench.ses_peers.target import DOMAIN, SECONDS, SENDER, Target, address, at, fresh, link, mail, parsed

_GROUP = Group("events")
GROUPS = (_GROUP,)
probe = _GROUP.probe

_SIMULATOR = "simulator.amazonses.com"
_EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@probe("Send and Delivery to SNS: success@ of the simulator")
def _(t: Target) -> None:
    name, topic = t.published("SEND", "DELIVERY")
    to = f"success+{fresh('x')}@{_SIMULATOR}"
    t.send(to, through=name)
    event = topic.hears(("eventType", "Delivery"))
    same(at(event, "delivery.recipients"), [to], "delivery.recipients")
    missing = [
        one
        for one in ("timestamp", "processingTimeMillis", "smtpResponse", "reportingMTA")
        if at(event, f"delivery.{one}") is None
    ]
    same(missing, [], "missing in delivery")


@probe("Bounce Permanent/General: bounce@")
def _(t: Target) -> None:
    name, topic = t.published("BOUNCE")
    t.send(f"bounce@{_SIMULATOR}", through=name)
    event = topic.hears(
        ("eventType", "Bounce"), ("bounce.bounceType", "Permanent"), ("bounce.bounceSubType", "General")
    )
    same(at(event, "bounce.bouncedRecipients.0.status"), "5.1.1", "status")
    assert at(event, "bounce.feedbackId"), "no feedbackId"


@probe("Complaint: complaint@")
def _(t: Target) -> None:
    name, topic = t.published("COMPLAINT")
    t.send(f"complaint@{_SIMULATOR}", through=name)
    topic.hears(("eventType", "Complaint"), ("complaint.complaintFeedbackType", "abuse"))


@probe("Delivery, and a Bounce Transient/General: ooto@")
def _(t: Target) -> None:
    name, topic = t.published("BOUNCE")
    t.send(f"ooto@{_SIMULATOR}", through=name)
    topic.hears(("eventType", "Bounce"), ("bounce.bounceType", "Transient"), ("bounce.bounceSubType", "General"))


@probe("Bounce Permanent/Suppressed: suppressionlist@")
def _(t: Target) -> None:
    name, topic = t.published("BOUNCE")
    t.send(f"suppressionlist@{_SIMULATOR}", through=name)
    topic.hears(("eventType", "Bounce"), ("bounce.bounceSubType", "Suppressed"))


@probe("Reject: a mail with the EICAR file")
def _(t: Target) -> None:
    name, topic = t.published("REJECT", "DELIVERY")
    t.send(address(), _EICAR, through=name)
    topic.hears(("eventType", "Reject"), ("reject.reason", "Bad content"))


@probe("An event has the mail's tags, headers and id")
def _(t: Target) -> None:
    name, topic = t.published("SEND")
    given = t.send(address(), through=name, kind="probe")
    event = topic.hears(("eventType", "Send"), ("mail.messageId", given))
    same(at(event, "mail.tags.kind"), ["probe"], "mail.tags")
    same(at(event, "mail.tags.ses:configuration-set"), [name], "ses:configuration-set")
    same(at(event, "mail.commonHeaders.subject"), "A probe", "mail.commonHeaders.subject")


@probe("A destination hears of its own event types only")
def _(t: Target) -> None:
    name, topic = t.published("BOUNCE")
    t.send(f"success@{_SIMULATOR}", through=name)
    t.send(f"bounce@{_SIMULATOR}", through=name)
    topic.hears(("eventType", "Bounce"))
    until, more = time.monotonic() + 1, []
    while time.monotonic() < until:
        more += [at(parsed(str(at(json.loads(one), "Message"))), "eventType") for one in topic.ear.messages()]
    same([one for one in more if one not in ("Bounce", None)], [], "heard, too")


@probe("Delivery and Bounce to EventBridge: Email Delivered, Email Bounced")
def _(t: Target) -> None:
    name, queue, rule = fresh("set"), t.queue(), fresh("rule")
    t.v2.create_configuration_set(ConfigurationSetName=name)
    bus = "arn:aws:events:us-east-1:000000000000:event-bus/default"
    t.v2.create_configuration_set_event_destination(
        ConfigurationSetName=name,
        EventDestinationName="bus",
        EventDestination={
            "Enabled": True,
            "MatchingEventTypes": ["DELIVERY", "BOUNCE"],
            "EventBridgeDestination": {"EventBusArn": bus},
        },
    )
    t.events.put_rule(Name=rule, EventPattern='{"source": ["aws.ses"]}')
    t.events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": queue.arn}])
    ids = {t.send(f"success@{_SIMULATOR}", through=name): "Email Delivered"}
    ids[t.send(f"bounce@{_SIMULATOR}", through=name)] = "Email Bounced"
    until, heard = time.monotonic() + SECONDS, dict[str, str]()
    while time.monotonic() < until and len(heard) < 2:
        found = [json.loads(one) for one in queue.messages()]
        heard |= {
            str(at(one, "detail.mail.messageId")): one["detail-type"]
            for one in found
            if at(one, "detail.mail.messageId") in ids
        }
    same(heard, ids, "detail-type by mail")


def _get(url: str) -> None:
    """Only ever 127.0.0.1 is asked."""
    assert urllib.parse.urlsplit(url).hostname in ("127.0.0.1", "localhost"), (
        f"its host is not this machine: {url[:60]}"
    )

    class Stays(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    try:
        urllib.request.build_opener(Stays).open(url, timeout=3).close()
    except urllib.error.HTTPError as answer:
        if not 300 <= answer.code < 400:
            raise


def _tracked(t: Target, through: str) -> str:
    to = address()
    t.send(to, through=through, html='<p><a href="https://example.com/offer">See</a></p>')
    html = t.sent(to).get_body(("html",))
    assert html is not None, "no HTML in the mail"
    return str(html.get_content())


@probe("A click on a link: redirected, and a Click event")
def _(t: Target) -> None:
    name, topic = t.published("CLICK")
    found = link(_tracked(t, name))
    if found == "https://example.com/offer":
        raise AssertionError("the link is not rewritten")
    _get(found)
    topic.hears(("eventType", "Click"), ("click.link", "https://example.com/offer"))


@probe("The opening of a mail: a pixel, and an Open event")
def _(t: Target) -> None:
    name, topic = t.published("OPEN")
    _, pixel, rest = _tracked(t, name).partition("<img ")
    assert pixel, "no pixel"
    _get(rest.partition('src="')[2].partition('"')[0].replace("&amp;", "&"))
    topic.hears(("eventType", "Open"))


def _notified(t: Target, kind: str, to: str, **more: bool) -> object:
    topic, identity = t.topic(), DOMAIN
    t.v1.set_identity_notification_topic(Identity=identity, NotificationType=kind, SnsTopic=topic.arn)  # type: ignore[arg-type]  # a literal that a loop made a str
    t.v1.set_identity_notification_topic(Identity=SENDER, NotificationType=kind, SnsTopic=topic.arn)  # type: ignore[arg-type]  # a literal that a loop made a str
    if more:
        t.v1.set_identity_headers_in_notifications_enabled(Identity=identity, NotificationType=kind, Enabled=True)  # type: ignore[arg-type]  # a literal that a loop made a str
        t.v1.set_identity_headers_in_notifications_enabled(Identity=SENDER, NotificationType=kind, Enabled=True)  # type: ignore[arg-type]  # a literal that a loop made a str
    try:
        t.v1.send_raw_email(Source=SENDER, Destinations=[to], RawMessage={"Data": mail(f"From: {SENDER}", to=to)})
        event = topic.hears()
    finally:
        for one in (identity, SENDER):
            t.v1.set_identity_notification_topic(Identity=one, NotificationType=kind)  # type: ignore[arg-type]  # a literal that a loop made a str
    if (found := at(event, "notificationType")) != kind:
        raise Partly(f"its notificationType is {found}")
    return event


@probe("v1 SetIdentityNotificationTopic: a Bounce notification")
def _(t: Target) -> None:
    event = _notified(t, "Bounce", f"bounce@{_SIMULATOR}")
    same(at(event, "bounce.bounceType"), "Permanent", "bounceType")
    if (whose := at(event, "bounce.bouncedRecipients.0.emailAddress")) != f"bounce@{_SIMULATOR}":
        raise Partly(f"it names {whose}, whoever it was sent to")


@probe("v1 identity notifications: Delivery and Complaint")
def _(t: Target) -> None:
    _notified(t, "Delivery", f"success@{_SIMULATOR}")
    _notified(t, "Complaint", f"complaint@{_SIMULATOR}")


@probe("v1 SetIdentityHeadersInNotificationsEnabled: the notification has the headers")
def _(t: Target) -> None:
    event = _notified(t, "Bounce", f"bounce@{_SIMULATOR}", headers=True)
    if not at(event, "mail.headers"):
        raise Partly("accepted; no headers in the notification")


@probe("v1 GetIdentityNotificationAttributes")
def _(t: Target) -> None:
    found = t.v1.get_identity_notification_attributes(Identities=[DOMAIN])["NotificationAttributes"]
    assert "ForwardingEnabled" in found[DOMAIN], "no ForwardingEnabled"
