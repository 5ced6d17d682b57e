"""The event bus on EventBridge, the way back to the parse queue, and the way past the bus to the reply queue."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from postroom.aws.failures import translated
from postroom.envelope import Received
from postroom.errors import Retryable
from postroom.events import SOURCE, Event, encode
from postroom.inbound import notification

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_sqs import SQSClient

_ENTRIES = 10  # of one PutEvents call


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBridgeBus:
    """`postroom.ports.Bus`."""

    client: "EventBridgeClient"
    name: str

    def publish(self, events: Sequence[Event]) -> None:
        for start in range(0, len(events), _ENTRIES):
            self._put(events[start : start + _ENTRIES])

    def _put(self, events: Sequence[Event]) -> None:
        with translated(f"publish to {self.name}"):
            answer = self.client.put_events(
                Entries=[
                    {
                        "EventBusName": self.name,
                        "Source": SOURCE,
                        "DetailType": event.type,
                        "Detail": json.dumps(encode(event)),
                    }
                    for event in events
                ]
            )
        if answer["FailedEntryCount"]:  # PutEvents answers 200 even then
            codes = {str(entry.get("ErrorCode")) for entry in answer["Entries"] if "ErrorCode" in entry}
            raise Retryable(f"{answer['FailedEntryCount']} of {len(events)} events were not published: {codes}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SqsRequeue:
    """`postroom.ports.Requeue`, into the parse queue."""

    client: "SQSClient"
    queue_url: str

    def put(self, received: Received) -> None:
        with translated(f"send {received.ses_id} round again"):
            self.client.send_message(QueueUrl=self.queue_url, MessageBody=notification(received))


@dataclass(frozen=True, slots=True, kw_only=True)
class SqsOutgoing:
    """`postroom.ports.Outgoing`, into the reply queue, in the form in which EventBridge brings an event there."""

    client: "SQSClient"
    queue_url: str

    def put(self, event: Event) -> None:
        body = {"source": SOURCE, "detail-type": event.type, "detail": encode(event)}
        with translated(f"hand {event.type} of {event.ses_id} to the reply stage"):
            self.client.send_message(QueueUrl=self.queue_url, MessageBody=json.dumps(body))
