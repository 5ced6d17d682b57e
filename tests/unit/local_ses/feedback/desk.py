"""A configuration set that tells SNS everything, and what it said."""

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any  # what json.loads gives

from types_boto3_sesv2.literals import EventTypeType

from tests.unit.local_ses.conftest import EVENTS, Running

BUS = "arn:aws:events:us-east-1:000000000000:event-bus/default"
ALL: tuple[EventTypeType, ...] = (
    "SEND", "DELIVERY", "DELIVERY_DELAY", "BOUNCE", "COMPLAINT", "REJECT", "OPEN", "CLICK", "RENDERING_FAILURE",
    "SUBSCRIPTION",
)  # fmt: skip
RAW = b"From: Desk <desk@example.com>\r\nTo: Ann <ann@example.org>\r\nSubject: Re: hello\r\n\r\nLike this.\r\n"


def configured(ses: Running, types: Sequence[EventTypeType] = ALL, *, to_bus: bool = False) -> None:
    ses.v2.create_configuration_set(ConfigurationSetName="desk")
    if to_bus:
        ses.cloud.buses[BUS] = []
        ses.v2.create_configuration_set_event_destination(
            ConfigurationSetName="desk",
            EventDestinationName="bus",
            EventDestination={
                "Enabled": True,
                "MatchingEventTypes": list(types),
                "EventBridgeDestination": {"EventBusArn": BUS},
            },
        )
    ses.v2.create_configuration_set_event_destination(
        ConfigurationSetName="desk",
        EventDestinationName="feedback",
        EventDestination={
            "Enabled": True,
            "MatchingEventTypes": list(types),
            "SnsDestination": {"TopicArn": EVENTS},
        },
    )


def send(ses: Running, *to: str, raw: bytes = RAW) -> str:
    sent = ses.v2.send_email(
        Content={"Raw": {"Data": raw}}, Destination={"ToAddresses": list(to)}, ConfigurationSetName="desk"
    )
    return sent["MessageId"]


def told(ses: Running, count: int) -> list[Any]:
    """The events after the message by which SES tries the topic."""
    return [json.loads(message) for message in ses.cloud.messages(EVENTS, count + 1)[1:]]


def kinds(events: list[Any]) -> list[str]:
    return [event["eventType"] for event in events]


def call(ses: Running, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
    """The status and the JSON of an answer of the control port."""
    request = urllib.request.Request(f"{ses.url}{path}", data=body, method=method)  # noqa: S310 (our own server)
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 (our own server)
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())
