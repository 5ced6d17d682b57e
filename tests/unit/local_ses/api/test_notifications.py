"""Identities and their own topics, by SES's first API."""

import json

import pytest

from local.ses.account import Identities, Identity
from local.ses.account.notifications import Notifications
from tests.unit.local_ses.conftest import TOPIC, Running

ARN = "arn:aws:ses:us-east-1:000000000000:identity/example.com"


def _identities(**topics: dict[str, str]) -> Identities:
    known = Identities()
    for name, wanted in topics.items():
        identity = name.replace("__", "@").replace("_", ".")
        known.create(Identity(name=identity, notifications=Notifications(topics=wanted)))
    return known


def test_a_mail_is_told_to_its_address_before_its_domain() -> None:
    known = _identities(example_com={"Bounce": TOPIC}, desk__example_com={"Delivery": TOPIC}, ann__example_com={})
    assert known.notifications("Help@mail.example.com").topics == {"Bounce": TOPIC}
    assert known.notifications("Desk@example.com").topics == {"Delivery": TOPIC}
    assert known.notifications("ann@example.com").topics == {"Bounce": TOPIC}
    assert known.notifications("desk@example.org").topics == {}


def test_an_identity_with_a_topic_is_told_of_its_bounces(ses: Running) -> None:
    ses.v1.verify_domain_identity(Domain="example.com")
    ses.v1.set_identity_notification_topic(Identity=ARN, NotificationType="Bounce", SnsTopic=TOPIC)
    raw = b"From: desk@example.com\r\nSubject: hello\r\n\r\n"
    ses.v2.send_email(Content={"Raw": {"Data": raw}}, Destination={"ToAddresses": ["bounce@nowhere.invalid"]})
    told = json.loads(ses.cloud.messages(TOPIC, 2)[1])  # the first says that the topic works
    assert (told["notificationType"], told["mail"]["source"]) == ("Bounce", "desk@example.com")
    assert "headers" not in told["mail"]


def test_a_topic_is_taken_back_and_with_it_what_is_told(ses: Running) -> None:
    ses.v1.verify_domain_identity(Domain="example.com")
    for topic in (TOPIC, ""):
        ses.v1.set_identity_notification_topic(Identity=ARN, NotificationType="Bounce", SnsTopic=topic)
    asked = ses.v1.get_identity_notification_attributes(Identities=[ARN, "example.org"])["NotificationAttributes"]
    assert asked.keys() == {"example.com"}
    assert "BounceTopic" not in asked["example.com"]


def test_an_identity_that_is_not_there_and_a_topic_that_is_not_there_are_refused(ses: Running) -> None:
    ses.v1.verify_domain_identity(Domain="example.com")
    with pytest.raises(ses.v1.exceptions.ClientError, match="does not exist"):
        ses.v1.set_identity_notification_topic(Identity="example.org", NotificationType="Bounce", SnsTopic=TOPIC)
    with pytest.raises(ses.v1.exceptions.ClientError, match="Could not publish"):
        ses.v1.set_identity_notification_topic(Identity=ARN, NotificationType="Bounce", SnsTopic=f"{TOPIC}-gone")


def test_a_kind_that_there_is_not_is_refused(ses: Running) -> None:
    ses.v1.verify_domain_identity(Domain="example.com")
    with pytest.raises(ses.v1.exceptions.ClientError, match="none of"):
        ses.v1.set_identity_notification_topic(Identity=ARN, NotificationType="Open", SnsTopic=TOPIC)  # type: ignore[arg-type]  # that is what is tried
